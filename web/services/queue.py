"""What waits for a jury member: the incidents of all sessions that they may see, the heaviest first."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.delivery.session import SessionState
from engine.kernel import IncidentId, SessionId
from engine.proctoring.incident import Category, Incident
from engine.proctoring.ruling import Ruling, standing
from web.db import docket as docket_rows
from web.db import incidents as incident_rows
from web.db import sessions as session_rows
from web.db.docket import Reported
from web.db.people import Person
from web.services.house import House


class Stage(StrEnum):
    """How far the jury is with an incident."""

    TO_DECIDE = "to_decide"
    TO_CONFIRM = "to_confirm"
    INFORMATION = "information"
    DECIDED = "decided"


OPEN = (Stage.TO_DECIDE, Stage.TO_CONFIRM)


def stage_of(incident: Incident, last: Ruling | None) -> Stage:
    """How far the jury is with an incident whose last ruling is known."""
    if last is not None and last.waits:
        return Stage.TO_CONFIRM
    if last is not None and last.decides:
        return Stage.DECIDED
    return Stage.TO_DECIDE if incident.kind.blocks else Stage.INFORMATION


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident of the queue."""

    about: Reported
    last: Ruling | None
    stage: Stage
    is_mine: bool
    """Whether the one who looks may take the next step: neither who reported nor, to confirm, who proposed."""

    @property
    def incident(self) -> Incident:
        """The report itself."""
        return self.about.incident

    @property
    def weight(self) -> tuple[object, ...]:
        """Sorts the queue: what holds a result first, then by severity, then what was reported earlier."""
        order = (self.stage not in OPEN) + (self.stage is Stage.DECIDED)
        return (order, -self.incident.kind.severity, self.incident.recorded_at, self.incident.id)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which part of the queue is looked at; `None`: all of it."""

    stages: frozenset[Stage] = frozenset(OPEN)
    session: SessionId | None = None
    category: Category | None = None

    def takes(self, entry: Entry) -> bool:
        """Whether an entry belongs to the part."""
        return (
            entry.stage in self.stages
            and self.session in (None, entry.about.session)
            and self.category in (None, entry.incident.kind.category)
        )


@dataclass(frozen=True, slots=True)
class Queue:
    """The incidents that were asked for, with how many there are of each stage before filtering by stage."""

    entries: tuple[Entry, ...]
    counts: Mapping[Stage, int]
    sessions: Mapping[SessionId, str]
    """What can be filtered by."""
    hidden: int
    """How many sessions are not shown, being of the jury member's own centre."""

    @property
    def mine(self) -> tuple[Entry, ...]:
        """Those in which the one who looks can take the next step."""
        return tuple(e for e in self.entries if e.is_mine and e.stage in OPEN)

    def place_of(self, incident: IncidentId) -> int | None:
        """Where an incident stands, counted from one."""
        return next((n for n, e in enumerate(self.entries, start=1) if e.incident.id == incident), None)

    def after(self, incident: IncidentId) -> Entry | None:
        """The next to act on after an incident; from the end, the first that was left out."""
        place = self.place_of(incident) or 0
        ahead = [e for e in (*self.entries[place:], *self.entries[:place]) if e.incident.id != incident]
        return next((e for e in ahead if e in self.mine), None)


def queue(house: House, actor: Person, wanted: Filter) -> Queue:
    """The incidents of all sessions that the actor may see, by weight."""
    # What is decided grows for ever: it is counted, and loaded only when it is asked for.
    only = None if Stage.DECIDED in wanted.stages else False
    centre = actor.centre_id
    with house.db.read() as connection:
        reported = docket_rows.reported_outside(connection, centre, list(SessionState), only)
        last = standing(incident_rows.rulings_on(connection, [r.incident for r in reported]))
        done = docket_rows.count_decided_outside(connection, centre, wanted.session, wanted.category)
        sessions = docket_rows.sessions_outside(connection, centre)
        hidden = len(session_rows.of_centre(connection, centre)) if centre else 0
    entries = [_entry(actor, r, last.get(r.incident.id)) for r in reported]
    by_stage = Filter(frozenset(Stage), wanted.session, wanted.category)
    counts = Counter(e.stage for e in entries if by_stage.takes(e))
    return Queue(
        entries=tuple(sorted((e for e in entries if wanted.takes(e)), key=lambda e: e.weight)),
        counts={stage: counts[stage] for stage in Stage} | {Stage.DECIDED: done},
        sessions=sessions,
        hidden=hidden,
    )


def _entry(actor: Person, about: Reported, last: Ruling | None) -> Entry:
    stage = stage_of(about.incident, last)
    is_mine = actor.id != about.incident.author
    if stage is Stage.TO_CONFIRM:
        assert last is not None
        is_mine = is_mine and actor.id != last.author
    return Entry(about, last, stage, is_mine)
