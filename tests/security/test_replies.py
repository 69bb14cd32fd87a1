"""What comes back: the armour of every answer, and nothing in it that tells right from wrong."""

import re
import time
import uuid
from statistics import median

import pytest
from sqlalchemy import event

from engine.items.item import Item, SingleChoice
from tests.security.objects import CALLERS, Stage, address
from tests.security.rows import ROWS
from tests.security.test_answers import ANSWER, JSON
from tests.security.test_matrix import call, doors, everybody, has, rules
from tests.web.browser import Browser, values_of
from tests.web.test_armour import POLICY
from tests.web.world import World, right_reply
from web.app import LARGEST_REQUEST

STATIC = {"static"}


@everybody
def test_every_answer_of_every_door_has_its_armour_and_stays_in_no_cache(stage: Stage, who: str):
    browser = CALLERS[who].browser(stage)
    token = browser.page.token
    seen = 0
    for rule, method in doors(stage.world.app):
        for things in (CALLERS[who].own(stage), stage.nothing):
            if method == "POST" and has(CALLERS[who], ROWS[rule.endpoint]) and things is not stage.nothing:
                continue  # it would change who we are; what is refused is looked at
            page = call(browser, token, method, address(stage.world.app, rule, things))
            if page.status == 303 and "/fichier/" in page.path:
                continue
            armoured(page.headers, f"{who}: {method} {page.path}", rule.endpoint in STATIC)
            seen += 1
    assert seen > 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("PUT", "/", 405), ("POST", "/connexion", 400), ("OPTIONS", "/", 200),
     ("GET", "/candidat/test", 403), ("GET", "/centre", 303), ("GET", "/static/nothing.js", 404)],
)  # fmt: skip
def test_a_refusal_has_the_same_armour(world: World, method: str, path: str, status: int):
    answer = world.browser().client.open(path, method=method)
    assert answer.status_code == status
    armoured(answer.headers, path, False)


def test_an_answer_to_what_is_too_large_or_broken_has_the_same_armour(world: World, monkeypatch: pytest.MonkeyPatch):
    browser = world.browser()
    browser.get("/candidat")
    answer = browser.client.post("/candidat", data=b"x" * (LARGEST_REQUEST + 1), content_type="text/plain",
                                 headers={"X-CSRFToken": browser.page.token})  # fmt: skip
    armoured(answer.headers, "too large", False)

    def fail(*_: object) -> None:
        raise RuntimeError("x")

    monkeypatch.setitem(world.app.view_functions, "home.index", fail)
    answer = browser.client.get("/")
    assert answer.status_code == 500
    armoured(answer.headers, "broken", False)


def armoured(headers: "object", where: str, is_static: bool) -> None:
    """Every header that a browser has to be told."""
    has_header = headers.get  # type: ignore[attr-defined]
    assert has_header("Content-Security-Policy") == POLICY, where
    assert "frame-ancestors 'none'" in POLICY  # no other site can lay itself over a page
    assert has_header("X-Content-Type-Options") == "nosniff", where
    assert has_header("Referrer-Policy") == "same-origin", where
    assert has_header("Cross-Origin-Opener-Policy") == "same-origin", where
    assert has_header("Cross-Origin-Resource-Policy") == "same-origin", where
    assert has_header("Permissions-Policy", "").startswith("geolocation=()"), where
    assert (has_header("Cache-Control") == "no-store") is not is_static, where
    assert "Access-Control-Allow-Origin" not in headers, where  # type: ignore[operator]
    assert not re.search("werkzeug|python|gunicorn|flask", has_header("Server", ""), re.IGNORECASE), where


# Right and wrong


def wrong_reply(item: Item) -> dict[str, str | list[str]]:
    """The fields of a wrong reply that is as long as the right one."""
    right = right_reply(item)
    assert isinstance(item.interaction, SingleChoice)
    other = next(c.id for c in item.interaction.choices if c.id != item.interaction.key)
    return right | {"reply": other}


def at_a_single_choice(world: World) -> Browser:
    """Camille at a question with one right choice."""
    world.start(world.camille)
    world.answer_all(world.camille, until=lambda item: isinstance(item.interaction, SingleChoice))
    return world.back(world.camille)


def answered(world: World, is_right: bool, answer_id: str) -> tuple[dict[str, object], dict[str, bytes]]:
    """Answer right or wrong: what the script is told, then every byte that a proctor and a manager get."""
    browser = at_a_single_choice(world)
    item = world.on_screen(world.camille)
    fields = values_of(browser.page.form(ANSWER)) | (right_reply(item) if is_right else wrong_reply(item))
    sent: list[str] = []

    def note(*args: object) -> None:
        sent.append(str(args[2]))

    event.listen(world.house.db.engine, "before_cursor_execute", note)
    reply = browser.client.post(
        ANSWER,
        data={**fields, "action": "valider", "answer_id": answer_id, "csrf_token": browser.page.token},
        headers=JSON,
    )
    event.remove(world.house.db.engine, "before_cursor_execute", note)
    told = {k: v for k, v in (reply.get_json() or {}).items() if k != "next"}
    told |= {"headers": sorted(k for k, _ in reply.headers), "statements": sent, "status": reply.status_code}
    pages: dict[str, bytes] = {}
    for login in ("surveillant", "centre"):
        staff = world.staff(login)
        for rule in rules(world.app):
            if (login == "surveillant" and "proctor." not in rule.endpoint) or (
                login == "centre" and "centre." not in rule.endpoint
            ):
                continue
            if (
                "GET" not in (rule.methods or ())
                or not rule.arguments <= {"session_id", "sitting_id"}
                or ".pdf" in rule.rule
            ):
                continue
            with world.app.test_request_context():
                known = {"session_id": world.session, "sitting_id": world.camille.sitting}
                path = world.app.url_map.bind("x").build(rule.endpoint, {a: known[a] for a in rule.arguments})
            page = staff.get(path, expect=0)
            pages[path] = page.body + (page.headers.get("ETag") or "").encode()
    return told, pages


def test_neither_the_answer_to_an_answer_nor_any_page_of_staff_tells_right_from_wrong(world: World):
    """The next item depends on it and on a draw; its name is all that differs, in length neither."""
    answer_id = str(uuid.uuid4())
    world.at("before right and wrong", lambda: None)
    right = answered(world, True, answer_id)
    world.at("before right and wrong", lambda: None)
    wrong = answered(world, False, answer_id)
    assert right[0] == wrong[0]
    assert len(right[1]) > 15
    for path, page in right[1].items():
        token = rb"[\w-]{20,}\.[\w.-]{20,}"
        assert re.sub(token, b"", page) == re.sub(token, b"", wrong[1][path]), path


@pytest.mark.slow
def test_a_right_answer_takes_as_long_as_a_wrong_one(world: World):
    """Measured at the script's address: the medians of 40 answers of each kind, in turn, on one copied database."""
    world.at("at a single choice", lambda: at_a_single_choice(world))
    taken: dict[bool, list[float]] = {True: [], False: []}
    sizes: dict[bool, set[int]] = {True: set(), False: set()}
    for n in range(80):
        world.at("at a single choice", lambda: None)
        browser = world.back(world.camille)
        item = world.on_screen(world.camille)
        is_right = n % 2 == 0
        fields = values_of(browser.page.form(ANSWER)) | (right_reply(item) if is_right else wrong_reply(item))
        fields |= {"action": "valider", "csrf_token": browser.page.token}
        began = time.perf_counter()
        reply = browser.client.post(ANSWER, data=fields, headers=JSON)
        taken[is_right].append(time.perf_counter() - began)
        sizes[is_right].add(len(re.sub(rb'"next":"[^"]*"', b"", reply.data)))
    assert sizes[True] == sizes[False]
    assert len(sizes[True]) == 1
    # Each kind varies by far more than this from one answer to the next; 40 % would be seen over a network.
    fast, slow = sorted((median(taken[True]), median(taken[False])))
    assert slow < fast * 1.4, (fast, slow)
