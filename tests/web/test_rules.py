"""A rule set that the release cannot bear plans no session."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from engine.adaptive.gates import NotCalibrated
from engine.items.frameworks import Track
from tests.web.world import World
from web.app import create_app
from web.config import ROOT, Settings
from web.services.catalogue import Catalogue


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
