"""One device writes at a time, and the proctor says which."""

import uuid

import pytest

from tests.web.browser import Browser, values_of
from tests.web.world import World, pass_on, right_reply
from web.services import supervision

OTHER = "Votre test est ouvert sur un autre appareil. Appelez votre surveillant pour continuer ici."


@pytest.fixture
def old(world: World) -> Browser:
    """Camille's first computer, at the third item."""
    browser = world.running(world.camille)
    pass_on(browser)
    pass_on(browser)
    return browser


def test_another_device_sees_nothing_before_the_proctor_authorises_again(world: World, old: Browser):
    item = world.on_screen(world.camille)
    new = world.recognised(world.camille, "192.0.2.8")
    assert new.page.path == "/candidat/consignes"
    new.get("/candidat/test", expect=303)
    assert new.follow().path == "/candidat/consignes"
    fields = {"item": item.id, "answer_id": str(uuid.uuid4()), "action": "passer"}
    for path in ("reponse", "commencer", "terminer", "cloche"):
        refused = new.post(f"/candidat/test/{path}", fields, expect=403)
        assert refused.alert == OTHER
    new.post("/candidat/code", {"code": world.camille.code}, expect=403)
    assert old.get("/candidat/test").heading == "Question 3 sur 16, partie 1"


def test_a_device_that_was_not_let_in_is_not_told_the_item(world: World, old: Browser):
    del old
    new = world.recognised(world.camille, "192.0.2.8")
    answer = new.post("/candidat/presence", expect=0)
    assert world.on_screen(world.camille).id not in answer.body.decode()
    new.get(f"/candidat/test/fichier/x/{world.on_screen(world.camille).id}.csv", expect=404)


def test_the_new_device_goes_on_at_the_same_item_and_the_old_one_is_refused(world: World, old: Browser):
    item = world.on_screen(world.camille)
    stale = values_of(old.page.form("/candidat/test/reponse")) | right_reply(item) | {"action": "valider"}
    new = world.waiting(world.camille, "192.0.2.8")
    assert "Votre test vous attend à la même question" in new.page.text
    console = world.staff("surveillant").get(f"/surveillance/{world.session}")
    assert "veut revenir sur un autre poste" in console.text
    assert "Autoriser cet autre poste de MOREAU Camille" in console.text
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
    new.get("/candidat/attente")
    new.submit("/candidat/code", {"code": world.camille.code})
    assert new.follow().heading == "Question 3 sur 16, partie 1"
    assert world.on_screen(world.camille) == item
    refused = old.post("/candidat/test/reponse", stale, expect=403)
    assert refused.alert == OTHER
    old.get("/candidat/test", expect=303)
    assert old.follow().path == "/candidat/consignes"
    assert pass_on(new).heading == "Question 4 sur 16, partie 1"
    assert len(world.answers(world.camille)) == 3


def test_changing_device_costs_no_more_than_it_takes(world: World, old: Browser):
    del old
    new = world.waiting(world.camille, "192.0.2.8")
    world.clock.forward(minutes=4)
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
    new.get("/candidat/attente")
    new.submit("/candidat/code", {"code": world.camille.code})
    assert "Temps restant 2 h 26" in new.follow().text


def test_another_device_can_take_over_before_the_start(world: World):
    first = world.entered(world.camille)
    new = world.waiting(world.camille, "192.0.2.8")
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
    new.get("/candidat/attente")
    new.submit("/candidat/code", {"code": world.camille.code})
    new.follow()
    new.submit("/candidat/test/commencer")
    assert new.follow().heading == "Question 1 sur 16, partie 1"
    first.post("/candidat/test/commencer", expect=403)


def test_a_device_known_for_one_candidate_is_not_known_for_another(world: World, old: Browser):
    world.start(world.idriss)
    old.get("/candidat")
    old.submit("/candidat", world.idriss.identity)
    assert old.follow().path == "/candidat/consignes"


def test_a_cookie_that_was_tampered_with_is_no_cookie(old: Browser):
    cookie = old.client.get_cookie("palier")
    assert cookie is not None
    old.client.set_cookie("palier", cookie.value[:-3] + "AAA")
    old.get("/candidat/test", expect=403)


def test_a_cookie_that_was_copied_in_the_waiting_room_is_worth_nothing_after_the_code(world: World):
    """Session fixation: somebody prepared this browser, or looked into it, before the candidate sat down."""
    browser = world.waiting(world.camille)
    copied = browser.client.get_cookie("palier")
    assert copied is not None
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
    browser.get("/candidat/attente")
    browser.submit("/candidat/code", {"code": world.camille.code})
    browser.follow()
    browser.submit("/candidat/test/commencer")
    thief = world.browser("192.0.2.66")
    thief.client.set_cookie("palier", copied.value)
    thief.get("/candidat/test", expect=303)
    for path in ("reponse", "terminer", "cloche"):
        fields = {"item": world.on_screen(world.camille).id, "answer_id": str(uuid.uuid4()), "action": "passer"}
        thief.get("/candidat")
        assert thief.post(f"/candidat/test/{path}", fields, expect=403).alert == OTHER
    assert browser.follow().heading == "Question 1 sur 16, partie 1"


def test_the_code_sent_twice_lets_in_once_and_says_so_twice(world: World):
    """The answer to the first may have been lost on its way."""
    browser = world.waiting(world.camille)
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
    browser.get("/candidat/attente")
    before = browser.client.get_cookie("palier")
    assert before is not None
    token = browser.page.token
    browser.post("/candidat/code", {"code": world.camille.code}, token=token)
    version = world.sitting(world.camille).version
    browser.client.set_cookie("palier", before.value)
    browser.post("/candidat/code", {"code": world.camille.code}, token=token)
    assert browser.follow().path == "/candidat/test"
    assert world.sitting(world.camille).version == version
    browser.submit("/candidat/test/commencer")
    assert browser.follow().heading == "Question 1 sur 16, partie 1"
