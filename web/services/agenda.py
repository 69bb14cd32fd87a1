"""A centre's sessions as a day's work sees them: today's and running ones, those to come, those that are over."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.delivery.session import SessionState
from engine.kernel import SessionId
from web.db import rosters
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.french import paris_day
from web.services import capacity, handover
from web.services.capacity import Room
from web.services.enrolment import name_key
from web.services.house import House

SHOWN = 20  # sessions that are over, unless all are asked for


@dataclass(frozen=True, slots=True)
class Slot:
    """A session with the room in it."""

    session: Session
    room: Room
    was_missed: bool
    """Whether its day went by without anybody opening it."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """The sessions of a centre, those that were asked for."""

    today: list[Slot]
    upcoming: list[Slot]
    past: list[Slot]
    hidden: int
    """How many of those that are over are left out."""
    is_empty: bool
    """Whether the centre has no session at all."""

    @property
    def found(self) -> int:
        """How many sessions are shown."""
        return len(self.today) + len(self.upcoming) + len(self.past)


def agenda(house: House, actor: Person, words: str, whole: bool, now: datetime) -> Agenda:
    """The sessions of the actor's centre in which all words stand: label, place, code, day."""
    with house.db.read() as connection:
        everything = session_rows.of_centre(connection, actor.centre_id or "")
        wanted = [s for s in everything if _has(s, words)]
        today, upcoming, past = _sorted(wanted, now)
        shown = past if whole or words else past[:SHOWN]
        rooms = capacity.rooms(connection, {s.id: s.mode for s in (*today, *upcoming, *shown)})

    def slots(sessions: list[Session]) -> list[Slot]:
        return [
            Slot(s, rooms[s.id], s.state is SessionState.PLANNED and paris_day(s.starts_at) < paris_day(now))
            for s in sessions
        ]

    return Agenda(slots(today), slots(upcoming), slots(shown), len(past) - len(shown), not everything)


@dataclass(frozen=True, slots=True)
class Register:
    """A session with those enrolled in it."""

    session: Session
    room: Room
    proctors: tuple[str, ...]
    shown: list[Enrolment]
    """Those in whose names the words stand that were asked for."""
    everybody: int
    counts: Mapping[str, int]
    """How many there are in each state."""
    waiting_codes: int
    """How many codes were made in the last hour and can still be handed over."""


def register(house: House, actor: Person, session: SessionId, words: str, now: datetime) -> Register:
    """A session with its candidates. Raises `NoSuchSession`."""
    slot, fresh = handover.fresh_codes(house, actor, session, now)
    with house.db.read() as connection:
        enrolments = sitting_rows.load_session(connection, session)
        room = capacity.room_in(connection, slot)
        proctors = tuple(rosters.proctors_of(connection, session).values())
    shown = [e for e in enrolments if all(_plain(w) in _plain(f"{e.full_name} {e.external_id}") for w in words.split())]
    counts = Counter(e.sitting.state.value for e in enrolments)
    return Register(slot, room, proctors, shown, len(enrolments), counts, len(fresh))


def _sorted(sessions: list[Session], now: datetime) -> tuple[list[Session], list[Session], list[Session]]:
    today, upcoming, past = [], [], []
    for s in sessions:  # the newest first
        day = paris_day(s.starts_at)
        if s.state is SessionState.OPEN or (day == paris_day(now) and s.state is not SessionState.CANCELLED):
            today.append(s)
        elif day >= paris_day(now) and s.state in (SessionState.PLANNED, SessionState.CANCELLED):
            upcoming.append(s)
        else:
            past.append(s)
    return today[::-1], upcoming[::-1], past


def _has(session: Session, words: str) -> bool:
    told = _plain(f"{session.label} {session.place} {session.code} {paris_day(session.starts_at):%d/%m/%Y}")
    return all(_plain(word) in told for word in words.split())


def _plain(text: str) -> str:
    return name_key(text, "")[:-1]
