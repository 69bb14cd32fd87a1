"""What pages of staff look up."""

from engine.kernel import IncidentId, SessionId, SittingId
from engine.proctoring.incident import Incident
from web.db import people
from web.db import sessions as session_rows
from web.db.people import Person
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.services.house import House
from web.services.scope import incident_of, session_of, sitting_of


def session(house: House, actor: Person, session: SessionId) -> Session:
    """A session that the actor may see. Raises `NoSuchSession`."""
    with house.db.read() as connection:
        return session_of(connection, actor, session)


def sitting(house: House, actor: Person, sitting: SittingId) -> tuple[Session, Enrolment]:
    """A sitting that the actor may see. Raises `NoSuchSitting`."""
    with house.db.read() as connection:
        return sitting_of(connection, actor, sitting)


def incident(house: House, actor: Person, incident: IncidentId) -> Incident:
    """An incident that the actor may see. Raises `NoSuchIncident`."""
    with house.db.read() as connection:
        return incident_of(connection, actor, incident)[2]


def proctors(house: House, actor: Person) -> list[Person]:
    """The proctors of the actor's centre."""
    with house.db.read() as connection:
        return people.proctors_at(connection, actor.centre_id or "")


def proctors_of(house: House, session: SessionId) -> list[str]:
    """The names of those who watch a session."""
    with house.db.read() as connection:
        return session_rows.proctors_of(connection, session)
