"""Signing the ends of all chains, and giving them out to be kept elsewhere."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from web.db import audit_blocks
from web.db.audit_blocks import FORMAT, Block
from web.db.canonical import canonical, instant
from web.db.database import Database
from web.services import audit_keys
from web.services.audit_keys import Signer

ABOUT = (
    "Signed ends of the chains of a Palier database. Each line after this one is a block: `digest` is the SHA-256 of "
    "the RFC 8785 form of {format, heads, key, made_at, number, previous}, `heads` that of `ends`, `previous` the "
    "digest of the block before; `signature` is Ed25519 over the 32 bytes of `digest`. See docs/audit.md of Palier."
)


def seal(db: Database, signer: Signer, now: datetime) -> tuple[int, int] | None:
    """Sign the ends of the chains that have grown: number of the block and of its ends; `None` if none has."""
    with db.write() as connection:
        number, previous = audit_blocks.last(connection)
        ends = audit_blocks.new_ends(connection)
        if not ends:
            return None
        heads = audit_blocks.heads_digest(ends)
        digest = audit_blocks.block_digest(number + 1, now, heads, previous, signer.id)
        block = Block(number + 1, now, heads, previous, digest, signer.id, signer.sign(digest))
        audit_blocks.add(connection, block, ends)
    return number + 1, len(ends)


def exported(db: Database, key: Path, after: int = 0) -> Iterator[str]:
    """The blocks after a number as lines of JSON, the first of which says what they are."""
    keys = {name: audit_keys.raw(public).hex() for name, public in audit_keys.known(key).items()}
    yield canonical({"format": FORMAT, "about": ABOUT, "keys": keys})
    with db.read() as connection:
        for block, ends in audit_blocks.blocks(connection, after):
            yield canonical(
                {
                    "number": block.number,
                    "made_at": instant(block.made_at),
                    "heads": block.heads,
                    "previous": block.previous,
                    "digest": block.digest,
                    "key": block.key_id,
                    "signature": block.signature,
                    "ends": [list(end) for end in ends],
                }
            )


def keep(db: Database, key: Path, folder: Path) -> list[Path]:
    """Write each block that is not in a folder yet to a file of its own; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    there = [int(file.stem) for file in folder.glob("*.jsonl") if file.stem.isdigit()]
    head, *lines = exported(db, key, max(there, default=0))
    made = []
    for line in lines:
        made.append(folder / f"{json.loads(line)['number']:08}.jsonl")
        unfinished = made[-1].with_suffix(".part")
        unfinished.write_text(f"{head}\n{line}\n", encoding="utf-8")
        unfinished.replace(made[-1])
    return made
