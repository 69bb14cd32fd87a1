"""One candidate's place in a session before the test: changed, moved to another session, taken back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from engine.delivery import commands
from engine.delivery.session import SessionState
from engine.delivery.states import State
from engine.kernel import EngineError, SessionId, SittingId
from web.db import rosters
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.services import capacity
from web.services.capacity import Room
from web.services.enrolled import changes_of
from web.services.enrolment import AlreadyEnrolled, EnrolmentClosed, NewCandidate, columns_of, require_served
from web.services.house import House
from web.services.planning import require_reason
from web.services.scope import session_of, sitting_of

MAY_MOVE = frozenset({State.ENROLLED, State.CHECKED_IN})
"""Who was let in already would walk into the other session without its proctor."""


class EnrolmentFixed(EngineError):
    """An enrolment is changed before the test begins, not later."""

    code = "enrolment_fixed"


class LetInAlready(EngineError):
    """Somebody whom a proctor has let in cannot be moved to another session."""

    code = "let_in_already"


@dataclass(frozen=True, slots=True)
class Destination:
    """Another session that a candidate could be moved to."""

    session: Session
    room: Room


def edit(house: House, actor: Person, sitting: SittingId, new: NewCandidate, now: datetime) -> None:
    """Another target, extra time, needs or address; who it is does not change.

    Raises `EnrolmentFixed`, `NeedsNotCovered`.
    """
    with house.db.write() as connection:
        slot, enrolment = sitting_of(connection, actor, sitting)
        _require_before_start(enrolment)
        changes = changes_of(enrolment, new)
        if not changes:
            return
        rosters.change_sittings(connection, {sitting: columns_of(new)})
        said = {"email": new.email, "external_id": new.external_id or None}
        rosters.change_candidates(connection, {enrolment.candidate_id: said})
        require_served(house, connection, slot, [sitting])
        told = [[c.what, c.old, c.new] if c.is_of_the_place else [c.what] for c in changes]
        session_rows.note(connection, slot.id, actor.id, "enrolment_edited", now, sitting=sitting, changed=told)


def destinations(house: House, actor: Person, sitting: SittingId) -> list[Destination]:
    """The sessions of the centre that take candidates, apart from the present one, the soonest first."""
    with house.db.read() as connection:
        slot, _ = sitting_of(connection, actor, sitting)
        others = [
            s
            for s in session_rows.of_centre(connection, slot.centre_id)
            if s.id != slot.id and s.state in (SessionState.PLANNED, SessionState.OPEN)
        ]
        rooms = capacity.rooms(connection, {s.id: s.mode for s in others})
    return [Destination(s, rooms[s.id]) for s in sorted(others, key=lambda s: s.starts_at)]


def move(house: House, actor: Person, sitting: SittingId, to: SessionId, now: datetime) -> None:
    """Another session of the same centre, whose release and rules then hold; the code stays good.

    Raises `EnrolmentFixed`, `LetInAlready`, `EnrolmentClosed`, `SessionFull`, `AlreadyEnrolled`, `NeedsNotCovered`,
    `NoSuchSession`.
    """
    with house.db.write() as connection:
        slot, enrolment = sitting_of(connection, actor, sitting)
        target = session_of(connection, actor, to)
        if target.id == slot.id:
            return
        _require_before_start(enrolment)
        if enrolment.sitting.state not in MAY_MOVE:
            raise LetInAlready(f"Sitting {sitting} is {enrolment.sitting.state}.", state=enrolment.sitting.state)
        if target.state not in (SessionState.PLANNED, SessionState.OPEN):
            raise EnrolmentClosed(f"Session {to} is {target.state}.", state=target.state)
        # Refused here rather than on the first item, if the other session's rules cannot lead this track.
        house.catalogue.plan(target.release_digest, target.rules_digest, enrolment.track)
        capacity.require_room(connection, target, 1)
        try:
            with connection.begin_nested():
                rosters.change_sittings(connection, {sitting: {"session_id": to}})
        except IntegrityError as error:
            raise AlreadyEnrolled(f"The candidate of {sitting} has a place in {to}.") from error
        require_served(house, connection, target, [sitting])
        session_rows.note(connection, slot.id, actor.id, "moved_out", now, sitting=sitting, to=target.id)
        session_rows.note(connection, target.id, actor.id, "moved_in", now, sitting=sitting, origin=slot.id)


def cancel(house: House, actor: Person, sitting: SittingId, reason: str, now: datetime) -> None:
    """Take an enrolment back. Raises `EnrolmentFixed`, `CancellationReasonMissing`."""
    reason = require_reason(reason)
    with house.db.write() as connection:
        _, enrolment = sitting_of(connection, actor, sitting)
        _require_before_start(enrolment)
        sitting_rows.save(connection, commands.cancel(enrolment.sitting, actor.id, reason, now))


def _require_before_start(enrolment: Enrolment) -> None:
    state = enrolment.sitting.state
    if not state.is_before_start:
        raise EnrolmentFixed(f"Sitting {enrolment.id} is {state}.", state=state)
