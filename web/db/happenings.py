"""What pages, proctors and tools said of a sitting besides its log: read for the jury."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from engine.kernel import IncidentId, SessionId, SittingId
from web.db.day_tables import CheckLine, Fact, FollowUp, Message, MessageReceipt, Silence


@dataclass(frozen=True, slots=True)
class Said:
    """A message, or a line that somebody wrote, with its author's id (`None`: the candidate)."""

    at: datetime
    author: str | None
    kind: str
    text: str
    to_all: bool = False
    read_at: datetime | None = None


def silences(db: Connection, sitting: SittingId) -> list[tuple[datetime, datetime]]:
    """When a candidate's page was not heard of."""
    rows = db.execute(
        select(Silence.began_at, Silence.ended_at).where(Silence.sitting_id == sitting).order_by(Silence.began_at)
    )
    return [(row.began_at, row.ended_at) for row in rows]


def facts(db: Connection, sitting: SittingId) -> list[tuple[datetime, str, Mapping[str, Any]]]:
    """What a candidate's page told of itself."""
    rows = db.execute(select(Fact.at, Fact.kind, Fact.data).where(Fact.sitting_id == sitting).order_by(Fact.at))
    return [(row.at, row.kind, row.data) for row in rows]


def check_lines(db: Connection, sitting: SittingId) -> list[tuple[Said, str]]:
    """The lines of the check-in list, each with its result."""
    rows = db.execute(
        select(CheckLine.at, CheckLine.author_id, CheckLine.line, CheckLine.result, CheckLine.text)
        .where(CheckLine.sitting_id == sitting)
        .order_by(CheckLine.at)
    )
    return [(Said(row.at, row.author_id, row.line, row.text), row.result) for row in rows]


def messages(db: Connection, session: SessionId, sitting: SittingId) -> list[Said]:
    """What a candidate and the proctors wrote to each other, and what was said to all."""
    read = select(MessageReceipt.message_id, MessageReceipt.at).where(MessageReceipt.reader == sitting).subquery()
    rows = db.execute(
        select(Message.at, Message.author_id, Message.kind, Message.text, Message.sitting_id, read.c.at.label("read"))
        .outerjoin(read, read.c.message_id == Message.id)
        .where(Message.session_id == session, or_(Message.sitting_id == sitting, Message.sitting_id.is_(None)))
        .order_by(Message.at)
    )
    return [Said(row.at, row.author_id, row.kind, row.text, row.sitting_id is None, row.read) for row in rows]


def follow_ups(db: Connection, incidents: Sequence[IncidentId]) -> list[tuple[IncidentId, Said]]:
    """What was added to some reports later."""
    rows = db.execute(
        select(FollowUp.incident_id, FollowUp.author_id, FollowUp.text, FollowUp.at)
        .where(FollowUp.incident_id.in_(list(incidents)))
        .order_by(FollowUp.at)
    )
    return [(IncidentId(row.incident_id), Said(row.at, row.author_id, "follow_up", row.text)) for row in rows]
