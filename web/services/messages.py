"""Messages during a session: a candidate asks for help, a proctor speaks to one or to all, each says “read”.

A request for help is open until a proctor has said that they saw it, or has written to the candidate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.delivery.session import SessionState, require_open
from engine.kernel import EngineError, SessionId, SittingId
from web.db import messages as message_rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.messages import Kind, MessageId, NoSuchMessage, Said
from web.db.people import Person
from web.db.sittings import NoSuchSitting
from web.services.house import House
from web.services.scope import session_of, sitting_of

__all__ = ["LONGEST", "Exchange", "Kind", "MessageId", "Said", "Talk"]

LONGEST = 500
"""Characters of a message."""
LATELY = timedelta(minutes=2)
"""How long a candidate reads that their request was seen."""


class MessageEmpty(EngineError):
    """A message without a word."""

    code = "message_empty"


class MessageTooLong(EngineError):
    """A message of more than 500 characters."""

    code = "message_too_long"


class HelpPending(EngineError):
    """The candidate asked for help already, and no proctor has answered yet."""

    code = "help_pending"


@dataclass(frozen=True, slots=True)
class Talk:
    """What one candidate said and was told."""

    sitting: SittingId
    said: tuple[Said, ...]
    is_heard: bool = True
    """Whether somebody listens: the session is open."""

    @property
    def said_so_far(self) -> int:
        """The number that `Seat.said` is."""
        return sum(max(1, len(s.read)) + len(s.read) for s in self.said)

    @property
    def unread(self) -> tuple[Said, ...]:
        """What the proctor wrote and the candidate has not acknowledged yet, the oldest first."""
        return tuple(s for s in self.said if s.kind is Kind.NOTE and self.sitting not in s.read)

    @property
    def open_help(self) -> Said | None:
        """The request for help that waits for a proctor."""
        return next((s for s in self.said if _is_open_help(s)), None)

    @property
    def last_help(self) -> Said | None:
        """The newest request for help, answered or not."""
        return next((s for s in reversed(self.said) if s.kind is Kind.HELP), None)

    def help_was_seen_lately(self, now: datetime) -> bool:
        """Whether a proctor has just seen the last request for help without writing back: worth a word."""
        asked = self.last_help
        if asked is None or not asked.read:
            return False
        seen = min(asked.read.values())
        answered = any(s.kind is Kind.NOTE and s.sitting == self.sitting and s.at >= seen for s in self.said)
        return not answered and now - seen <= LATELY


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said in a session, as its proctors need it."""

    said: tuple[Said, ...]

    @property
    def open_help(self) -> Mapping[SittingId, Said]:
        """The oldest request for help that nobody has answered, of each candidate who has one."""
        found: dict[SittingId, Said] = {}
        for said in self.said:
            if _is_open_help(said) and said.sitting is not None:
                found.setdefault(said.sitting, said)
        return found

    @property
    def announcements(self) -> Sequence[Said]:
        """What was said to all; `read` has the sittings that have acknowledged it."""
        return [s for s in self.said if s.kind is Kind.NOTE and s.sitting is None]

    def of(self, sitting: SittingId) -> Talk:
        """What concerns one candidate."""
        return Talk(sitting, tuple(s for s in self.said if s.sitting in (sitting, None)))


def ask_for_help(house: House, sitting: SittingId, text: str, now: datetime) -> MessageId:
    """The candidate asks the proctors for help, with a few words or none.

    Raises `HelpPending`, `MessageTooLong`, `SessionNotOpen`, `NoSuchSitting`.
    """
    words = _within_length(text)
    with house.db.write() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        require_open(session_rows.load(connection, enrolment.session_id).state)
        waiting = _talk(connection, enrolment.session_id, sitting).open_help
        if waiting is not None:
            raise HelpPending(f"Sitting {sitting} waits for help since {waiting.at}.", message=waiting.id)
        return message_rows.add(connection, enrolment.session_id, sitting, None, Kind.HELP, words, now)


def send(
    house: House, actor: Person, session: SessionId, sitting: SittingId | None, text: str, now: datetime
) -> MessageId:
    """A proctor writes to one candidate, or to all; this answers the candidate's request for help.

    Raises `MessageEmpty`, `MessageTooLong`, `SessionNotOpen`, `NoSuchSession`, `NoSuchSitting`.
    """
    words = _within_length(text)
    if not words:
        raise MessageEmpty("A message needs a word.")
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        require_open(slot.state)
        if sitting is not None:
            if sitting_of(connection, actor, sitting)[1].session_id != session:
                raise NoSuchSitting(f"Sitting {sitting} is not in session {session}.", sitting=sitting)
            waiting = _talk(connection, slot.id, sitting).open_help
            if waiting is not None:
                message_rows.mark_read(connection, waiting.id, actor.id, now)
        return message_rows.add(connection, slot.id, sitting, actor.id, Kind.NOTE, words, now)


def acknowledge(house: House, sitting: SittingId, message: MessageId, now: datetime) -> None:
    """The candidate has read what the proctor wrote. Raises `NoSuchMessage`, `NoSuchSitting`."""
    with house.db.write() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        said = message_rows.load(connection, message)
        theirs = said.session == enrolment.session_id and said.sitting in (sitting, None)
        if not theirs or said.kind is not Kind.NOTE:
            raise NoSuchMessage(f"There is no message {message} for sitting {sitting}.", message=message)
        message_rows.mark_read(connection, message, sitting, now)


def see(house: House, actor: Person, message: MessageId, now: datetime) -> None:
    """A proctor has seen a candidate's request for help, which closes it. Raises `NoSuchMessage`."""
    with house.db.write() as connection:
        said = message_rows.load(connection, message)
        try:
            session_of(connection, actor, said.session)
        except session_rows.NoSuchSession:
            raise NoSuchMessage(f"There is no message {message} for {actor.login}.", message=message) from None
        if said.kind is not Kind.HELP:
            raise NoSuchMessage(f"Message {message} asks for nothing.", message=message)
        message_rows.mark_read(connection, message, actor.id, now)


def talk(house: House, sitting: SittingId) -> Talk:
    """What a candidate said and was told. Raises `NoSuchSitting`."""
    with house.db.read() as connection:
        session, state = message_rows.where(connection, sitting)
        return _talk(connection, session, sitting, state is SessionState.OPEN)


def nothing_said(sitting: SittingId, state: SessionState) -> Talk:
    """The talk of a candidate with whom nobody has spoken yet."""
    return Talk(sitting, (), state is SessionState.OPEN)


def exchange(house: House, actor: Person, session: SessionId) -> Exchange:
    """All that was said in a session that the actor may see. Raises `NoSuchSession`."""
    with house.db.read() as connection:
        return Exchange(tuple(message_rows.of_session(connection, session_of(connection, actor, session).id)))


def _talk(connection: Connection, session: SessionId, sitting: SittingId, is_heard: bool = True) -> Talk:
    return Talk(sitting, tuple(message_rows.of_sitting(connection, session, sitting)), is_heard)


def _is_open_help(said: Said) -> bool:
    return said.kind is Kind.HELP and not said.read


def _within_length(text: str) -> str:
    words = text.replace("\r\n", "\n").strip()
    if len(words) > LONGEST:
        raise MessageTooLong(f"A message has at most {LONGEST} characters, not {len(words)}.", length=len(words))
    return words
