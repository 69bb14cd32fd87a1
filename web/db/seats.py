"""What the pages of a running test need of a sitting, in one statement that does not grow with the test.

A process remembers sittings it has read, and reads what came after. The last event that it knew is read again: if that
is not what it was, nothing that is remembered is believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Row, bindparam, func, select
from sqlalchemy.pool import Pool

from engine.delivery.clock import Accommodation
from engine.delivery.events import Answered, Event
from engine.delivery.session import Mode, SessionState
from engine.delivery.sitting import Sitting, enrolled, replay
from engine.items.frameworks import Track
from engine.kernel import SittingId
from web.db.database import locking
from web.db.day_tables import Draft as DraftRow
from web.db.day_tables import Message, MessageReceipt, WriterLease
from web.db.events import from_row
from web.db.sessions import Pins, exposure_of
from web.db.sittings import NoSuchSitting
from web.db.tables import ExamSession, SignOfLife, SittingEvent, SittingRow
from web.db.writing import Draft, draft_of

MOST_REMEMBERED = 20_000
"""Sittings by process: more than one machine serves at once."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A sitting, what its session pins, and what stands beside its log."""

    sitting: Sitting
    since_answer: tuple[Event, ...]
    """What happened from the last answer on."""
    track: Track
    needs: tuple[str, ...]
    session_state: SessionState
    mode: Mode
    video_link: str | None
    pins: Pins
    page: str | None
    """The page that writes."""
    draft: Draft | None
    last_sign: datetime | None
    said: int
    """A number that grows with every message of or to the candidate, and with every reading of one."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A sitting that was read, with its last events."""

    sitting: Sitting
    since_answer: tuple[Event, ...]


_MEMORIES: WeakKeyDictionary[Pool, dict[SittingId, _Known]] = WeakKeyDictionary()
"""By the connections of a process, however they are used."""

_LOCK = select(SittingRow.id).where(SittingRow.id == bindparam("sitting"))
_SAID = (
    select(func.count(Message.id) + func.count(MessageReceipt.reader))
    .outerjoin(MessageReceipt, MessageReceipt.message_id == Message.id)
    .where(Message.session_id == SittingRow.session_id)
    .where((Message.sitting_id == SittingRow.id) | Message.sitting_id.is_(None))
    .correlate(SittingRow)
    .scalar_subquery()
)
_EVENT = (
    SittingEvent.seq,
    SittingEvent.kind,
    SittingEvent.at,
    SittingEvent.answer_id,
    SittingEvent.data,
    SittingEvent.digest,
)
_SINCE = (SittingEvent.sitting_id == SittingRow.id) & (SittingEvent.seq >= bindparam("known"))
_HEAD = (
    select(
        SittingRow.track,
        SittingRow.needs,
        SittingRow.seed,
        SittingRow.extra_third,
        SittingRow.extra_minutes,
        ExamSession.state,
        ExamSession.mode,
        ExamSession.video_link,
        ExamSession.release_digest,
        ExamSession.rules_digest,
        ExamSession.exposure_first_degree,
        ExamSession.exposure_second_degree,
        WriterLease.page,
        SignOfLife.at.label("last_sign"),
        DraftRow.item,
        DraftRow.fields,
        DraftRow.device,
        DraftRow.at.label("drafted_at"),
        _SAID.label("said"),
    )
    .join(ExamSession, ExamSession.id == SittingRow.session_id)
    .outerjoin(WriterLease, WriterLease.sitting_id == SittingRow.id)
    .outerjoin(SignOfLife, SignOfLife.sitting_id == SittingRow.id)
    .outerjoin(DraftRow, DraftRow.sitting_id == SittingRow.id)
    .where(SittingRow.id == bindparam("sitting"))
)
_NEWS = _HEAD.add_columns(*_EVENT).outerjoin(SittingEvent, _SINCE).order_by(SittingEvent.seq)
_LOG = select(*_EVENT).where(SittingEvent.sitting_id == bindparam("sitting")).order_by(SittingEvent.seq)


def look(db: Connection, sitting: SittingId) -> Seat:
    """A seat as it is: one statement; two for one that this process does not know yet. Raises `NoSuchSitting`.

    What is read is remembered, so it must be there for good: nothing that the same transaction wrote.
    """
    memory = _memory(db)
    known = memory.get(sitting)
    if known is not None:
        rows = db.execute(_NEWS, {"sitting": sitting, "known": known.sitting.version}).all()
        # The digest of an event is one of everything before it.
        if rows and (rows[0].seq, rows[0].digest) == known.sitting.stored:
            now = memory[sitting] = _after(known, rows[1:]) if len(rows) > 1 else known
            return _seat(rows[0], now)
        memory.pop(sitting, None)
    head = db.execute(_HEAD, {"sitting": sitting}).one_or_none()
    if head is None:
        raise NoSuchSitting(f"There is no sitting {sitting}.", sitting=sitting)
    log = db.execute(_LOG, {"sitting": sitting}).all()
    now = _Known(enrolled(sitting, head.seed, Accommodation(head.extra_third, head.extra_minutes)), ())
    if log:
        now = memory[sitting] = _after(now, log)
    return _seat(head, now)


def take(db: Connection, sitting: SittingId) -> Seat:
    """The seat for who writes, and has it alone until the end: the first thing of a transaction. As `look` else."""
    if db.dialect.name != "sqlite":
        db.execute(locking(db, _LOCK, SittingRow), {"sitting": sitting})
    return look(db, sitting)


def _memory(db: Connection) -> dict[SittingId, _Known]:
    memory = _MEMORIES.setdefault(db.engine.pool, {})
    if len(memory) > MOST_REMEMBERED:
        memory = _MEMORIES[db.engine.pool] = {}  # whoever looks at the same time keeps the old one
    return memory


def _after(known: _Known, rows: Sequence[Row[*tuple[Any, ...]]]) -> _Known:
    """The sitting after some rows of its log, at least one."""
    events = [from_row(row.kind, row.at, row.answer_id, row.data) for row in rows]
    now = replay(known.sitting, events)
    latest = (*known.since_answer, *events)
    answered = next((n for n in reversed(range(len(latest))) if isinstance(latest[n], Answered)), 0)
    return _Known(replace(now, stored=(rows[-1].seq, rows[-1].digest)), latest[answered:])


def _seat(row: Row[*tuple[Any, ...]], known: _Known) -> Seat:
    return Seat(
        known.sitting,
        known.since_answer,
        Track(row.track),
        tuple(row.needs),
        SessionState(row.state),
        Mode(row.mode),
        row.video_link,
        Pins(row.release_digest, row.rules_digest, exposure_of(row)),
        row.page,
        draft_of(row.item, row.fields, row.device, row.drafted_at),
        row.last_sign,
        row.said,
    )
