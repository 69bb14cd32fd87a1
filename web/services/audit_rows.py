"""Are the rows of the tables that are evidence those that were chained?"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from web.db.audit import PIECE, entry_digest
from web.db.audit_tables import AuditEntry, AuditErasure, AuditSalt
from web.db.canonical import NOTHING_BEFORE, digest
from web.db.evidence import CHAINED, Evidence, key_of
from web.services.audit_report import Findings, Kind, Veil

_AT_ONCE = 1_000
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)
"""What reading raises when a column holds what cannot be in it."""


def check_chains(db: Connection) -> Findings:
    """Every chain of entries, from its first to its last."""
    found = Findings()
    stream, seq, previous = "", 0, NOTHING_BEFORE
    query = select(AuditEntry.__table__).order_by(AuditEntry.stream, AuditEntry.seq)
    for row in db.execute(query.execution_options(yield_per=_AT_ONCE)):
        if row.stream != stream:
            stream, seq, previous = row.stream, 0, NOTHING_BEFORE
        key = f"{row.stream}/{row.seq}"
        if row.seq != seq + 1:
            found.add("audit_entry", f"{row.stream}/{seq + 1}", Kind.GONE, f"an entry before {key}")
        expected = entry_digest(previous, row.stream, row.seq, row.table_name, row.row_key, row.content)
        if row.digest != expected:
            found.add("audit_entry", key, Kind.CHANGED, f"digest {expected}")
        seq, previous = row.seq, row.digest
        found.counts["entries"] += 1
    return found


def check_table(db: Connection, name: str) -> Findings:
    """Every row of a table beside its entry, and every entry beside its row."""
    found, spec = Findings(), CHAINED[name]
    entries: dict[str, str] = {
        row.row_key: row.content
        for row in db.execute(select(AuditEntry.row_key, AuditEntry.content).where(AuditEntry.table_name == name))
    }
    veil = veil_of(db, name)
    query = select(spec.table).order_by(*spec.table.primary_key.columns)
    for row, key in _rows(db, found, spec, query):
        content = entries.pop(key, None)
        found.counts["rows"] += 1
        if content is None:
            found.add(name, key, Kind.ADDED, "no row: it is in no chain")
            continue

        def hide(path: str, told: str, key: str = key) -> Any:
            return veil.stands_for(key, path, told, told)

        try:
            fits = digest(spec.told(row, hide)) == content
        except UNREADABLE:
            fits = False
        if not fits:
            found.add(name, key, Kind.CHANGED, f"content {content}")
    for key in {fault.key for fault in found.faults if fault.kind is Kind.UNREADABLE}:
        entries.pop(key, None)
    for key, content in entries.items():
        if spec.may_go and veil.whole_row(key) == content:
            found.counts["erased"] += 1
        else:
            found.add(name, key, Kind.GONE, f"a row of content {content}")
    return found


def _rows(db: Connection, found: Findings, spec: Evidence, query: Select[Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """The rows of a table with their keys; those that cannot be read are told."""
    read: set[str] = set()
    try:
        for mapping in db.execute(query.execution_options(yield_per=_AT_ONCE)).mappings():
            row = dict(mapping)
            read.add(spec.key(row))
            yield row, spec.key(row)
        return
    except UNREADABLE:
        pass
    keys = spec.table.primary_key.columns
    for parts in db.execute(select(*keys).order_by(*keys)).all():
        if key_of(parts) not in read:
            try:
                one = db.execute(select(spec.table).where(*(c == p for c, p in zip(keys, parts, strict=True))))
                row = dict(one.mappings().one())
            except UNREADABLE as error:
                found.add(spec.table.name, key_of(parts), Kind.UNREADABLE, f"a row, not {error!r}")
            else:
                yield row, key_of(parts)


def veil_of(db: Connection, table: str, keys: Sequence[str] | None = None) -> Veil:
    """The salts and the erasures of a table, or of some of its rows."""
    salts = select(AuditSalt.row_key, AuditSalt.field, AuditSalt.salt).where(AuditSalt.table_name == table)
    erased = select(AuditErasure.row_key, AuditErasure.field, AuditErasure.digest).where(
        AuditErasure.table_name == table
    )
    if keys is None:
        return Veil(_by_field(db, salts), _by_field(db, erased))
    known: dict[tuple[str, str], str] = {}
    gone: dict[tuple[str, str], str] = {}
    for start in range(0, len(keys), PIECE):
        piece = keys[start : start + PIECE]
        known |= _by_field(db, salts.where(AuditSalt.row_key.in_(piece)))
        gone |= _by_field(db, erased.where(AuditErasure.row_key.in_(piece)))
    return Veil(known, gone)


def _by_field(db: Connection, query: Select[str, str, str]) -> dict[tuple[str, str], str]:
    return {(key, field): told for key, field, told in db.execute(query)}
