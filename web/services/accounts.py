"""Who has an account, and who they prove to be."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from engine.kernel import EngineError, PersonId
from web.db import people
from web.db.database import Database
from web.db.people import Person, Role
from web.services import throttle
from web.services.house import House

# OWASP's parameters: a quarter of the library's default cost, for machines that also serve candidates.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
SHORTEST_PASSWORD = 12


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


def log_in(house: House, login: str, password: str, address: str, now: datetime, browser: str = "") -> Person:
    """The person who knows the password. Raises `TooManyAttempts`, `WrongCredentials`.

    Failures count against the login for all strangers together, and apart for each `browser` that it is known in: so
    nobody shuts a colleague out (docs/adr/0030).
    """
    login = canonical_login(login)
    whose = f"login:{login}:{browser}" if browser else f"login:{login}"
    keys = {whose: throttle.PER_PERSON, f"login-from:{address}": throttle.PER_ADDRESS}
    throttle.require_calm(house, keys, now)
    with house.db.read() as connection:  # some databases take no other text
        person = people.with_login(connection, login) if login.isprintable() else None
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


def find(db: Database, person: PersonId) -> Person | None:
    """Somebody with an active account."""
    with db.read() as connection:
        found = people.with_id(connection, person)
    return found if found and found.is_active else None


def verifies(stored: str, password: str) -> bool:
    """Whether a password is the one of a hash."""
    try:
        return HASHER.verify(stored, password[:200])
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return HASHER.hash(str(uuid.uuid4()))
