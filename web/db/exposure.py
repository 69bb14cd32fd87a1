"""Exposure states: how often the items of a track were given, at each moment that a session closed."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.exc import IntegrityError

from engine.items.frameworks import Track
from web.db import audit
from web.db.tables import ExposureRow


@dataclass(frozen=True, slots=True)
class Line:
    """What a row of states belongs to."""

    release_digest: str
    rules_digest: str
    track: Track


@dataclass(frozen=True, slots=True)
class Counts:
    """Faded counts of sittings, one for each item of the track's pool; how many real ones they hold."""

    eligible: tuple[float, ...]
    administered: tuple[float, ...]
    sittings: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Stored counts, the `number`-th of their line from 0."""

    id: str
    line: Line
    number: int
    counts: Counts
    made_at: datetime


_STATE: Select[*tuple[object, ...]] = select(
    ExposureRow.id,
    ExposureRow.release_digest,
    ExposureRow.rules_digest,
    ExposureRow.track,
    ExposureRow.number,
    ExposureRow.eligible,
    ExposureRow.administered,
    ExposureRow.sittings,
    ExposureRow.made_at,
)


def load(db: Connection, state: str) -> State:
    """A state that a session pins."""
    return _state(db.execute(_STATE.where(ExposureRow.id == state)).one())


def latest(db: Connection, line: Line) -> State | None:
    """The newest state of a line."""
    found = _STATE.where(
        ExposureRow.release_digest == line.release_digest,
        ExposureRow.rules_digest == line.rules_digest,
        ExposureRow.track == line.track.value,
    )
    row = db.execute(found.order_by(ExposureRow.number.desc()).limit(1)).one_or_none()
    return _state(row) if row else None


def of_release(db: Connection, release_digest: str) -> list[State]:
    """Every state of a release, the newest last."""
    found = _STATE.where(ExposureRow.release_digest == release_digest)
    return [_state(row) for row in db.execute(found.order_by(ExposureRow.made_at, ExposureRow.number))]


def first(db: Connection, line: Line, counts: Callable[[], Counts], now: datetime) -> State:
    """The newest state of a line, which begins with `counts` if nobody began it."""
    while True:
        known = latest(db, line)
        made = known or _add(db, line, 0, counts(), now)
        if made:
            return made


def follow(db: Connection, line: Line, counted: Callable[[Counts], Counts], now: datetime) -> State:
    """A state after the newest one of a line that has been begun; of two at once, one follows the other."""
    while True:
        known = latest(db, line)
        if known is None:
            raise ValueError(f"no exposure state of {line} to follow")
        made = _add(db, line, known.number + 1, counted(known.counts), now)
        if made:
            return made


def _add(db: Connection, line: Line, number: int, counts: Counts, now: datetime) -> State | None:
    """A stored state; None if somebody else stored that number first."""
    state = State(str(uuid.uuid4()), line, number, counts, now)
    try:
        with db.begin_nested():
            row = {
                "id": state.id,
                "release_digest": line.release_digest,
                "rules_digest": line.rules_digest,
                "track": line.track.value,
                "number": number,
                "eligible": list(counts.eligible),
                "administered": list(counts.administered),
                "sittings": counts.sittings,
                "made_at": now,
            }
            audit.insert(db, ExposureRow, [row])
    except IntegrityError:
        return None
    return state


def _state(row: Row[*tuple[object, ...]]) -> State:
    return State(
        row.id,
        Line(row.release_digest, row.rules_digest, Track(row.track)),
        row.number,
        Counts(tuple(row.eligible), tuple(row.administered), row.sittings),
        row.made_at,
    )
