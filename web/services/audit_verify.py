"""The whole audit: signed ends, then every chain, row, question and result, in jobs that need not know each other."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, func, select

from engine.kernel import EngineError
from web.db import audit_blocks
from web.db.audit_blocks import FORMAT, LOG, Block, End
from web.db.audit_tables import AuditErasure
from web.db.canonical import NOTHING_BEFORE
from web.db.evidence import CHAINED
from web.db.tables import SittingEvent, SittingRow
from web.services import audit_keys
from web.services.audit_report import Findings, Kind
from web.services.audit_rows import UNREADABLE, check_chains, check_table
from web.services.audit_sittings import check_sittings
from web.services.house import House

PIECE = 128
"""Sittings of one job: enough for the kernels, few enough for every process to have work to the end."""


class NoKeptHeads(EngineError):
    """A file that should hold signed ends holds something else."""

    code = "no_kept_heads"


@dataclass(frozen=True, slots=True)
class Job:
    """A part of the check: some sittings, or a table, or (neither) the chains of entries."""

    sittings: tuple[str, ...] = ()
    table: str = ""


def jobs(connection: Connection) -> list[Job]:
    """All parts, the long ones first."""
    rows = connection.execute(select(SittingRow.id, SittingRow.session_id).order_by(SittingRow.session_id))
    sessions = [[row.id for row in own] for _, own in groupby(rows, key=lambda row: row.session_id)]
    pieces: list[list[str]] = [[]]
    for own in sessions:  # those of a session stay together: they have a plan in common
        for start in range(0, len(own), PIECE):
            if len(pieces[-1]) + len(own[start : start + PIECE]) > PIECE:
                pieces.append([])
            pieces[-1] += own[start : start + PIECE]
    return [
        Job(table="result"),
        *(Job(tuple(piece)) for piece in pieces if piece),
        Job(),
        *(Job(table=name) for name in CHAINED if name != "result"),
    ]


def check(house: House, connection: Connection, job: Job) -> Findings:
    """One part. What cannot be read is told, and the rest is checked all the same."""
    if not job.sittings:
        return check_table(connection, job.table) if job.table else check_chains(connection)
    try:
        return check_sittings(house, connection, job.sittings)
    except UNREADABLE as error:
        found = Findings()
        if len(job.sittings) == 1:
            found.add(SittingEvent.__tablename__, f"{job.sittings[0]}/1", Kind.UNREADABLE, f"a log, not {error!r}")
            return found
        for sitting in job.sittings:
            found.join(check(house, connection, Job((sitting,))))
        return found


def check_blocks(connection: Connection, key: Path, kept: Sequence[Path] = ()) -> Findings:
    """The signed ends in the database and those that were kept elsewhere, beside the chains. Raises `NoKeptHeads`."""
    found, keys = Findings(), audit_keys.known(key)
    there: dict[int, str] = {}
    number, previous = 0, NOTHING_BEFORE
    for block, ends in audit_blocks.blocks(connection):
        there[block.number] = block.digest
        if block.number != number + 1:
            found.add("audit_block", str(number + 1), Kind.GONE, f"a block before {block.number}")
        _check_block(found, "audit_block", keys, block, ends, previous)
        _check_ends(connection, found, block.number, ends)
        number, previous = block.number, block.digest
    for path in kept:
        _check_kept(connection, found, path, keys, there)
    found.counts["blocks"] += len(there)
    found.counts["unsigned_chains"] += len(audit_blocks.new_ends(connection))
    erased = connection.execute(select(func.count()).select_from(AuditErasure)).scalar_one()
    found.counts["erasures"] += erased
    return found


def _check_block(
    found: Findings,
    table: str,
    keys: dict[str, Ed25519PublicKey],
    block: Block,
    ends: Sequence[End],
    previous: str | None,
) -> None:
    name = str(block.number)
    heads = audit_blocks.heads_digest(ends)
    if block.heads != heads:
        found.add(
            "audit_head" if table == "audit_block" else table, name, Kind.CHANGED, f"ends of digest {block.heads}"
        )
    if previous is not None and block.previous != previous:
        found.add(table, name, Kind.CHANGED, f"previous {previous}")
    expected = audit_blocks.block_digest(block.number, block.made_at, block.heads, block.previous, block.key_id)
    if block.digest != expected:
        found.add(table, name, Kind.CHANGED, f"digest {expected}")
    if not audit_keys.is_signed(keys, block.key_id, block.digest, block.signature):
        found.add(table, name, Kind.UNSIGNED, f"a signature by a key that is known here; it names {block.key_id}")


def _check_ends(db: Connection, found: Findings, block: int, ends: Sequence[End]) -> None:
    for (stream, seq, told), there in audit_blocks.differing(db, ends):
        table, key = (
            ("sitting_event", f"{stream.removeprefix(LOG)}/{seq}")
            if stream.startswith(LOG)
            else ("audit_entry", f"{stream}/{seq}")
        )
        kind = Kind.GONE if there is None else Kind.CHANGED
        found.add(table, key, kind, f"digest {told}, signed in block {block}")
    found.counts["ends"] += len(ends)


def _check_kept(
    db: Connection, found: Findings, path: Path, keys: dict[str, Ed25519PublicKey], there: dict[int, str]
) -> None:
    """Ends that were kept elsewhere: their file and the database must say the same."""
    for block, ends in _kept(path):
        where = f"{path.name} block"
        _check_block(found, where, keys, block, ends, None)
        if block.number not in there:
            found.add("audit_block", str(block.number), Kind.GONE, f"the block of digest {block.digest} in {path.name}")
        elif there[block.number] != block.digest:
            found.add("audit_block", str(block.number), Kind.CHANGED, f"digest {block.digest} as in {path.name}")
        if there.get(block.number) != block.digest:
            _check_ends(db, found, block.number, ends)
        found.counts["kept_blocks"] += 1


def _kept(path: Path) -> Iterable[tuple[Block, list[End]]]:
    try:
        first, *lines = path.read_text(encoding="utf-8").splitlines()
        if json.loads(first).get("format") != FORMAT:
            raise ValueError("another format")
        for line in lines:
            told: dict[str, Any] = json.loads(line)
            yield (
                Block(
                    int(told["number"]),
                    datetime.fromisoformat(told["made_at"]),
                    str(told["heads"]),
                    str(told["previous"]),
                    str(told["digest"]),
                    str(told["key"]),
                    str(told["signature"]),
                ),
                [(str(s), int(n), str(d)) for s, n, d in told["ends"]],
            )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoKeptHeads(f"{path} holds no signed ends of chains: {error}") from error
