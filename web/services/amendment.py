"""After publication: what comes to the jury later, and results that are published anew. The old ones stay on record."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from engine.delivery.session import SessionState
from engine.kernel import EngineError, IncidentId, SessionId, SittingId
from engine.proctoring.incident import Incident, Source, report
from engine.scoring.report import amended, document, says_the_same
from engine.scoring.result import Withheld
from web.db import incidents as incident_rows
from web.db import people
from web.db import results as result_rows
from web.db import sessions as session_rows
from web.db.people import Person
from web.db.results import AmendedMeanwhile, Version
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.french import paris_day
from web.services.adjudication import LONGEST_TEXT, Standing, standings_of
from web.services.house import House
from web.services.scope import session_of, sitting_of
from web.services.supervision import ReasonNeeded, Report, UnknownKind


class NotPublishedYet(EngineError):
    """A result can be amended once it is published."""

    code = "not_published_yet"


class NothingToAmend(EngineError):
    """What is published says already what the jury has decided, or waits for a ruling."""

    code = "nothing_to_amend"


@dataclass(frozen=True, slots=True)
class Amendment:
    """A published result beside the one that follows from the rulings as they stand now."""

    session: Session
    standing: Standing
    versions: tuple[Version, ...]
    now_told: dict[str, Any] | None
    """The document that would be published; none while an incident waits for a ruling."""
    names: dict[str, str]

    @property
    def enrolment(self) -> Enrolment:
        """Whose result it is."""
        return self.standing.enrolment

    @property
    def published(self) -> dict[str, Any]:
        """The document in force."""
        return self.versions[-1].document

    @property
    def is_due(self) -> bool:
        """Whether the rulings and the published result differ."""
        return self.now_told is not None and not says_the_same(self.published, self.now_told)


def amendments(house: House, actor: Person, session: SessionId) -> tuple[Amendment, ...]:
    """The results of a published session that differ from what the jury has decided since, or that wait again."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        if slot.state is not SessionState.PUBLISHED:
            return ()
        names = people.names(connection)
        found = [_amendment(house, connection, slot, s, names) for s in standings_of(house, connection, slot)]
    return tuple(a for a in found if a is not None and (a.is_due or a.now_told is None or len(a.versions) > 1))


def amendment(house: House, actor: Person, sitting: SittingId) -> Amendment:
    """One published result beside what the jury has decided. Raises `NoSuchSitting`, `NotPublishedYet`."""
    with house.db.read() as connection:
        return _load(house, connection, actor, sitting)


def amend(house: House, actor: Person, sitting: SittingId, seen: int, reason: str, now: datetime) -> int:
    """Publish a result anew, under the next number, which is returned; `seen` is the version that was looked at.

    Raises `NotPublishedYet`, `NothingToAmend`, `AmendedMeanwhile`, `ReasonNeeded`.
    """
    if not reason.strip():
        raise ReasonNeeded("Say why the result is amended.")
    with house.db.write() as connection:
        found = _load(house, connection, actor, sitting)
        last = found.versions[-1]
        if last.number != seen:
            raise AmendedMeanwhile(f"Version {last.number} of the result of {sitting} is published.")
        if found.now_told is None or not found.is_due:
            raise NothingToAmend(f"The result of {sitting} says what was decided.", sitting=sitting)
        number = last.number + 1
        told = amended(last.document, found.now_told, number, reason.strip()[:LONGEST_TEXT], paris_day(now))
        result_rows.add_version(connection, sitting, Version(number, now, actor.id, told))
        session_rows.note(connection, found.session.id, actor.id, "amended", now, sitting=sitting, version=number)
    return number


def report_to_jury(house: House, actor: Person, sitting: SittingId, told: Report, now: datetime) -> IncidentId:
    """Store what a jury member learned about a sitting; somebody else of the jury rules on it.

    Raises `UnknownKind`, kinds of `IncidentRefused`, `NoSuchSitting`.
    """
    kind = house.catalogue.taxonomy.get(told.code)
    if kind is None:
        raise UnknownKind(f"There is no kind of incident {told.code}.", kind=told.code)
    with house.db.write() as connection:
        _, enrolment = sitting_of(connection, actor, sitting)
        put = [e for e in enrolment.events if e.kind == "presented" and e.at <= told.occurred_at]
        ended = enrolment.sitting.ended_at
        during = bool(put) and (ended is None or told.occurred_at < ended)
        incident = report(
            Incident(
                id=IncidentId(str(uuid.uuid4())),
                sitting=sitting,
                kind=kind,
                occurred_at=told.occurred_at,
                recorded_at=now,
                author=actor.id,
                item=getattr(put[-1], "item", None) if during else None,
                text=told.text.strip(),
                source=Source.JURY,
            )
        )
        incident_rows.add(connection, incident)
    return incident.id


def _load(house: House, connection: Connection, actor: Person, sitting: SittingId) -> Amendment:
    slot, enrolment = sitting_of(connection, actor, sitting)
    names = people.names(connection)
    own = [s for s in standings_of(house, connection, slot) if s.enrolment.id == enrolment.id]
    found = _amendment(house, connection, slot, own[0], names)
    if slot.state is not SessionState.PUBLISHED or found is None:
        raise NotPublishedYet(f"The result of {sitting} is not published.", sitting=sitting)
    return found


def _amendment(
    house: House, connection: Connection, slot: Session, standing: Standing, names: dict[str, str]
) -> Amendment | None:
    versions = tuple(result_rows.versions(connection, standing.enrolment.id))
    if not versions:
        return None
    told = None
    if standing.outcome is not None and not isinstance(standing.outcome, Withheld):
        release = house.catalogue.release(slot.release_digest)
        rules = house.catalogue.rules(slot.rules_digest)
        first = date.fromisoformat(versions[0].document["obtained_on"])
        told = document(standing.outcome, release, rules, standing.enrolment.target, first)
    return Amendment(slot, standing, versions, told, names)
