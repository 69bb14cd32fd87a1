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
from web.services.throttle import TooManyAttempts


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


def identify(house: House, identity: Identity, address: str, now: datetime, code: str = "") -> SittingId:
    """The sitting of a candidate. Raises `TooManyAttempts`, `NotRecognised`.

    After too many failures, of whoever it was, the personal code is asked for as well: nobody can shut another out.
    """
    key = name_key(identity.last_name, identity.first_name)
    session = canonical(identity.session_code)
    keys = {
        f"who:{session}:{key}"[:100]: throttle.PER_PERSON,
        f"who-from:{address}"[:100]: throttle.PER_ADDRESS,
    }
    is_calm = throttle.is_calm(house, keys, now)
    if not is_calm and not code:
        raise TooManyAttempts("Too many failures: the personal code is needed too.")
    with house.db.read() as connection:
        found = people.sitting_of(connection, f"{session[:3]}-{session[3:]}", key, identity.birth_date)
        stored = sitting_rows.load(connection, found).code_hash if found and not is_calm else ""
    if not is_calm and not matches(code, stored, house.secret):
        # Whatever is wrong, and whoever it was: the same answer, or the limit would tell what is right.
        raise TooManyAttempts("Too many failures, and not all of it is right.")
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


def enter(house: House, sitting: SittingId, code: str, device: str, now: datetime, browser: str = "") -> None:
    """The personal code lets this device in; sent again it changes nothing.

    Guesses are counted per browser, and widely per code: those of another browser do not shut this one out, and a new
    code ends them. Raises `TooManyAttempts`, `WrongCode`, `NotAuthorised`.
    """
    with house.db.read() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        require_open(session_rows.load(connection, enrolment.session_id).state)
    keys = {
        f"code:{enrolment.code_hash}:{browser or device}": throttle.PER_PERSON,
        f"code:{enrolment.code_hash}": throttle.PER_CODE,
    }
    if not _is_in(enrolment, device):
        commands.enter(enrolment.sitting, device, now)  # nobody guesses before the proctor has let somebody in
    throttle.require_calm(house, keys, now)
    if not matches(code, enrolment.code_hash, house.secret):
        throttle.failed(house, keys, now)
        raise WrongCode(f"Not the code of sitting {sitting}.")
    with house.db.write() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        require_open(session_rows.load(connection, enrolment.session_id).state)
        if not _is_in(enrolment, device):
            sitting_rows.save(connection, commands.enter(enrolment.sitting, device, now))


def _is_in(enrolment: Enrolment, device: str) -> bool:
    """Whether a device was let in already: the answer that said so may have been lost on its way."""
    sitting = enrolment.sitting
    return sitting.device == device and sitting.authorised_at is None and not sitting.asks_to_return


def prove(house: House, sitting: SittingId, code: str, address: str, now: datetime) -> None:
    """The personal code, to read a result on another device. Raises `TooManyAttempts`, `WrongCode`."""
    keys = {f"result:{sitting}": throttle.PER_PERSON, f"code-from:{address}"[:100]: throttle.PER_ADDRESS}
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
