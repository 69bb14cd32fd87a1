"""Rows that nobody can change unseen: each is chained to the one before it (docs/audit.md, docs/adr/0027).

Rows of the tables in `evidence.CHAINED` are stored by `insert`. Who erases personal data calls `texts_go` before it
changes a row and `rows_go` before it deletes some, in the same transaction; both do nothing for what is not chained.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, text, tuple_
from sqlalchemy import insert as insert_into

from web.db.audit_tables import AuditEntry, AuditErasure, AuditSalt
from web.db.base import Base
from web.db.canonical import NOTHING_BEFORE, digest, salted
from web.db.evidence import CHAINED, IDENTITY, LOG_TEXTS, MARKERS, enrolment, key_of
from web.db.tables import Candidate, ExamSession, SittingEvent, SittingRow

PIECE = 400
"""Rows in one statement."""
EVERYTHING = "*"
"""The field of an erasure that took the whole row."""


class NotErasable(ValueError):
    """Something else than a text of a row that is evidence is changed, or a row that must stay is deleted."""


@dataclass(slots=True)
class Salts:
    """Salts made for the texts of one row."""

    table: str
    key: str
    made: list[dict[str, str]] = field(default_factory=list)

    def hide(self, path: str, told: str) -> Any:
        """What stands for a text in the chain; an empty one needs no salt."""
        if not told:
            return told
        salt = secrets.token_hex(16)
        self.made.append({"table_name": self.table, "row_key": self.key, "field": path, "salt": salt})
        return {"salted": salted(salt, told)}


def insert(db: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Store rows of a table that is evidence, each at the end of its chain. Every column is given.

    Raises what the database raises for a row that may not be.
    """
    if not rows:
        return
    if (own := CHAINED[table.__tablename__].table.autoincrement_column) is not None:
        rows = [{**row, own.name: _numbered(db, table, row)} for row in rows]
    else:
        db.execute(insert_into(table), list(rows))
    chain(db, table, rows)


def chain(db: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows that are stored at the ends of their chains; at most as many at once as fit into a statement."""
    spec = CHAINED[table.__tablename__]
    salts: list[dict[str, str]] = []
    entries = []
    for row in rows:
        own_salts = Salts(spec.table.name, spec.key(row))
        content = digest(spec.told({c.name: row.get(c.name) for c in spec.table.columns}, own_salts.hide))
        salts += own_salts.made
        entries.append((spec.stream(row), spec.table.name, own_salts.key, content))
    keep_salts(db, salts)
    _append(db, entries)


def hold(db: Connection, chains: Sequence[str]) -> None:
    """Have some chains alone until the end of the transaction; SQLite has one writer at a time anyway."""
    if db.dialect.name == "postgresql":
        for chain in sorted(chains):  # in one order, or two could wait for each other
            db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:chain, 0))"), {"chain": chain})


def keep_salts(db: Connection, salts: Sequence[Mapping[str, str]]) -> None:
    """Store the salts of texts."""
    if salts:
        db.execute(insert_into(AuditSalt), list(salts))


def entry_digest(previous: str, stream: str, seq: int, table: str, key: str, content: str) -> str:
    """The digest of an entry, which chains it to the one before."""
    return digest({"previous": previous, "stream": stream, "seq": seq, "table": table, "row": key, "content": content})


def frozen(db: Connection, sitting: str) -> str:
    """The digest of an enrolment whose clock starts now; its candidate's identity gets a salt of this sitting's own."""
    row = dict(db.execute(FROZEN.where(SittingRow.id == sitting)).mappings().one())
    salt = secrets.token_hex(16)
    keep_salts(db, [{"table_name": "sitting", "row_key": sitting, "field": IDENTITY, "salt": salt}])
    return digest(enrolment(row, {"salted": salted(salt, identity(row))}))


FROZEN = (
    select(
        SittingRow.id,
        SittingRow.session_id,
        SittingRow.candidate_id,
        SittingRow.track,
        SittingRow.target,
        SittingRow.extra_third,
        SittingRow.extra_minutes,
        SittingRow.needs,
        SittingRow.seed,
        ExamSession.release_digest,
        ExamSession.rules_digest,
        ExamSession.exposure_first_degree,
        ExamSession.exposure_second_degree,
        Candidate.last_name,
        Candidate.first_name,
        Candidate.birth_date,
    )
    .join(ExamSession, ExamSession.id == SittingRow.session_id)
    .join(Candidate, Candidate.id == SittingRow.candidate_id)
)
"""Enrolments with all that is frozen of them."""


def identity(row: Mapping[str, Any]) -> list[str]:
    """Who a candidate is."""
    return [row["last_name"], row["first_name"], row["birth_date"].isoformat()]


def texts_go(db: Connection, table: type[Base], key: Sequence[Any], values: Mapping[str, Any], now: datetime) -> None:
    """Say that a row of evidence is about to get these values, in which texts are erased; call it before the change.

    For a candidate whose name goes, the identity of each sitting is what is erased. Raises `NotErasable` if anything
    else than a text changes, or if what stands for it then is none of `evidence.MARKERS`.
    """
    if table is Candidate:
        if "last_name" in values:
            _identity_goes(db, str(key[0]), now)
        return
    name = table.__tablename__
    if name not in CHAINED and table is not SittingEvent:
        return
    row = _row(db, table, key)
    before, after = _texts(table, row), _texts(table, {**row, **values})
    if before.rest != after.rest or before.texts.keys() != after.texts.keys():
        raise NotErasable(f"{name} {key_of(key)}: more than its texts would change")
    gone = {path: told for path, told in before.texts.items() if told != after.texts[path]}
    if not after.markers.issuperset(gone):
        raise NotErasable(f"{name} {key_of(key)}: a text is replaced by another")
    if "" in gone.values():
        raise NotErasable(f"{name} {key_of(key)}: there is no text to erase")
    known = _salts(db, name, key_of(key))
    # What was erased before is on record: then only a marker changes.
    _record(db, name, key_of(key), {p: salted(known[p], told) for p, told in gone.items() if p in known}, now)


def rows_go(db: Connection, table: type[Base], keys: Sequence[Sequence[Any]], now: datetime) -> None:
    """Say that rows of evidence are about to be deleted, their time being over; call it before they are.

    Raises `NotErasable` for rows that must stay.
    """
    name = table.__tablename__
    if table is SittingEvent or (name in CHAINED and not CHAINED[name].may_go):
        if keys:
            raise NotErasable(f"rows of {name} stay: only their texts may go")
        return
    if name not in CHAINED:
        return
    for key in map(key_of, keys):
        content = db.execute(
            select(AuditEntry.content).where(AuditEntry.table_name == name, AuditEntry.row_key == key)
        ).scalar_one()
        _record(db, name, key, {EVERYTHING: content}, now)
        db.execute(delete(AuditSalt).where(AuditSalt.table_name == name, AuditSalt.row_key == key))


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of a row by their paths, and the row without them."""

    rest: Any
    texts: dict[str, str]

    @property
    def markers(self) -> set[str]:
        """Where nothing but a marker stands."""
        return {path for path, told in self.texts.items() if told in MARKERS}


def _texts(table: type[Base], row: Mapping[str, Any]) -> _Texts:
    found: dict[str, str] = {}

    def hide(path: str, told: str) -> Any:
        found[path] = told
        return None

    if table is not SittingEvent:
        return _Texts(CHAINED[table.__tablename__].told(row, hide), found)
    data = {k: hide(f"data.{k}", v) if k in LOG_TEXTS else v for k, v in row["data"].items()}
    return _Texts({**row, "data": data}, found)


def _identity_goes(db: Connection, candidate: str, now: datetime) -> None:
    query = select(SittingRow.id).where(SittingRow.candidate_id == candidate)
    for sitting in db.execute(query).scalars().all():
        salt = _salts(db, "sitting", sitting).get(IDENTITY)
        if salt is not None:
            row = dict(db.execute(FROZEN.where(SittingRow.id == sitting)).mappings().one())
            _record(db, "sitting", sitting, {IDENTITY: salted(salt, identity(row))}, now)


def _record(db: Connection, table: str, key: str, gone: Mapping[str, str], now: datetime) -> None:
    """Write down what is erased, and destroy its salts."""
    rows = [{"table_name": table, "row_key": key, "field": f, "digest": d, "at": now} for f, d in gone.items()]
    insert(db, AuditErasure, rows)
    if gone:
        db.execute(
            delete(AuditSalt).where(
                AuditSalt.table_name == table, AuditSalt.row_key == key, AuditSalt.field.in_(list(gone))
            )
        )


def _salts(db: Connection, table: str, key: str) -> dict[str, str]:
    rows = db.execute(
        select(AuditSalt.field, AuditSalt.salt).where(AuditSalt.table_name == table, AuditSalt.row_key == key)
    )
    return {row.field: row.salt for row in rows}


def _row(db: Connection, table: type[Base], key: Sequence[Any]) -> dict[str, Any]:
    rows = table.__table__
    assert isinstance(rows, Table)
    query = select(rows).where(*(c == part for c, part in zip(rows.primary_key.columns, key, strict=True)))
    return dict(db.execute(query).mappings().one())


def _numbered(db: Connection, table: type[Base], row: Mapping[str, Any]) -> int:
    key = db.execute(insert_into(table).values(**row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _append(db: Connection, entries: Sequence[tuple[str, str, str, str]]) -> None:
    """Put entries (stream, table, key, content) at the ends of their chains."""
    streams = list({stream for stream, *_ in entries})
    hold(db, streams)
    ends = dict.fromkeys(streams, (0, NOTHING_BEFORE))
    for start in range(0, len(streams), PIECE):
        piece = streams[start : start + PIECE]
        last = (
            select(AuditEntry.stream, func.max(AuditEntry.seq))
            .where(AuditEntry.stream.in_(piece))
            .group_by(AuditEntry.stream)
        )
        rows = db.execute(
            select(AuditEntry.stream, AuditEntry.seq, AuditEntry.digest).where(
                tuple_(AuditEntry.stream, AuditEntry.seq).in_(last)
            )
        )
        ends |= {row.stream: (row.seq, row.digest) for row in rows}
    made = []
    for stream, table, key, content in entries:
        seq, previous = ends[stream]
        seq += 1
        chained = entry_digest(previous, stream, seq, table, key, content)
        ends[stream] = (seq, chained)
        made.append(
            {
                "stream": stream,
                "seq": seq,
                "table_name": table,
                "row_key": key,
                "content": content,
                "digest": chained,
            }
        )
    db.execute(insert_into(AuditEntry), made)
