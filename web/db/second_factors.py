"""Second factors, recovery codes, and the log of an account."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.kernel import EngineError, PersonId
from web.db.account_tables import AccountEvent, RecoveryCode, SecondFactorRow


class SecondFactorPresent(EngineError):
    """Somebody who has a second factor already."""

    code = "second_factor_present"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What an app shares with the server, enciphered; the time step of the last code that was taken."""

    id: str
    sealed: str
    last_step: int
    enrolled_at: datetime


def load(db: Connection, person: PersonId) -> SecondFactor | None:
    """The second factor of somebody, if they have one."""
    row = db.execute(
        select(
            SecondFactorRow.id, SecondFactorRow.sealed, SecondFactorRow.last_step, SecondFactorRow.enrolled_at
        ).where(SecondFactorRow.account_id == person)
    ).one_or_none()
    return SecondFactor(row.id, row.sealed, row.last_step, row.enrolled_at) if row else None


def add(db: Connection, person: PersonId, factor: SecondFactor) -> None:
    """A first second factor. Raises `SecondFactorPresent`: of two that race, one is stored."""
    try:
        with db.begin_nested():
            db.execute(
                insert(SecondFactorRow).values(
                    account_id=person,
                    id=factor.id,
                    sealed=factor.sealed,
                    last_step=factor.last_step,
                    enrolled_at=factor.enrolled_at,
                )
            )
    except IntegrityError as error:
        raise SecondFactorPresent(f"Account {person} has a second factor.") from error


def take_step(db: Connection, person: PersonId, factor: str, step: int) -> bool:
    """Take the code of a time step; whether nobody had taken it, or a later one, before."""
    taken = db.execute(
        update(SecondFactorRow)
        .where(SecondFactorRow.account_id == person, SecondFactorRow.id == factor, SecondFactorRow.last_step < step)
        .values(last_step=step)
    )
    return taken.rowcount == 1


def drop(db: Connection, person: PersonId) -> bool:
    """Forget a second factor with its recovery codes; whether there was one."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == person))
    return db.execute(delete(SecondFactorRow).where(SecondFactorRow.account_id == person)).rowcount == 1


def drop_one(db: Connection, person: PersonId, factor: str) -> bool:
    """Forget the second factor of an id; whether it was still there."""
    gone = db.execute(delete(SecondFactorRow).where(SecondFactorRow.account_id == person, SecondFactorRow.id == factor))
    return gone.rowcount == 1


def set_recovery_codes(db: Connection, person: PersonId, hashes: Iterable[str]) -> None:
    """New recovery codes; those before are void."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == person))
    db.execute(insert(RecoveryCode), [{"account_id": person, "code_hash": h, "used_at": None} for h in hashes])


def unused_recovery_codes(db: Connection, person: PersonId) -> list[str]:
    """The hashes of the codes that were not used yet."""
    rows = db.execute(
        select(RecoveryCode.code_hash).where(RecoveryCode.account_id == person, RecoveryCode.used_at.is_(None))
    )
    return [row.code_hash for row in rows]


def use_recovery_code(db: Connection, person: PersonId, code_hash: str, now: datetime) -> bool:
    """Use a recovery code; whether it was there and unused."""
    used = db.execute(
        update(RecoveryCode)
        .where(RecoveryCode.account_id == person, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
    )
    return used.rowcount == 1


def recovery_codes_left(db: Connection, person: PersonId) -> int:
    """How many recovery codes were not used yet."""
    unused = select(func.count()).where(RecoveryCode.account_id == person, RecoveryCode.used_at.is_(None))
    return int(db.execute(unused).scalar_one())


def note(db: Connection, person: PersonId, kind: str, now: datetime, **data: object) -> None:
    """What was done to an account."""
    db.execute(insert(AccountEvent).values(id=str(uuid.uuid4()), account_id=person, at=now, kind=kind, data=data))


def notes(db: Connection, person: PersonId) -> list[str]:
    """The kinds of what was done to an account, in order."""
    rows = db.execute(select(AccountEvent.kind).where(AccountEvent.account_id == person).order_by(AccountEvent.at))
    return [row.kind for row in rows]
