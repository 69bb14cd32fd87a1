"""A session between its planning and its day: changed, put on another day, called off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.delivery import commands
from engine.delivery.session import SessionState, moved
from engine.kernel import EngineError, PersonId, SessionId
from web.db import rosters
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sessions import Session
from web.services.capacity import Room, SessionFull, places_of, room_in
from web.services.enrolment import require_future, require_proctors
from web.services.house import House
from web.services.scope import session_of
from web.services.video_room import video_link


class SessionIsFixed(EngineError):
    """A session that is over, or called off, stays as it is."""

    code = "session_is_fixed"


class NotPlanned(EngineError):
    """The day of a session is changed before it is opened."""

    code = "not_planned"


class CancellationReasonMissing(EngineError):
    """A session or an enrolment is cancelled without a reason."""

    code = "cancellation_reason_missing"


@dataclass(frozen=True, slots=True)
class Particulars:
    """What can be changed about a session while it is planned or open."""

    label: str
    place: str
    proctors: tuple[PersonId, ...]
    video_link: str = ""


def sheet(house: House, actor: Person, session: SessionId) -> tuple[Session, Mapping[PersonId, str], Room]:
    """A session with its proctors and the room in it. Raises `NoSuchSession`."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        return slot, rosters.proctors_of(connection, session), room_in(connection, slot)


def edit(house: House, actor: Person, session: SessionId, new: Particulars, now: datetime) -> None:
    """Other particulars.

    Raises `SessionIsFixed`, `UnknownProctor`, `BadVideoLink`, and `SessionFull` with too few proctors.
    """
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        if slot.state not in (SessionState.PLANNED, SessionState.OPEN):
            raise SessionIsFixed(f"Session {session} is {slot.state}.", state=slot.state)
        watching = rosters.proctors_of(connection, session)
        # Who watches already stays, even if the account was closed since.
        require_proctors(connection, actor, set(new.proctors) - set(watching))
        taken, places = room_in(connection, slot).taken, places_of(slot.mode, len(new.proctors))
        if places is not None and taken > places:
            raise SessionFull(f"{taken} are enrolled for {places} places.", places=places, taken=taken)
        values = {"label": new.label, "place": new.place, "video_link": video_link(new.video_link)}
        changed = {k: [getattr(slot, k) or "", v or ""] for k, v in values.items() if (getattr(slot, k) or None) != v}
        if set(new.proctors) != set(watching):
            changed["proctors"] = [sorted(watching), sorted(new.proctors)]
            rosters.change_proctors(connection, session, new.proctors)
        if changed:
            rosters.change_session(connection, session, values)
            session_rows.note(connection, session, actor.id, "edited", now, changed=changed)


def reschedule(house: House, actor: Person, session: SessionId, starts_at: datetime, now: datetime) -> None:
    """Another day or time. Raises `NotPlanned`, `SessionInPast`."""
    require_future(starts_at, now)
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        if slot.state is not SessionState.PLANNED:
            raise NotPlanned(f"Session {session} is {slot.state}.", state=slot.state)
        if starts_at == slot.starts_at:
            return
        rosters.change_session(connection, session, {"starts_at": starts_at})
        about: dict[str, Any] = {"old": slot.starts_at.isoformat(), "new": starts_at.isoformat()}
        session_rows.note(connection, session, actor.id, "rescheduled", now, **about)


def cancel(house: House, actor: Person, session: SessionId, reason: str, now: datetime) -> int:
    """Call a planned session off, with every enrolment in it: how many.

    Raises `SessionRefusal`, `CancellationReasonMissing`.
    """
    reason = require_reason(reason)
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        session_rows.move(connection, slot, moved(slot.state, SessionState.CANCELLED))
        waiting = [e for e in sitting_rows.load_session(connection, session) if e.sitting.state.is_before_start]
        for enrolment in waiting:
            sitting_rows.save(connection, commands.cancel(enrolment.sitting, actor.id, reason, now))
        session_rows.note(connection, session, actor.id, "session_cancelled", now, reason=reason)
    return len(waiting)


def require_reason(reason: str) -> str:
    """The reason in one line. Raises `CancellationReasonMissing`."""
    told = " ".join(reason.split())
    if not told:
        raise CancellationReasonMissing("Give a reason.")
    return told
