"""The log of a day: all that was noted of a session until an instant, in one order, and a digest of it."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.kernel import SessionId
from web.db.day_tables import CheckLine, FollowUp, Message
from web.db.tables import IncidentRow, SessionEvent, SittingEvent, SittingRow

AFTERWARDS = ("finalised", "published", "ruled", "amended", "downloaded")
"""Session events that are no part of the day: what is decided on it, and who fetched a paper."""


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
