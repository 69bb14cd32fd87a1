"""What waits a short time between two steps of a person: lists that were read, codes that were made."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from engine.kernel import PersonId, SessionId
from web.db.day_tables import RosterUpload, SealedCodes


@dataclass(frozen=True, slots=True)
class Upload:
    """A list of candidates that was read from a file and waits for a yes."""

    id: str
    session: SessionId
    author: PersonId
    name: str
    digest: str
    rows: Mapping[str, Any]
    at: datetime


def keep(
    db: Connection, session: SessionId, author: PersonId, name: str, digest: str, rows: Mapping[str, Any], now: datetime
) -> str:
    """Keep a list; an earlier one of the same author for the same session goes."""
    db.execute(delete(RosterUpload).where(RosterUpload.session_id == session, RosterUpload.author_id == author))
    upload = str(uuid.uuid4())
    values = {"id": upload, "session_id": session, "author_id": author, "name": name, "digest": digest, "rows": rows}
    db.execute(insert(RosterUpload).values(**values, at=now))
    return upload


def upload(db: Connection, upload: str) -> Upload | None:
    """A list that was kept."""
    row = db.execute(select(*RosterUpload.__table__.columns).where(RosterUpload.id == upload)).one_or_none()
    if row is None:
        return None
    return Upload(row.id, SessionId(row.session_id), PersonId(row.author_id), row.name, row.digest, row.rows, row.at)


def drop_upload(db: Connection, upload: str) -> None:
    """Forget a list."""
    db.execute(delete(RosterUpload).where(RosterUpload.id == upload))


def seal(db: Connection, session: SessionId, sealed: str, now: datetime) -> None:
    """Keep enciphered codes of a session."""
    db.execute(insert(SealedCodes).values(id=str(uuid.uuid4()), session_id=session, sealed=sealed, at=now))


def sealed(db: Connection, session: SessionId, since: datetime) -> list[tuple[datetime, str]]:
    """The enciphered codes of a session with their times, the oldest first."""
    rows = db.execute(
        select(SealedCodes.at, SealedCodes.sealed)
        .where(SealedCodes.session_id == session, SealedCodes.at > since)
        .order_by(SealedCodes.at, SealedCodes.id)
    )
    return [(row.at, row.sealed) for row in rows]


def drop_sealed(db: Connection, session: SessionId) -> None:
    """Forget the codes of a session."""
    db.execute(delete(SealedCodes).where(SealedCodes.session_id == session))


def sweep(db: Connection, uploads_before: datetime, codes_before: datetime) -> None:
    """Forget what has waited too long."""
    db.execute(delete(RosterUpload).where(RosterUpload.at < uploads_before))
    db.execute(delete(SealedCodes).where(SealedCodes.at < codes_before))
