"""How a candidate gets in: identity, instructions, the proctor's authorisation, the personal code."""

from dataclasses import dataclass
from datetime import date, datetime

from engine.delivery import commands
from engine.delivery.session import require_open
from engine.kernel import EngineError, SittingId
from web.db import people
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.services import throttle
from web.services.codes import canonical, matches
from web.services.enrolment import name_key
from web.services.house import House


class NotRecognised(EngineError):
    """No enrolment with this name, birth date and session code; which part is wrong is not told."""

    code = "not_recognised"


class WrongCode(EngineError):
    """Not the personal code of this candidate."""

    code = "wrong_code"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a candidate gives to be recognised."""

    last_name: str
    first_name: str
    birth_date: date
    session_code: str


def identify(house: House, identity: Identity, address: str, now: datetime) -> SittingId:
    """The sitting of a candidate. Raises `TooManyAttempts`, `NotRecognised`."""
    key = name_key(identity.last_name, identity.first_name)
    code = canonical(identity.session_code)
    keys = {
        f"who:{code}:{key}"[:100]: throttle.PER_PERSON,
        f"who-from:{address}"[:100]: throttle.PER_ADDRESS,
    }
    throttle.require_calm(house, keys, now)
    with house.db.read() as connection:
        found = people.sitting_of(connection, f"{code[:3]}-{code[3:]}", key, identity.birth_date)
    if found is not None:
        return found
    throttle.failed(house, keys, now)
    raise NotRecognised("No enrolment fits.")


def check_in(house: House, sitting: SittingId, now: datetime) -> None:
    """The instructions are read: the candidate waits for the proctor. Raises `SessionNotOpen`."""
    with house.db.write() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        require_open(session_rows.load(connection, enrolment.session_id).state)
        sitting_rows.save(connection, commands.check_in(enrolment.sitting, now))


def enter(house: House, sitting: SittingId, code: str, device: str, address: str, now: datetime) -> None:
    """The personal code lets this device in. Raises `TooManyAttempts`, `WrongCode`, `NotAuthorised`."""
    keys = {f"code:{sitting}": throttle.PER_PERSON, f"code-from:{address}"[:100]: throttle.PER_ADDRESS}
    throttle.require_calm(house, keys, now)
    with house.db.write() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        require_open(session_rows.load(connection, enrolment.session_id).state)
        if matches(code, enrolment.code_hash, house.secret):
            sitting_rows.save(connection, commands.enter(enrolment.sitting, device, now))
            return
    throttle.failed(house, keys, now)
    raise WrongCode(f"Not the code of sitting {sitting}.")


def prove(house: House, sitting: SittingId, code: str, address: str, now: datetime) -> None:
    """The personal code, to read a result on another device. Raises `TooManyAttempts`, `WrongCode`."""
    keys = {f"code:{sitting}": throttle.PER_PERSON, f"code-from:{address}"[:100]: throttle.PER_ADDRESS}
    throttle.require_calm(house, keys, now)
    _, enrolment = look(house, sitting)
    if not matches(code, enrolment.code_hash, house.secret):
        throttle.failed(house, keys, now)
        raise WrongCode(f"Not the code of sitting {sitting}.")


def look(house: House, sitting: SittingId) -> tuple[Session, Enrolment]:
    """Where a candidate stands. Raises `NoSuchSitting`."""
    with house.db.read() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        return session_rows.load(connection, enrolment.session_id), enrolment
