"""The tables of the day of a session: what pages, proctors and tools say besides the log of a sitting."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.base import EVIDENCE, Base


class Silence(Base):
    """A time in which a candidate's page was not heard of: written by the sign that ends it, never changed."""

    __tablename__ = "silence"
    __table_args__ = EVIDENCE

    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime]


class Draft(Base):
    """What stands in the form of the item on screen, not validated yet: replaced by the next, gone with the answer."""

    __tablename__ = "draft"

    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(40))
    fields: Mapped[dict[str, Any]]
    device: Mapped[str] = mapped_column(String(64))
    """The browser that wrote it: there, what it keeps itself is never older."""
    at: Mapped[datetime]


class WriterLease(Base):
    """The one page that writes a sitting: the last that took it."""

    __tablename__ = "writer_lease"

    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime]


class Comfort(Base):
    """How a candidate reads best: kept for the sitting, on any device."""

    __tablename__ = "comfort"

    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    settings: Mapped[dict[str, Any]]


class Message(Base):
    """Something said during a session: by a proctor to one or all, or by a candidate to the proctors."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_session_id_at", "session_id", "at"), EVIDENCE)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"))
    sitting_id: Mapped[str | None] = mapped_column(ForeignKey("sitting.id"))
    """Whose candidate it is from or for; none: for all."""
    author_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    """The proctor who wrote it; none: the candidate."""
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class MessageReceipt(Base):
    """Somebody has read a message: a candidate by their sitting, a proctor by their account."""

    __tablename__ = "message_receipt"
    __table_args__ = EVIDENCE

    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"), primary_key=True)
    reader: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime]


class ConsoleSign(Base):
    """When a proctor's console of a session last asked for news: who waits is told that somebody is there."""

    __tablename__ = "console_sign"

    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    at: Mapped[datetime]


class Fact(Base):
    """Something that a page tells of itself, such as a camera that stopped: information, never a penalty."""

    __tablename__ = "fact"
    __table_args__ = (Index("ix_fact_sitting_id_at", "sitting_id", "at"), EVIDENCE)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"))
    kind: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class CheckLine(Base):
    """The result of one line of the check-in list; a later row on the same line replaces an earlier one."""

    __tablename__ = "check_line"
    __table_args__ = (Index("ix_check_line_sitting_id_at", "sitting_id", "at"), EVIDENCE)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"))
    line: Mapped[str] = mapped_column(String(30))
    result: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Signal(Base):
    """A message between two browsers that set up a view: fetched once and deleted, swept when nobody comes."""

    __tablename__ = "signal"
    __table_args__ = (Index("ix_signal_recipient_id", "recipient", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"))
    sender: Mapped[str] = mapped_column(String(80))
    recipient: Mapped[str] = mapped_column(String(80))
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class ViewConsent(Base):
    """What a candidate said to being seen from a distance; rows are added, and the last one holds."""

    __tablename__ = "view_consent"
    __table_args__ = (Index("ix_view_consent_sitting_id_id", "sitting_id", "id"), EVIDENCE)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"))
    given: Mapped[bool]
    at: Mapped[datetime]


class ViewSign(Base):
    """The last sign of the window that a candidate is seen through: overwritten, deleted when the window closes."""

    __tablename__ = "view_sign"

    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(36))
    device: Mapped[str] = mapped_column(String(40))
    camera: Mapped[bool]
    microphone: Mapped[bool]
    screen: Mapped[str] = mapped_column(String(10))
    """What is shared: monitor, window, browser, unknown; empty for nothing."""
    at: Mapped[datetime]


class FollowUp(Base):
    """What was added to a report later; never edited."""

    __tablename__ = "follow_up"
    __table_args__ = EVIDENCE

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id"), index=True)
    author_id: Mapped[str] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class RulingConfirmation(Base):
    """What a second person says of a ruling that needs one."""

    __tablename__ = "ruling_confirmation"
    __table_args__ = EVIDENCE

    ruling_id: Mapped[str] = mapped_column(ForeignKey("ruling.id"), primary_key=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    agrees: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class RosterUpload(Base):
    """A list of candidates that was read and waits for a yes: deleted soon, with the personal data in it."""

    __tablename__ = "roster_upload"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64))
    rows: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)


class SealedCodes(Base):
    """Personal codes that were just made, enciphered, until they are handed over: deleted within the hour."""

    __tablename__ = "sealed_codes"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), index=True)
    sealed: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)


class Tool(Base):
    """A proctoring tool that may control sittings of one centre."""

    __tablename__ = "tool"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("centre.id"), index=True)
    name: Mapped[str]
    client_id: Mapped[str] = mapped_column(String(48), unique=True)
    secret_hash: Mapped[str]
    """Empty for a tool that signs instead."""
    public_keys: Mapped[str] = mapped_column(Text)
    """A JWK Set; empty for a tool that has a secret."""
    may_terminate: Mapped[bool]
    is_active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]


class ToolToken(Base):
    """An access token of a tool, as a fingerprint."""

    __tablename__ = "tool_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tool_id: Mapped[str] = mapped_column(ForeignKey("tool.id"), index=True)
    scope: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ToolAssertion(Base):
    """A signed proof that a tool has used, as a fingerprint: it is good for one token."""

    __tablename__ = "tool_assertion"

    assertion_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tool_id: Mapped[str] = mapped_column(ForeignKey("tool.id"), index=True)
    expires_at: Mapped[datetime]


class Control(Base):
    """A request of a tool as it came, and what was answered: the same again gets the same answer."""

    __tablename__ = "control"
    __table_args__ = (
        UniqueConstraint("tool_id", "sitting_id", "action", "incident_time", name="uq_control_once"),
        EVIDENCE,
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tool_id: Mapped[str] = mapped_column(ForeignKey("tool.id"))
    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"), index=True)
    action: Mapped[str] = mapped_column(String(20))
    incident_time: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    reply: Mapped[dict[str, Any]]
    at: Mapped[datetime]
