"""The way in: names of hosts, addresses to go on to, cookies, and who is told apart from whom."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from engine.delivery.clock import TEST_TIME
from tests.security.test_answers import ANSWER, body_of, send
from tests.web.test_armour import POLICY
from tests.web.world import PASSWORD, World
from web.app import create_app
from web.config import Settings
from web.services import accounts, supervision
from web.services.enrolment import LONGEST_EXTRA

EVIL = "evil.example"
PATHS = ["/", "/connexion", "/candidat", "/centre", "/candidat/entrainement", "/nothing", "/static/nothing.css"]


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Forwarded-Prefix"]
)
@pytest.mark.parametrize("path", PATHS)
def test_no_page_repeats_the_name_of_a_host_that_a_client_made_up(world: World, path: str, header: str):
    value = f"host={EVIL}" if header == "Forwarded" else EVIL
    answer = world.app.test_client().get(path, headers={header: value})
    assert EVIL not in answer.get_data(as_text=True)
    location = answer.headers.get("Location", "")
    assert EVIL not in location
    assert answer.headers["Content-Security-Policy"] == POLICY
    answer.close()


@pytest.fixture
def named(world: World, data: Path) -> Iterator[Flask]:
    """The application behind one proxy, with a name of its own."""
    settings = Settings(data=data, database_url=world.url, release="demo", exposure_warm_up=0, proxies=1,
                        hosts=("palier.example",))  # fmt: skip
    app = create_app(settings, now=world.clock)
    yield app
    app.extensions["palier"].db.close()


@pytest.mark.parametrize(
    ("host", "forwarded", "status"),
    [
        ("palier.example", None, 200),
        ("palier.example:443", None, 200),
        ("127.0.0.1", "palier.example", 200),
        (EVIL, None, 400),
        ("127.0.0.1", EVIL, 400),
        ("palier.example", EVIL, 400),
        (f"palier.example.{EVIL}", None, 400),
        (f"{EVIL}, palier.example", None, 400),
    ],
)
def test_a_server_that_has_a_name_answers_to_no_other(named: Flask, host: str, forwarded: str | None, status: int):
    headers = {"Host": host} | ({"X-Forwarded-Host": forwarded} if forwarded else {})
    for path in ("/", "/acs/openapi.json"):
        answer = named.test_client().get(path, headers=headers)
        assert answer.status_code == status
        assert EVIL not in answer.get_data(as_text=True)


TARGETS = ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/centre", "/nothing",
           "/candidat/../centre", "/candidat/test\r\nX: y", "/candidat@evil.example")  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_no_form_of_a_candidate_leads_out_of_their_seat(world: World, target: str):
    browser = world.recognised(world.camille)
    token = browser.page.token
    for path in ("/candidat/confort", "/candidat/aide"):
        location = browser.post(path, {"back": target}, token=token).headers["Location"]
        assert re.fullmatch(r"/candidat(/[a-z/]*)?", location), location


# Cookies


def test_no_cookie_runs_out_in_mid_exam(world: World):
    """The longest test, a third more, all other extra time, two hours given on the day, two in the waiting room."""
    longest = TEST_TIME * 4 / 3 + timedelta(minutes=LONGEST_EXTRA) + timedelta(hours=2) + timedelta(hours=2)
    assert world.app.config["PERMANENT_SESSION_LIFETIME"] - longest >= timedelta(hours=2), "and two of pauses"
    assert world.app.config["WTF_CSRF_TIME_LIMIT"] is None, "nor a form that stays on screen"
    browser = world.waiting(world.camille)
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
    browser.get("/candidat/attente")
    page = browser.submit("/candidat/code", {"code": world.camille.code})
    assert "palier=" in page.headers.get("Set-Cookie", ""), "the time counts from the personal code on"


def test_a_login_takes_nothing_over_from_the_cookie_before_it(world: World):
    """Fixation: what somebody planted in this browser is of no use to them afterwards."""
    planted = world.browser()
    planted.get("/connexion")
    before = planted.client.get_cookie("palier")
    assert before is not None
    victim = world.browser()
    victim.client.set_cookie("palier", before.value)
    victim.get("/connexion")
    victim.submit("/connexion", {"login": "centre", "password": PASSWORD})
    victim.follow()
    assert victim.page.token != planted.page.token
    planted.get("/centre", expect=303)
    token = planted.page.token if planted.page and "csrf" in planted.page.html else ""
    victim.post("/centre/outils", {"name": "x"}, expect=400, token=token)


def test_a_stolen_cookie_of_a_candidate_is_seen_and_undone_by_a_proctor(world: World):
    """It is the browser of the candidate, to the server: so what it does shows, and another entry takes it away."""
    victim = world.running(world.camille)
    own = body_of(world, victim, world.camille)
    stolen = victim.client.get_cookie("palier")
    assert stolen is not None
    thief = world.browser("203.0.113.66")
    thief.client.set_cookie("palier", stolen.value)
    thief.get("/candidat/test")  # its page writes now
    told = victim.client.post("/candidat/presence", data={"page": own["page"], "csrf_token": victim.page.token})
    assert told.get_json()["page"] == "other", "the candidate is told that another page writes"
    assert send(victim, own) == (409, {"error": send(victim, own)[1]["error"], "code": "other_page"})
    again = world.waiting(world.camille, "192.0.2.8")
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
    again.get("/candidat/attente")
    again.submit("/candidat/code", {"code": world.camille.code})
    assert again.follow().heading == "Question 1 sur 16, partie 1"
    token = thief.page.token
    thief.get("/candidat/test", expect=303)
    assert thief.post(ANSWER, own, expect=403, token=token).status == 403
    assert world.answers(world.camille) == []


def test_a_stolen_cookie_of_a_candidate_opens_no_other_seat(world: World):
    thief = world.running(world.camille)
    for path in ("/centre", "/surveillance", "/jury", "/administration"):
        thief.get(path, expect=303)
    assert thief.get("/candidat/resultat", expect=303).headers["Location"] == "/candidat/ici"


# Who exists


def test_logins_that_exist_and_that_do_not_are_told_alike(world: World):
    told = set()
    for login in ("centre", "nobody", "CENTRE", "x" * 90, "é"):
        browser = world.browser(f"192.0.2.{len(login) % 90 + 100}")
        browser.get("/connexion")
        page = browser.submit("/connexion", {"login": login, "password": "wrong-wrong-wrong"}, expect=401)
        html = re.sub(r"[\w-]{20,}\.[\w.-]{20,}", "", page.html).replace(f'value="{login}"', "")
        told.add((page.status, page.alert, html))
    assert len(told) == 1


@pytest.mark.parametrize("changed", ["last_name", "first_name", "birth_date", "session_code", "all"])
def test_which_part_of_an_identity_is_wrong_is_not_told(world: World, changed: str):
    wrong = {"last_name": "Durand", "first_name": "Zoé", "birth_date": "1990-01-01", "session_code": "AAA-AAA"}
    identity = world.camille.identity | (wrong if changed == "all" else {changed: wrong[changed]})
    browser = world.browser()
    browser.get("/candidat")
    page = browser.submit("/candidat", identity, expect=401)
    assert page.alert.startswith("Nous ne trouvons pas d'inscription avec ces informations.")
    # Nor by the names of the people of another session, nor by a code of a session that is there.
    foreign = world.zoe.identity | {"session_code": world.camille.session_code}
    assert browser.submit("/candidat", foreign, expect=401).alert == page.alert


def test_a_wrong_password_costs_the_same_work_whoever_it_is_for(world: World, monkeypatch: pytest.MonkeyPatch):
    """One look-up and one argon2: counted, since a clock would have to be patient."""
    verified: list[str] = []
    verifies = accounts.verifies

    def count(stored: str, password: str) -> bool:
        verified.append(stored.split("$")[3])
        return verifies(stored, password)

    monkeypatch.setattr(accounts, "verifies", count)
    for login in ("centre", "nobody"):
        with pytest.raises(accounts.WrongCredentials):
            accounts.log_in(world.house, login, "wrong-wrong-wrong", "192.0.2.1", world.clock())
    assert len(verified) == 2
    assert len(set(verified)) == 1, "the parameters of argon2 differ"
