"""Signed ends of chains: what holds when whoever tampers knows how digests are made."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, delete, select, text, update

from tests.web.audited import Auditor
from tests.web.sql import owner
from tests.web.test_audit import LOG, named
from web.cli import main
from web.db import audit
from web.db.audit_tables import AuditBlock, AuditEntry, AuditHead, AuditSalt
from web.db.canonical import NOTHING_BEFORE, digest
from web.db.evidence import CHAINED, enrolment, logged
from web.db.tables import Candidate, ExamSession, ResultRow, SittingRow
from web.services import audit_keys, audit_seal
from web.services.audit_report import Kind
from web.services.audit_rows import veil_of
from web.services.audit_verify import NoKeptHeads


def rechained(db: Connection, sitting: str) -> None:
    """Give every row of a log the digest that fits, as whoever reads the code can."""
    veil, who, previous = veil_of(db, "sitting_event"), veil_of(db, "sitting", [sitting]), NOTHING_BEFORE
    row = dict(db.execute(audit.FROZEN.where(SittingRow.id == sitting)).mappings().one())
    someone = who.stands_for(sitting, "identity", audit.identity(row), row["last_name"])
    for event in db.execute(select(LOG).where(LOG.c.sitting_id == sitting).order_by(LOG.c.seq)).all():
        key = f"{sitting}/{event.seq}"
        previous = logged(
            previous,
            sitting,
            event.seq,
            event.kind,
            event.at,
            event.answer_id,
            event.data,
            lambda path, told, key=key: veil.stands_for(key, path, told, told),
            digest(enrolment(row, someone)) if event.kind == "started" else None,
        )
        here = (LOG.c.sitting_id == sitting, LOG.c.seq == event.seq)
        db.execute(update(LOG).where(*here).values(digest=previous))


def test_a_log_that_was_chained_anew_is_found_by_its_signed_end_and_by_the_engine(auditor: Auditor):
    sitting = auditor.world.camille.sitting
    with auditor.tampering() as db:
        events = db.execute(select(LOG).where(LOG.c.sitting_id == sitting).order_by(LOG.c.seq)).all()
        reply = next(e for e in events if e.kind == "answered" and e.data["reply"] is None)
        better = next(e for e in events if e.kind == "answered" and e.data["reply"] is not None)
        here = (LOG.c.sitting_id == sitting, LOG.c.seq == reply.seq)
        db.execute(update(LOG).where(*here).values(data={**reply.data, "reply": better.data["reply"]}))
        rechained(db, sitting)
        faults = named(auditor, db)
        assert ("sitting_event", f"{sitting}/{events[-1].seq}", Kind.CHANGED) in faults, "the signed end"
        assert {k for t, key, k in faults if t == "sitting_event" and key.startswith(sitting)} > {Kind.CHANGED}


def test_before_the_first_signature_only_the_engine_tells(world, tmp_path: Path):
    """A limit: rows between two seals can be cut off; docs/audit.md says so."""
    fresh = Auditor(world, tmp_path)
    world.start(world.camille)
    assert fresh.verifies().counts["unsigned_chains"] > 0
    with fresh.tampering() as db:
        db.execute(delete(LOG).where(LOG.c.sitting_id == world.camille.sitting))
        assert fresh.verifies(connection=db).faults == []
    fresh.seals()
    with fresh.tampering() as db:
        db.execute(delete(LOG).where(LOG.c.sitting_id == world.camille.sitting))
        assert [f.kind for f in fresh.verifies(connection=db).faults] == [Kind.GONE]


def test_blocks_that_are_cut_off_are_found_by_what_was_kept_elsewhere(auditor: Auditor):
    auditor.world.flag(auditor.world.zoe, by="surveillant-lyon")
    auditor.seals()
    kept = auditor.keeps()
    assert auditor.verifies(kept).faults == []
    with auditor.tampering() as db:
        for table in (AuditHead, AuditBlock):
            which = AuditHead.block if table is AuditHead else AuditBlock.number
            db.execute(delete(table).where(which == 2))
        assert named(auditor, db) == [], "the blocks that are left hold together"
        assert named(auditor, db, kept) == [("audit_block", "2", Kind.GONE)]
        for table in (AuditHead, AuditBlock):
            db.execute(delete(table))
        assert [f[2] for f in named(auditor, db, kept)] == [Kind.GONE, Kind.GONE]


def test_with_all_blocks_gone_what_was_kept_still_finds_a_row_that_is_gone(auditor: Auditor):
    kept = auditor.keeps()
    sitting = auditor.world.camille.sitting
    with auditor.tampering() as db:
        for table in (AuditHead, AuditBlock):
            db.execute(delete(table))
        db.execute(delete(LOG).where(LOG.c.sitting_id == sitting))
        db.execute(delete(ResultRow).where(ResultRow.sitting_id == sitting))
        db.execute(delete(AuditEntry).where(AuditEntry.stream == f"sitting:{sitting}"))
        gone = {key.split("/")[0] for table, key, kind in named(auditor, db, kept) if kind is Kind.GONE}
        assert gone >= {sitting, f"sitting:{sitting}"}


def test_a_block_that_another_key_signed_is_no_block(auditor: Auditor, tmp_path: Path):
    stranger = tmp_path / "elsewhere" / "key.pem"
    audit_keys.make(stranger)
    signer = audit_keys.signer(stranger)
    with auditor.tampering() as db:
        [block] = db.execute(select(AuditBlock)).all()
        db.execute(update(AuditBlock).values(signature=signer.sign(block.digest)))
        assert named(auditor, db) == [("audit_block", "1", Kind.UNSIGNED)]


def test_a_new_key_signs_what_comes_and_the_old_one_still_verifies(auditor: Auditor):
    with pytest.raises(audit_keys.AuditKeyExists):
        audit_keys.make(auditor.key)
    audit_keys.make(auditor.key, replace=True)
    auditor.world.flag(auditor.world.zoe, by="surveillant-lyon")
    auditor.seals()
    found = auditor.verifies(auditor.keeps())
    assert found.faults == []
    assert (found.counts["blocks"], found.counts["kept_blocks"]) == (2, 2)
    assert auditor.key.stat().st_mode & 0o077 == 0


def test_a_file_that_holds_no_signed_ends_is_refused(auditor: Auditor):
    other = auditor.folder / "other.jsonl"
    for told in ("", "{}\n", '{"format":"palier-audit/1"}\n{"number":1}\n', "nothing"):
        other.write_text(told, encoding="utf-8")
        with pytest.raises(NoKeptHeads):
            auditor.verifies(other)


def test_each_block_is_kept_in_a_file_of_its_own_once(auditor: Auditor):
    folder = auditor.folder / "kept"
    db = auditor.world.house.db
    assert [p.name for p in audit_seal.keep(db, auditor.key, folder)] == ["00000001.jsonl"]
    assert audit_seal.keep(db, auditor.key, folder) == []
    auditor.world.flag(auditor.world.zoe, by="surveillant-lyon")
    auditor.seals()
    assert [p.name for p in audit_seal.keep(db, auditor.key, folder)] == ["00000002.jsonl"]
    assert auditor.verifies(*sorted(folder.iterdir())).faults == []


def test_nothing_is_signed_twice(auditor: Auditor):
    auditor.seals()
    assert auditor.verifies().counts["blocks"] == 1


FROZEN = {
    "the target": (SittingRow, {"target": "initie"}),
    "the extra time": (SittingRow, {"extra_third": True}),
    "the seed": (SittingRow, {"seed": 99}),
    "the needs": (SittingRow, {"needs": ["pointer"]}),
    "the name": (Candidate, {"last_name": "Autre"}),
    "the rules": (ExamSession, {"rules_digest": "0" * 64}),
    "the release": (ExamSession, {"release_digest": "0" * 64}),
    "the exposure": (ExamSession, {"exposure_second_degree": None}),
}


@pytest.mark.parametrize("what", FROZEN)
def test_what_an_enrolment_says_cannot_change_once_the_clock_runs(auditor: Auditor, what: str):
    table, values = FROZEN[what]
    world = auditor.world
    with auditor.tampering() as db:
        sitting = select(SittingRow.candidate_id).where(SittingRow.id == world.camille.sitting).scalar_subquery()
        where = {
            SittingRow: SittingRow.id == world.camille.sitting,
            Candidate: Candidate.id == sitting,
            ExamSession: ExamSession.id == world.session,
        }[table]
        db.execute(update(table).where(where).values(**values))
        assert ("sitting_event", f"{world.camille.sitting}/4", Kind.CHANGED) in named(auditor, db)


def test_two_candidates_cannot_change_places(auditor: Auditor):
    with auditor.tampering() as db:
        taken = [seat.sitting for seat in auditor.world.seats[:2]]
        rows = db.execute(select(SittingRow.id, SittingRow.candidate_id).where(SittingRow.id.in_(taken))).all()
        spare = db.execute(select(Candidate.id).where(Candidate.last_name == "Petit")).scalar_one()
        for row, other in ((rows[0], spare), (rows[1], rows[0].candidate_id), (rows[0], rows[1].candidate_id)):
            db.execute(update(SittingRow).where(SittingRow.id == row.id).values(candidate_id=other))
        found = {key for table, key, kind in named(auditor, db) if kind is Kind.CHANGED and table == "sitting_event"}
        assert found == {f"{row.id}/4" for row in rows}


def test_what_cannot_be_read_is_told_and_the_rest_is_checked(auditor: Auditor):
    sitting = auditor.world.camille.sitting
    with auditor.tampering() as db:
        if db.dialect.name != "sqlite":
            pytest.skip("PostgreSQL keeps no JSON that is none")
        db.execute(text("UPDATE sitting_event SET data = '{' WHERE sitting_id = :s AND seq = 9"), {"s": sitting})
        db.execute(text("UPDATE incident SET kind = '{' WHERE sitting_id = :s"), {"s": sitting})
        db.execute(update(LOG).where(LOG.c.sitting_id == auditor.world.idriss.sitting, LOG.c.seq == 1).values(kind="?"))
        faults = named(auditor, db)
        assert ("sitting_event", f"{sitting}/1", Kind.UNREADABLE) in faults
        assert ("sitting_event", f"{auditor.world.idriss.sitting}/1", Kind.CHANGED) in faults
        assert "incident" in {table for table, _, kind in faults if kind is Kind.UNREADABLE}


def test_a_result_that_was_chained_anew_is_told_by_the_engine(auditor: Auditor):
    """The digest of its entry and the signature would fit if the key were stolen: the level still would not."""
    with auditor.tampering() as db:
        row = db.execute(select(ResultRow).where(ResultRow.sitting_id == auditor.world.camille.sitting)).one()
        jury = {**row.document["jury"], "level_probabilities": [0.99, 0.98, 0.97]}
        where = ResultRow.sitting_id == row.sitting_id
        db.execute(update(ResultRow).where(where).values(document={**row.document, "jury": jury}))
        faults = auditor.verifies(connection=db).faults
        told = next(f for f in faults if f.kind is Kind.OTHER_RESULT)
        assert (told.table, told.key) == ("result", f"{row.sitting_id}/1")
        assert told.expected.startswith("jury.level_probabilities.")


def test_a_salt_that_is_gone_without_an_erasure_is_found(auditor: Auditor):
    with auditor.tampering() as db:
        db.execute(delete(AuditSalt).where(AuditSalt.table_name == "incident"))
        assert {t for t, _, kind in named(auditor, db) if kind is Kind.CHANGED} == {"incident"}


def test_every_chained_table_says_what_of_it_is_text():
    for name, spec in CHAINED.items():
        columns = {c.name for c in spec.table.columns}
        assert spec.texts <= columns, name
        words = {"text", "reason", "heard", "body"} & columns
        assert words <= spec.texts, f"{name}: {words - spec.texts} would stand in the chain in clear digests"


def test_the_commands_make_a_key_seal_keep_and_verify(auditor: Auditor, data: Path, monkeypatch: pytest.MonkeyPatch):
    auditor.world.house.db.close()
    folder = auditor.folder / "installation"
    shutil.copytree(data, folder, ignore=shutil.ignore_patterns("*.sqlite*"))
    monkeypatch.setenv("PALIER_DATA", str(folder))
    monkeypatch.setenv("PALIER_DATABASE_URL", auditor.world.url)
    shutil.copytree(auditor.key.parent, folder / "audit")

    def palier(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["audit", *args])
        return done.exit_code, done.output

    assert palier("seal") == (0, "Nothing is new.\n")
    code, told = palier("key")
    assert code == 1
    assert "--replace" in told
    assert palier("export", str(folder / "kept.jsonl"))[0] == 0
    code, told = palier("verify", "--heads", str(folder / "kept.jsonl"), "--json", "--workers", "1")
    assert (code, json.loads(told)["fits"]) == (0, True)
    sitting = auditor.world.camille.sitting
    with auditor.world.house.db.write() as db, owner(db):
        db.execute(update(LOG).where(LOG.c.sitting_id == sitting, LOG.c.seq == 7).values(kind="paused"))
    code, told = palier("verify", "--workers", "1")
    assert code == 1
    assert f"The first row that does not fit: sitting_event {sitting}/7: changed" in told
