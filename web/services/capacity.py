"""How many places a session has, and how many are taken."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.delivery.session import REMOTE_CAPACITY, Mode
from engine.kernel import EngineError
from web.db import rosters
from web.db.sessions import Session


class SessionFull(EngineError):
    """A remote session has nine places for each proctor."""

    code = "session_full"


@dataclass(frozen=True, slots=True)
class Room:
    """Places taken, and places there are (`None`: as many as the room holds, which we do not know)."""

    taken: int
    places: int | None

    @property
    def free(self) -> int | None:
        """How many more can be enrolled."""
        return None if self.places is None else max(0, self.places - self.taken)


def places_of(mode: Mode, proctors: int) -> int | None:
    """How many candidates a session with so many proctors can have."""
    return REMOTE_CAPACITY * max(1, proctors) if mode is Mode.REMOTE else None


def rooms(db: Connection, sessions: Mapping[str, Mode]) -> dict[str, Room]:
    """The room in each session: two statements, however many there are."""
    taken = rosters.taken(db, list(sessions))
    proctors = rosters.proctor_counts(db, list(sessions))
    return {s: Room(taken.get(s, 0), places_of(mode, proctors.get(s, 0))) for s, mode in sessions.items()}


def room_in(db: Connection, session: Session) -> Room:
    """The room in one session."""
    return rooms(db, {session.id: session.mode})[session.id]


def require_room(db: Connection, session: Session, more: int) -> None:
    """Raise `SessionFull` unless so many more can be enrolled."""
    room = room_in(db, session)
    if room.free is not None and more > room.free:
        raise SessionFull(
            f"Session {session.id} has {room.places} places, {room.taken} are taken, {more} are asked for.",
            places=room.places,
            taken=room.taken,
            asked=more,
        )
