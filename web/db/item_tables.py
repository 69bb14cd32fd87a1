"""The tables of what people say of items of the bank and decide on them: rows are added, never changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.base import EVIDENCE, Base


class ItemComment(Base):
    """Something said of an item: what opens a thread, or a word in it; `kind` says what it does to the thread."""

    __tablename__ = "item_comment"
    __table_args__ = (UniqueConstraint("item_id", "number"), EVIDENCE)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    """Their order, from 1 for each item: clocks of several nodes may differ."""
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    """Of the item's files as they were then."""
    thread_id: Mapped[str] = mapped_column(String(36))
    """The row that opened the thread; its own id, if this does."""
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class ItemDecision(Base):
    """What somebody decided that an item is to become; it is true when the item's file says so."""

    __tablename__ = "item_decision"
    __table_args__ = (UniqueConstraint("item_id", "number"), EVIDENCE)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    """Their order, from 1 for each item: clocks of several nodes may differ."""
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    """Of the item's files as they were read: another digest means that they were changed since."""
    was: Mapped[str] = mapped_column(String(20))
    becomes: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
