"""A proctor settles what a candidate said of a question: it goes on, or another takes its place."""

import uuid
from datetime import datetime

from engine.delivery import commands
from engine.delivery.session import require_open
from engine.kernel import EngineError, IncidentId, SittingId
from engine.proctoring.incident import LONGEST_TEXT, Incident, Source, report
from web.db import incidents as incident_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.services.exposure import plan_of
from web.services.house import House
from web.services.scope import sitting_of
from web.services.supervision import reason_of

FAULTS = ("TEC-05", "TEC-06")
"""What an item that is taken out can have: it is broken, or not accessible."""
SETTLED = "Réglé pendant le test : la question a été retirée et remplacée."


class UnknownFault(EngineError):
    """A question is taken out because it is broken or because it is not accessible."""

    code = "unknown_fault"


def refuse(house: House, actor: Person, sitting: SittingId, reason: str, now: datetime) -> None:
    """The question is in order: the candidate goes on with it. Raises `ReasonNeeded`, `NoAlert`, `SessionNotOpen`."""
    why = reason_of(reason)
    with house.db.write() as connection:
        session, enrolment = sitting_of(connection, actor, sitting)
        require_open(session.state)
        sitting_rows.save(connection, commands.refuse_alert(enrolment.sitting, actor.id, why, now))


def accept(house: House, actor: Person, sitting: SittingId, fault: str, reason: str, now: datetime) -> IncidentId:
    """Take the question out, put another in its place, and record the incident, or nothing of it.

    The incident blocks no result: what could be decided about it was decided when the question was taken out.
    Raises `UnknownFault`, `ReasonNeeded`, `NoAlert`, `SessionNotOpen`.
    """
    if fault not in FAULTS:
        raise UnknownFault(f"A question is not taken out for {fault!r}.", fault=fault)
    why = reason_of(reason)
    with house.db.write() as connection:
        session, enrolment = sitting_of(connection, actor, sitting)
        require_open(session.state)
        alert = enrolment.sitting.alert
        step = commands.accept_alert(
            enrolment.sitting,
            plan_of(house.catalogue, connection, session.pins, enrolment.track, enrolment.needs),
            house.catalogue.release(session.release_digest),
            actor.id,
            why,
            now,
        )
        assert alert is not None  # or the command would have refused
        incident = report(
            Incident(
                id=IncidentId(str(uuid.uuid4())),
                sitting=sitting,
                kind=house.catalogue.taxonomy[fault].model_copy(update={"blocks": False}),
                occurred_at=alert.at,
                recorded_at=now,
                author=actor.id,
                item=alert.item,
                text=f"« {alert.text} » {SETTLED} {why}"[:LONGEST_TEXT],
                source=Source.CANDIDATE,
            )
        )
        sitting_rows.save(connection, step)
        incident_rows.add(connection, incident)
    return incident.id
