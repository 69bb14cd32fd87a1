"""The day of the whole installation: few statements, however many sessions there are, and no names of people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, case, func, or_, select, text

from engine.delivery.session import SessionState
from engine.kernel import SessionId, SittingId
from web.db.day_tables import ConsoleSign
from web.db.sessions import Session, chosen
from web.db.tables import ExamSession, SignOfLife, SittingEvent, SittingRow

AFTER_ITEMS = ("presented", "answered", "time_granted", "quarantined")
"""Kinds of events that move no sitting and raise no alert: nearly all rows of a log."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One place in a session, with what is known of it without its log."""

    sitting: SittingId
    session: SessionId
    heartbeat: datetime | None


def sessions(db: Connection, since: datetime, until: datetime) -> list[Session]:
    """The sessions that begin in a stretch of time, and every one that is open."""
    in_time = (ExamSession.starts_at >= since) & (ExamSession.starts_at < until)
    return chosen(db, or_(in_time, ExamSession.state == SessionState.OPEN.value))


def seats(db: Connection, wanted: Sequence[SessionId]) -> list[Seat]:
    """The places of some sessions, with the last sign of each page."""
    rows = db.execute(
        select(SittingRow.id, SittingRow.session_id, SignOfLife.at)
        .outerjoin(SignOfLife, SignOfLife.sitting_id == SittingRow.id)
        .where(SittingRow.session_id.in_(wanted))
    )
    return [Seat(SittingId(row.id), SessionId(row.session_id), row.at) for row in rows]


def moves(db: Connection, wanted: Sequence[SessionId]) -> list[tuple[SittingId, str, datetime]]:
    """The events of some sessions that move a sitting or have to do with an alert, each sitting's in order."""
    rows = db.execute(
        select(SittingEvent.sitting_id, SittingEvent.kind, SittingEvent.at)
        .where(SittingEvent.sitting_id.in_(_of(wanted)), SittingEvent.kind.not_in(AFTER_ITEMS))
        .order_by(SittingEvent.sitting_id, SittingEvent.seq)
    )
    return [(SittingId(row.sitting_id), row.kind, row.at) for row in rows]


def answers(db: Connection, wanted: Sequence[SessionId], since: datetime) -> dict[SittingId, tuple[datetime, int]]:
    """Of each sitting with answers the time of the last one, and how many were given since an instant."""
    lately = func.sum(case((SittingEvent.at >= since, 1), else_=0))
    rows = db.execute(
        select(SittingEvent.sitting_id, func.max(SittingEvent.at).label("last"), lately.label("lately"))
        .where(SittingEvent.sitting_id.in_(_of(wanted)), SittingEvent.kind == "answered")
        .group_by(SittingEvent.sitting_id)
    )
    return {SittingId(row.sitting_id): (row.last, int(row.lately)) for row in rows}


def consoles(db: Connection, wanted: Sequence[SessionId]) -> dict[SessionId, datetime]:
    """When a console of each session last asked for news; sessions that nobody has watched are left out."""
    rows = db.execute(
        select(ConsoleSign.session_id, func.max(ConsoleSign.at).label("last"))
        .where(ConsoleSign.session_id.in_(wanted))
        .group_by(ConsoleSign.session_id)
    )
    return {SessionId(row.session_id): row.last for row in rows}


def size(db: Connection) -> tuple[int, str]:
    """The bytes of the database, and what it is: name and version."""
    if db.dialect.name == "sqlite":
        row = db.execute(
            text("SELECT page_count * page_size, sqlite_version() FROM pragma_page_count(), pragma_page_size()")
        ).one()
        return int(row[0]), f"SQLite {row[1]}"
    row = db.execute(text("SELECT pg_database_size(current_database()), current_setting('server_version')")).one()
    return int(row[0]), f"PostgreSQL {str(row[1]).split()[0]}"


def _of(wanted: Sequence[SessionId]) -> Select[str]:
    return select(SittingRow.id).where(SittingRow.session_id.in_(wanted))
