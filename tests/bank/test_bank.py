"""The item bank as it is: no problem in it, enough of everything, and two releases that agree with it."""

from collections import Counter
from functools import cache

import pytest

from engine.adaptive.cat import Plan
from engine.adaptive.gates import Stage, stage
from engine.items.bank import Bank
from engine.items.frameworks import Framework, Track, competences_of
from engine.items.freeze import Manifest, from_tags
from engine.items.item import Status
from engine.items.read import BrokenRelease, read_bank, read_release
from engine.items.release import Provenance, Release
from engine.scoring.planning import plan_for
from engine.scoring.rules import read_rules
from tests.builders import ITEM_BANK, the_rules
from web.commands.bank import problems_of_items, problems_of_whole
from web.commands.bank_stats import markdown

PROVENANCE = {"seed": Provenance.TAGS, "demo": Provenance.SIMULATED}
releases = pytest.mark.parametrize("name", PROVENANCE)


@cache
def the_bank() -> Bank:
    bank, problems = read_bank(ITEM_BANK)
    assert bank is not None, "\n".join(map(str, problems))
    return bank


def approved() -> list:
    return [i for i in the_bank() if i.status is Status.APPROVED]


def advice(name: str) -> str:
    return f"run: palier bank release {name} --provenance {PROVENANCE[name]}"


@cache
def the_release(name: str) -> Release:
    try:
        return read_release(ITEM_BANK, name)
    except BrokenRelease as stale:
        pytest.fail(f"{stale} If the bank is as it should be, {advice(name)}")


def test_the_bank_has_no_problem():
    told = [sentence for _, sentence in problems_of_items(ITEM_BANK, the_bank())]
    told += problems_of_whole(ITEM_BANK, the_bank())
    assert not told, "\n".join(told)
    assert len(approved()) >= 480


def test_the_readme_has_the_coverage_of_the_bank():
    told = markdown(list(the_bank()))
    assert told in (ITEM_BANK / "README.md").read_text(encoding="utf-8"), "run: palier bank stats --readme"


@pytest.mark.parametrize("track", Track)
def test_every_competence_has_subjects_enough_for_a_whole_form(track):
    subjects = {(i.framework, i.competence, i.subject) for i in approved() if track in i.tracks}
    found = Counter((f, c) for f, c, _ in subjects)
    assert all(found[Framework.CRCN_EDU, c.code] >= 1 for c in competences_of(Framework.CRCN_EDU))
    assert all(found[Framework.CRCN, c.code] >= 3 for c in competences_of(Framework.CRCN))


@releases
def test_a_release_can_be_read_and_is_what_it_says(name):
    assert the_release(name).provenance is PROVENANCE[name]


@releases
def test_a_release_agrees_with_the_bank(name):
    manifest = Manifest.model_validate_json((ITEM_BANK / "releases" / f"{name}.json").read_bytes())
    held = {row.id: (row.version, row.path, row.digest) for row in manifest.items}
    sources = the_bank().sources
    listed = [i for i in the_bank() if i.status in (Status.APPROVED, Status.PRETEST)]
    now = {str(i.id): (i.version, str(sources[i.id].path), sources[i.id].digest) for i in listed}
    stale = sorted(item for item in held.keys() | now.keys() if held.get(item) != now.get(item))
    assert not stale, f"release {name} differs from the bank in {stale}; {advice(name)}"


def test_the_seed_rests_on_level_tags_alone():
    seed = the_release("seed")
    assert [stage(seed, f) for f in Framework] == [Stage.TAGS, Stage.TAGS]
    expected = [from_tags(i) for i in seed.items]
    assert [(p.a, p.b, p.c, p.responses) for p in seed.parameters] == [(e.a, e.b, 0.0, 0) for e in expected]


def test_the_demo_is_simulated_and_says_so():
    demo = the_release("demo")
    assert demo.provenance is Provenance.SIMULATED
    assert all(stage(demo, f) > Stage.TAGS for f in Framework)
    note = Manifest.model_validate_json((ITEM_BANK / "releases" / "demo.json").read_bytes()).note
    assert "simulés" in note
    assert "sans valeur officielle" in note


@releases
@pytest.mark.parametrize("track", Track)
def test_a_release_can_question_every_track_in_full(name, track):
    plan = Plan.of(the_release(name), track, the_rules().cuts)
    assert plan.lengths == (16, 48)
    assert plan.reports_posterior == (name == "demo")


@releases
@pytest.mark.parametrize("track", Track)
def test_a_release_lists_items_to_try_beside_those_that_count(name, track):
    release = the_release(name)
    assert release.pretest == {i.id for i in the_bank() if i.status is Status.PRETEST}
    rules = read_rules((ITEM_BANK / "rules" / "2023-pretest.toml").read_text(encoding="utf-8"))
    plan = plan_for(release, track, rules)
    assert plan.lengths == (16, 45)
    assert plan.asked == (16, 48)
    assert not set(plan.pool.ids) & release.pretest
