"""Whose session is whose: a manager has a centre, a proctor the sessions they watch, a jury all but their own centre's.

What lies outside is answered as if it did not exist.
"""

from sqlalchemy import Connection

from engine.kernel import IncidentId, SessionId, SittingId
from engine.proctoring.incident import Incident
from web.db import incidents as incident_rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.incidents import NoSuchIncident
from web.db.people import Person, Role
from web.db.sessions import NoSuchSession, Session
from web.db.sittings import Enrolment, NoSuchSitting


def session_of(db: Connection, actor: Person, session: SessionId) -> Session:
    """A session that the actor may see. Raises `NoSuchSession`."""
    found = session_rows.load(db, session)
    match actor.role:
        case Role.MANAGER:
            allowed = found.centre_id == actor.centre_id
        case Role.PROCTOR:
            allowed = session_rows.is_watched_by(db, session, actor.id)
        case Role.JURY:
            allowed = found.centre_id != actor.centre_id
        case Role.ADMIN:
            allowed = False
    if not allowed:
        raise NoSuchSession(f"There is no session {session} for {actor.login}.", session=session)
    return found


def sitting_of(db: Connection, actor: Person, sitting: SittingId) -> tuple[Session, Enrolment]:
    """A sitting that the actor may see, with its session. Raises `NoSuchSitting`."""
    enrolment = sitting_rows.load(db, sitting)
    try:
        return session_of(db, actor, enrolment.session_id), enrolment
    except NoSuchSession:
        raise NoSuchSitting(f"There is no sitting {sitting} for {actor.login}.", sitting=sitting) from None


def incident_of(db: Connection, actor: Person, incident: IncidentId) -> tuple[Session, Enrolment, Incident]:
    """An incident that the actor may see, with its sitting and session. Raises `NoSuchIncident`."""
    found = incident_rows.load(db, incident)
    try:
        session, enrolment = sitting_of(db, actor, found.sitting)
    except NoSuchSitting:
        raise NoSuchIncident(f"There is no incident {incident} for {actor.login}.", incident=incident) from None
    return session, enrolment, found
