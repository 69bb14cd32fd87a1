"""Signs of life of candidates' pages, and the silences between them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from engine.kernel import SittingId
from web.db import audit
from web.db.day_tables import Silence
from web.db.tables import SignOfLife
from web.db.types import Instant


def last(db: Connection, sitting: SittingId) -> datetime | None:
    """The last sign of a sitting; two signs that come together are taken one after the other."""
    return db.execute(select(SignOfLife.at).where(SignOfLife.sitting_id == sitting).with_for_update()).scalar()


def last_of(db: Connection, sittings: Sequence[SittingId]) -> dict[SittingId, datetime]:
    """The last sign of each sitting that gave one: one statement."""
    rows = db.execute(select(SignOfLife.sitting_id, SignOfLife.at).where(SignOfLife.sitting_id.in_(sittings)))
    return {SittingId(row.sitting_id): row.at for row in rows}


def note(db: Connection, sitting: SittingId, at: datetime) -> bool:
    """Keep a sign; false if there was none yet and there is no such sitting, or its first two came at once."""
    changed = db.execute(update(SignOfLife).where(SignOfLife.sitting_id == sitting).values(at=at))
    if changed.rowcount:
        return True
    try:
        with db.begin_nested():
            db.execute(insert(SignOfLife).values(sitting_id=sitting, at=at))
    except IntegrityError:
        return False
    return True


_NEWER = " ON CONFLICT (sitting_id) DO UPDATE SET at = excluded.at WHERE excluded.at > sign_of_life.at"
_NOTE = text(f"INSERT INTO sign_of_life (sitting_id, at) VALUES (:sitting, :at){_NEWER}").bindparams(
    bindparam("at", type_=Instant())
)
_NOTE_MANY = text(
    "INSERT INTO sign_of_life (sitting_id, at)"
    f" SELECT * FROM unnest(CAST(:sittings AS varchar[]), CAST(:ats AS timestamptz[])){_NEWER}"
)


def note_all(db: Connection, heard: Mapping[SittingId, datetime]) -> None:
    """Keep the signs of many sittings, where they are newer: one statement on PostgreSQL."""
    # In one order everywhere, so that two processes never wait for each other.
    sittings = sorted(heard)
    if db.dialect.name == "postgresql":
        db.execute(_NOTE_MANY, {"sittings": sittings, "ats": [heard[sitting] for sitting in sittings]})
    else:
        db.execute(_NOTE, [{"sitting": sitting, "at": heard[sitting]} for sitting in sittings])


def add_silence(db: Connection, sitting: SittingId, began_at: datetime, ended_at: datetime) -> None:
    """A silence that has just ended."""
    audit.insert(db, Silence, [{"sitting_id": sitting, "began_at": began_at, "ended_at": ended_at}])


def silences_of(db: Connection, sittings: Sequence[SittingId]) -> dict[SittingId, list[tuple[datetime, datetime]]]:
    """The silences of each sitting in the order of time: one statement; sittings without any are left out."""
    found: dict[SittingId, list[tuple[datetime, datetime]]] = {}
    rows = db.execute(
        select(Silence.sitting_id, Silence.began_at, Silence.ended_at)
        .where(Silence.sitting_id.in_(sittings))
        .order_by(Silence.sitting_id, Silence.began_at)
    )
    for row in rows:
        found.setdefault(SittingId(row.sitting_id), []).append((row.began_at, row.ended_at))
    return found
