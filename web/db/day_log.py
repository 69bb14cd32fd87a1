"""The log of a day: all that was noted of a session until an instant, in one order, and a digest of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.kernel import IncidentId, SessionId, SittingId
from web.db.day_tables import CheckLine, FollowUp, Message, MessageReceipt
from web.db.tables import IncidentRow, SessionEvent, SittingEvent, SittingRow

AFTERWARDS = ("finalised", "published", "ruled", "amended", "downloaded")
"""Session events that are no part of the day: what is decided on it, and who fetched a paper."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the day; `author` is the account of a proctor, none when a candidate wrote it."""

    id: str
    sitting: SittingId | None
    author: str | None
    kind: str
    text: str
    at: datetime
    read: bool
    """Whether anybody has acknowledged it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A line of the check-in list, as it stands last."""

    sitting: SittingId
    line: str
    result: str
    text: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Added:
    """A follow-up to a report."""

    incident: IncidentId
    author: str
    text: str
    at: datetime


def messages(db: Connection, session: SessionId) -> list[Said]:
    """What was said in a session, in order."""
    read = set(
        db.execute(
            select(MessageReceipt.message_id)
            .join(Message, Message.id == MessageReceipt.message_id)
            .where(Message.session_id == session)
        ).scalars()
    )
    rows = db.execute(
        select(Message.id, Message.sitting_id, Message.author_id, Message.kind, Message.text, Message.at)
        .where(Message.session_id == session)
        .order_by(Message.at, Message.id)
    )
    return [
        Said(r.id, SittingId(r.sitting_id) if r.sitting_id else None, r.author_id, r.kind, r.text, r.at, r.id in read)
        for r in rows
    ]


def checks(db: Connection, sittings: Sequence[SittingId]) -> list[Checked]:
    """The check-in lines of some sittings; of each line the last."""
    rows = db.execute(
        select(
            CheckLine.sitting_id, CheckLine.line, CheckLine.result, CheckLine.text, CheckLine.author_id, CheckLine.at
        )
        .where(CheckLine.sitting_id.in_(sittings))
        .order_by(CheckLine.at, CheckLine.id)
    )
    last = {
        (r.sitting_id, r.line): Checked(SittingId(r.sitting_id), r.line, r.result, r.text, r.author_id, r.at)
        for r in rows
    }
    return list(last.values())


def follow_ups(db: Connection, incidents: Sequence[IncidentId]) -> list[Added]:
    """What was added to some reports, in order."""
    rows = db.execute(
        select(FollowUp.incident_id, FollowUp.author_id, FollowUp.text, FollowUp.at)
        .where(FollowUp.incident_id.in_(incidents))
        .order_by(FollowUp.at, FollowUp.id)
    )
    return [Added(IncidentId(r.incident_id), r.author_id, r.text, r.at) for r in rows]


def digest(db: Connection, session: SessionId, until: datetime | None = None) -> str:
    """SHA-256 over the log of a session: canonical JSON, a line for each row, in the order of time.

    With `until` only what had been recorded by then: so it can be made again later and compared.
    """
    lines = [
        json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        for at, row in _rows(db, session)
        if until is None or at <= until
    ]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _rows(db: Connection, session: SessionId) -> list[tuple[datetime, dict[str, Any]]]:
    """Every row of the log with the instant at which it was recorded; each row begins with that instant."""
    of_session = select(SittingRow.id).where(SittingRow.session_id == session)
    of_sittings = select(IncidentRow.id).where(IncidentRow.sitting_id.in_(of_session))
    sources: list[tuple[str, Any, str]] = [
        ("enrolment", _columns(SittingRow, "code_hash", "seed").where(SittingRow.session_id == session), "enrolled_at"),
        (
            "session",
            _columns(SessionEvent).where(SessionEvent.session_id == session, SessionEvent.kind.not_in(AFTERWARDS)),
            "at",
        ),
        ("sitting", _columns(SittingEvent).where(SittingEvent.sitting_id.in_(of_session)), "at"),
        ("incident", _columns(IncidentRow).where(IncidentRow.sitting_id.in_(of_session)), "recorded_at"),
        ("follow_up", _columns(FollowUp).where(FollowUp.incident_id.in_(of_sittings)), "at"),
        ("check", _columns(CheckLine).where(CheckLine.sitting_id.in_(of_session)), "at"),
        ("message", _columns(Message).where(Message.session_id == session), "at"),
    ]
    found = []
    for source, query, instant in sources:
        for row in db.execute(query).mappings():
            plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
            found.append((row[instant], {" at": row[instant].isoformat(), " source": source, **plain}))
    return found


def _columns(table: Any, *without: str) -> Any:
    """A query of all columns of a table, as they are named in the database."""
    return select(*(column for column in table.__table__.columns if column.name not in without))
