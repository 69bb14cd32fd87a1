"""The check-in list: what was looked at before somebody was let in."""

import pytest

from engine.delivery.session import Mode
from engine.delivery.states import State
from engine.kernel import EngineError
from tests.web.browser import Browser, values_of
from tests.web.sql import sql
from tests.web.world import World
from web.services import checkin, exam, gate
from web.services.checkin import IdentityNotChecked, Line, ProblemNotExplained, UnknownCheck

GOOD = {"document": ("ok", ""), "face": ("ok", "")}


@pytest.fixture
def remote(world: World) -> World:
    """The session is watched from afar, and Camille waits."""
    with world.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET mode = 'remote' WHERE id = ?", (world.session,))
    gate.check_in(world.house, world.camille.sitting, world.clock())
    return world


def authorise(world: World, given: checkin.Given, override: str = "") -> None:
    checkin.authorise(
        world.house, world.person("surveillant"), world.camille.sitting, given, world.clock(), override=override
    )


def page_of(world: World) -> Browser:
    browser = world.staff("surveillant")
    browser.get(f"/surveillance/candidats/{world.camille.sitting}")
    return browser


def test_the_lists_are_those_that_were_decided():
    assert checkin.LINES[Mode.REMOTE] == tuple(Line)[2:]
    assert len(checkin.LINES[Mode.REMOTE]) == 9
    assert checkin.LINES[Mode.ON_SITE] == (Line.IDENTITY, Line.PLACE)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({}, IdentityNotChecked),
        ({"document": ("ok", "")}, IdentityNotChecked),
        ({"document": ("ok", ""), "face": ("problem", "ne correspond pas")}, IdentityNotChecked),
        ({**GOOD, "phone": ("problem", "sur la table")}, ProblemNotExplained),
        ({**GOOD, "phone": ("perhaps", "")}, UnknownCheck),
        ({**GOOD, "identity": ("ok", "")}, UnknownCheck),  # a line of the other list
        ({"document": ("not_applicable", ""), "face": ("ok", "")}, UnknownCheck),
    ],
)
def test_nobody_enters_unless_the_list_permits_it_and_nothing_is_kept_then(
    remote: World, given: checkin.Given, refusal: type[EngineError]
):
    with pytest.raises(refusal):
        authorise(remote, given, override="y" if refusal is not ProblemNotExplained else " ")
    assert remote.sitting(remote.camille).state is State.CHECKED_IN
    with remote.house.db.read() as connection:
        assert checkin.history(connection, [remote.camille.sitting]) == []


def test_who_they_are_is_enough_and_a_problem_with_a_reason_is_no_obstacle(remote: World):
    authorise(
        remote, {**GOOD, "phone": ("problem", "sur la table"), "room": ("not_applicable", "")}, "Rangé devant moi"
    )
    assert remote.sitting(remote.camille).state is State.AUTHORISED
    log = remote.staff("jury").get(f"/jury/sessions/{remote.session}/journal").text
    assert (
        "Vérifications d'entrée · MOREAU Camille Pièce d'identité montrée en direct : bon · Visage comparé à la "
        "pièce : bon · Pièce : seul, table dégagée : sans objet · Téléphone hors de portée : problème (sur la table) · "
        "entrée malgré un problème : Rangé devant moi"
    ) in log


def test_the_list_is_kept_line_by_line_and_only_what_changed_is_written(remote: World):
    browser = page_of(remote)
    there = f"/surveillance/candidats/{remote.camille.sitting}"
    form = values_of(browser.page.form(f"{there}/autoriser"))
    assert "check-document" not in form
    looked = {"check-document": "ok", "check-phone": "problem", "note-phone": "à sa portée"}
    browser.post(f"{there}/verifications", form | looked)
    page = browser.follow()
    assert "Vérifications enregistrées." in page.text
    form = values_of(page.form(f"{there}/autoriser"))
    assert (form["check-document"], form["check-phone"], form["note-phone"]) == ("ok", "problem", "à sa portée")
    remote.clock.forward(seconds=30)
    browser.post(f"{there}/verifications", form | {"check-phone": "ok", "note-phone": ""})
    with remote.house.db.read() as connection:
        looks = checkin.history(connection, [remote.camille.sitting])
    assert [[(c.line, c.result) for c in look.lines] for look in looks] == [
        [("document", "ok"), ("phone", "problem")],
        [("phone", "ok")],
    ]
    row = next(
        r.text for r in browser.get(f"/surveillance/{remote.session}").root.one("tbody").all("tr") if "MOREAU" in r.text
    )
    assert "2 vérifications sur 9" in row
    assert "problème" not in row


def test_the_tick_on_the_console_stands_for_the_lines_that_say_who_they_are(remote: World):
    browser = remote.staff("surveillant")
    browser.get(f"/surveillance/{remote.session}")
    there = f"/surveillance/candidats/{remote.camille.sitting}/autoriser"
    browser.submit(there)
    assert "Cochez « Identité vérifiée »" in browser.follow().text
    browser.submit(there, {"identity_checked": "yes"})
    assert "Entrée autorisée." in browser.follow().text
    with remote.house.db.read() as connection:
        (look,) = checkin.history(connection, [remote.camille.sitting])
    assert [(c.line, c.result) for c in look.lines] == [("document", "ok"), ("face", "ok")]


def test_who_comes_back_is_looked_at_again(remote: World):
    authorise(remote, GOOD)
    gate.enter(remote.house, remote.camille.sitting, remote.camille.code, "device", "192.0.2.9", remote.clock())
    exam.start(remote.house, remote.camille.sitting, "device", remote.clock())
    remote.clock.forward(minutes=5)
    gate.check_in(remote.house, remote.camille.sitting, remote.clock())
    with pytest.raises(IdentityNotChecked):
        authorise(remote, {})
    page = page_of(remote).page
    assert "Autoriser cet autre poste" in page.text
    assert "check-document" not in values_of(page.form(f"/surveillance/candidats/{remote.camille.sitting}/autoriser"))
    authorise(remote, GOOD)
    assert remote.sitting(remote.camille).authorised_at == remote.clock()


def test_on_site_the_list_is_identity_and_place(world: World):
    gate.check_in(world.house, world.camille.sitting, world.clock())
    browser = page_of(world)
    there = f"/surveillance/candidats/{world.camille.sitting}/autoriser"
    browser.submit(there, {"identity_checked": "yes", "check-place": "problem", "note-place": "poste en panne"})
    assert "dites pourquoi la personne entre quand même" in browser.follow().text
    browser.submit(there, {"identity_checked": "yes", "check-place": "problem", "override": "Installée au poste 12"})
    assert "Entrée autorisée." in browser.follow().text
    assert "entrée malgré un problème : Installée au poste 12" in browser.page.text
