"""Nothing that is evidence can be changed, deleted, inserted, reordered or cut off unseen."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from tests.web.audited import Auditor
from web.db.audit_tables import AuditBlock, AuditEntry, AuditHead, AuditSalt
from web.db.evidence import CHAINED, key_of
from web.db.tables import SittingEvent
from web.services.audit_report import Kind

LOG: Table = SittingEvent.__table__
pytestmark = pytest.mark.slow
MANY = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def test_a_day_that_nobody_touched_fits(auditor: Auditor):
    with auditor.world.house.db.read() as db:
        held = {n: db.execute(select(func.count()).select_from(e.table)).scalar_one() for n, e in CHAINED.items()}
    assert [name for name, rows in held.items() if not rows] == ["audit_erasure"], "a day with something of everything"
    found = auditor.verifies()
    assert found.faults == []
    assert found.counts["sittings"] == 7
    assert found.counts["choices"] > 200
    assert found.counts["results"] == 7


SEALED = (AuditEntry, AuditBlock, AuditHead, AuditSalt)
TAMPERED: list[Table] = [LOG, *(e.table for e in CHAINED.values()), *(t.__table__ for t in SEALED)]


@MANY
@given(data=st.data())
def test_a_row_that_is_changed_is_found(auditor: Auditor, data: st.DataObject):
    table = data.draw(st.sampled_from(TAMPERED), "table")
    with auditor.tampering() as db:
        row = a_row(db, table, data)
        column = data.draw(st.sampled_from([c.name for c in table.columns if c.name not in ("id",)]), "column")
        changed = another(row[column], data.draw(st.integers(0, 3)))
        assume(changed is not None)
        change(db, table, row, {column: changed})
        faults = auditor.verifies(connection=db).faults
        assert faults
        if table.name in CHAINED or table is LOG:
            named = row if column in table.primary_key.columns else {**row, column: changed}
            assert (table.name, key_of([named[c.name] for c in table.primary_key.columns])) in {
                (f.table, f.key) for f in faults
            }


def a_row(db: Connection, table: Table, data: st.DataObject) -> dict[str, Any]:
    """Any row of a table."""
    rows = db.execute(select(table).order_by(*table.primary_key.columns)).mappings().all()
    assume(rows)
    return dict(rows[data.draw(st.integers(0, len(rows) - 1), "row")])


def another(value: Any, n: int) -> Any:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + n + 1
        case str() if len(value) == 64 and int(value, 16) >= 0:
            return f"{int(value, 16) ^ 1 << n:064x}"
        case str():
            return value[:-1] + "é"
        case datetime():
            return value + timedelta(microseconds=10**n)
        case date():
            return value + timedelta(days=n + 1)
        case dict() if value:
            name = sorted(value)[n % len(value)]
            changed = another(value[name], n)
            return {k: v for k, v in value.items() if k != name} if changed is None else {**value, name: changed}
        case list() if value:
            changed = another(value[n % len(value)], n)
            return value[:-1] if changed is None else [*value[: n % len(value)], changed, *value[n % len(value) + 1 :]]
    return None


def change(db: Connection, table: Table, row: dict[str, Any], values: dict[str, Any]) -> None:
    """Give a row other values, if the database lets it happen."""
    try:
        with db.begin_nested():
            db.execute(update(table).where(*(c == row[c.name] for c in table.primary_key.columns)).values(**values))
    except DBAPIError:
        assume(False)


ROWS = [LOG, *(e.table for e in CHAINED.values()), AuditEntry.__table__]


@MANY
@given(data=st.data())
def test_a_row_that_is_deleted_is_found(auditor: Auditor, data: st.DataObject):
    table = data.draw(st.sampled_from([*ROWS, AuditHead.__table__, AuditSalt.__table__]), "table")
    with auditor.tampering() as db:
        row = a_row(db, table, data)
        remove(db, table, row)
        assert auditor.verifies(connection=db).faults


@MANY
@given(data=st.data())
def test_a_row_that_is_put_in_is_found(auditor: Auditor, data: st.DataObject):
    table = data.draw(st.sampled_from(ROWS), "table")
    with auditor.tampering() as db:
        row = a_row(db, table, data)
        fresh = {c.name: another(row[c.name], 0) for c in table.primary_key.columns if not c.foreign_keys}
        if table is LOG:  # after the last, with a digest that fits
            fresh = {
                "seq": 1 + max(db.execute(select(LOG.c.seq).where(LOG.c.sitting_id == row["sitting_id"])).scalars())
            }
        if "number" in row and table.name == "ruling":
            fresh["number"] = row["number"] + 5
        if table.name == "audit_entry":
            fresh |= {"seq": row["seq"] + 50, "row_key": "x"}
        try:
            with db.begin_nested():
                db.execute(insert(table).values({**row, **fresh}))
        except DBAPIError:
            assume(False)
        assert auditor.verifies(connection=db).faults


@MANY
@given(data=st.data())
def test_rows_that_change_places_are_found(auditor: Auditor, data: st.DataObject):
    table = data.draw(st.sampled_from([LOG, AuditEntry.__table__]), "table")
    with auditor.tampering() as db:
        one = a_row(db, table, data)
        chain = next(iter(table.primary_key.columns))
        rows = [
            dict(r) for r in db.execute(select(table).where(chain == one[chain.name]).order_by(table.c.seq)).mappings()
        ]
        assume(len(rows) > 1)
        first = data.draw(st.integers(0, len(rows) - 2))
        second = data.draw(st.integers(first + 1, len(rows) - 1))
        for row, seq in ((rows[first], -1), (rows[second], rows[first]["seq"])):
            change(db, table, row, {"seq": seq})
        change(db, table, {**rows[first], "seq": -1}, {"seq": rows[second]["seq"]})
        faults = auditor.verifies(connection=db).faults
        assert (table.name, f"{one[chain.name]}/{rows[first]['seq']}") == (faults[0].table, faults[0].key)


@MANY
@given(data=st.data())
def test_a_log_that_is_cut_off_is_found_by_its_signed_end(auditor: Auditor, data: st.DataObject):
    with auditor.tampering() as db:
        row = a_row(db, LOG, data)
        assume(row["seq"] > 1)
        last = (LOG.c.sitting_id == row["sitting_id"], LOG.c.seq >= row["seq"])
        seq = db.execute(select(func.max(LOG.c.seq)).where(last[0])).scalar_one()
        db.execute(delete(LOG).where(*last))
        assert ("sitting_event", f"{row['sitting_id']}/{seq}", Kind.GONE) in named(auditor, db)


@MANY
@given(data=st.data())
def test_a_row_that_goes_with_its_entry_is_found_by_the_signed_end(auditor: Auditor, data: st.DataObject):
    """Whoever deletes the last row of a chain and its entry leaves a chain that holds together."""
    with auditor.tampering() as db:
        entry = a_row(db, AuditEntry.__table__, data)
        later = (AuditEntry.stream == entry["stream"], AuditEntry.seq >= entry["seq"])
        gone = db.execute(select(AuditEntry).where(*later)).mappings().all()
        db.execute(delete(AuditEntry).where(*later))
        for one in gone:
            table = CHAINED[one["table_name"]].table
            for row in db.execute(select(table)).mappings().all():
                if CHAINED[table.name].key(row) == one["row_key"]:
                    remove(db, table, dict(row))
        assert any(kind is Kind.GONE and table == "audit_entry" for table, _, kind in named(auditor, db))


def named(auditor: Auditor, db: Connection, *kept: Path) -> list[tuple[str, str, Kind]]:
    """The rows that do not fit."""
    return [(f.table, f.key, f.kind) for f in auditor.verifies(*kept, connection=db).faults]


def remove(db: Connection, table: Table, row: dict[str, Any]) -> None:
    """Delete a row, if the database lets it happen."""
    try:
        with db.begin_nested():
            db.execute(delete(table).where(*(c == row[c.name] for c in table.primary_key.columns)))
    except DBAPIError:
        assume(False)
