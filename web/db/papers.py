"""What only papers ask of the database."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from engine.kernel import SessionId, SittingId
from web.db.day_log import AFTERWARDS
from web.db.tables import ExamSession, SessionEvent, SittingEvent, SittingRow


def video_link(db: Connection, session: SessionId) -> str:
    """The address of the outside video room of a session; empty where none is used."""
    return db.execute(select(ExamSession.video_link).where(ExamSession.id == session)).scalar_one() or ""


def needs(db: Connection, session: SessionId) -> dict[SittingId, list[str]]:
    """What each candidate of a session cannot use."""
    rows = db.execute(select(SittingRow.id, SittingRow.needs).where(SittingRow.session_id == session))
    return {SittingId(row.id): row.needs for row in rows}


def last_entry(db: Connection, session: SessionId) -> datetime:
    """When something was last written in the log of a session: a paper is as old as what it says."""
    of_session = select(SittingRow.id).where(SittingRow.session_id == session)
    done = db.execute(
        select(func.max(SessionEvent.at)).where(
            SessionEvent.session_id == session, SessionEvent.kind.not_in(AFTERWARDS)
        )
    ).scalar_one()
    happened = db.execute(select(func.max(SittingEvent.at)).where(SittingEvent.sitting_id.in_(of_session))).scalar_one()
    at: datetime = max(filter(None, (done, happened)))
    return at
