"""Published results ↔ rows: each is written once, an amended one is the next version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from engine.kernel import EngineError, PersonId, SittingId
from web.db import audit
from web.db.tables import ResultRow, SittingRow


class AmendedMeanwhile(EngineError):
    """Somebody else published this version of a result first."""

    code = "amended_meanwhile"


@dataclass(frozen=True, slots=True)
class Version:
    """A result as it was published."""

    number: int
    published_at: datetime
    published_by: PersonId
    document: dict[str, Any]


def add_first(db: Connection, documents: Mapping[SittingId, dict[str, Any]], author: PersonId, now: datetime) -> None:
    """The first version of many results."""
    rows = [
        {"sitting_id": sitting, "version": 1, "published_at": now, "published_by": author, "document": document}
        for sitting, document in documents.items()
    ]
    audit.insert(db, ResultRow, rows)


def add_version(db: Connection, sitting: SittingId, version: Version) -> None:
    """A later version of one result. Raises `AmendedMeanwhile`."""
    try:
        with db.begin_nested():
            row = {
                "sitting_id": sitting,
                "version": version.number,
                "published_at": version.published_at,
                "published_by": version.published_by,
                "document": version.document,
            }
            audit.insert(db, ResultRow, [row])
    except IntegrityError as error:
        raise AmendedMeanwhile(f"Version {version.number} of the result of {sitting} is published.") from error


def versions(db: Connection, sitting: SittingId) -> list[Version]:
    """All versions of a result, the first first."""
    rows = db.execute(
        select(ResultRow.version, ResultRow.published_at, ResultRow.published_by, ResultRow.document)
        .where(ResultRow.sitting_id == sitting)
        .order_by(ResultRow.version)
    )
    return [Version(r.version, r.published_at, PersonId(r.published_by), r.document) for r in rows]


def first_published(db: Connection, sitting: SittingId) -> datetime | None:
    """When a result was published for the first time."""
    found: datetime | None = db.execute(
        select(func.min(ResultRow.published_at)).where(ResultRow.sitting_id == sitting)
    ).scalar_one_or_none()
    return found


def newest_of_sessions(db: Connection, sessions: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    """The track and the newest document of every sitting of some sessions, in one statement."""
    last = (
        select(ResultRow.sitting_id, func.max(ResultRow.version).label("version"))
        .group_by(ResultRow.sitting_id)
        .subquery()
    )
    rows = db.execute(
        select(SittingRow.track, ResultRow.document)
        .join(SittingRow, SittingRow.id == ResultRow.sitting_id)
        .join(last, (last.c.sitting_id == ResultRow.sitting_id) & (last.c.version == ResultRow.version))
        .where(SittingRow.session_id.in_(list(sessions)))
    )
    return [(row.track, row.document) for row in rows]
