"""What is added to a report later: never edited, never taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.delivery.session import SessionState, require_not_finalised
from engine.kernel import EngineError, IncidentId
from engine.proctoring.incident import LONGEST_TEXT, Incident, IncidentTextTooLong
from web.db import followups as rows
from web.db import incidents as incident_rows
from web.db import people
from web.db.people import Person, Role
from web.db.sittings import Enrolment
from web.services.house import House
from web.services.scope import incident_of
from web.services.supervision import ResultsArePublished


class FollowUpEmpty(EngineError):
    """Nothing is added without a word."""

    code = "follow_up_empty"


@dataclass(frozen=True, slots=True)
class Added:
    """Something that was added to a report."""

    incident: IncidentId
    author: str
    """Their name."""
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reported:
    """A report with what was added to it, the oldest first."""

    incident: Incident
    author: str
    added: tuple[Added, ...]


def add(house: House, actor: Person, incident: IncidentId, text: str, now: datetime) -> None:
    """Add to a report; once the minutes are signed, only the jury does.

    Raises `FollowUpEmpty`, `IncidentTextTooLong`, `SessionIsFinalised`, `ResultsArePublished`, `NoSuchIncident`.
    """
    words = text.strip()
    if not words:
        raise FollowUpEmpty("Write what there is to add.")
    if len(words) > LONGEST_TEXT:
        raise IncidentTextTooLong(f"The text is longer than {LONGEST_TEXT} characters.", length=len(words))
    with house.db.write() as connection:
        session, _, _ = incident_of(connection, actor, incident)
        if session.state is SessionState.PUBLISHED:
            raise ResultsArePublished(f"The results of session {session.id} are published.")
        if actor.role is not Role.JURY:
            require_not_finalised(session.state)
        rows.add(connection, incident, actor.id, words, now)


def of_incidents(db: Connection, incidents: Sequence[IncidentId]) -> list[Added]:
    """What was added to some reports, the oldest first."""
    names = people.names(db)
    return [Added(a.incident, names.get(a.author, ""), a.text, a.at) for a in rows.of_incidents(db, incidents)]


def reports_on(house: House, enrolment: Enrolment) -> list[Reported]:
    """Every report on a sitting, in the order of what happened."""
    with house.db.read() as connection:
        incidents = incident_rows.of_sittings(connection, [enrolment.id])
        added = of_incidents(connection, [i.id for i in incidents])
        names = people.names(connection)
    return [
        Reported(i, names.get(i.author, ""), tuple(a for a in added if a.incident == i.id))
        for i in sorted(incidents, key=lambda i: (i.occurred_at, i.recorded_at))
    ]
