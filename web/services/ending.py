"""The end of a session: everybody who is not done gets a reason, all of them or none, and the session closes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.delivery import commands
from engine.delivery.commands import Step
from engine.delivery.session import require_open
from engine.delivery.sitting import Sitting
from engine.delivery.states import State
from engine.kernel import EngineError, PersonId, SessionId, SittingId
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sittings import Enrolment
from web.services import enrolment as enrolments
from web.services import expiry
from web.services.house import House
from web.services.scope import session_of
from web.services.supervision import sweep


class EndingIncomplete(EngineError):
    """Somebody who is not done has no cause or no reason yet."""

    code = "ending_incomplete"


@dataclass(frozen=True, slots=True)
class Why:
    """Why a sitting ends before its time."""

    technical: bool
    reason: str


def unfinished(house: House, actor: Person, session: SessionId, now: datetime) -> list[Enrolment]:
    """Who is neither done nor simply not there, in the order of names; sittings whose time is over are closed first."""
    sweep(house, actor, session, now)
    with house.db.read() as connection:
        session_of(connection, actor, session)
        return [e for e in sitting_rows.load_session(connection, session) if _needs_a_reason(e)]


def not_come(house: House, actor: Person, session: SessionId) -> list[Enrolment]:
    """Who never came, and will be noted absent, in the order of names."""
    with house.db.read() as connection:
        session_of(connection, actor, session)
        return [e for e in sitting_rows.load_session(connection, session) if e.sitting.state is State.ENROLLED]


def end(house: House, actor: Person, session: SessionId, why: Mapping[SittingId, Why], now: datetime) -> None:
    """End what is under way for the reasons given, then close the session; if anything is missing, nothing happens.

    Who has begun is stopped, who waits to be let in is refused, who never came is absent. Raises `EndingIncomplete`
    with names, `SessionNotOpen`, and what `enrolment.close_session` raises.
    """
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        require_open(slot.state)
        left = [e for e in sitting_rows.load_session(connection, session) if _needs_a_reason(e)]
        lacking = [e.full_name for e in left if not (given := why.get(e.id)) or not given.reason.strip()]
        if lacking:
            raise EndingIncomplete(f"{len(lacking)} sittings have no reason yet.", names=lacking)
        for enrolment in left:
            if expiry.expire_in(connection, house, slot, enrolment, now).events:
                continue
            step = _ended(enrolment.sitting, actor.id, why[enrolment.id], now)
            sitting_rows.save(connection, expiry.with_draft(connection, house, slot.pins, step, now))
        enrolments.close_session_in(connection, house, actor, slot, now)


def _needs_a_reason(enrolment: Enrolment) -> bool:
    state = enrolment.sitting.state
    return not state.is_over and state is not State.ENROLLED


def _ended(sitting: Sitting, by: PersonId, why: Why, now: datetime) -> Step:
    reason = why.reason.strip()[:500]
    if sitting.state.is_before_start:
        return commands.refuse(sitting, by, reason, now)
    return commands.terminate(sitting, by, reason, why.technical, now)
