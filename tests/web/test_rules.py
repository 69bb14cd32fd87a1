"""A rule set that the release cannot bear plans no session."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from engine.adaptive.cat import Observed, Present, decide
from engine.adaptive.forms import assemble
from engine.adaptive.forms_file import BrokenForms, FormsFile
from engine.adaptive.gates import NotCalibrated
from engine.adaptive.model import Pool
from engine.adaptive.plan import NoForms
from engine.items.frameworks import Track
from engine.items.read import read_release
from engine.scoring.rules import read_rules
from tests.web.world import World
from web.app import create_app
from web.config import ROOT, Settings
from web.services.catalogue import Catalogue, NotInstalled


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The item bank with one more rule set, `R2`, that decides by the double key."""
    folder = tmp_path_factory.mktemp("bank")
    for name in ("items", "releases"):
        (folder / name).symlink_to(ROOT / "item_bank" / name)
    shutil.copytree(ROOT / "item_bank" / "rules", folder / "rules")
    text = (folder / "rules" / "2023.toml").read_text(encoding="utf-8")
    (folder / "rules" / "R2.toml").write_text(text.replace('decides = "R1"', 'decides = "R2"'), encoding="utf-8")
    return folder


def settings(bank: Path, data: Path, release: str, rules: str) -> Settings:
    return Settings(data=data, database_url="", bank=bank, release=release, rules=rules)


@pytest.fixture
def unbearable(bank: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application whose settings name rules that its release has no data for."""
    made = create_app(settings(bank, tmp_path, "seed", "R2"))
    yield made
    made.extensions["palier"].db.close()


def test_rules_that_the_release_cannot_bear_are_not_installed(unbearable: Flask, tmp_path: Path):
    with pytest.raises(NotCalibrated, match="deciding by R2 needs stage 2") as refused:
        unbearable.extensions["palier"].catalogue.install()
    assert refused.value.facts["release"] == "seed"
    assert not list(tmp_path.glob("rules/*.toml"))


def test_rules_that_the_release_can_bear_are_installed_and_planned_with(bank: Path, data: Path):
    catalogue = Catalogue(settings(bank, data, "demo", "R2"))
    release, rules = catalogue.install()
    assert catalogue.rules(rules).decides == "R2"
    assert catalogue.plan(release, rules, Track.FIRST_DEGREE).reports_posterior


def test_planning_a_session_says_in_french_that_the_rules_cannot_be_borne(
    world: World, bank: Path, data: Path, monkeypatch: pytest.MonkeyPatch
):
    catalogue = world.house.catalogue
    for name in ("current", "named_release"):
        monkeypatch.delitem(catalogue.__dict__, name)
    monkeypatch.setattr(catalogue, "_settings", settings(bank, data, "seed", "R2"))
    manager = world.staff("centre")
    manager.get("/centre/sessions/nouvelle")
    fields = {
        "label": "Certification du matin",
        "starts_at": "2026-12-01T08:30",
        "mode": "on_site",
        "place": "Salle 12",
        "proctors": [world.person("surveillant").id],
    }
    page = manager.submit("/centre/sessions/nouvelle", fields, expect=409)
    assert "n'a pas assez de données pour ces règles" in page.text
    assert "Certification du matin" not in manager.get("/centre").text
    monkeypatch.undo()
    manager.get("/centre/sessions/nouvelle")
    manager.submit("/centre/sessions/nouvelle", fields)
    assert "Certification du matin" in manager.get("/centre").text


def fixed(bank: Path, digests: list[str]) -> None:
    """One more rule set, `fixed`, for fixed forms with these digests."""
    text = (bank / "rules" / "2023.toml").read_text(encoding="utf-8")
    table = f'[selection]\nselector = "forms"\nforms = {json.dumps(digests)}\nsource = "a test"\n'
    (bank / "rules" / "fixed.toml").write_text(f"{text}\n{table}", encoding="utf-8")


def test_fixed_forms_that_the_rules_pin_lead_a_sitting(bank: Path, data: Path, tmp_path: Path):
    release = read_release(bank, "demo")
    (bank / "forms").mkdir()
    digests = []
    for track in Track:
        pool = Pool.of(release, track)
        cuts = read_rules((bank / "rules" / "2023.toml").read_text("utf-8")).cuts
        file = FormsFile.of(pool, assemble(pool, cuts, 1, seed=1, time_budget=8400.0, nodes=1))
        (bank / "forms" / f"{file.digest}.json").write_text(file.model_dump_json(), encoding="utf-8")
        digests.append(file.digest)

    fixed(bank, digests)
    catalogue = Catalogue(settings(bank, data, "demo", "fixed"))
    pinned = catalogue.install()
    for path in (bank / "forms").iterdir():  # from now on the installation has its own
        path.rename(tmp_path / path.name)
    plan = catalogue.plan(*pinned, Track.SECOND_DEGREE)
    files = [json.loads((tmp_path / f"{d}.json").read_text("utf-8")) for d in digests]
    form = next(f for f in files if f["track"] == "second_degree")["forms"][0]["items"]
    observed: list[Observed] = []
    while isinstance(step := decide(plan, 7, observed), Present):
        observed.append(Observed(step.item, len(observed) % 3 > 0))
    assert [o.item for o in observed] == [item for item in form if item is not None]


def test_fixed_forms_that_are_missing_or_not_what_their_name_says_are_refused(bank: Path, tmp_path: Path):
    fixed(bank, [])
    with pytest.raises(NoForms, match="palier bank forms"):
        Catalogue(settings(bank, tmp_path / "a", "demo", "fixed")).install()
    fixed(bank, ["0" * 64])
    with pytest.raises(NotInstalled, match="Fixed forms 000000000000 are not at"):
        Catalogue(settings(bank, tmp_path / "b", "demo", "fixed")).install()
    (bank / "forms").mkdir(exist_ok=True)
    (bank / "forms" / f"{'0' * 64}.json").write_text('{"digest": "1"}', encoding="utf-8")
    with pytest.raises(BrokenForms, match="not those that its name says"):
        Catalogue(settings(bank, tmp_path / "c", "demo", "fixed")).install()
