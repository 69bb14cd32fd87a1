"""Signed ends of chains ↔ rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, func, insert, select, tuple_

from web.db import audit
from web.db.audit_tables import AuditBlock, AuditEntry, AuditHead
from web.db.canonical import NOTHING_BEFORE, digest, instant
from web.db.tables import SittingEvent, SittingRow

FORMAT = "palier-audit/1"
LOG = "log:"
"""What the chain of a sitting's log is called, before its id."""

End: TypeAlias = tuple[str, int, str]
"""A chain, the number of its last row, and that row's digest."""


@dataclass(frozen=True, slots=True)
class Block:
    """Ends of chains that were signed together."""

    number: int
    made_at: datetime
    heads: str
    previous: str
    digest: str
    key_id: str
    signature: str


def heads_digest(ends: Sequence[End]) -> str:
    """The digest of ends, in the order of their chains' names."""
    return digest([list(end) for end in sorted(ends)])


def block_digest(number: int, made_at: datetime, heads: str, previous: str, key_id: str) -> str:
    """What is signed."""
    return digest(
        {
            "format": FORMAT,
            "number": number,
            "made_at": instant(made_at),
            "heads": heads,
            "previous": previous,
            "key": key_id,
        }
    )


def last(db: Connection) -> tuple[int, str]:
    """Number and digest of the newest block; who writes has the blocks alone until the end."""
    audit.hold(db, ["blocks"])
    row = db.execute(select(AuditBlock.number, AuditBlock.digest).order_by(AuditBlock.number.desc()).limit(1)).first()
    return (row.number, row.digest) if row else (0, NOTHING_BEFORE)


def new_ends(db: Connection) -> list[End]:
    """The ends of all chains that have grown since a block held them."""
    sealed: dict[str, int] = {
        row[0]: row[1]
        for row in db.execute(select(AuditHead.stream, func.max(AuditHead.seq)).group_by(AuditHead.stream))
    }
    # A look at the end of each index, however long the logs are.
    longest = (
        select(func.max(SittingEvent.seq)).where(SittingEvent.sitting_id == SittingRow.id).correlate(SittingRow)
    ).scalar_subquery()
    logs = [
        (row[0], row[1])
        for row in db.execute(select(SittingRow.id, longest))
        if row[1] is not None and sealed.get(LOG + row[0]) != row[1]
    ]
    others = [
        (row[0], row[1])
        for row in db.execute(select(AuditEntry.stream, func.max(AuditEntry.seq)).group_by(AuditEntry.stream))
        if sealed.get(row[0]) != row[1]
    ]
    found: list[End] = []
    for pairs, name, seq, made, before in (
        (logs, SittingEvent.sitting_id, SittingEvent.seq, SittingEvent.digest, LOG),
        (others, AuditEntry.stream, AuditEntry.seq, AuditEntry.digest, ""),
    ):
        for start in range(0, len(pairs), audit.PIECE):
            rows = db.execute(select(name, seq, made).where(tuple_(name, seq).in_(pairs[start : start + audit.PIECE])))
            found += [(before + row[0], row[1], row[2]) for row in rows]
    return sorted(found)


def add(db: Connection, block: Block, ends: Sequence[End]) -> None:
    """Store a block. Raises SQLAlchemy's `IntegrityError` if its number is taken."""
    db.execute(
        insert(AuditBlock).values(
            number=block.number,
            made_at=block.made_at,
            heads=block.heads,
            previous=block.previous,
            digest=block.digest,
            key_id=block.key_id,
            signature=block.signature,
        )
    )
    rows = [{"stream": s, "seq": n, "digest": d, "block": block.number} for s, n, d in ends]
    for start in range(0, len(rows), 2_000):
        db.execute(insert(AuditHead), rows[start : start + 2_000])


def blocks(db: Connection, after: int = 0) -> Iterator[tuple[Block, list[End]]]:
    """The blocks after a number, in order, each with its ends."""
    query = select(AuditBlock.__table__).where(AuditBlock.number > after).order_by(AuditBlock.number)
    for row in db.execute(query).all():
        ends = select(AuditHead.stream, AuditHead.seq, AuditHead.digest).where(AuditHead.block == row.number)
        found: list[End] = sorted((e.stream, e.seq, e.digest) for e in db.execute(ends))
        yield Block(**row._mapping), found


def differing(db: Connection, ends: Sequence[End]) -> list[tuple[End, str | None]]:
    """Those of some ends that no row of their chain has, with the digest that the row has if it is there."""
    found: list[tuple[End, str | None]] = []
    for is_log, name, seq, made in (
        (True, SittingEvent.sitting_id, SittingEvent.seq, SittingEvent.digest),
        (False, AuditEntry.stream, AuditEntry.seq, AuditEntry.digest),
    ):
        mine = [end for end in ends if end[0].startswith(LOG) == is_log]
        for start in range(0, len(mine), audit.PIECE):
            piece = mine[start : start + audit.PIECE]
            keys = {(stream.removeprefix(LOG) if is_log else stream, n): (stream, n, d) for stream, n, d in piece}
            rows = db.execute(select(name, seq, made).where(tuple_(name, seq).in_(list(keys))))
            there: dict[tuple[Any, Any], str] = {(row[0], row[1]): row[2] for row in rows}
            found += [(end, there.get(key)) for key, end in keys.items() if there.get(key) != end[2]]
    return sorted(found, key=lambda pair: pair[0])
