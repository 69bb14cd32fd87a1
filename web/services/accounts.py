"""Who has an account, and who they prove to be."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from engine.kernel import EngineError, PersonId
from web.db import logins, people
from web.db.database import Database
from web.db.people import Person, Role
from web.services import throttle
from web.services.house import House

# OWASP's parameters: a quarter of the library's default cost, for machines that also serve candidates.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
SHORTEST_PASSWORD = 12
COOKIE_LASTS = timedelta(hours=14)
"""Longer than any day of an exam: nobody is logged out in the middle of one."""


class WrongCredentials(EngineError):
    """The login or the password is wrong; which one is not told."""

    code = "wrong_credentials"


class WeakPassword(EngineError):
    """A password that is too short."""

    code = "weak_password"


class LoginTaken(EngineError):
    """Somebody has this login."""

    code = "login_taken"


class NoSuchAccount(EngineError):
    """Nobody has this login."""

    code = "no_such_account"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made of."""

    login: str
    name: str
    role: Role
    centre_id: str | None
    password: str


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """A browser in which somebody has logged in before."""

    person: str
    name: str
    """Of this browser among theirs."""


def create(db: Database, account: NewAccount) -> Person:
    """A new account. Raises `WeakPassword`, `LoginTaken`."""
    if len(account.password) < SHORTEST_PASSWORD:
        raise WeakPassword(f"A password has at least {SHORTEST_PASSWORD} characters.")
    person = Person(
        PersonId(str(uuid.uuid4())),
        account.login.strip().casefold(),
        account.name.strip(),
        account.role,
        account.centre_id,
        HASHER.hash(account.password),
        True,
    )
    with db.write() as connection:
        if people.with_login(connection, person.login):
            raise LoginTaken(f"There is an account {person.login} already.", login=person.login)
        people.add_account(connection, person)
    return replace(person, password_hash="")


def log_in(
    house: House, login: str, password: str, address: str, now: datetime, known: KnownBrowser | None = None
) -> Person:
    """The person who knows the password. Raises `TooManyAttempts`, `WrongCredentials`.

    A browser in which they have logged in before has a count of its own: the guesses of others do not shut it out.
    """
    login = canonical_login(login)
    keys = {f"login:{login}"[:100]: throttle.PER_PERSON, f"login-from:{address}"[:100]: throttle.PER_ADDRESS}
    with house.db.read() as connection:  # some databases take no other text
        person = people.with_login(connection, login) if login.isprintable() else None
    if known is not None and person is not None and known.person == person.id:
        keys = {f"login-known:{person.id}:{known.name}": throttle.PER_PERSON}
    throttle.require_calm(house, keys, now)
    # An unknown login costs as much time as a wrong password: nothing is told by the clock.
    stored = person.password_hash if person and person.is_active else _nobody()
    if not verifies(stored, password) or person is None or not person.is_active:
        throttle.failed(house, keys, now)
        raise WrongCredentials("Wrong login or password.")
    return person


def canonical_login(typed: str) -> str:
    """The login that was meant.

    >>> canonical_login(" Jury ")
    'jury'
    """
    return typed.strip().casefold()[:100]


def with_login(db: Database, login: str) -> Person:
    """Somebody by their login, active or not. Raises `NoSuchAccount`."""
    with db.read() as connection:
        person = people.with_login(connection, canonical_login(login))
    if person is None:
        raise NoSuchAccount(f"There is no account {login}.", login=login)
    return person


def log_out(db: Database, login: str, now: datetime) -> None:
    """End a login wherever its cookie was copied to; a cookie of before they had names has none."""
    with db.write() as connection:
        logins.forget_before(connection, now - COOKIE_LASTS)
        if login:
            logins.end(connection, login, now)


def find(db: Database, person: PersonId, login: str = "") -> Person | None:
    """Somebody with an active account, unless this login of theirs was ended."""
    with db.read() as connection:
        if login and logins.has_ended(connection, login):
            return None
        found = people.with_id(connection, person)
    return found if found and found.is_active else None


def verifies(stored: str, password: str) -> bool:
    """Whether a password is the one of a hash."""
    try:
        return HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return HASHER.hash(str(uuid.uuid4()))
