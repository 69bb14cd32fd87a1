"""Who was shown personal data ↔ rows of a log that only grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, tuple_

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


def newest(
    db: Connection, until: datetime | None = None, subjects: Sequence[tuple[str, str]] | None = None, limit: int = 200
) -> list[Access]:
    """The accesses before an instant, of some subjects (kind and id) or of all, the newest first."""
    query = (
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
        .limit(limit)
    )
    if until is not None:
        query = query.where(AccessLog.at < until)
    if subjects is not None:
        query = query.where(tuple_(AccessLog.subject, AccessLog.subject_id).in_(list(subjects)))
    return [
        Access(r.at, r.account_id, r.operator, r.what, r.subject, r.subject_id, r.name or "") for r in db.execute(query)
    ]
