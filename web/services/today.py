"""The day of the whole installation in figures: for an administrator and for metrics. It names no candidate.

What a session's console calls silent is called lost here, by the same rule.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from engine.delivery.events import EVENTS
from engine.delivery.session import SessionState
from engine.delivery.states import State, after
from engine.kernel import SessionId, SittingId
from web.db import docket, today
from web.db import sittings as sitting_rows
from web.db.sessions import Session
from web.french import PARIS, paris_day
from web.services import board
from web.services.house import House
from web.services.supervision import SILENT_AFTER

LATELY = timedelta(minutes=5)
MOST_REPLAYED = 500
"""If more tests than this seem silent, they are all counted as lost without reading their logs: something is wrong."""
WAITING = (State.CHECKED_IN, State.AUTHORISED, State.ENTERED)
_EVENTS = {event.kind: event for event in EVENTS}
GOING = (State.RUNNING, State.PAUSED)


@dataclass
class Line:
    """One session of the day."""

    session: Session
    states: Counter[State] = field(default_factory=Counter)
    lost: int = 0
    alerts: int = 0
    incidents: int = 0
    """Without a decision."""
    blocking: int = 0
    """Of these, how many hold a result back."""
    answers: int = 0
    """In the last five minutes."""
    console: datetime | None = None
    """When a console last asked for news."""
    is_unwatched: bool = False
    """Whether candidates are at work, or wait, and no console has asked for news lately."""

    @property
    def enrolled(self) -> int:
        """How many have a place."""
        return self.states.total() - self.states[State.CANCELLED]

    @property
    def waiting(self) -> int:
        """Who is there and has not begun."""
        return sum(self.states[s] for s in WAITING)

    @property
    def running(self) -> int:
        """Whose test has begun and is not over, pauses included."""
        return sum(self.states[s] for s in GOING)

    @property
    def over(self) -> int:
        """Whose test was taken."""
        return sum(n for state, n in self.states.items() if state.was_taken)

    @property
    def troubles(self) -> int:
        """How many things here need somebody now."""
        return self.lost + self.alerts + self.is_unwatched


@dataclass(frozen=True, slots=True)
class Today:
    """All sessions of a day, those with trouble first."""

    now: datetime
    lines: tuple[Line, ...]
    incidents: Mapping[str, int]
    """Without a decision, in all sessions that are not published: `blocking` and `other`."""
    size: int
    database: str

    def total(self, name: str) -> int:
        """A figure of all sessions together."""
        return sum(int(getattr(line, name)) for line in self.lines)

    @property
    def states(self) -> Counter[State]:
        """How many sittings there are in each state."""
        return sum((line.states for line in self.lines), Counter())

    @property
    def sessions(self) -> Counter[SessionState]:
        """How many sessions there are in each state."""
        return Counter(line.session.state for line in self.lines)


def look(house: House, now: datetime) -> Today:
    """The day as it is now: eight statements, ten if somebody seems lost, however many sessions there are."""
    with house.db.read() as connection:
        since = datetime.combine(paris_day(now), time(), PARIS)
        until = datetime.combine(paris_day(now) + timedelta(days=1), time(), PARIS)
        found = today.sessions(connection, since, until)
        lines = {s.id: Line(s) for s in found if s.state is not SessionState.CANCELLED}
        _count(connection, lines, now)
        incidents: Counter[str] = Counter({"blocking": 0, "other": 0})
        for session, blocks, n in docket.undecided(connection):
            incidents["blocking" if blocks else "other"] += n
            if session in lines:
                lines[session].incidents += n
                lines[session].blocking += n if blocks else 0
        consoles = today.consoles(connection, list(lines))
        size, database = today.size(connection)
    for line in lines.values():
        line.console = consoles.get(line.session.id)
        heard = line.console is not None and now - line.console <= SILENT_AFTER
        line.is_unwatched = line.session.state is SessionState.OPEN and line.waiting + line.running > 0 and not heard
    ordered = sorted(lines.values(), key=lambda a: (-(a.troubles > 0), a.session.starts_at, a.session.id))
    return Today(now, tuple(ordered), incidents, size, database)


def _count(connection: Connection, lines: Mapping[SessionId, Line], now: datetime) -> None:
    wanted = list(lines)
    states: dict[SittingId, State] = {}
    alerts: Counter[SittingId] = Counter()
    started: dict[SittingId, datetime] = {}
    for sitting, kind, at in today.moves(connection, wanted):
        states[sitting] = after(states.get(sitting, State.ENROLLED), _EVENTS[kind])
        alerts[sitting] += (kind == "alert_raised") - (kind in ("alert_refused", "alert_accepted"))
        if kind == "started":
            started[sitting] = at
    answers = today.answers(connection, wanted, now - LATELY)
    suspects: dict[SessionId, dict[SittingId, datetime | None]] = defaultdict(dict)
    for seat in today.seats(connection, wanted):
        line, state = lines[seat.session], states.get(seat.sitting, State.ENROLLED)
        last, lately = answers.get(seat.sitting, (None, 0))
        line.states[state] += 1
        line.answers += lately
        line.alerts += state in GOING and alerts[seat.sitting] > 0
        seen = max((at for at in (seat.heartbeat, started.get(seat.sitting), last) if at), default=None)
        if state is State.RUNNING and (seen is None or now - seen > SILENT_AFTER):
            suspects[seat.session][seat.sitting] = seen
    for session, lost in _lost(connection, suspects, now).items():
        lines[session].lost = lost


def _lost(
    connection: Connection, suspects: Mapping[SessionId, Mapping[SittingId, datetime | None]], now: datetime
) -> Counter[SessionId]:
    """Who is lost of those who seem so: their logs tell whether time is up, or a proctor is to let them in again."""
    seen = {sitting: at for of_one in suspects.values() for sitting, at in of_one.items()}
    if len(seen) > MOST_REPLAYED:
        return Counter({session: len(of_one) for session, of_one in suspects.items()})
    found = sitting_rows.load_many(connection, list(seen)) if seen else []
    return Counter(e.session_id for e in found if board.is_silent(e.sitting, seen[e.id], now))
