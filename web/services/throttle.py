"""Slowing down those who guess: failures are counted per key, on the database, so every worker sees them."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from engine.kernel import EngineError
from web.db.tables import Attempt
from web.services.house import House


class TooManyAttempts(EngineError):
    """Too many failures for now."""

    code = "too_many_attempts"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures in so much time."""

    failures: int
    within: timedelta


# A room of thirty candidates shares one address, so its limit is wide; one person's is narrow (docs/adr/0009, 0029).
PER_PERSON = Limit(6, timedelta(minutes=10))
PER_ADDRESS = Limit(60, timedelta(minutes=10))
PER_CODE = Limit(600, timedelta(minutes=10))


def require_calm(house: House, keys: dict[str, Limit], now: datetime) -> None:
    """Raise `TooManyAttempts` if one of the keys has failed too often."""
    with house.db.read() as connection:
        for key, limit in keys.items():
            recent = select(func.count()).where(Attempt.key == _hidden(house, key), Attempt.at > now - limit.within)
            if connection.execute(recent).scalar_one() >= limit.failures:
                raise TooManyAttempts(
                    f"More than {limit.failures} failures in {limit.within}.",
                    minutes=int(limit.within.total_seconds() // 60),
                )


def is_calm(house: House, keys: dict[str, Limit], now: datetime) -> bool:
    """Whether none of the keys has failed too often."""
    try:
        require_calm(house, keys, now)
    except TooManyAttempts:
        return False
    return True


def failed(house: House, keys: dict[str, Limit], now: datetime) -> None:
    """Count a failure for each key; forget what no limit looks at any more."""
    with house.db.write() as connection:
        connection.execute(insert(Attempt), [{"key": _hidden(house, key), "at": now} for key in keys])
        _forget_old(connection, keys, now)


def begin(house: House, keys: dict[str, Limit], now: datetime) -> tuple[int, ...]:
    """Count an attempt before it is looked at, so that of many at once only so many are. Raises `TooManyAttempts`.

    The ids are for `forgive`, after a success.
    """
    attempts = []
    with house.db.write() as connection:
        for key in keys:
            added = connection.execute(insert(Attempt).values(key=_hidden(house, key), at=now).returning(Attempt.id))
            attempts.append(added.scalar_one())
        _forget_old(connection, keys, now)
    try:
        # Each of many sees at least those that were counted before it, itself included.
        require_calm(house, {key: Limit(limit.failures + 1, limit.within) for key, limit in keys.items()}, now)
    except TooManyAttempts:
        forgive(house, tuple(attempts))
        raise
    return tuple(attempts)


def forgive(house: House, attempts: tuple[int, ...]) -> None:
    """Forget attempts that were no failures."""
    with house.db.write() as connection:
        connection.execute(delete(Attempt).where(Attempt.id.in_(attempts)))


def _forget_old(connection: Connection, keys: dict[str, Limit], now: datetime) -> None:
    oldest = now - max(limit.within for limit in keys.values())
    connection.execute(delete(Attempt).where(Attempt.at < oldest))


def _hidden(house: House, key: str) -> str:
    """Keys hold names and addresses: only their keyed hash is stored."""
    return hmac.new(house.secret.encode(), key.encode(), hashlib.sha256).hexdigest()
