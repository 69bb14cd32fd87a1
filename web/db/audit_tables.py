"""The tables of the audit: what chains rows, what hides texts in the chain, and what was signed."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.base import EVIDENCE, Base


class AuditEntry(Base):
    """A row of another table in a chain: rows are added, never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("table_name", "row_key"), EVIDENCE)

    stream: Mapped[str] = mapped_column(primary_key=True)
    """The chain, such as `sitting:<id>`."""
    seq: Mapped[int] = mapped_column(primary_key=True)
    """The place in its chain, from 1."""
    table_name: Mapped[str] = mapped_column(String(40))
    row_key: Mapped[str]
    content: Mapped[str] = mapped_column(String(64))
    """The digest of the row itself."""
    digest: Mapped[str] = mapped_column(String(64))
    """Of this entry and of the digest before it."""


class AuditSalt(Base):
    """What the digest of a text is made with, so that it cannot be guessed once the text is erased: goes with it."""

    __tablename__ = "audit_salt"
    __table_args__ = EVIDENCE

    table_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    row_key: Mapped[str] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(String(100), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))


class AuditErasure(Base):
    """A text that was erased, or a whole row (`field` is `*`): rows are added, never changed, and are chained too."""

    __tablename__ = "audit_erasure"
    __table_args__ = EVIDENCE

    table_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    row_key: Mapped[str] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(String(100), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    """What stood for the text in the chain, or the content of the row."""
    at: Mapped[datetime]


class AuditBlock(Base):
    """Signed ends of chains: rows are added, never changed."""

    __tablename__ = "audit_block"
    __table_args__ = EVIDENCE

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    heads: Mapped[str] = mapped_column(String(64))
    """The digest of the ends, sorted."""
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str] = mapped_column(String(128))


class AuditHead(Base):
    """The end of a chain as a block signed it: rows are added, never changed."""

    __tablename__ = "audit_head"
    __table_args__ = EVIDENCE

    stream: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    block: Mapped[int] = mapped_column(ForeignKey("audit_block.number"), index=True)
