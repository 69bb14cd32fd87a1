"""Every role at every door: what is theirs opens, what is somebody else's is answered as if it did not exist."""

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.security.objects import CALLERS, Caller, Stage, address, ids, mixtures
from tests.security.rows import ROWS, About, Row, Status
from tests.web.browser import Browser, Page
from web.access import ALLOWED, Permission

METHODS = ("GET", "POST")
OTHERS = ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
NO_TOKEN = "Cette demande n'est pas valable. Rechargez la page, puis recommencez."
FILLED = {
    "last_name": "X", "first_name": "Y", "birth_date": "17/05/1988", "email": "x@exemple.fr", "track": "first_degree",
    "target": "confirme", "identity_checked": "yes", "reason": "x", "minutes": "5", "cause": "technical",
    "kind": "COM-02", "fault": "TEC-05", "text": "x", "decision": "void", "seen": "0", "answer": "agree",
    "ruling": "x", "occurred_at": "2026-11-23T09:00", "starts_at": "2026-12-01T09:00", "label": "x", "place": "x",
}  # fmt: skip
"""Something for every field, so that no form is refused before the object is looked at."""

everybody = pytest.mark.parametrize("who", CALLERS)


def rules(app: Flask) -> list[Rule]:
    """All routes; there are many."""
    found = sorted(app.url_map.iter_rules(), key=lambda r: (r.rule, r.endpoint))
    assert len(found) > 120
    return found


def doors(app: Flask) -> list[tuple[Rule, str]]:
    """Every route with each of its methods."""
    return [(rule, method) for rule in rules(app) for method in METHODS if method in (rule.methods or ())]


def call(browser: Browser, token: str, method: str, path: str, filled: bool = False) -> Page:
    """One request, with a token that is good."""
    if method == "GET":
        return browser.get(path, expect=0)
    return browser.post(path, FILLED if filled else {}, expect=0, token=token)


def has(caller: Caller, row: Row) -> bool:
    """Whether somebody has the permission that a row asks for."""
    match row.permission:
        case Permission.PUBLIC:
            return True
        case Permission.SIT:
            return caller.is_candidate
        case Permission.TOOL:
            return caller.is_tool
        case Permission.HALFWAY:
            return False  # tests/web/test_second_factor.py goes there
        case _:
            return caller.role in ALLOWED[row.permission]


def expected(who: str, row: Row, method: str) -> int:
    """What the table says for somebody with the permission, about something of their own."""
    caller = CALLERS[who]
    status: Status = row.get if method == "GET" else row.post
    assert status is not None
    if caller.owns_nothing and row.about not in (About.NOTHING, About.PUBLISHED):
        return 404
    if row.of_remote and caller.own is CALLERS["a proctor"].own:
        return 404
    if isinstance(status, int):
        return status
    has_more = caller.role is not None if row.permission is Permission.PUBLIC else who == "a candidate in the test"
    return status[has_more]


def test_every_route_has_a_row_and_every_row_a_route(app: Flask):
    missing = {rule.endpoint for rule in rules(app)} - ROWS.keys()
    assert not missing, f"write a row in tests/security/rows.py: who may, about what, with which answer: {missing}"
    assert not ROWS.keys() - {rule.endpoint for rule in rules(app)}, "no route has these any more"
    for rule in rules(app):
        row = ROWS[rule.endpoint]
        asked = app.view_functions[rule.endpoint].permission  # type: ignore[attr-defined]
        assert row.permission is asked, f"{rule.endpoint}: the route asks for {asked}"
        told = {m for m, status in (("GET", row.get), ("POST", row.post)) if status is not None}
        assert told == (rule.methods or set()) & set(METHODS), f"{rule.endpoint}: the row has other methods"
        assert (row.about is About.NOTHING) == (not rule.arguments), f"{rule.endpoint}: say what it is about"


@everybody
def test_a_door_that_is_not_ones_own_is_shut_and_trying_it_changes_nothing(stage: Stage, who: str):
    caller = CALLERS[who]
    browser = caller.browser(stage)
    token = browser.page.token
    before = stage.stored()
    tried = 0
    for rule, method in doors(stage.world.app):
        row = ROWS[rule.endpoint]
        if has(caller, row):
            continue
        shown = set()
        for things in (caller.own(stage), caller.foreign(stage), stage.nothing):
            for filled in (False, True):
                page = call(browser, token, method, address(stage.world.app, rule, things), filled)
                where = f"{who}: {method} {page.path}"
                if row.permission is Permission.SIT:
                    assert page.status == 403, where
                elif row.permission is Permission.TOOL:
                    assert page.status == 401, where
                elif row.permission is Permission.HALFWAY or caller.role is None:
                    assert page.status == 303, where
                    assert page.headers["Location"].startswith("/connexion"), where
                else:
                    assert page.status == 403, where
                shown.add(plain(page, ids(caller.own(stage), caller.foreign(stage), stage.nothing)))
                tried += 1
        assert len(shown) == 1, f"{who}: {method} {rule.rule} tells what exists"
    assert tried > 150
    assert stage.stored() == before


@everybody
def test_ones_own_door_opens_as_the_table_says(stage: Stage, who: str):
    caller = CALLERS[who]
    wrong = []
    for rule, method in doors(stage.world.app):
        row = ROWS[rule.endpoint]
        if not has(caller, row):
            continue
        stage.reset()
        browser = caller.browser(stage)
        page = call(browser, browser.page.token, method, address(stage.world.app, rule, caller.own(stage)))
        if page.status != expected(who, row, method):
            wrong.append(f"{method} {rule.rule}: {page.status}, the table says {expected(who, row, method)}")
    assert not wrong, f"{who}: {wrong}"


@everybody
def test_what_is_somebody_elses_is_answered_as_what_does_not_exist(stage: Stage, who: str):
    caller = CALLERS[who]
    tried = 0
    browser = caller.browser(stage)
    token = browser.page.token
    before = stage.stored()
    own, foreign, nothing = caller.own(stage), caller.foreign(stage), stage.nothing
    names = ids(own, foreign, nothing)
    for rule, method in doors(stage.world.app):
        row = ROWS[rule.endpoint]
        if not has(caller, row) or row.about in (About.NOTHING, About.PUBLISHED):
            continue
        for theirs, none in mixtures(rule, own, foreign, nothing):
            for filled in (False, True):
                shown = [
                    call(browser, token, method, address(stage.world.app, rule, x), filled) for x in (theirs, none)
                ]
                where = f"{who}: {method} {shown[0].path}"
                assert [p.status for p in shown] == [404, 404], where
                assert plain(shown[0], names) == plain(shown[1], names), f"{where} is told from what does not exist"
                assert {k: v for k, v in shown[0].headers.items() if k not in VARY} == {
                    k: v for k, v in shown[1].headers.items() if k not in VARY
                }, where
                tried += 1
    has_objects = caller.is_candidate or caller.role not in (None, CALLERS["an administrator"].role)
    assert bool(tried) == has_objects
    assert stage.stored() == before, f"{who}: looking at what is somebody else's changed something"


VARY = {"Set-Cookie", "Content-Length", "Date", "X-Request-ID"}


def plain(page: Page, names: list[str]) -> str:
    """A page without ids and tokens."""
    text = page.body.decode()
    for name in names:
        text = text.replace(name, "…")
    text = re.sub(r"<code>[0-9a-f]{32}</code>", "", text)  # the request's own name
    text = re.sub(r"/fichier/[\w.-]+/", "/fichier/…/", text)  # what was signed for a file
    return re.sub(r'(name="csrf-token" content|name="csrf_token" value)="[^"]*"', "", text)


@everybody
def test_a_method_that_a_route_does_not_have_is_refused(stage: Stage, who: str):
    caller = CALLERS[who]
    app = stage.world.app
    browser = caller.browser(stage)
    token = browser.page.token
    before = stage.stored()
    methods: dict[str, set[str]] = {}
    for rule in rules(app):
        methods.setdefault(rule.rule, set()).update(rule.methods or ())
    for rule in rules(app):
        path = address(app, rule, caller.own(stage))
        for method in {*METHODS, *OTHERS} - methods[rule.rule]:
            if method == "POST":
                status = browser.post(path, FILLED, expect=0, token=token).status
            else:
                status = browser.client.open(path, method=method, base_url=browser.base).status_code
            # A form that nobody may post is refused for its method; one with a token of nobody would be 400.
            assert status == 405, f"{who}: {method} {path}"
        asked = browser.client.open(path, method="OPTIONS", base_url=browser.base)
        assert (asked.status_code, asked.data) == (200, b""), path
        assert set(asked.headers["Allow"].split(", ")) == methods[rule.rule], path
    assert stage.stored() == before


@pytest.mark.parametrize("how", ["header", "field", "query"])
def test_no_request_can_pretend_to_have_another_method(stage: Stage, how: str):
    """`X-HTTP-Method-Override` and its like are for frameworks that we are not."""
    browser = CALLERS["a proctor"].browser(stage)
    path = f"/surveillance/candidats/{stage.demo.sitting}/pause"
    before = stage.stored()
    token = browser.page.token
    if how == "header":
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            page = browser.get(path, expect=405, headers={name: "POST", "X-CSRFToken": token})
            assert page.status == 405
    elif how == "query":
        browser.get(f"{path}?_method=POST&reason=x&csrf_token={token}", expect=405)
    else:
        home = f"/surveillance/candidats/{stage.demo.sitting}"
        browser.post(home, {"_method": "GET"}, expect=405, token=token)
    assert stage.stored() == before


@everybody
def test_no_form_is_taken_without_its_token(stage: Stage, who: str):
    """Forged by another site: the cookie comes along, the token does not, nor does somebody else's help."""
    caller = CALLERS[who]
    app = stage.world.app
    browser = caller.browser(stage)
    other = CALLERS["nobody"].browser(stage).page.token
    before = stage.stored()
    posted = [rule for rule in rules(app) if "POST" in (rule.methods or ())]
    assert len(posted) > 60
    for rule in posted:
        if ROWS[rule.endpoint].permission is Permission.TOOL or rule.endpoint == "acs.token":
            continue
        for token in ("", "x", other):
            page = browser.post(address(app, rule, caller.own(stage)), FILLED, expect=400, token=token)
            assert page.alert == NO_TOKEN, f"{who}: {rule.rule}"
    assert stage.stored() == before


def test_the_doors_of_tools_look_at_no_cookie_and_hand_none_out(stage: Stage):
    app = stage.world.app
    bare = {r.rule for r in rules(app) if r.endpoint.startswith("acs.") and "POST" in (r.methods or ())}
    assert bare == {"/acs/token", "/acs/control"}
    csrf = app.extensions["csrf"]
    assert ({b.name for b in csrf._exempt_blueprints}, csrf._exempt_views) == ({"acs"}, set())
    for who, caller in CALLERS.items():
        stage.reset()  # failures are counted here too
        browser = caller.browser(stage)
        browser.client.environ_base.pop("HTTP_AUTHORIZATION", None)
        for path in bare:
            page = browser.post(path, {"grant_type": "client_credentials"}, expect=401, token="")
            assert "WWW-Authenticate" in page.headers
            assert who != "nobody" or "Set-Cookie" not in page.headers
