"""What is erased stays proven to have been there, and nothing else can be passed off as erased."""

from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from tests.web.audited import Auditor
from tests.web.test_audit import LOG, named
from web.db import audit
from web.db.audit import NotErasable
from web.db.audit_tables import AuditErasure, AuditSalt
from web.db.base import Base
from web.db.day_tables import Silence
from web.db.tables import Candidate, IncidentRow, ResultRow, RulingRow, SessionEvent, SittingEvent, SittingRow
from web.services.audit_report import Kind

ERASED = "[effacé]"


def erase(auditor: Auditor, db: Connection, table: type[Base], key: tuple[Any, ...], values: dict[str, Any]) -> None:
    """As `palier privacy` does it: told to the audit, then done."""
    audit.texts_go(db, table, key, values, auditor.world.clock())
    columns = table.__table__.primary_key.columns
    db.execute(update(table).where(*(c == k for c, k in zip(columns, key, strict=True))).values(**values))


def an_incident(db: Connection) -> Any:
    return db.execute(select(IncidentRow).where(IncidentRow.text != "")).first()


def test_a_text_that_was_erased_breaks_no_chain_and_leaves_no_salt_to_guess_it_by(auditor: Auditor):
    with auditor.tampering() as db:
        incident = an_incident(db)
        erase(auditor, db, IncidentRow, (incident.id,), {"text": ERASED})
        found = auditor.verifies(connection=db)
        assert found.faults == []
        assert found.counts["erasures"] == 1
        assert not db.execute(select(AuditSalt).where(AuditSalt.row_key == incident.id)).all()


def test_texts_in_the_log_in_results_and_in_minutes_can_be_erased(auditor: Auditor):
    with auditor.tampering() as db:
        for table, column, fields in (
            (SittingEvent, "data", ("reason", "text")),
            (SessionEvent, "data", ("remark",)),
            (ResultRow, "document", ("reason",)),
        ):
            done = 0
            for row in db.execute(select(table.__table__)).mappings().all():
                told = row[column]
                part = told.get("amendment", told) if table is ResultRow else told
                gone = {f: ERASED for f in fields if part.get(f)}
                if gone:
                    fresh = {**told, "amendment": {**part, **gone}} if table is ResultRow else {**told, **gone}
                    key = tuple(row[c.name] for c in table.__table__.primary_key.columns)
                    erase(auditor, db, table, key, {column: fresh})
                    done += 1
            assert done or table is SessionEvent, table
        assert named(auditor, db) == []


def test_who_a_candidate_was_can_be_erased(auditor: Auditor):
    with auditor.tampering() as db:
        candidate = db.execute(
            select(SittingRow.candidate_id).where(SittingRow.id == auditor.world.camille.sitting)
        ).scalar_one()
        erase(auditor, db, Candidate, (candidate,), {"last_name": "Candidat effacé", "first_name": ""})
        assert named(auditor, db) == []
        db.execute(update(Candidate).where(Candidate.id == candidate).values(last_name="Autre"))
        assert [kind for _, _, kind in named(auditor, db)] == [Kind.CHANGED], "nobody takes the place of who was erased"


def test_rows_whose_time_is_over_can_go(auditor: Auditor):
    with auditor.tampering() as db:
        keys = [tuple(row) for row in db.execute(select(Silence.sitting_id, Silence.began_at))]
        audit.rows_go(db, Silence, keys, auditor.world.clock())
        db.execute(delete(Silence))
        found = auditor.verifies(connection=db)
        assert found.faults == []
        assert found.counts["erased"] == len(keys) > 0


@pytest.mark.parametrize("table", [SittingEvent, ResultRow, IncidentRow, RulingRow])
def test_rows_that_a_result_rests_on_cannot_go(auditor: Auditor, table: type[Base]):
    with auditor.tampering() as db:
        row = db.execute(select(*table.__table__.primary_key.columns)).first()
        with pytest.raises(NotErasable):
            audit.rows_go(db, table, [tuple(row or ())], auditor.world.clock())


def test_nothing_but_a_text_is_erased_and_nothing_but_a_marker_takes_its_place(auditor: Auditor):
    with auditor.tampering() as db:
        incident, now = an_incident(db), auditor.world.clock()
        for values in ({"text": "Un autre texte"}, {"code": "OTH-00", "text": ERASED}, {"item": None}):
            with pytest.raises(NotErasable):
                audit.texts_go(db, IncidentRow, (incident.id,), values, now)
        answered = db.execute(select(LOG).where(LOG.c.kind == "answered")).first()
        with pytest.raises(NotErasable):
            key = (answered.sitting_id, answered.seq)
            audit.texts_go(db, SittingEvent, key, {"data": {**answered.data, "reply": ERASED}}, now)


def test_an_erasure_that_is_forged_passes_nothing_off(auditor: Auditor):
    """Whoever can write the tables can record an erasure; only what is a text, and gone, is believed."""
    with auditor.tampering() as db:
        incident, now = an_incident(db), auditor.world.clock()
        forged = {"table_name": "incident", "digest": "0" * 64, "at": now}
        audit.insert(db, AuditErasure, [{**forged, "row_key": incident.id, "field": "text"}])
        assert ("incident", incident.id, Kind.CHANGED) in named(auditor, db)
        audit.insert(db, AuditErasure, [{**forged, "row_key": incident.id, "field": "code"}])
        db.execute(update(IncidentRow).where(IncidentRow.id == incident.id).values(code="OTH-00"))
        assert ("incident", incident.id, Kind.CHANGED) in named(auditor, db)


def test_an_erasure_whose_record_is_deleted_is_found(auditor: Auditor):
    with auditor.tampering() as db:
        incident = an_incident(db)
        erase(auditor, db, IncidentRow, (incident.id,), {"text": ERASED})
        db.execute(delete(AuditErasure))
        assert {
            ("incident", incident.id, Kind.CHANGED),
            ("audit_erasure", f"incident/{incident.id}/text", Kind.GONE),
        } <= set(named(auditor, db))
