"""As of when a paper is."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from engine.kernel import SessionId
from web.db.day_log import AFTERWARDS
from web.db.day_tables import CheckLine, FollowUp, Message
from web.db.tables import IncidentRow, SessionEvent, SittingEvent, SittingRow


def last_entry(db: Connection, session: SessionId) -> datetime:
    """When something was last written in the log of a session: a paper is as old as what it says."""
    places = select(SittingRow.id).where(SittingRow.session_id == session)
    reports = select(IncidentRow.id).where(IncidentRow.sitting_id.in_(places))
    done = (SessionEvent.session_id == session, SessionEvent.kind.not_in(AFTERWARDS))
    last = (
        select(func.max(SessionEvent.at)).where(*done),
        select(func.max(SittingEvent.at)).where(SittingEvent.sitting_id.in_(places)),
        select(func.max(IncidentRow.recorded_at)).where(IncidentRow.sitting_id.in_(places)),
        select(func.max(FollowUp.at)).where(FollowUp.incident_id.in_(reports)),
        select(func.max(CheckLine.at)).where(CheckLine.sitting_id.in_(places)),
        select(func.max(Message.at)).where(Message.session_id == session),
    )
    return max(at for query in last if (at := db.execute(query).scalar_one()))
