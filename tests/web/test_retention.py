"""What was kept long enough goes, class by class, and nothing else does."""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from tests.web.person import MARK, as_owner, everything, much_is_known, owner_url
from tests.web.sql import sql
from tests.web.test_erasure import audited
from tests.web.world import World
from web.birth_dates import ERASED_BIRTH
from web.cli import main
from web.config import ROOT, Settings
from web.db import erasing, results
from web.db.data_classes import KEPT_WITHOUT_IDENTITY, DataClass
from web.db.privacy_tables import AccessLog, Erasure
from web.db.results import Version
from web.db.tables import Account, Attempt, Candidate
from web.services import retention
from web.services.retention import Report
from web.services.retention_rules import BadRetention, RetentionRules, read_retention, retention_of

FILE = (ROOT / "item_bank" / "rules" / "retention.toml").read_text(encoding="utf-8")


@pytest.fixture
def rules() -> RetentionRules:
    """The rules that come with Palier."""
    return read_retention(FILE)


def run(world: World, rules: RetentionRules, really: bool = True) -> Report:
    with as_owner(world) as db:
        return retention.apply(db, rules, "root", world.clock(), really)


def done(report: Report) -> Mapping[DataClass, int]:
    return {kept: line.rows for kept, line in report.lines.items() if line.rows}


def content(world: World) -> dict[str, str]:
    """All that is stored of people: what was noted of an erasure is about nobody's data."""
    return everything(world, "erasure")


def test_every_period_has_a_reason_and_a_source(rules: RetentionRules):
    assert set(rules.classes) == set(DataClass)
    assert {kept for kept in DataClass if rules.days(kept) is None} == KEPT_WITHOUT_IDENTITY
    assert all(len(p.reason) > 20 and p.source for p in rules.classes.values())


def test_nothing_is_due_on_the_day_of_the_results(world: World, rules: RetentionRules):
    much_is_known(world)
    before = content(world)
    assert not done(run(world, rules))
    assert content(world) == before


@pytest.mark.parametrize("kept", [k for k in erasing.DUTIES if k not in retention.FROM_END_OF_DAY])
def test_a_class_of_a_session_goes_when_its_days_after_the_results_are_over(
    world: World, rules: RetentionRules, kept: DataClass
):
    much_is_known(world)
    days = rules.days(kept)
    assert days
    world.clock.forward(days=days, seconds=-1)
    assert kept not in done(run(world, rules))
    world.clock.forward(seconds=1)
    assert done(run(world, rules))[kept] >= 1


def test_what_is_over_with_the_day_does_not_wait_for_the_results(world: World, rules: RetentionRules):
    world.start(world.camille)
    with world.house.db.write() as db:
        page = {"sitting_id": world.camille.sitting, "page": "p", "at": world.clock()}
        db.execute(insert(erasing.WriterLease).values(**page))
    world.clock.forward(days=2)
    assert not done(run(world, rules)), "the session is open"
    world.close_day()
    assert set(done(run(world, rules))) == {DataClass.DRAFTS}


def test_a_dry_run_says_what_the_run_then_does_and_changes_nothing(world: World, rules: RetentionRules):
    much_is_known(world)
    world.clock.forward(days=400)
    before = everything(world)
    told = run(world, rules, really=False)
    assert everything(world) == before
    assert told.is_dry
    assert len(done(told)) >= 8
    assert done(run(world, rules)) == done(told)


def test_a_second_run_finds_nothing_to_do(world: World, rules: RetentionRules):
    much_is_known(world)
    for days in (400, 400, 800):
        world.clock.forward(days=days)
        run(world, rules)
        after = everything(world)
        assert not done(run(world, rules))
        assert everything(world) == after


def test_when_the_identity_is_over_nothing_says_who_anybody_was(world: World, rules: RetentionRules):
    much_is_known(world)
    world.clock.forward(days=1461)
    report = run(world, rules)
    assert report.lines[DataClass.IDENTITY].people == 4
    assert not audited(world)
    left = content(world)
    for trace in (MARK, MARK.lower(), "Moreau", "Benali", "Le Goff", "camille.moreau"):
        assert not [table for table, text in left.items() if trace in text], trace
    assert "Petit" in left["candidate"], "of the other centre's session, whose results are not published"


def test_a_session_whose_results_are_not_published_is_held_back_and_told(world: World, rules: RetentionRules):
    world.start(world.camille)
    world.flag(world.camille, text="Téléphone")
    world.finish(world.camille)
    world.close_day()
    world.clock.forward(days=2000)
    before = content(world)
    report = run(world, rules)
    assert report.lines[DataClass.INCIDENT_TEXTS].held_back == 2
    assert not done(report).keys() - {DataClass.DRAFTS}
    assert content(world)["candidate"] == before["candidate"]


def test_somebody_with_a_newer_session_keeps_their_name(world: World, rules: RetentionRules):
    world.close_day()
    world.publish()
    world.clock.forward(days=1460)
    with world.house.db.write() as db:
        sql(
            db,
            "INSERT INTO sitting (id, session_id, candidate_id, track, target, extra_third, extra_minutes, needs,"
            " code_hash, seed, enrolled_at)"
            " SELECT 'again', ?, candidate_id, track, target, false, 0, '[]', 'x', 1, enrolled_at"
            " FROM sitting WHERE id = ?",
            (world.foreign_session, world.camille.sitting),
        )
    world.clock.forward(days=1)
    assert run(world, rules).lines[DataClass.IDENTITY].people == 2
    assert "Moreau" in content(world)["candidate"]


def test_an_address_goes_before_the_name(world: World, rules: RetentionRules):
    much_is_known(world)
    world.clock.forward(days=365)
    assert run(world, rules).lines[DataClass.EMAIL].people == 4
    with world.house.db.read() as db:
        rows = db.execute(select(Candidate).where(Candidate.last_name == MARK)).all()
        assert [(r.email, r.first_name) for r in rows] == [("", f"Ève-{MARK}")]


def test_a_closed_account_loses_its_name_and_an_open_one_never(world: World, rules: RetentionRules):
    much_is_known(world)
    with world.house.db.write() as db:
        sql(db, "UPDATE account SET is_active = false WHERE login = 'surveillant'")
    world.clock.forward(days=1460)
    assert DataClass.STAFF_ACCOUNTS not in done(run(world, rules))
    world.clock.forward(days=2)
    assert done(run(world, rules))[DataClass.STAFF_ACCOUNTS] == 1
    assert not done(run(world, rules)).get(DataClass.STAFF_ACCOUNTS)
    with world.house.db.read() as db:
        names = set(db.execute(select(Account.name)).scalars())
    assert "Paul Keller" not in names
    assert "Yves Roche" in names
    page = world.staff("centre").get(f"/centre/sessions/{world.session}/journal")
    assert "par Compte effacé" in page.text


@pytest.mark.parametrize(("table", "kept"), [(AccessLog, DataClass.ACCESS_LOG), (Attempt, DataClass.GUESSES)])
def test_old_rows_go_in_pieces_and_new_ones_stay(
    world: World, rules: RetentionRules, table: type[AccessLog | Attempt], kept: DataClass
):
    days = rules.days(kept)
    assert days
    about = {"account_id": "", "operator": "", "what": "list", "subject": "", "subject_id": ""}
    more = about if table is AccessLog else {"key": "k"}
    with world.house.db.write() as db:
        for age, count in ((timedelta(days=days, seconds=1), erasing.PIECE * 2 + 7), (timedelta(days=days), 3)):
            db.execute(insert(table), [{"at": world.clock() - age, **more}] * count)
    assert done(run(world, rules)) == {kept: erasing.PIECE * 2 + 7}
    with world.house.db.read() as db:
        assert db.execute(select(func.count()).select_from(table)).scalar_one() == 3


def test_a_run_that_is_cut_short_is_gone_on_with(world: World, rules: RetentionRules, monkeypatch: pytest.MonkeyPatch):
    much_is_known(world)
    world.clock.forward(days=1461)
    with monkeypatch.context() as cut:
        done_before, real = [], erasing.erase_identity

        def breaks(*given: object) -> None:
            if len(done_before) == 2:
                raise KeyboardInterrupt
            done_before.append(given)
            real(*given)  # type: ignore[arg-type]

        cut.setattr(erasing, "erase_identity", breaks)
        with pytest.raises(KeyboardInterrupt):
            run(world, rules)
    with world.house.db.read() as db:
        assert db.execute(select(func.count()).where(Candidate.birth_date == ERASED_BIRTH)).scalar_one() == 2
    assert run(world, rules).lines[DataClass.IDENTITY].people == 2
    assert MARK not in "".join(content(world).values())


def test_what_was_erased_is_written_down_without_what_it_said(world: World, rules: RetentionRules):
    much_is_known(world)
    world.clock.forward(days=1461)
    run(world, rules)
    with world.house.db.read() as db:
        rows = db.execute(select(Erasure)).all()
    assert {row.cause for row in rows} == {"retention"}
    assert {row.data_class for row in rows} >= {"identity", "messages", "incident_texts"}
    assert {row.operator for row in rows} == {"root"}


def test_a_result_that_is_amended_late_has_its_texts_erased_late(world: World, rules: RetentionRules):
    seat = much_is_known(world)
    world.clock.forward(days=1461)
    run(world, rules)
    with world.house.db.write() as db:  # the jury publishes anew, years later, with another text
        [last] = [v for v in results.versions(db, seat.sitting) if v.number == 2]
        document = last.document | {"amendment": {**last.document["amendment"], "reason": MARK}}
        results.add_version(db, seat.sitting, Version(3, world.clock(), last.published_by, document))
    world.clock.forward(days=1460)
    assert DataClass.INCIDENT_TEXTS not in done(run(world, rules))
    world.clock.forward(days=1)
    assert done(run(world, rules)) == {DataClass.INCIDENT_TEXTS: 1}
    assert MARK not in content(world)["result"]


@given(gone=st.sets(st.sampled_from(list(DataClass)), min_size=1), new=st.from_regex(r"[a-z]{3,12}", fullmatch=True))
def test_a_class_that_is_missing_or_unknown_is_refused_by_its_name(gone: set[DataClass], new: str):
    lines, kept = [], True
    for line in FILE.splitlines():
        if line.startswith("["):
            kept = line.removeprefix("[classes.").removesuffix("]") not in gone
        lines += [line] * kept
    with pytest.raises(BadRetention) as refused:
        read_retention(
            "\n".join(lines) + f'\n[classes.x{new}]\ndays = 3\nreason = "Nothing of it."\nsource = "Nobody said."'
        )
    assert {f"classes.{name}: missing" for name in gone} | {f"classes.x{new}: unknown class"} <= set(
        refused.value.facts["faults"]
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("days = 365", "days = 0", "greater than or equal to 1"),
        ("days = 365", 'days = "without_identity"', "must not be 'without_identity'"),
        ("days = 365", "days = 1.5", "days"),
        ("days = 92", "days = true", "appeal.days"),
        ('days = "without_identity"', "days = 30", "must be 'without_identity'"),
        ("format = 1", "format = 2", "format"),
        ("format = 1", "format = ", "no TOML"),
        ("[appeal]", "[apeal]", "apeal"),
        ("reason =", "why =", "reason"),
    ],
)
def test_rules_with_a_fault_are_refused_and_name_it(old: str, new: str, told: str):
    assert old in FILE
    with pytest.raises(BadRetention, match=told):
        read_retention(FILE.replace(old, new, 1))


def test_an_installation_names_its_own_file(tmp_path, monkeypatch: pytest.MonkeyPatch):
    own = tmp_path / "own.toml"
    own.write_text(FILE.replace("days = 1461", "days = 730"), encoding="utf-8")
    monkeypatch.setenv("PALIER_RETENTION", str(own))
    assert retention_of(Settings()).days(DataClass.IDENTITY) == 730
    own.unlink()
    with pytest.raises(BadRetention, match="cannot be read"):
        retention_of(Settings())


def test_the_command_says_what_it_would_do_then_does_it_for_people_and_for_machines(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    much_is_known(world)
    monkeypatch.setenv("PALIER_DATABASE_URL", owner_url(world))
    with world.house.db.write() as db:
        sql(db, "UPDATE result SET published_at = '2019-01-01 00:00:00.000000'")
        sql(db, "UPDATE exam_session SET starts_at = '2019-01-01 00:00:00.000000' WHERE state = 'published'")
    told = CliRunner().invoke(main, ["privacy", "apply", "--dry-run"])
    assert told.exit_code == 0, told.output
    assert told.output.startswith("Nothing is changed")
    assert MARK in "".join(content(world).values())
    dry = json.loads(CliRunner().invoke(main, ["privacy", "apply", "--dry-run", "--json"]).output)
    assert (dry["dry_run"], dry["classes"]["identity"]["people"]) == (True, 4)
    wet = json.loads(CliRunner().invoke(main, ["privacy", "apply", "--json"]).output)
    assert wet["classes"] == {
        kept: {**line, "before": wet["classes"][kept]["before"]} for kept, line in dry["classes"].items()
    }
    assert MARK not in "".join(content(world).values())
