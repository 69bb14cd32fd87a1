"""From sittings to a calibration and back: what leaves, what never leaves, and what stays as it was."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.adaptive.cat import Present, decide
from engine.calibration.check import checked
from engine.calibration.responses import Responses
from engine.delivery.commands import observed
from engine.items.frameworks import Track
from engine.items.read import read_release
from engine.items.release import Provenance
from engine.kernel import SessionId
from engine.proctoring.ruling import Decision
from tests.web.world import World
from web.cli import main
from web.commands.responses_file import rows_of
from web.db import sessions
from web.services import adjudication
from web.services.adjudication import Verdict
from web.services.amendment import report_to_jury
from web.services.exposure import plan_of
from web.services.responses_export import COLUMNS
from web.services.supervision import Report


@pytest.fixture
def published(world: World) -> World:
    """Camille answered everything; the others never came. It is published."""

    def reach() -> None:
        world.start(world.camille)
        world.answer_all(world.camille)
        world.close_day()
        world.publish()

    world.at("published", reach)
    return world


@pytest.fixture
def palier(world: World, monkeypatch: pytest.MonkeyPatch):
    """The command line on the database of this test."""
    monkeypatch.setenv("PALIER_DATABASE_URL", str(world.house.db.engine.url))
    monkeypatch.setenv("PALIER_DATA", str(world.house.catalogue._settings.data))
    monkeypatch.setenv("PALIER_RELEASE", "demo")

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, [str(a) for a in arguments])

    return run


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_answers_of_a_published_session_come_out_in_order_and_can_be_calibrated(published, palier, tmp_path):
    out = tmp_path / "answers.csv"
    done = palier("study", "export", "--out", out)
    assert done.exit_code == 0, done.output
    assert "64 answers of 1 sittings in 1 published sessions" in done.output
    rows = table(out)
    release = read_release(published.house.catalogue._settings.bank, "demo")
    given = observed(published.sitting(published.camille), release)
    assert [(r["item"], r["correct"]) for r in rows] == [(o.item, str(int(o.correct))) for o in given]
    assert {r["scored"] for r in rows} == {"1"}
    read = checked(rows_of(out, ("mode", "track")), frozenset(release.row_of), ("mode", "track"), "demo")
    assert isinstance(read, Responses)
    assert len(read.persons) == 1


def test_parquet_holds_what_csv_holds(published, palier, tmp_path):
    del published
    for name in ("a.csv", "a.parquet"):
        assert palier("study", "export", "--out", tmp_path / name).exit_code == 0
    one, other = ([row for _, row in rows_of(tmp_path / n, COLUMNS[3:])] for n in ("a.csv", "a.parquet"))
    kept = COLUMNS[1:]
    assert [[r[c] for c in kept] for r in one] == [[r[c] for c in kept] for r in other]


def test_nothing_says_whose_they_are_and_two_exports_share_no_label(published, palier, tmp_path):
    labels = []
    for name in ("one.csv", "two.csv"):
        palier("study", "export", "--out", tmp_path / name)
        text = (tmp_path / name).read_text("utf-8").lower()
        sitting = published.sitting(published.camille)
        for told in ("moreau", "camille", "2026", sitting.id, published.camille.code.lower(), "demo"):
            assert told not in text
        labels.append({r["person"] for r in table(tmp_path / name)})
    assert not labels[0] & labels[1]


def test_what_is_not_published_never_leaves(world, palier, tmp_path):
    world.start(world.camille)
    world.answer_all(world.camille)
    world.close_day()
    done = palier("study", "export", "--out", tmp_path / "answers.csv")
    assert done.exit_code == 1
    assert "No published session has answers" in done.output
    assert list(tmp_path.glob("**/*.csv")) == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--until", "2020-01-01"), "No published session"),
        (("--release", "seed"), "No published session"),
        (("--since", "2027-01-01", "--until", "2026-01-01"), "later than --until"),
        (("--since", "yesterday"), "yesterday"),
    ],
)
def test_bounds_hold_and_wrong_ones_are_refused(published, palier, tmp_path, options, told):
    del published
    done = palier("study", "export", "--out", tmp_path / "answers.csv", *options)
    assert done.exit_code != 0
    assert told in done.output
    assert not (tmp_path / "answers.csv").exists()


def test_a_file_that_is_there_is_kept_unless_told_otherwise(published, palier, tmp_path):
    del published
    out = tmp_path / "answers.csv"
    out.write_text("mine", encoding="utf-8")
    assert "is there already" in palier("study", "export", "--out", out).output
    assert out.read_text("utf-8") == "mine"
    assert palier("study", "export", "--out", out, "--force").exit_code == 0
    assert out.read_text("utf-8").startswith("person,item,correct")
    assert ".xlsx" in palier("study", "export", "--out", tmp_path / "a.xlsx").output


@pytest.mark.parametrize(
    ("decision", "answers", "left"),
    [
        (Decision.NO_EFFECT, None, True),
        (Decision.NEW_SESSION, None, False),
        (Decision.VOID, None, False),
        (Decision.FRAUD, None, False),
        (Decision.FRAUD, True, False),
        (Decision.FRAUD, False, True),
    ],
)
def test_answers_of_a_sitting_without_a_result_or_in_doubt_are_left_out(
    published, palier, tmp_path, decision, answers, left
):
    told = Report("COM-03", "Courrier", published.clock())
    sitting = published.camille.sitting
    late = report_to_jury(published.house, published.person("jury"), sitting, told, published.clock())
    verdict = Verdict(decision, (), "Établi", 0, "Par courrier")
    adjudication.adjudicate(published.house, published.person("collegue"), late, verdict, published.clock())
    if answers is not None:
        proposal = adjudication.case(published.house, published.person("collegue"), late).proposal
        reply = adjudication.Reply(proposal.id, answers, "Lu")
        adjudication.answer_proposal(published.house, published.person("tierce"), late, reply, published.clock())
    out = tmp_path / "answers.csv"
    done = palier("study", "export", "--out", out)
    assert (done.exit_code == 0) == left, done.output
    assert (len(table(out)) == 64) if left else ("answer" in done.output and not out.exists())


def test_a_neutralised_item_is_left_out(world, palier, tmp_path):
    world.start(world.camille)
    world.answer_all(world.camille)
    incident = world.flag(world.camille)
    world.close_day()
    verdict = Verdict(Decision.NEUTRALISE, (20,), "Téléphone entendu pendant cette question.", 0)
    adjudication.adjudicate(world.house, world.person("jury"), incident, verdict, world.clock())
    world.publish()
    out = tmp_path / "answers.csv"
    assert palier("study", "export", "--out", out).exit_code == 0
    items = [r["item"] for r in table(out)]
    assert len(items) == 63
    assert world.sitting(world.camille).presented[19] not in items


def test_a_new_calibration_leaves_results_and_sittings_as_they_were(published, palier, tmp_path):
    """Its parameters go into a release of their own; what a session pinned is read from its own copy."""
    house = published.house
    sitting = published.sitting(published.camille)
    before = adjudication.published(house, sitting.id)
    given = observed(sitting, read_release(house.catalogue._settings.bank, "demo"))
    bank = house.catalogue._settings.bank
    demo = read_release(bank, "demo")
    estimates = [
        {"item": i.id, "a": 1.5, "b": 0.3, "se_a": 0.1, "se_b": 0.2, "n": 400, "answers": 400}
        | {"right": 0.5, "fit": 0.1, "outfit": 1.0}
        for i in demo.items
        if i.id not in demo.pretest
    ]
    calibration = {
        "model": "2pl-tree", "scale": "items", "priors": True, "release": "demo", "anchor": None, "data": "0" * 64,
        "persons": 4000, "answers": 92400, "log_likelihood": -1.0, "iterations": 5, "converged": True,
        "population": {"mean": 0.0, "variances": [0.7, 0.1, 0.2]}, "heldout_error": {"crcn_edu": 0.02, "crcn": 0.02},
        "items": estimates,
    }  # fmt: skip
    (tmp_path / "calibration.json").write_text(json.dumps(calibration), encoding="utf-8")
    for folder in ("items", "scripts", "rules"):
        (tmp_path / folder).symlink_to(bank / folder)
    done = palier("bank", "release", "new", "--calibration", tmp_path / "calibration.json", "--root", tmp_path)
    assert done.exit_code == 0, done.output
    new = read_release(tmp_path, "new")
    assert new.provenance is Provenance.CALIBRATED
    assert {p.a for i, p in zip(new.items, new.parameters, strict=True) if i.id not in new.pretest} == {1.5}
    assert adjudication.published(house, sitting.id) == before is not None
    with house.db.read() as connection:
        slot = sessions.load(connection, SessionId(published.session))
        plan = plan_of(house.catalogue, connection, slot, Track.SECOND_DEGREE)
    for place, seen in enumerate(given):
        assert decide(plan, sitting.seed, given[:place]) == Present(seen.item)

    calibration["items"] = estimates[1:]
    (tmp_path / "calibration.json").write_text(json.dumps(calibration), encoding="utf-8")
    refused = palier("bank", "release", "less", "--calibration", tmp_path / "calibration.json", "--root", tmp_path)
    assert refused.exit_code == 1
    assert estimates[0]["item"] in refused.output
    assert not (tmp_path / "releases" / "less.json").exists()
