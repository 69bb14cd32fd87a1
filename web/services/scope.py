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
    """A session that the actor may see; who writes has it alone until the end. Raises `NoSuchSession`."""
    return _allowed(db, actor, session_rows.hold(db, session))


def _allowed(db: Connection, actor: Person, found: Session) -> Session:
    match actor.role:
        case Role.MANAGER:
            allowed = found.centre_id == actor.centre_id
        case Role.PROCTOR:
            allowed = session_rows.is_watched_by(db, found.id, actor.id)
        case Role.JURY:
            allowed = found.centre_id != actor.centre_id
        case Role.ADMIN:
            allowed = False
    if not allowed:
        raise NoSuchSession(f"There is no session {found.id} for {actor.login}.", session=found.id)
    return found


def sitting_of(db: Connection, actor: Person, sitting: SittingId) -> tuple[Session, Enrolment]:
    """A sitting that the actor may see, with its session. Raises `NoSuchSitting`."""
    enrolment = sitting_rows.load(db, sitting)
    try:
        return _allowed(db, actor, session_rows.load(db, enrolment.session_id)), enrolment
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
