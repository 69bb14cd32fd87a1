"""The second factor of a login: time-based codes (RFC 6238), and recovery codes for the day that the app is lost.

See docs/adr/0030.
"""

import hmac
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from cryptography.fernet import Fernet, InvalidToken

from engine.kernel import EngineError
from web.db import second_factors
from web.db.database import Database
from web.db.people import Person, Role
from web.db.second_factors import SecondFactor
from web.services import accounts, throttle
from web.services.codes import canonical, new_code
from web.services.house import House
from web.services.sealing import cipher

ASKED_OF = frozenset({Role.JURY, Role.ADMIN})
STEP = timedelta(seconds=30)
DIGITS = 6
DRIFT = 1
"""Time steps that a telephone may be ahead or behind."""
RECOVERY_CODES = 10
FRESH = timedelta(minutes=15)
"""How long a proof is good for what cannot be undone."""


class WrongSecondFactor(EngineError):
    """A code that is wrong, too old, or used already; which one is not told."""

    code = "wrong_second_factor"


class WrongRecoveryCode(EngineError):
    """A recovery code that is wrong or used already."""

    code = "wrong_recovery_code"


class SecondFactorUnreadable(EngineError):
    """A second factor that was enciphered under another secret of the installation."""

    code = "second_factor_unreadable"


class NoSecondFactor(EngineError):
    """An account that has no second factor."""

    code = "no_second_factor"


@dataclass(frozen=True, slots=True)
class Proof:
    """The id of the second factor that was proved, and how many recovery codes are left."""

    factor: str
    codes_left: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new second factor, with the recovery codes that are told once."""

    factor: str
    recovery_codes: tuple[str, ...]


def new_secret(house: House) -> str:
    """A new secret for an app, sealed: 160 bits, as RFC 4226 recommends."""
    return _cipher(house).encrypt(pyotp.random_base32().encode()).decode()


def opened(house: House, sealed: str) -> str:
    """A sealed secret in base 32. Raises `SecondFactorUnreadable`."""
    try:
        return _cipher(house).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecondFactorUnreadable("The second factor was enciphered under another secret.") from error


def address_for_app(house: House, sealed: str, person: Person) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(opened(house, sealed)).provisioning_uri(name=person.login, issuer_name="Palier")


def of(db: Database, person: Person) -> SecondFactor | None:
    """The second factor of somebody, if they have one."""
    with db.read() as connection:
        return second_factors.load(connection, person.id)


def enrol(house: House, person: Person, sealed: str, typed: str, now: datetime) -> Enrolled:
    """A first second factor, proved by a code. Raises `WrongSecondFactor`, `SecondFactorPresent`."""
    return _enrol(house, person, sealed, typed, now, replaces=None)


def replace(house: House, person: Person, old: str, sealed: str, typed: str, now: datetime) -> Enrolled:
    """Another app in the place of the one of id `old`; every session opened with that one ends.

    Raises `WrongSecondFactor`, `SecondFactorPresent` if another was put there in the meantime.
    """
    return _enrol(house, person, sealed, typed, now, replaces=old)


def prove_by_code(house: House, person: Person, typed: str, guesser: str, now: datetime) -> Proof:
    """Take a code of the app; `guesser` names who is counted for a wrong one.

    Raises `NoSecondFactor`, `WrongSecondFactor`, `TooManyAttempts`, `SecondFactorUnreadable`.
    """
    factor = require(house, person)
    secret = opened(house, factor.sealed)
    attempt = throttle.begin(house, _keys("code", person, guesser), now)
    step = _step_of(secret, typed, now)
    with house.db.write() as connection:
        if step is None or not second_factors.take_step(connection, person.id, factor.id, step):
            raise WrongSecondFactor("The code is wrong, too old, or used already.")
        left = second_factors.recovery_codes_left(connection, person.id)
    throttle.forgive(house, attempt)
    return Proof(factor.id, left)


def prove_by_recovery_code(house: House, person: Person, typed: str, guesser: str, now: datetime) -> Proof:
    """Use a recovery code. Raises `NoSecondFactor`, `WrongRecoveryCode`, `TooManyAttempts`."""
    # Counted apart: whoever guesses codes of the app does not close the way for those who lost it.
    factor = require(house, person)
    attempt = throttle.begin(house, _keys("recovery", person, guesser), now)
    with house.db.read() as connection:
        unused = second_factors.unused_recovery_codes(connection, person.id)
    given = canonical(typed[:100])
    stored = next((known for known in unused if accounts.verifies(known, given)), None)
    with house.db.write() as connection:
        if stored is None or not second_factors.use_recovery_code(connection, person.id, stored, now):
            raise WrongRecoveryCode("The recovery code is wrong or used already.")
        left = second_factors.recovery_codes_left(connection, person.id)
        second_factors.note(connection, person.id, "recovery_code_used", now, left=left)
    throttle.forgive(house, attempt)
    return Proof(factor.id, left)


def prove(house: House, person: Person, typed: str, guesser: str, now: datetime) -> Proof:
    """Either kind of code, told apart by its form."""
    given = "".join(typed[:100].split())
    by = prove_by_code if given.isdecimal() and len(given) == DIGITS else prove_by_recovery_code
    return by(house, person, typed, guesser, now)


def renew_recovery_codes(house: House, person: Person, now: datetime) -> tuple[str, ...]:
    """Ten new recovery codes; those before are void. Raises `NoSecondFactor`."""
    require(house, person)
    codes = _new_codes()
    hashes = _hashes(codes)  # slow, so not while the database waits
    with house.db.write() as connection:
        second_factors.set_recovery_codes(connection, person.id, hashes)
        second_factors.note(connection, person.id, "recovery_codes_renewed", now)
    return codes


def recovery_codes_left(db: Database, person: Person) -> int:
    """How many recovery codes somebody has."""
    with db.read() as connection:
        return second_factors.recovery_codes_left(connection, person.id)


def stands(db: Database, person: Person, factor: str) -> bool:
    """Whether a session that was opened with a second factor still is: it was neither reset nor replaced."""
    found = of(db, person)
    return found is not None and hmac.compare_digest(found.id.encode(), factor.encode())


def reset(db: Database, person: Person, now: datetime) -> None:
    """Forget the second factor of somebody, who enrols anew at the next login. Raises `NoSecondFactor`."""
    with db.write() as connection:
        if not second_factors.drop(connection, person.id):
            raise NoSecondFactor(f"Account {person.login} has no second factor.", login=person.login)
        second_factors.note(connection, person.id, "second_factor_reset", now, by="palier account")


def _enrol(house: House, person: Person, sealed: str, typed: str, now: datetime, replaces: str | None) -> Enrolled:
    step = _step_of(opened(house, sealed), typed, now)
    if step is None:
        raise WrongSecondFactor("The code is not one of the new app.")
    factor = SecondFactor(str(uuid.uuid4()), sealed, step, now)
    codes = _new_codes()
    hashes = _hashes(codes)
    with house.db.write() as connection:
        if replaces is not None and not second_factors.drop_one(connection, person.id, replaces):
            raise second_factors.SecondFactorPresent(f"Second factor {replaces} was replaced in the meantime.")
        second_factors.add(connection, person.id, factor)
        second_factors.set_recovery_codes(connection, person.id, hashes)
        kind = "second_factor_enrolled" if replaces is None else "second_factor_replaced"
        second_factors.note(connection, person.id, kind, now)
    return Enrolled(factor.id, codes)


def require(house: House, person: Person) -> SecondFactor:
    """The second factor of somebody. Raises `NoSecondFactor`."""
    factor = of(house.db, person)
    if factor is None:
        raise NoSecondFactor(f"Account {person.login} has no second factor.", login=person.login)
    return factor


def _step_of(secret: str, typed: str, now: datetime) -> int | None:
    """The time step around now whose code was typed."""
    given = "".join(typed[:100].split()).encode()
    here = int(now.timestamp() // STEP.total_seconds())
    totp = pyotp.TOTP(secret)
    steps = range(here - DRIFT, here + DRIFT + 1)
    matching = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), given)]
    return matching[-1] if matching else None


def _keys(what: str, person: Person, guesser: str) -> dict[str, throttle.Limit]:
    return {f"second-factor-{what}:{person.id}:{guesser}": throttle.PER_PERSON}


def _new_codes() -> tuple[str, ...]:
    return tuple(new_code(3) for _ in range(RECOVERY_CODES))


def _hashes(codes: Iterable[str]) -> list[str]:
    """As passwords are hashed: twelve signs are fewer bits than a key has."""
    return [accounts.HASHER.hash(canonical(code)) for code in codes]


def _cipher(house: House) -> Fernet:
    return cipher(house.secret, "second factors")
