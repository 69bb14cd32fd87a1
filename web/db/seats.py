"""What the pages of a running test need of a sitting, in one statement that does not grow with the test.

A process remembers sittings it has read, and reads what came after. The last event that it knew is read again: if that
is not what it was, nothing that is remembered is believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row, bindparam, select

from engine.delivery.clock import Accommodation
from engine.delivery.events import Event
from engine.delivery.sitting import Sitting, enrolled, replay
from engine.items.frameworks import Track
from engine.kernel import SittingId
from web.db.database import locking
from web.db.day_tables import Draft as DraftRow
from web.db.day_tables import WriterLease
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
    track: Track
    needs: tuple[str, ...]
    pins: Pins
    page: str | None
    """The page that writes."""
    draft: Draft | None
    last_sign: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    sitting: Sitting
    last: Event


@dataclass(slots=True)
class _Memory:
    known: dict[SittingId, _Known] = field(default_factory=dict)


_MEMORIES: WeakKeyDictionary[Engine, _Memory] = WeakKeyDictionary()

_LOCK = select(SittingRow.id).where(SittingRow.id == bindparam("sitting"))
_SEAT = (
    select(
        SittingRow.track,
        SittingRow.needs,
        SittingRow.seed,
        SittingRow.extra_third,
        SittingRow.extra_minutes,
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
        SittingEvent.seq,
        SittingEvent.kind,
        SittingEvent.at,
        SittingEvent.answer_id,
        SittingEvent.data,
    )
    .join(ExamSession, ExamSession.id == SittingRow.session_id)
    .outerjoin(WriterLease, WriterLease.sitting_id == SittingRow.id)
    .outerjoin(SignOfLife, SignOfLife.sitting_id == SittingRow.id)
    .outerjoin(DraftRow, DraftRow.sitting_id == SittingRow.id)
    .outerjoin(SittingEvent, (SittingEvent.sitting_id == SittingRow.id) & (SittingEvent.seq >= bindparam("known")))
    .where(SittingRow.id == bindparam("sitting"))
    .order_by(SittingEvent.seq)
)


def look(db: Connection, sitting: SittingId) -> Seat:
    """A seat as it is: one statement. Raises `NoSuchSitting`."""
    memory = _memory(db)
    known = memory.known.get(sitting)
    rows = _rows(db, sitting, known)
    if known is not None and _event(rows[0]) != known.last:
        known = None
        rows = _rows(db, sitting, known)
    events = [event for row in rows if (event := _event(row)) is not None]
    first = rows[0]
    if known is None:
        start = enrolled(sitting, first.seed, Accommodation(first.extra_third, first.extra_minutes))
        now = replay(start, events)
    else:
        now = replay(known.sitting, events[1:])
    if events:
        memory.known[sitting] = _Known(now, events[-1])
    return Seat(
        now,
        Track(first.track),
        tuple(first.needs),
        Pins(first.release_digest, first.rules_digest, exposure_of(first)),
        first.page,
        draft_of(first.item, first.fields, first.device, first.drafted_at),
        first.last_sign,
    )


def take(db: Connection, sitting: SittingId) -> Seat:
    """The seat for who writes, and has it alone until the end: the first thing of its transaction.

    What is read here is remembered, so it must have been there before. Raises `NoSuchSitting`.
    """
    if db.dialect.name != "sqlite":
        db.execute(locking(db, _LOCK, SittingRow), {"sitting": sitting})
    return look(db, sitting)


def _memory(db: Connection) -> _Memory:
    memory = _MEMORIES.setdefault(db.engine, _Memory())
    if len(memory.known) > MOST_REMEMBERED:
        memory = _MEMORIES[db.engine] = _Memory()  # whoever looks at the same time keeps the old one
    return memory


def _rows(db: Connection, sitting: SittingId, known: _Known | None) -> Sequence[Row[*tuple[Any, ...]]]:
    since = known.sitting.version if known else 0
    rows = db.execute(_SEAT, {"sitting": sitting, "known": since}).all()
    if not rows:
        raise NoSuchSitting(f"There is no sitting {sitting}.", sitting=sitting)
    return rows


def _event(row: Row[*tuple[Any, ...]]) -> Event | None:
    return None if row.seq is None else from_row(row.kind, row.at, row.answer_id, row.data)
