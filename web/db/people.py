"""Accounts, centres and candidates."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, union_all, update

from engine.kernel import PersonId, SittingId
from web.db.day_tables import Tool
from web.db.tables import Account, Candidate, Centre, ExamSession, SittingRow


class Role(StrEnum):
    """What somebody with an account does."""

    MANAGER = "manager"
    PROCTOR = "proctor"
    JURY = "jury"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; an administrator has no centre, a jury member may have one: they judge none of its."""

    id: PersonId
    login: str
    name: str
    role: Role
    centre_id: str | None
    password_hash: str
    is_active: bool


_PERSON = select(
    Account.id,
    Account.login,
    Account.name,
    Account.role,
    Account.centre_id,
    Account.password_hash,
    Account.is_active,
)


def with_id(db: Connection, person: PersonId) -> Person | None:
    """Somebody by their id."""
    return _person(db, _PERSON.where(Account.id == person))


def with_login(db: Connection, login: str) -> Person | None:
    """Somebody by their login."""
    return _person(db, _PERSON.where(Account.login == login))


def names(db: Connection) -> dict[str, str]:
    """The name of everybody who can be the author of something, by id: accounts and proctoring tools."""
    known = union_all(select(Account.id, Account.name), select(Tool.id, Tool.name))
    return {row.id: row.name for row in db.execute(known)}


def proctors_at(db: Connection, centre: str) -> list[Person]:
    """The active proctors of a centre, by name."""
    rows = db.execute(
        _PERSON.where(
            Account.centre_id == centre, Account.role == Role.PROCTOR.value, Account.is_active.is_(True)
        ).order_by(Account.name)
    )
    return [_value(row) for row in rows]


def add_account(db: Connection, person: Person) -> None:
    """A new account."""
    db.execute(
        insert(Account).values(
            id=person.id,
            login=person.login,
            name=person.name,
            role=person.role.value,
            centre_id=person.centre_id,
            password_hash=person.password_hash,
            is_active=person.is_active,
        )
    )


def close(db: Connection, login: str) -> bool:
    """Let nobody log in with an account any more; whether there was one that was open."""
    done = db.execute(
        update(Account).where(Account.login == login, Account.is_active.is_(True)).values(is_active=False)
    )
    return done.rowcount == 1


def add_centre(db: Connection, centre: str, name: str, academy: str) -> None:
    """A new centre."""
    db.execute(insert(Centre).values(id=centre, name=name, academy=academy))


def centre_named(db: Connection, name: str) -> str | None:
    """The id of a centre by its name."""
    return db.execute(select(Centre.id).where(Centre.name == name)).scalar_one_or_none()


def centre_names(db: Connection) -> dict[str, str]:
    """The name of every centre, by id."""
    return {row.id: row.name for row in db.execute(select(Centre.id, Centre.name))}


def candidate_of(db: Connection, centre: str, name_key: str, birth_date: date) -> str | None:
    """The id of a candidate that the centre already knows."""
    return db.execute(
        select(Candidate.id).where(
            Candidate.centre_id == centre, Candidate.name_key == name_key, Candidate.birth_date == birth_date
        )
    ).scalar_one_or_none()


def sitting_of(db: Connection, session_code: str, name_key: str, birth_date: date) -> SittingId | None:
    """The place of a person in the session of a code; a session holds a person once."""
    found = db.execute(
        select(SittingRow.id)
        .join(Candidate, Candidate.id == SittingRow.candidate_id)
        .join(ExamSession, ExamSession.id == SittingRow.session_id)
        .where(ExamSession.code == session_code, Candidate.name_key == name_key, Candidate.birth_date == birth_date)
    ).scalar_one_or_none()
    return None if found is None else SittingId(found)


def add_candidate(db: Connection, values: dict[str, Any]) -> None:
    """A new candidate."""
    db.execute(insert(Candidate).values(**values))


def _person(db: Connection, query: Select[*tuple[Any, ...]]) -> Person | None:
    row = db.execute(query).one_or_none()
    return _value(row) if row else None


def _value(row: Row[*tuple[Any, ...]]) -> Person:
    return Person(
        PersonId(row.id), row.login, row.name, Role(row.role), row.centre_id, row.password_hash, row.is_active
    )
