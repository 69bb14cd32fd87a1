"""One person: all that is stored of them, and their erasure, which leaves no trace of who they were."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.delivery.session import Mode
from engine.items.frameworks import Level, Track
from engine.kernel import EngineError
from tests.web.person import BORN, MARK, as_owner, candidate_id, everything, much_is_known
from tests.web.sql import sql
from tests.web.world import Seat, World
from web.birth_dates import ERASED_BIRTH
from web.db import erasing, personal
from web.db.base import Base
from web.db.data_classes import KEPT_WITHOUT_IDENTITY, DataClass
from web.db.tables import Candidate, ResultRow, SittingEvent
from web.services import adjudication, audit_verify, closing, enrolment, erasure, person_export
from web.services.erasure import ErasureReasonMissing, NoSuchCandidate, ResultPending, SittingPending, UnderAppeal

APPEAL = 92
OF_NOBODY = {
    "audit_block": "signed ends of chains",
    "audit_head": "ends of chains",
    "centre": "places",
    "ended_login": "random names of logins that are over",
    "exam_session": "slots; their labels are written by centres before anybody is enrolled",
    "exposure_state": "counts of items",
    "item_comment": "what staff say of items, by their ids",
    "item_decision": "what staff decide on items, by their ids",
    "session_proctor": "accounts, by their ids",
    "tool": "makers of software",
    "tool_token": "fingerprints",
    "tool_assertion": "fingerprints",
}
"""Tables in no class of personal data, each with its reason."""


@pytest.fixture
def known(world: World) -> Seat:
    """Somebody of whom everything is known that can be, long after the appeals."""
    seat = much_is_known(world)
    world.clock.forward(days=APPEAL + 1)
    return seat


def erase(world: World, seat: Seat, reason: str = "Demande 2027-14") -> dict[DataClass, int]:
    who = candidate_id(world, seat)
    with as_owner(world) as db:
        return erasure.erase(db, who, reason, "root", APPEAL, world.clock())


def audited(world: World) -> list[str]:
    """Everything that the audit finds wrong."""
    with world.house.db.read() as db:
        found = [audit_verify.check(world.house, db, job) for job in audit_verify.jobs(db)]
    return [str(fault) for findings in found for fault in findings.faults]


def test_every_table_is_in_a_class_or_holds_nothing_of_people():
    classed = {duty.table.__tablename__ for those in erasing.DUTIES.values() for duty in those}
    classed |= {table.__tablename__ for those in erasing.AGED.values() for table, _ in those}
    classed |= {"candidate", "sitting", "sitting_event", "result", "account"}  # identity, sitting logs, results, staff
    classed |= {"second_factor", "recovery_code", "account_event"}  # staff, with the account
    classed |= {"erasure", "audit_entry", "audit_erasure", "audit_salt"}  # audit
    tables = set(Base.metadata.tables)
    mute = tables - classed - set(OF_NOBODY)
    assert not mute, (
        f"give these a class in web.db.erasing, or say here why they hold nothing of people: {sorted(mute)}"
    )
    assert not (classed | set(OF_NOBODY)) - tables
    done = set(erasing.DUTIES) | set(erasing.AGED) | KEPT_WITHOUT_IDENTITY
    assert set(DataClass) - done == {DataClass.IDENTITY, DataClass.EMAIL, DataClass.STAFF_ACCOUNTS}


def test_every_table_is_exported_or_left_out_for_a_reason():
    exported = {part.table.__tablename__ for part in personal.PARTS}
    mute = set(Base.metadata.tables) - exported - set(personal.NOT_EXPORTED)
    assert not mute, f"add these to web.db.personal.PARTS, or to NOT_EXPORTED with a reason: {sorted(mute)}"
    assert not exported & set(personal.NOT_EXPORTED)
    assert not (exported | set(personal.NOT_EXPORTED)) - set(Base.metadata.tables)


def test_no_table_that_a_chain_of_keys_leads_to_is_left_out_of_an_export():
    reached = {"candidate"}
    while True:
        more = {
            table.name
            for table in Base.metadata.tables.values()
            if any(key.column.table.name in reached for key in table.foreign_keys)
        } - reached
        if not more:
            break
        reached |= more
    assert len(reached) > 15
    assert not reached & set(personal.NOT_EXPORTED)


def test_an_export_holds_every_text_of_a_person_and_opens_nothing(world: World, known: Seat):
    who = candidate_id(world, known)
    made = person_export.export(world.house.db, who, "root", world.clock()).document
    stored, told = everything(world, "session_event", "access_log"), json.dumps(made, ensure_ascii=False, default=str)
    for table, text in stored.items():
        if text.count(MARK):
            assert json.dumps(made["tables"][table], ensure_ascii=False).count(MARK) == text.count(MARK), table
    finalised = json.dumps(made["tables"]["session_event"], ensure_ascii=False)
    assert f"Vu, {MARK}" in finalised
    assert "MOREAU" not in told
    assert made["tables"]["access_log"][-1]["what"] == "export"
    for secret in ("code_hash", "seed", "password", "operator", "Paul Keller"):
        assert secret not in told
    assert {row["author_id"] for row in made["tables"]["incident"]} <= {"proctor", "jury", "tool", "candidate"}


def test_an_export_tells_nothing_of_others(world: World, known: Seat):
    who = candidate_id(world, world.camille)
    told = json.dumps(person_export.export(world.house.db, who, "root", world.clock()).document, ensure_ascii=False)
    assert "Moreau" in told
    assert MARK not in told
    assert known.sitting not in told


def test_after_an_erasure_nothing_in_the_database_says_who_it_was(world: World, known: Seat):
    before = everything(world)
    assert sum(MARK.lower() in text.lower() for text in before.values()) >= 15
    rows = erase(world, known)
    after = everything(world)
    left = {table: text.count(MARK) for table, text in after.items() if MARK.lower() in text.lower()}
    assert not left
    assert BORN.isoformat() not in after["candidate"]
    assert rows[DataClass.INCIDENT_TEXTS] > 8
    assert "Demande 2027-14" in after["erasure"]
    for others in ("Moreau", "camille.moreau"):
        assert after["candidate"].count(others) == before["candidate"].count(others)


def test_the_audit_finds_nothing_wrong_after_an_erasure(world: World, known: Seat):
    assert not audited(world)
    erase(world, known)
    assert not audited(world)
    with world.house.db.write() as db:
        sql(db, "UPDATE incident SET text = '' WHERE sitting_id = ? AND code = 'COM-02'", (known.sitting,))
        sql(db, "UPDATE ruling SET reason = 'autre'")
    assert audited(world), "what is changed after an erasure is found as before"


def test_an_erasure_keeps_sittings_answers_results_and_decisions(world: World, known: Seat):
    def kept() -> tuple[object, ...]:
        with world.house.db.read() as db:
            log = Counter(db.execute(select(SittingEvent.kind)).scalars())
            levels = [r.get("outcome") for r in db.execute(select(ResultRow.document)).scalars()]
        standings = adjudication.docket(world.house, world.person("jury"), world.session, world.clock()).standings
        return log, levels, world.answers(known), sorted(repr(s.outcome) for s in standings)

    before = kept()
    erase(world, known)
    assert kept() == before


def test_pages_of_a_session_still_show_with_an_erased_candidate_in_it(world: World, known: Seat):
    def pages() -> dict[str, str]:
        found = {}
        for login, paths in (
            ("centre", ("", "/journal", "/cloture", "/resultats")),
            ("jury", ("", "/journal")),
        ):
            base = {"centre": "/centre/sessions", "jury": "/jury/sessions"}[login]
            browser = world.staff(login)
            found |= {f"{login}{p}": browser.get(f"{base}/{world.session}{p}").text for p in paths}
        manager, jury, proctor = world.staff("centre"), world.staff("jury"), world.staff("surveillant")
        found["place"] = manager.get(f"/centre/passations/{known.sitting}").text
        found["amend"] = jury.get(f"/jury/passations/{known.sitting}/rectifier").text
        found["queue"] = jury.get("/jury/incidents?etat=tous").text
        cases = sorted(a for a in jury.page.links() if a.startswith("/jury/incidents/")) if jury.page else []
        found["case"] = jury.get(cases[0]).text
        found["console"] = proctor.get(f"/surveillance/{world.session}").text
        found["candidate"] = proctor.get(f"/surveillance/candidats/{known.sitting}").text
        for paper in ("feuille-emargement", "proces-verbal", "convocations"):
            manager.get(f"/centre/sessions/{world.session}/{paper}.pdf")
        manager.get(f"/centre/sessions/{world.session}/resultats.csv")
        return found

    before = pages()
    assert all(MARK.upper() in text.upper() for text in before.values())
    erase(world, known)
    after = pages()
    for name, text in after.items():
        assert "CANDIDAT EFFACÉ" in text.upper(), name
        assert MARK.upper() not in text.upper(), name
        assert "1900" not in text, name
    assert "[effacé]" in after["case"]
    assert "Des données personnelles de cette session ont été effacées" in after["centre/cloture"]
    assert "Le journal ne correspond plus" not in after["centre/cloture"]


def test_a_log_that_was_tampered_with_is_told_from_one_that_lost_a_person(world: World, known: Seat):
    with world.house.db.write() as db:
        sql(db, "UPDATE incident SET text = 'autre chose' WHERE sitting_id = ?", (known.sitting,))
    told = closing.closing(world.house, world.person("centre"), world.session, world.clock())
    assert (told.log_is_as_signed, told.erased_at) == (False, None)


def test_nobody_is_recognised_as_somebody_who_was_erased(world: World, known: Seat):
    erase(world, known)
    browser = world.browser()
    browser.get("/candidat")
    browser.submit("/candidat", known.identity, expect=401)
    with world.house.db.read() as db:
        [erased] = db.execute(select(Candidate).where(Candidate.birth_date == ERASED_BIRTH)).all()
    for first, last in (("", "Candidat effacé"), ("", erased.name_key)):
        assert not erasure.find(world.house.db, last, first, ERASED_BIRTH, "root", world.clock())


@pytest.mark.parametrize(
    ("until", "refusal"),
    [("open", SittingPending), ("closed", ResultPending), ("finalised", ResultPending), ("published", UnderAppeal)],
)
def test_nobody_is_erased_while_something_is_pending(world: World, until: str, refusal: type[EngineError]):
    steps = {"open": lambda: None, "closed": world.close_day, "finalised": world.finalise, "published": world.publish}
    for name, step in steps.items():
        step()
        if name == until:
            break
    before = everything(world)
    with pytest.raises(refusal):
        erase(world, world.camille)
    assert everything(world) == before


def test_an_appeal_ends_to_the_day(world: World):
    world.close_day()
    world.publish()
    world.clock.forward(days=APPEAL, seconds=-1)
    with pytest.raises(UnderAppeal):
        erase(world, world.camille)
    world.clock.forward(seconds=1)
    assert erase(world, world.camille)[DataClass.IDENTITY] == 1


def test_a_person_is_erased_once_and_for_a_reason(world: World, known: Seat):
    who = candidate_id(world, known)
    with pytest.raises(ErasureReasonMissing):
        erase(world, known, "  ")
    erase(world, known)
    for refused in (who, "nobody"):
        with pytest.raises(NoSuchCandidate), as_owner(world) as db:
            erasure.erase(db, refused, "x", "root", APPEAL, world.clock())


def test_an_erasure_that_fails_leaves_everything_as_it_was(world: World, known: Seat, monkeypatch: pytest.MonkeyPatch):
    before = everything(world)

    def breaks(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(erasing, "erase_identity", breaks)
    with pytest.raises(RuntimeError):
        erase(world, known)
    assert everything(world) == before


def test_somebody_is_found_by_name_and_birth_and_the_look_is_written_down(world: World):
    [found] = erasure.find(world.house.db, "MOREAU", "camille", world.camille.birth_date, "root", world.clock())
    assert (found.id, found.sittings) == (candidate_id(world, world.camille), 1)
    assert not erasure.find(world.house.db, "Moreau", "Camille", date(1999, 1, 1), "root", world.clock())
    with world.house.db.read() as db:
        [(what, whom)] = sql(db, "SELECT what, subject_id FROM access_log").all()
    assert (what, whom) == ("found", found.id)


def test_who_was_erased_can_be_enrolled_again_as_somebody_new(world: World, known: Seat):
    old = candidate_id(world, known)
    erase(world, known)
    manager = world.person("centre")
    day = enrolment.NewSession("Suite", Mode.ON_SITE, "Salle 2", world.clock() + timedelta(days=9), ())
    session = enrolment.create_session(world.house, manager, day, world.clock())
    again = enrolment.NewCandidate(
        known.last_name, known.first_name, BORN, "n@exemple.fr", Track.FIRST_DEGREE, Level.EXPERT, False, 0
    )
    place = enrolment.enrol(world.house, manager, session, again, world.clock())
    assert candidate_id(world, replace(known, sitting=place.sitting)) != old
