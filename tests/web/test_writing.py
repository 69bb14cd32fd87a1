"""What the page of an item sends, as scripts send it: acknowledgements, drafts, and which page writes."""

import json
import uuid
from typing import Any

import pytest

from engine.items.item import Kind
from tests.web.browser import Browser, Fields, values_of
from tests.web.world import World, pass_on, reply, right_reply
from web.services import exam, supervision

ANSWER = "/candidat/test/reponse"
DRAFT = "/candidat/test/brouillon"
JSON = {"Accept": "application/json"}
ELSEWHERE = "Votre test continue dans un autre onglet. Pour continuer ici, validez de nouveau ou rechargez cette page."


@pytest.fixture
def candidate(world: World) -> Browser:
    """Camille before the first item."""
    return world.running(world.camille)


def _send(browser: Browser, path: str, fields: Fields, token: str = "") -> tuple[int, dict[str, Any]]:
    """Post as a script does."""
    headers = JSON | {"X-CSRFToken": token or browser.page.token}
    response = browser.client.post(path, data=fields, base_url=browser.base, headers=headers)
    assert response.mimetype == "application/json"
    return response.status_code, json.loads(response.data)


def _form(browser: Browser) -> dict[str, str | list[str]]:
    """What the form on screen would send, its token apart."""
    fields = values_of(browser.page.form(ANSWER))
    return {k: v for k, v in fields.items() if k != "csrf_token"}


def test_an_acknowledgement_names_what_was_recorded_and_what_follows(world: World, candidate: Browser):
    fields = _form(candidate) | right_reply(world.on_screen(world.camille))
    status, said = _send(candidate, ANSWER, fields)
    assert status == 200
    assert said == {
        "recorded": fields["answer_id"],
        "state": "running",
        "next": world.on_screen(world.camille).id,
        "at": "9 h 00",
    }
    assert _send(candidate, ANSWER, fields) == (200, said)
    assert len(world.answers(world.camille)) == 1


def test_a_script_is_told_the_code_of_each_refusal(world: World, candidate: Browser):
    item = world.on_screen(world.camille)
    fields = _form(candidate) | right_reply(item)

    def code(changed: Fields, token: str = "") -> tuple[int, str]:
        status, said = _send(candidate, ANSWER, {**fields, **changed}, token)
        assert said["error"][0].isupper()
        return status, said["code"]

    bare = {k: v for k, v in fields.items() if k in ("item", "answer_id", "page")}
    assert _send(candidate, ANSWER, bare)[1]["code"] == "empty_reply"
    assert code({"answer_id": "1"}) == (400, "malformed_reply")
    assert code({"page": "another"}) == (409, "other_page")
    assert code({"item": "crcn-9.9-99"}) == (404, "unknown_item")
    assert code({}, token="another") == (400, "")
    known = (world.house, world.person("surveillant"), world.camille.sitting)
    supervision.pause(*known, "x", world.clock())
    assert code({}) == (409, "is_paused")
    supervision.resume(*known, world.clock())
    assert _send(candidate, ANSWER, fields)[0] == 200
    assert code({"action": "passer"}) == (409, "answer_conflict")
    assert code({"answer_id": str(uuid.uuid4())}) == (409, "not_on_screen")
    # What is gone is gone, whatever its form: nobody can mend it any more.
    assert _send(candidate, ANSWER, bare | {"answer_id": str(uuid.uuid4())})[1]["code"] == "not_on_screen"
    assert len(world.answers(world.camille)) == 1


def test_a_draft_is_shown_again_in_any_browser_that_is_let_in_and_is_no_answer(world: World, candidate: Browser):
    version = world.sitting(world.camille).version
    item = world.on_screen(world.camille)
    status, said = _send(candidate, DRAFT, _form(candidate) | right_reply(item) | {"number": "7"})
    assert (status, said) == (200, {"drafted": 7, "at": "9 h 00"})
    assert world.sitting(world.camille).version == version
    page = candidate.get("/candidat/test")
    assert right_reply(item).items() <= values_of(page.form(ANSWER)).items()
    assert "Brouillon enregistré à 9 h 00" in page.text
    assert page.form(ANSWER)["data-draft"] == "mine"
    other = world.waiting(world.camille, "192.0.2.8")
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
    other.get("/candidat/attente")
    other.submit("/candidat/code", {"code": world.camille.code})
    page = other.follow()
    assert right_reply(item).items() <= values_of(page.form(ANSWER)).items()
    assert page.form(ANSWER)["data-draft"] == "other"


def test_drafts_of_every_kind_of_item_come_back_as_they_were(world: World, candidate: Browser):
    """Half filled in too, which could not be an answer."""
    met = set()
    while (item_id := world.sitting(world.camille).on_screen) is not None and met < set(Kind):
        item = world.item(item_id)
        if item.kind not in met:
            whole = right_reply(item)
            for fields in (whole, dict(list(whole.items())[:1])):
                others = {k: "" for k in whole if k not in fields}
                assert _send(candidate, DRAFT, _form(candidate) | others | fields)[0] == 200
                shown = values_of(candidate.get("/candidat/test").form(ANSWER))
                assert {k: sorted(shown[k]) for k in fields} == {k: sorted(v) for k, v in fields.items()}, item.id
            met.add(item.kind)
        pass_on(candidate)
    assert met == set(Kind)


def test_a_draft_goes_with_its_answer(world: World, candidate: Browser):
    item = world.on_screen(world.camille)
    _send(candidate, DRAFT, _form(candidate) | right_reply(item))
    page = reply(candidate, right_reply(item))
    assert "Enregistré à" in page.text
    assert "Brouillon" not in page.text
    assert exam.open_page(world.house, world.camille.sitting, "x", world.clock()) is None


def test_only_the_item_on_screen_has_a_draft_and_only_the_page_and_the_device_that_write(
    world: World, candidate: Browser
):
    old = _form(candidate) | right_reply(world.on_screen(world.camille))
    pass_on(candidate)
    assert _send(candidate, DRAFT, old)[1]["code"] == "not_on_screen"
    fields = _form(candidate)
    assert _send(candidate, DRAFT, fields | {"page": "another"})[1]["code"] == "other_page"
    stranger = world.recognised(world.camille, "192.0.2.8")
    assert _send(stranger, DRAFT, fields)[1]["code"] == "other_device"
    assert exam.open_page(world.house, world.camille.sitting, "x", world.clock()) is None


def test_of_two_drafts_the_last_stands(world: World, candidate: Browser):
    while world.on_screen(world.camille).kind is not Kind.SINGLE_CHOICE:
        pass_on(candidate)
    for number, choice in ((1, "b"), (3, "a"), (2, "c")):  # the second one came late
        assert _send(candidate, DRAFT, _form(candidate) | {"reply": choice, "number": str(number)})[0] == 200
    page = candidate.get("/candidat/test")
    assert values_of(page.form(ANSWER))["reply"] == "a"
    assert page.form(ANSWER)["data-draft-number"] == "3"


def test_a_draft_keeps_nothing_that_the_form_has_not(world: World, candidate: Browser):
    fields = _form(candidate) | {"reply": "x" * 5000, "unknown": "y"}
    assert _send(candidate, DRAFT, fields)[0] == 200
    kept = exam.open_page(world.house, world.camille.sitting, "x", world.clock())
    assert kept is not None
    assert "unknown" not in kept.form
    assert max(len(v) for values in kept.form.values() for v in values) <= 500


def test_without_scripts_the_newest_page_writes_and_an_older_one_is_told(world: World, candidate: Browser):
    item = world.on_screen(world.camille)
    old = values_of(candidate.page.form(ANSWER)) | right_reply(item) | {"action": "valider"}
    world.back(world.camille)  # a second tab of the same browser
    page = candidate.post(ANSWER, old, expect=409)
    assert page.alert == ELSEWHERE
    assert world.answers(world.camille) == []
    # What was filled in stands there still, and this page has become the newest.
    assert right_reply(item).items() <= values_of(page.form(ANSWER)).items()
    candidate.submit(ANSWER, {"action": "valider"})
    assert candidate.follow().heading == "Question 2 sur 16, partie 1"


def test_a_sign_of_life_says_which_page_writes_and_on_which_device(world: World, candidate: Browser):
    page = values_of(candidate.page.form(ANSWER))["page"]
    assert _send(candidate, "/candidat/presence", {"page": page})[1]["page"] == "writes"
    world.back(world.camille)
    news = _send(candidate, "/candidat/presence", {"page": page})[1]
    assert (news["page"], news["device"]) == ("other", "mine")
    stranger = world.recognised(world.camille, "192.0.2.8")
    news = _send(stranger, "/candidat/presence", {"page": page})[1]
    assert (news["device"], news["item"]) == ("other", None)
