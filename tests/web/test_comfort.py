"""The comfort menu: what is chosen is on every page from the first byte, and follows the candidate."""

import pytest

from tests.web.browser import Browser
from tests.web.world import World
from web.candidate.comfort import CHOICES, Comfort, of

DARK = {"text": "150", "spacing": "wide", "contrast": "dark", "font": "dyslexic", "timer": "hidden"}
CLASSES = "text-150 spacing-wide contrast-dark font-dyslexic hide-timer"


def _classes(browser: Browser, path: str) -> str:
    return browser.get(path).root.one("html").get("class")


def test_a_page_says_nothing_until_something_is_chosen(world: World):
    assert _classes(world.browser(), "/candidat") == ""


def test_what_is_chosen_before_anybody_is_known_is_on_every_page_and_kept_with_the_sitting(world: World):
    browser = world.browser()
    browser.get("/candidat/entrainement/1")
    browser.submit("/candidat/confort", DARK)
    assert browser.follow().path == "/candidat/entrainement/1"
    for path in ("/candidat", "/candidat/verification", "/candidat/entrainement"):
        assert _classes(browser, path) == CLASSES
    browser.get("/candidat")
    browser.submit("/candidat", world.camille.identity)
    assert browser.follow().root.one("html").get("class") == CLASSES
    assert world.recognised(world.camille).page.root.one("html").get("class") == CLASSES  # on another device


def test_what_is_chosen_during_the_test_is_shown_on_a_new_device(world: World):
    browser = world.running(world.camille)
    browser.submit("/candidat/confort", {"contrast": "strong"})
    assert browser.follow().root.one("html").get("class") == "contrast-strong"
    browser.submit("/candidat/confort", {"contrast": "normal", "text": "125"})  # the newest counts
    browser.follow()
    assert world.recognised(world.camille).page.root.one("html").get("class") == "text-125"


def test_the_next_candidate_on_the_same_machine_starts_as_everybody(world: World):
    browser = world.recognised(world.camille)
    browser.submit("/candidat/confort", DARK)
    browser.get("/candidat")
    browser.submit("/candidat", world.idriss.identity)
    assert browser.follow().root.one("html").get("class") == ""
    browser.get("/candidat")
    browser.submit("/candidat", world.camille.identity)
    assert browser.follow().root.one("html").get("class") == CLASSES


def test_who_leaves_takes_their_choice_along(world: World):
    browser = world.taken_early(world.camille)
    browser.submit("/candidat/confort", DARK)
    browser.follow()
    browser.submit("/candidat/quitter")
    assert _classes(browser, "/candidat") == ""


def test_the_answer_to_an_older_request_does_not_bring_an_older_choice_back(world: World):
    """A page asks for news all the time: what such a request was sent with comes back in its cookie."""
    browser = world.running(world.camille)
    older = browser.client.get_cookie("palier")
    assert older is not None
    browser.submit("/candidat/confort", DARK)
    browser.client.set_cookie("palier", older.value)
    assert _classes(browser, "/candidat/test") == CLASSES


@pytest.mark.parametrize("name", list(CHOICES))
def test_a_value_that_is_not_on_the_menu_changes_nothing(name: str):
    assert of({name: "<script>"}) == of({name: ["x"]}) == Comfort()
    for value in CHOICES[name]:
        assert getattr(of({name: value}), name) == value


def test_a_form_leads_back_to_the_pages_of_the_candidate_only(world: World):
    browser = world.browser()
    for elsewhere in ("https://evil.example", "//evil.example", "/jury", "/candidat/test/reponse", "/nothing", ""):
        browser.get("/candidat")
        page = browser.submit("/candidat/confort", {"back": elsewhere})
        assert page.headers["Location"] == "/candidat", elsewhere


def test_the_menu_is_on_the_page_of_an_item_and_marks_what_holds(world: World):
    browser = world.running(world.camille)
    browser.submit("/candidat/confort", {"font": "dyslexic"})
    menu = browser.follow().form("/candidat/confort")
    checked = {e["name"]: e["value"] for e in menu.all("input") if e.has("checked")}
    assert checked == {"text": "100", "spacing": "normal", "contrast": "normal", "font": "dyslexic", "timer": "shown"}
