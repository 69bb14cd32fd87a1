"""Headers, cookies, redirects, and what a fault shows."""

import re

import pytest
import structlog

from engine.kernel import EngineError
from tests.web.browser import Browser, values_of
from tests.web.world import World, right_reply
from web.db import sittings
from web.errors import REFUSALS

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "media-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["/", "/connexion", "/candidat", "/nothing", "/static/palier.css", "/candidat/test"])
def test_every_answer_carries_its_armour(world: World, path: str):
    headers = world.browser().get(path, expect=0).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert ("no-store" in headers.get("Cache-Control", "")) is not path.startswith("/static")


@pytest.mark.parametrize("path", ["/", "/candidat", "/candidat/entrainement", "/candidat/test", "/static/palier.css"])
def test_a_page_that_needs_no_camera_may_not_ask_for_one(world: World, path: str):
    policy = world.browser().get(path, expect=0).headers["Permissions-Policy"]
    assert policy == "geolocation=(), camera=(), microphone=(), display-capture=()"


def test_the_system_check_may_ask_for_camera_microphone_and_screen(world: World):
    policy = world.browser().get("/candidat/verification").headers["Permissions-Policy"]
    assert policy == "geolocation=(), camera=(self), microphone=(self), display-capture=(self)"


@pytest.mark.parametrize("path", ["/", "/connexion", "/candidat"])
def test_cookies_are_out_of_the_reach_of_scripts_and_other_sites(world: World, path: str):
    cookie = world.browser().get(path).headers["Set-Cookie"]
    assert cookie.startswith("palier=")
    attributes = {a.strip() for a in cookie.split(";")[1:]}
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= attributes
    assert not any(a.startswith("Domain") for a in attributes)


def test_the_cookie_of_a_candidate_lasts_as_long_as_the_longest_test(world: World):
    browser = world.browser()
    browser.get("/candidat")
    browser.submit("/candidat", world.camille.identity)
    cookie = browser.page.headers["Set-Cookie"]
    assert "Expires=" in cookie


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\r/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        "javascript:alert(1)",
        "///evil.example",
        "/%09/evil.example/../..",
        "http:evil.example",
        "",
        " //evil.example",
    ],
)
def test_a_login_leads_nowhere_else(world: World, target: str):
    browser = world.browser()
    browser.get("/connexion")
    form = {"login": "centre", "password": "palier-demonstration", "csrf_token": browser.page.token}
    answer = browser.client.post("/connexion", data=form, query_string={"next": target})
    assert answer.status_code == 303
    # Browsers drop tabs and line ends from an address before they read it.
    location = re.sub(r"[\t\r\n]", "", answer.headers["Location"])
    assert re.match(r"/(?![/\\])", location), location


def test_a_login_leads_to_the_page_that_was_asked_for(world: World):
    browser = world.browser()
    wanted = f"/centre/sessions/{world.session}?a=1&b=2"
    browser.get(wanted, expect=303)
    address = browser.page.headers["Location"]
    browser.follow()
    browser.post(address, {"login": "centre", "password": "palier-demonstration"})
    assert browser.page.headers["Location"] == wanted


def test_a_form_from_elsewhere_is_refused(world: World):
    browser = world.running(world.camille)
    version = world.sitting(world.camille).version
    fields = values_of(browser.page.form("/candidat/test/reponse")) | right_reply(world.on_screen(world.camille))
    for token in ("", "x", "made.up.token"):
        page = browser.post("/candidat/test/reponse", fields | {"action": "valider"}, expect=400, token=token)
        assert page.alert == "Cette demande n'est pas valable. Rechargez la page, puis recommencez."
    stranger = world.browser()
    stranger.get("/candidat")
    browser.post("/candidat/test/reponse", fields, expect=400, token=stranger.page.token)
    assert world.sitting(world.camille).version == version


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/candidat/code", 405), ("/static/nothing.js", 404)])
def test_a_wrong_address_is_told_in_french(world: World, path: str, status: int):
    page = world.browser().get(path, expect=status)
    assert page.root.one("html")["lang"] == "fr"
    assert page.alert


@pytest.fixture
def broken(world: World, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A candidate at an item, on an application with a bug that shows after the answer was written."""
    browser = world.running(world.camille)
    save = sittings.save

    def save_then_fail(*args: object) -> None:
        save(*args)  # type: ignore[arg-type]
        raise RuntimeError("a secret about candidate Moreau")

    monkeypatch.setattr(sittings, "save", save_then_fail)
    return browser


def test_a_bug_is_told_with_a_reference_and_nothing_is_half_done(
    world: World, broken: Browser, capsys: pytest.CaptureFixture[str]
):
    before = world.events(world.camille)
    fields = right_reply(world.on_screen(world.camille))
    page = broken.submit("/candidat/test/reponse", {"action": "valider", **fields}, expect=500)
    assert page.heading == "Un problème est survenu"
    reference = re.search(r"référence ([0-9a-f]{12})", page.alert)
    assert reference
    for leak in ("Traceback", "RuntimeError", "secret", ".py", "sqlite"):
        assert leak not in page.html
    assert reference[1] in capsys.readouterr().out
    assert world.events(world.camille) == before


def test_after_a_bug_the_same_answer_can_be_sent_again(world: World, broken: Browser, monkeypatch: pytest.MonkeyPatch):
    sent = values_of(broken.page.form("/candidat/test/reponse")) | right_reply(world.on_screen(world.camille))
    sent |= {"action": "valider"}
    token = broken.page.token
    broken.post("/candidat/test/reponse", sent, expect=500, token=token)
    monkeypatch.undo()
    broken.post("/candidat/test/reponse", sent, token=token)
    assert len(world.answers(world.camille)) == 1


def test_a_script_is_told_in_its_own_language(world: World):
    answer = world.browser().get("/candidat/ici", expect=403, headers={"Accept": "application/json"})
    assert answer.headers["Content-Type"] == "application/json"
    assert b"Identifiez-vous" in answer.body.decode("unicode-escape").encode()


def test_the_log_holds_no_personal_data(world: World, capsys: pytest.CaptureFixture[str]):
    browser = world.browser()
    browser.get("/candidat")
    browser.submit("/candidat", world.camille.identity | {"last_name": "Moro"}, expect=401)
    world.taken_early(world.camille)
    told = capsys.readouterr()
    for name in ("Moreau", "Moro", "Camille", world.camille.code, world.camille.birth_date.isoformat()):
        assert name not in told.out + told.err


def test_a_refusal_without_a_row_would_be_a_bug_page(world: World, monkeypatch: pytest.MonkeyPatch):
    class Unheard(EngineError):
        code = "unheard"

    assert "unheard" not in REFUSALS

    def refuse(*_: object) -> None:
        raise Unheard("x")

    monkeypatch.setitem(world.app.view_functions, "home.index", refuse)
    assert world.browser().get("/", expect=500).heading == "Un problème est survenu"
    structlog.contextvars.clear_contextvars()
