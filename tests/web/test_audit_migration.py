"""A database that is older than the audit is chained as it stands when it is brought up to date."""

from sqlalchemy import inspect, make_url, select

from tests.web.audited import Auditor
from tests.web.test_database import migrated
from web.db.audit_tables import AuditEntry
from web.db.database import Database
from web.db.tables import SittingEvent

YOUNGER = {"item_comment", "item_decision"}
"""Tables that came after the audit: their rows go when the schema goes back."""


def test_a_day_from_before_the_audit_fits_once_it_is_chained(auditor: Auditor):
    world = auditor.world
    log = select(SittingEvent.sitting_id, SittingEvent.seq, SittingEvent.data).order_by(
        SittingEvent.sitting_id, SittingEvent.seq
    )
    with world.house.db.read() as db:
        before = db.execute(log).all()
        known = select(AuditEntry.table_name, AuditEntry.row_key)
        entries = {tuple(row) for row in db.execute(known) if row.table_name not in YOUNGER}
    world.house.db.close()
    owned = Database(make_url(world.url).difference_update_query(["options"]).render_as_string(hide_password=False))
    migrated(owned, "0003")
    with owned.write() as db:
        assert "digest" not in {column["name"] for column in inspect(db).get_columns("sitting_event")}
    owned.upgrade()
    with owned.read() as db:
        found = auditor.verifies(connection=db)
        assert found.faults == []
        assert found.counts["results"] == 7
        assert db.execute(log).all() == before
        assert {tuple(row) for row in db.execute(known)} == entries
    owned.close()
