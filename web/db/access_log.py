"""Who was shown personal data ↔ rows of a log that only grows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from web.db.privacy_tables import AccessLog
from web.db.tables import Account


@dataclass(frozen=True, slots=True)
class Access:
    """Something that was shown to somebody."""

    at: datetime
    account: str
    """The id of an account; empty for a command."""
    operator: str
    """Who ran a command; empty for a page."""
    what: str
    subject: str = ""
    subject_id: str = ""
    who: str = ""
    """The name of the account, when it is read."""


def add(db: Connection, access: Access) -> None:
    """Write down one access: one statement."""
    db.execute(
        insert(AccessLog).values(
            at=access.at,
            account_id=access.account,
            operator=access.operator,
            what=access.what,
            subject=access.subject,
            subject_id=access.subject_id,
        )
    )


_ACCESSES = (
    select(AccessLog, Account.name)
    .outerjoin(Account, Account.id == AccessLog.account_id)
    .with_only_columns(
        AccessLog.at,
        AccessLog.account_id,
        AccessLog.operator,
        AccessLog.what,
        AccessLog.subject,
        AccessLog.subject_id,
        Account.name,
    )
    .order_by(AccessLog.at.desc(), AccessLog.id.desc())
)


def newest(db: Connection, until: datetime | None = None, limit: int = 200) -> list[Access]:
    """The accesses before an instant, the newest first."""
    query = _ACCESSES.limit(limit)
    return [_access(row) for row in db.execute(query if until is None else query.where(AccessLog.at < until))]


def since(db: Connection, start: datetime, subject_id: str | None = None) -> Iterator[Access]:
    """The accesses from an instant on, of one subject or of all, the newest first, read as they are asked for."""
    query = _ACCESSES.where(AccessLog.at >= start)
    if subject_id is not None:
        query = query.where(AccessLog.subject_id == subject_id)
    yield from map(_access, db.execute(query))


def _access(row: Row[*tuple[Any, ...]]) -> Access:
    return Access(row.at, row.account_id, row.operator, row.what, row.subject, row.subject_id, row.name or "")
