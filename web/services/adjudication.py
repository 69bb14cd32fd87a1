"""What a jury sees and does: incidents, rulings, outcomes, publication."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from engine.delivery.session import SessionState, moved
from engine.items.frameworks import Framework
from engine.kernel import EngineError, IncidentId, ItemId, RulingId, SessionId, SittingId
from engine.proctoring.incident import Incident
from engine.proctoring.ruling import Decision, Ruling, rule, standing
from engine.scoring.report import document
from engine.scoring.result import Outcome, Scored, StillRunning, Withheld, result
from web.db import incidents as incident_rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.db.tables import ResultRow
from web.french import paris_day
from web.services import needs
from web.services.house import House
from web.services.scope import incident_of, session_of, sitting_of
from web.services.supervision import ResultsArePublished, sweep


class StillWithheld(EngineError):
    """A session is published when no result waits for a ruling."""

    code = "still_withheld"


@dataclass(frozen=True, slots=True)
class Put:
    """An item as the jury sees it: where it stood, never whether its answer was right."""

    position: int
    item: ItemId
    framework: Framework
    competence: str
    is_tried: bool
    """Whether it is in pre-test, so that it does not count whatever is ruled."""


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with its sitting, its session, and what was ruled so far."""

    session: Session
    enrolment: Enrolment
    incident: Incident
    rulings: tuple[Ruling, ...]
    put: tuple[Put, ...]

    @property
    def standing(self) -> Ruling | None:
        """The ruling that stands."""
        return self.rulings[-1] if self.rulings else None

    @property
    def position(self) -> int | None:
        """The place of the item that was on screen when the incident was reported."""
        return next((p.position for p in self.put if p.item == self.incident.item), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """One candidate of a session, with the outcome as it stands (`None`: the test is not over)."""

    enrolment: Enrolment
    outcome: Outcome | None
    incidents: tuple[Incident, ...]
    ruled: Mapping[IncidentId, Ruling]


@dataclass(frozen=True, slots=True)
class Docket:
    """A session as its jury sees it."""

    session: Session
    standings: tuple[Standing, ...]

    @property
    def withheld(self) -> tuple[Standing, ...]:
        """The candidates whose result waits for a ruling."""
        return tuple(s for s in self.standings if isinstance(s.outcome, Withheld))

    @property
    def scored(self) -> tuple[Standing, ...]:
        """The candidates who have a level, or none, by every rule."""
        return tuple(s for s in self.standings if isinstance(s.outcome, Scored))


def docket(house: House, actor: Person, session: SessionId, now: datetime) -> Docket:
    """Every candidate of a session with the outcome as it stands."""
    sweep(house, actor, session, now)
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        return Docket(slot, _standings(house, connection, slot))


def cases(house: House, actor: Person, session: SessionId) -> list[Case]:
    """The incidents of a session: those without a ruling first, then by weight."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        enrolments = {e.id: e for e in sitting_rows.load_session(connection, session)}
        incidents = incident_rows.of_sittings(connection, list(enrolments))
        rulings = incident_rows.rulings_on(connection, incidents)
    found = [_case(house, slot, enrolments[i.sitting], i, rulings) for i in incidents]
    return sorted(found, key=lambda c: (c.standing is not None, not c.incident.kind.blocks, -c.incident.kind.severity))


def case(house: House, actor: Person, incident: IncidentId) -> Case:
    """One incident. Raises `NoSuchIncident`."""
    with house.db.read() as connection:
        slot, enrolment, found = incident_of(connection, actor, incident)
        return _case(house, slot, enrolment, found, incident_rows.rulings_on(connection, [found]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a jury member decides; `seen` counts the rulings that they had before their eyes."""

    decision: Decision
    positions: tuple[int, ...]
    reason: str
    seen: int


def adjudicate(house: House, actor: Person, incident: IncidentId, verdict: Verdict, now: datetime) -> None:
    """Store a ruling. Raises kinds of `RulingRefused`, and `ResultsArePublished`."""
    with house.db.write() as connection:
        slot, enrolment, found = incident_of(connection, actor, incident)
        if slot.state is SessionState.PUBLISHED:
            raise ResultsArePublished(f"The results of session {slot.id} are published.")
        put = enrolment.sitting.presented
        named = tuple(put[p - 1] if 0 < p <= len(put) else ItemId(f"#{p}") for p in verdict.positions)
        ruling = rule(
            found,
            incident_rows.rulings_on(connection, [found]),
            Ruling(
                RulingId(str(uuid.uuid4())),
                incident,
                verdict.seen + 1,
                verdict.decision,
                named if verdict.decision is Decision.NEUTRALISE else (),
                verdict.reason.strip()[:2_000],
                actor.id,
                now,
            ),
            put,
        )
        incident_rows.add_ruling(connection, ruling)
        session_rows.note(connection, slot.id, actor.id, "ruled", now, incident=incident, decision=verdict.decision)


def publish(house: House, actor: Person, session: SessionId, now: datetime) -> int:
    """Write every result of a closed session, once. How many. Raises `SessionRefusal`, `StillWithheld`."""
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        to = moved(slot.state, SessionState.PUBLISHED)
        standings = _standings(house, connection, slot)
        waiting = [s.enrolment.full_name for s in standings if isinstance(s.outcome, Withheld)]
        if waiting:
            raise StillWithheld(f"{len(waiting)} results wait for a ruling.", names=waiting)
        release = house.catalogue.release(slot.release_digest)
        rules = house.catalogue.rules(slot.rules_digest)
        rows = [
            {
                "sitting_id": s.enrolment.id,
                "version": 1,
                "published_at": now,
                "published_by": actor.id,
                "document": document(s.outcome, release, rules, s.enrolment.target, paris_day(now)),
            }
            for s in standings
            if s.outcome is not None
        ]
        if rows:
            connection.execute(insert(ResultRow), rows)
        session_rows.move(connection, slot, to)
        session_rows.note(connection, session, actor.id, "published", now, results=len(rows))
    return len(rows)


def published(house: House, sitting: SittingId) -> dict[str, object] | None:
    """The newest published result of a sitting."""
    with house.db.read() as connection:
        return connection.execute(
            select(ResultRow.document)
            .where(ResultRow.sitting_id == sitting)
            .order_by(ResultRow.version.desc())
            .limit(1)
        ).scalar_one_or_none()


def timeline(house: House, actor: Person, sitting: SittingId) -> tuple[Session, Enrolment]:
    """A sitting with its log, for the ruling screen."""
    with house.db.read() as connection:
        return sitting_of(connection, actor, sitting)


def _standings(house: House, connection: Connection, session: Session) -> tuple[Standing, ...]:
    enrolments = sitting_rows.load_session(connection, session.id)
    incidents = incident_rows.of_sittings(connection, [e.id for e in enrolments])
    rulings = incident_rows.rulings_on(connection, incidents)
    found = []
    for enrolment in enrolments:
        own = [i for i in incidents if i.sitting == enrolment.id]
        ids = {i.id for i in own}
        ruled = [r for r in rulings if r.incident in ids]
        found.append(Standing(enrolment, _outcome(house, session, enrolment, own, ruled), tuple(own), standing(ruled)))
    return tuple(found)


def _outcome(
    house: House, session: Session, enrolment: Enrolment, incidents: Sequence[Incident], rulings: Sequence[Ruling]
) -> Outcome | None:
    try:
        return result(
            enrolment.sitting,
            needs.plan_for(house.catalogue, session, enrolment),
            house.catalogue.release(session.release_digest),
            house.catalogue.rules(session.rules_digest),
            enrolment.target,
            incidents,
            rulings,
        )
    except StillRunning:
        return None


def _case(house: House, session: Session, enrolment: Enrolment, incident: Incident, rulings: Sequence[Ruling]) -> Case:
    release = house.catalogue.release(session.release_digest)
    items = [release.item(i) for i in enrolment.sitting.presented]
    put = tuple(
        Put(n, item.id, item.framework, item.competence, item.id in release.pretest)
        for n, item in enumerate(items, start=1)
    )
    own = sorted((r for r in rulings if r.incident == incident.id), key=lambda r: r.number)
    return Case(session, enrolment, incident, tuple(own), put)
