"""What candidates and proctors say to each other, and who has read it."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from engine.delivery.session import SessionState
from engine.kernel import EngineError, PersonId, SessionId, SittingId
from web.db.day_tables import Message, MessageReceipt
from web.db.sittings import NoSuchSitting
from web.db.tables import Account, ExamSession, SittingRow

MessageId = NewType("MessageId", str)


class NoSuchMessage(EngineError):
    """There is no such message, or not for the one who asks."""

    code = "no_such_message"


class Kind(StrEnum):
    """Who speaks: a candidate who asks for help, or a proctor."""

    HELP = "help"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Said:
    """A message with who has read it, and when."""

    id: MessageId
    session: SessionId
    sitting: SittingId | None
    """Whose candidate it is from or for; none: for all."""
    author: PersonId | None
    """The proctor who wrote it; none: the candidate."""
    author_name: str
    kind: Kind
    text: str
    at: datetime
    read: Mapping[str, datetime]
    """By reader: a sitting's id, or an account's."""


_SAID = (
    select(
        Message.id,
        Message.session_id,
        Message.sitting_id,
        Message.author_id,
        Account.name,
        Message.kind,
        Message.text,
        Message.at,
        MessageReceipt.reader,
        MessageReceipt.at.label("read_at"),
    )
    .outerjoin(Account, Account.id == Message.author_id)
    .outerjoin(MessageReceipt, MessageReceipt.message_id == Message.id)
    .order_by(Message.at, Message.id, MessageReceipt.reader)
)
_OF_SITTING = _SAID.where(
    Message.session_id == bindparam("session"),
    (Message.sitting_id == bindparam("sitting")) | Message.sitting_id.is_(None),
)


def of_session(db: Connection, session: SessionId) -> list[Said]:
    """Everything that was said in a session, in order: one statement, however much it is."""
    return _said(db, Message.session_id == session)


def of_sitting(db: Connection, session: SessionId, sitting: SittingId) -> list[Said]:
    """What one candidate said or was told, announcements to all included, in order."""
    return _told(db.execute(_OF_SITTING, {"session": session, "sitting": sitting}))


_WHERE = (
    select(ExamSession.id, ExamSession.state)
    .join(SittingRow, SittingRow.session_id == ExamSession.id)
    .where(SittingRow.id == bindparam("sitting"))
)


def where(db: Connection, sitting: SittingId) -> tuple[SessionId, SessionState]:
    """The session of a sitting and its state, without the log of the sitting. Raises `NoSuchSitting`."""
    row = db.execute(_WHERE, {"sitting": sitting}).one_or_none()
    if row is None:
        raise NoSuchSitting(f"There is no sitting {sitting}.", sitting=sitting)
    return SessionId(row.id), SessionState(row.state)


def load(db: Connection, message: MessageId) -> Said:
    """One message. Raises `NoSuchMessage`."""
    found = _said(db, Message.id == message)
    if not found:
        raise NoSuchMessage(f"There is no message {message}.", message=message)
    return found[0]


def add(
    db: Connection,
    session: SessionId,
    sitting: SittingId | None,
    author: PersonId | None,
    kind: Kind,
    text: str,
    now: datetime,
) -> MessageId:
    """Say something."""
    message = MessageId(str(uuid.uuid4()))
    values = {"session_id": session, "sitting_id": sitting, "author_id": author, "kind": kind.value, "text": text}
    db.execute(insert(Message).values(id=message, at=now, **values))
    return message


def mark_read(db: Connection, message: MessageId, reader: str, now: datetime) -> None:
    """Somebody has read a message; read twice, the first time stays."""
    try:
        with db.begin_nested():
            db.execute(insert(MessageReceipt).values(message_id=message, reader=reader, at=now))
    except IntegrityError:
        return


def _said(db: Connection, which: ColumnElement[bool]) -> list[Said]:
    return _told(db.execute(_SAID.where(which)))


def _told(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Said]:
    found: dict[str, Said] = {}
    readers: dict[str, dict[str, datetime]] = {}
    for row in rows:
        read = readers.setdefault(row.id, {})
        if row.reader is not None:
            read[row.reader] = row.read_at
        if row.id not in found:
            found[row.id] = Said(
                MessageId(row.id),
                SessionId(row.session_id),
                SittingId(row.sitting_id) if row.sitting_id else None,
                PersonId(row.author_id) if row.author_id else None,
                row.name or "",
                Kind(row.kind),
                row.text,
                row.at,
                read,
            )
    return list(found.values())
