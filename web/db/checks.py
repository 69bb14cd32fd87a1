"""Lines of the check-in list ↔ rows: a later row on the same line replaces an earlier one, and both stay."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.kernel import PersonId, SittingId
from web.db import audit
from web.db.day_tables import CheckLine


@dataclass(frozen=True, slots=True)
class Checked:
    """What somebody noted on one line."""

    sitting: SittingId
    line: str
    result: str
    text: str
    author: PersonId
    at: datetime


def add(db: Connection, noted: Sequence[Checked]) -> None:
    """Keep what was noted."""
    rows = [
        {
            "id": str(uuid.uuid4()),
            "sitting_id": c.sitting,
            "line": c.line,
            "result": c.result,
            "text": c.text,
            "author_id": c.author,
            "at": c.at,
        }
        for c in noted
    ]
    audit.insert(db, CheckLine, rows)


def of_sittings(db: Connection, sittings: Sequence[SittingId]) -> list[Checked]:
    """All that was ever noted of some sittings, the oldest first: one statement."""
    rows = db.execute(
        select(
            CheckLine.sitting_id, CheckLine.line, CheckLine.result, CheckLine.text, CheckLine.author_id, CheckLine.at
        )
        .where(CheckLine.sitting_id.in_(sittings))
        .order_by(CheckLine.at, CheckLine.id)
    )
    return [Checked(SittingId(r.sitting_id), r.line, r.result, r.text, PersonId(r.author_id), r.at) for r in rows]


def standing(db: Connection, sittings: Sequence[SittingId]) -> list[Checked]:
    """The lists of some sittings as they stand: of each line the last."""
    return list({(c.sitting, c.line): c for c in of_sittings(db, sittings)}.values())
