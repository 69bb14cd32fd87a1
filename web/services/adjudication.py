"""What a jury sees and does: rulings and their confirmation, outcomes, publication."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from engine.delivery.session import SESSION_TRANSITIONS, SessionState, moved
from engine.items.frameworks import Framework
from engine.kernel import EngineError, IncidentId, ItemId, RulingId, SessionId, SittingId
from engine.proctoring.incident import Incident
from engine.proctoring.ruling import Confirmation, Decision, Ruling, confirm, proposed, rule, standing, was_blind
from engine.scoring.report import document
from engine.scoring.result import Inconclusive, Outcome, Scored, StillRunning, Withheld, result
from web.db import incidents as incident_rows
from web.db import people
from web.db import results as result_rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.french import paris_day
from web.services import needs
from web.services.house import House
from web.services.scope import incident_of, session_of
from web.services.supervision import sweep

LONGEST_TEXT = 2_000


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
    is_replaced: bool = False
    """Whether it was taken out during the test, after the candidate's alert."""


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with its sitting, its session, and what was ruled so far."""

    session: Session
    enrolment: Enrolment
    incident: Incident
    rulings: tuple[Ruling, ...]
    put: tuple[Put, ...]
    names: Mapping[str, str]
    """Who has an account, by id."""
    blind: frozenset[RulingId] = frozenset()
    """The rulings that were made while nobody could know the result."""

    @property
    def standing(self) -> Ruling | None:
        """The ruling that stands."""
        return self.rulings[-1] if self.rulings else None

    @property
    def proposal(self) -> Ruling | None:
        """The rejection for fraud that waits for a second person."""
        return self.standing if self.standing and self.standing.waits else None

    @property
    def decision(self) -> Ruling | None:
        """The ruling that has an effect."""
        return self.standing if self.standing and self.standing.decides else None

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

    @property
    def waits_for(self) -> tuple[Incident, ...]:
        """What must be decided before there is a result."""
        return self.outcome.open_incidents if isinstance(self.outcome, Withheld) else ()

    @property
    def proposals(self) -> tuple[tuple[Incident, Ruling], ...]:
        """Rejections for fraud that wait for a second person."""
        waiting = proposed(self.ruled.values())
        return tuple((i, waiting[i.id]) for i in self.incidents if i.id in waiting)

    @property
    def informs(self) -> tuple[Incident, ...]:
        """Reports that hold nothing back and that nobody has ruled on."""
        return tuple(i for i in self.incidents if not i.kind.blocks and i.id not in self.ruled)


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

    @property
    def inconclusive(self) -> tuple[Standing, ...]:
        """The candidates for whom too little counted."""
        return tuple(s for s in self.standings if isinstance(s.outcome, Inconclusive))

    @property
    def is_ready(self) -> bool:
        """Whether the state of the session allows publication."""
        return may_be_published(self.session.state)

    @property
    def is_clear(self) -> bool:
        """Whether nothing stands in the way of publication."""
        return self.is_ready and not self.withheld


def may_be_published(state: SessionState) -> bool:
    """Whether a session in this state is the next to be published."""
    return (state, SessionState.PUBLISHED) in SESSION_TRANSITIONS


def docket(house: House, actor: Person, session: SessionId, now: datetime) -> Docket:
    """Every candidate of a session with the outcome as it stands."""
    sweep(house, actor, session, now)
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        return Docket(slot, standings_of(house, connection, slot))


def cases(house: House, actor: Person, session: SessionId) -> list[Case]:
    """The incidents of a session: those without a decision first, then by weight."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        enrolments = {e.id: e for e in sitting_rows.load_session(connection, session)}
        incidents = incident_rows.of_sittings(connection, list(enrolments))
        rulings = incident_rows.rulings_on(connection, incidents)
        names = people.names(connection)
    found = [_case(house, slot, enrolments[i.sitting], i, rulings, names) for i in incidents]
    return sorted(found, key=lambda c: (c.decision is not None, not c.incident.kind.blocks, -c.incident.kind.severity))


def case(house: House, actor: Person, incident: IncidentId) -> Case:
    """One incident. Raises `NoSuchIncident`."""
    with house.db.read() as connection:
        slot, enrolment, found = incident_of(connection, actor, incident)
        of_sitting = incident_rows.of_sittings(connection, [enrolment.id])
        rulings = incident_rows.rulings_on(connection, of_sitting)
        names = people.names(connection)
        published_at = result_rows.first_published(connection, enrolment.id)
    ended = enrolment.sitting.ended_at
    blind = frozenset(
        r.id
        for r in rulings
        if not (published_at and published_at <= r.at)
        and (ended is None or r.at < ended or was_blind(of_sitting, rulings, r))
    )
    return replace(_case(house, slot, enrolment, found, rulings, names), blind=blind)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision does to a result, told once nothing about the sitting is open."""

    before: Outcome
    """As if the jury had decided that the incident has no effect."""
    after: Outcome


def effect(house: House, actor: Person, incident: IncidentId) -> Effect | None:
    """What the decision on an incident changes; `None` while anything about the sitting is undecided."""
    with house.db.read() as connection:
        slot, enrolment, found = incident_of(connection, actor, incident)
        incidents = incident_rows.of_sittings(connection, [enrolment.id])
        rulings = incident_rows.rulings_on(connection, incidents)
    last = standing(rulings).get(found.id)
    after = _outcome(house, slot, enrolment, incidents, rulings)
    if last is None or not last.decides or after is None or isinstance(after, Withheld):
        return None
    others = [r for r in rulings if r.incident != found.id]
    without = replace(last, number=1, decision=Decision.NO_EFFECT, items=(), confirmation=None)
    before = _outcome(house, slot, enrolment, incidents, [*others, without])
    assert before is not None
    return Effect(before, after)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a jury member decides; `seen` counts the rulings that they had before their eyes."""

    decision: Decision
    positions: tuple[int, ...]
    reason: str
    seen: int
    heard: str = ""


def adjudicate(house: House, actor: Person, incident: IncidentId, verdict: Verdict, now: datetime) -> None:
    """Store a ruling, also after publication: a published result changes only when it is amended.

    Raises kinds of `RulingRefused`.
    """
    with house.db.write() as connection:
        slot, enrolment, found = incident_of(connection, actor, incident)
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
                verdict.reason.strip()[:LONGEST_TEXT],
                actor.id,
                now,
                verdict.heard.strip()[:LONGEST_TEXT] if verdict.decision is Decision.FRAUD else "",
            ),
            put,
        )
        incident_rows.add_ruling(connection, ruling)
        session_rows.note(connection, slot.id, actor.id, "ruled", now, incident=incident, decision=verdict.decision)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a second jury member says of a rejection for fraud."""

    ruling: RulingId
    agrees: bool
    text: str


def answer_proposal(house: House, actor: Person, incident: IncidentId, reply: Reply, now: datetime) -> None:
    """Confirm a rejection for fraud, or refuse it and so reopen the incident. Raises kinds of `RulingRefused`."""
    with house.db.write() as connection:
        slot, _, found = incident_of(connection, actor, incident)
        said = Confirmation(reply.ruling, actor.id, reply.agrees, reply.text.strip()[:LONGEST_TEXT], now)
        confirm(found, incident_rows.rulings_on(connection, [found]), said)
        incident_rows.add_confirmation(connection, said)
        session_rows.note(connection, slot.id, actor.id, "ruled", now, incident=incident, agrees=reply.agrees)


def publish(house: House, actor: Person, session: SessionId, now: datetime) -> int:
    """Write every result of a closed session, once. How many. Raises `SessionRefusal`, `StillWithheld`."""
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        to = moved(slot.state, SessionState.PUBLISHED)
        standings = standings_of(house, connection, slot)
        waiting = [s.enrolment.full_name for s in standings if isinstance(s.outcome, Withheld)]
        if waiting:
            raise StillWithheld(f"{len(waiting)} results wait for a ruling.", names=waiting)
        release = house.catalogue.release(slot.release_digest)
        rules = house.catalogue.rules(slot.rules_digest)
        day = paris_day(now)
        documents = {
            s.enrolment.id: document(s.outcome, release, rules, s.enrolment.target, day)
            for s in standings
            if s.outcome is not None
        }
        result_rows.add_first(connection, documents, actor.id, now)
        session_rows.move(connection, slot, to)
        session_rows.note(connection, session, actor.id, "published", now, results=len(documents))
    return len(documents)


def published(house: House, sitting: SittingId) -> dict[str, object] | None:
    """The newest published result of a sitting."""
    with house.db.read() as connection:
        versions = result_rows.versions(connection, sitting)
    return versions[-1].document if versions else None


def standings_of(house: House, connection: Connection, session: Session) -> tuple[Standing, ...]:
    """Every candidate of a session with the outcome that follows from the log and the rulings."""
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


def _case(
    house: House,
    session: Session,
    enrolment: Enrolment,
    incident: Incident,
    rulings: Sequence[Ruling],
    names: Mapping[str, str],
) -> Case:
    release = house.catalogue.release(session.release_digest)
    items = [release.item(i) for i in enrolment.sitting.presented]
    put = tuple(
        Put(
            n,
            item.id,
            item.framework,
            item.competence,
            item.id in release.pretest,
            item.id in enrolment.sitting.excluded,
        )
        for n, item in enumerate(items, start=1)
    )
    own = sorted((r for r in rulings if r.incident == incident.id), key=lambda r: r.number)
    return Case(session, enrolment, incident, tuple(own), put, names)
