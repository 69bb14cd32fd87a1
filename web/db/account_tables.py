"""The tables behind a login: second factors, recovery codes, ended logins, and what was done to an account."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.db.base import EVIDENCE, Base


class SecondFactorRow(Base):
    """What an authenticator app shares with this server: one for an account, replaced with the app."""

    __tablename__ = "second_factor"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    """What a session says it was opened with: it ends with the second factor."""
    sealed: Mapped[str] = mapped_column(Text)
    """The shared secret, enciphered under a key that is not in the database."""
    last_step: Mapped[int]
    """The time step of the last code that was taken: a code is used once."""
    enrolled_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code for the day that the app is lost, hashed as passwords are; used once."""

    __tablename__ = "recovery_code"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class EndedLogin(Base):
    """A login that was ended: copies of its cookie open nothing. Forgotten when they have run out."""

    __tablename__ = "ended_login"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    """A random name that the cookie carries under its signature."""
    at: Mapped[datetime]


class AccountEvent(Base):
    """What was done to an account: rows are added, never changed."""

    __tablename__ = "account_event"
    __table_args__ = (Index("ix_account_event_account_id_at", "account_id", "at"), EVIDENCE)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]]
