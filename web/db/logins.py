"""Logins that were ended: a copy of such a cookie opens nothing."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from web.db.account_tables import EndedLogin


def end(db: Connection, login: str, at: datetime) -> None:
    """From now on it opens nothing; ended twice, it stays ended."""
    try:
        with db.begin_nested():
            db.execute(insert(EndedLogin).values(id=login, at=at))
    except IntegrityError:
        return


def has_ended(db: Connection, login: str) -> bool:
    """Whether a login was ended."""
    return db.execute(select(EndedLogin.id).where(EndedLogin.id == login)).first() is not None


def forget_before(db: Connection, at: datetime) -> None:
    """Those whose cookies have run out anyway."""
    db.execute(delete(EndedLogin).where(EndedLogin.at < at))
