"""An administrator sees how the items of a release do, and nobody else does."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from engine.adaptive.gates import SHARE
from engine.items.frameworks import Framework, Track
from engine.items.release import Provenance
from tests.web.sql import sql
from tests.web.test_statements import statements
from tests.web.world import World
from web.config import Environment, Settings
from web.services import monitoring
from web.services.catalogue import Catalogue


def digest_of(world: World) -> str:
    return world.house.catalogue.current[0]


def page_of(world: World) -> str:
    return f"/administration/versions/{digest_of(world)}"


def lines(world: World) -> list[dict[str, str]]:
    body = world.staff("admin").get(f"{page_of(world)}.csv").body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body), delimiter=";"))


@pytest.mark.parametrize("login", ["centre", "surveillant", "jury"])
def test_the_other_seats_are_turned_away(world: World, login: str):
    browser = world.staff(login)
    for path in ("/administration", page_of(world), f"{page_of(world)}.csv"):
        assert browser.get(path, expect=403).alert == "Votre compte ne donne pas accès à cette page."


def test_an_administrator_sees_no_session(world: World):
    browser = world.staff("admin")
    for path in (
        f"/centre/sessions/{world.session}",
        f"/surveillance/{world.session}",
        f"/jury/sessions/{world.session}",
    ):
        browser.get(path, expect=403)


def test_the_list_names_each_release_with_its_use(world: World):
    page = world.staff("admin").get("/administration")
    assert "demo en vigueur" in page.text
    assert "Paramètres simulés" in page.text
    release = world.house.catalogue.named_release
    assert str(len(release.items) - len(release.pretest)) in page.text


def test_a_release_without_sittings_says_so(world: World):
    page = world.staff("admin").get(page_of(world))
    assert page.text.count("Aucune passation pour l'instant.") == len(Track)
    assert {line["passations"] for line in lines(world)} == {"0"}


@pytest.mark.parametrize("digest", ["0" * 64, "x", "..", "%2e%2e"])
def test_a_release_that_is_not_installed_is_refused_by_name(world: World, digest: str):
    alert = world.staff("admin").get(f"/administration/versions/{digest}", expect=404).alert
    assert alert


def test_what_is_counted_is_what_was_given(world: World):
    for seat in (world.camille, world.anne_lise):
        world.start(seat)
        world.answer_all(seat)
    world.start(world.idriss)  # of the other track, and only his first item
    one, two, other = (set(world.sitting(s).presented) for s in (world.camille, world.anne_lise, world.idriss))
    found = lines(world)
    second = {line["item"]: line for line in found if line["parcours"] == "second_degree"}
    first = {line["item"]: line for line in found if line["parcours"] == "first_degree"}
    assert {i: int(line["donnee"]) for i, line in second.items()} == {i: (i in one) + (i in two) for i in second}
    assert {i for i, line in first.items() if line["donnee"] != "0"} == other
    assert {line["passations"] for line in second.values()} == {"2"}
    assert {line["passations"] for line in first.values()} == {"1"}
    watch = {t.track: t for t in monitoring.watch(world.house, digest_of(world)).tracks}
    assert watch[Track.SECOND_DEGREE].overlap == pytest.approx(len(one & two) / 64)
    assert watch[Track.FIRST_DEGREE].overlap is None
    assert {line["alertes"] for line in found} == {""}  # two sittings show nothing yet
    text = world.staff("admin").get(page_of(world)).text
    assert "2/2" in text
    assert "2nd degré 2 passations" in text


def test_another_release_s_sittings_do_not_count(world: World):
    world.start(world.camille)
    with world.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET release_digest = ?", ("0" * 64,))
    assert {line["donnee"] for line in lines(world)} == {"0"}


def test_what_was_given_is_held_back_after_the_session_has_closed(world: World):
    world.start(world.camille)
    world.answer_all(world.camille)
    before = {line["item"]: line["ecartee"] for line in lines(world) if line["parcours"] == "second_degree"}
    world.close_day()
    after = {line["item"]: line["ecartee"] for line in lines(world) if line["parcours"] == "second_degree"}
    given = set(world.sitting(world.camille).presented)
    assert set(before.values()) == {"0,0"}
    assert {i for i, value in after.items() if value != "0,0"} == given
    assert {after[i] for i in given} == {"0,814", "0,7675"}  # one sitting, given in it: 1 − .93 r_max


def test_a_filter_keeps_what_it_names(world: World):
    browser = world.staff("admin")
    page = browser.get(f"{page_of(world)}?competence=crcn-1.1")
    shown = [e.text for e in page.root.all("tr") if e.all("th")]
    assert shown
    ids = {i.id for i in world.house.catalogue.release(digest_of(world)).items}
    release = world.house.catalogue.release(digest_of(world))
    expected = {
        i.id
        for i in release.items
        if i.framework is Framework.CRCN and i.competence == "1.1" and i.id not in release.pretest
    }
    assert {i for i in ids if any(i in row for row in shown)} == expected
    assert "rien ne demande votre attention" in browser.get(f"{page_of(world)}?alertes=1").text
    assert "Aucune question ne correspond" in browser.get(f"{page_of(world)}?competence=rien").text


def test_a_column_sorts_falling_first_and_then_rising(world: World):
    browser = world.staff("admin")
    release = world.house.catalogue.release(digest_of(world))
    hardest = max(zip(release.items, release.parameters, strict=True), key=lambda pair: pair[1].b)[0]
    page = browser.get(f"{page_of(world)}?tri=-b&competence={hardest.framework.value}-{hardest.competence}")
    rows = [e.text for e in page.root.all("th") if e.get("scope") == "row"]
    assert hardest.id in rows[0]
    [link] = [e["href"] for e in page.root.all("a") if "tri=b" in e.get("href")]
    page = browser.get(link)
    assert hardest.id in [e.text for e in page.root.all("th") if e.get("scope") == "row"][-1]
    assert [e.get("aria-sort") for e in page.root.all("th") if e.get("aria-sort")] == ["ascending"]


def test_the_flags_of_a_calibration_are_told_in_words(world: World, monkeypatch: pytest.MonkeyPatch):
    release = world.house.catalogue.release(digest_of(world))
    flagged = replace(release.parameters[0], fit=4.2, flags=("misfit", "drift"))
    told = replace(release, parameters=(flagged, *release.parameters[1:]))
    since = world.house.catalogue.installed()[0][1]
    monkeypatch.setattr(world.house.catalogue, "installed", lambda: [(told, since)])
    text = world.staff("admin").get(f"{page_of(world)}?alertes=1").text
    assert release.items[0].id in text
    assert release.items[1].id not in text
    assert "4,2" in text
    assert "Ne suit pas le modèle" in text
    assert "A dérivé" in text


def test_no_text_of_an_item_is_shown(world: World):
    text = world.staff("admin").get(page_of(world)).text
    release = world.house.catalogue.release(digest_of(world))
    assert not [i.id for i in release.items if i.body.split("\n")[0][:60] in text]


def test_the_page_asks_as_much_of_the_database_for_many_sittings_as_for_none(world: World):
    browser = world.staff("admin")

    def asked() -> int:
        with statements(world) as sent:
            browser.get(page_of(world))
        return len(sent)

    none = asked()
    for seat in world.seats:
        world.start(seat)
        world.answer_all(seat)
    assert asked() == none


def test_what_is_missing_for_the_next_stage_is_told_in_words(world: World, monkeypatch: pytest.MonkeyPatch):
    release = world.house.catalogue.release(digest_of(world))
    since = world.house.catalogue.installed()[0][1]
    few = tuple(replace(p, responses=70, se_b=0.4) for p in release.parameters)
    needed = -(-SHARE * len(release.counted(Framework.CRCN_EDU)) // 100)
    for other, sentence in (
        (replace(release, provenance=Provenance.TAGS), "une calibration sur des réponses"),
        (replace(release, parameters=few), f"125 réponses au moins à {needed} questions de plus"),
        (replace(release, parameters=few), "leur erreur médiane doit descendre à 0,28, elle est de 0,40"),
        (replace(release, heldout_error={}), "l'erreur doit descendre à 0,03"),
    ):
        monkeypatch.setattr(world.house.catalogue, "installed", lambda other=other: [(other, since)])
        assert sentence in world.staff("admin").get(page_of(world)).text.replace("\xa0", " ")


def test_production_does_not_list_what_a_demo_left_behind(tmp_path: Path):
    Catalogue(Settings(data=tmp_path, release="demo", exposure_warm_up=0)).install()
    catalogue = Catalogue(Settings(data=tmp_path, release="seed", environment=Environment.PRODUCTION))
    catalogue.install()
    assert [release.name for release, _ in catalogue.installed()] == ["seed"]
