"""Every door says who may open it."""

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.web.browser import Browser
from tests.web.world import World
from web.access import ALLOWED, Permission
from web.db.people import Role

OPEN = {Permission.PUBLIC, Permission.SIT, Permission.HALFWAY, Permission.TOOL}  # nothing to do with a role
TOOLS = {"/acs/token", "/acs/control"}
"""The only addresses that look at no cookie, so that a form of another site can do nothing there."""


def routes(app: Flask) -> list[Rule]:
    """All routes; there are many."""
    found = sorted(app.url_map.iter_rules(), key=lambda r: r.rule)
    assert len(found) > 40
    return found


def address(app: Flask, rule: Rule) -> str:
    """Some address of a route."""
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "x"))


def permission(app: Flask, rule: Rule) -> Permission | None:
    """What a route asks for."""
    return getattr(app.view_functions[rule.endpoint], "permission", None)


def test_every_route_says_what_it_needs(app: Flask):
    mute = [rule.rule for rule in routes(app) if not isinstance(permission(app, rule), Permission)]
    assert not mute, f"decorate with @needs(Permission…): {mute}"


def test_every_permission_is_used_and_says_which_roles_have_it(app: Flask):
    used = {permission(app, rule) for rule in routes(app)}
    assert used == set(Permission), f"no route needs these any more: {set(Permission) - used}"
    assert set(ALLOWED) == set(Permission) - OPEN
    assert {role for roles in ALLOWED.values() for role in roles} == set(Role)


def test_routes_are_only_read_or_posted_to(app: Flask):
    odd = {r.rule: r.methods for r in routes(app) if not (r.methods or set()) <= {"GET", "HEAD", "OPTIONS", "POST"}}
    assert not odd


def test_every_post_without_a_token_is_refused(app: Flask, world: World):
    posted = [rule for rule in routes(app) if "POST" in (rule.methods or ())]
    assert len(posted) > 20
    for browser in (world.browser(), world.staff("centre"), world.staff("surveillant"), world.running(world.camille)):
        for rule in posted:
            if rule.rule in TOOLS:
                continue
            page = browser.post(address(app, rule), {"csrf_token": ""}, expect=400, token="")
            assert page.alert == "Cette demande n'est pas valable. Rechargez la page, puis recommencez."


def test_the_doors_of_tools_open_to_no_cookie_and_hand_none_out(app: Flask, world: World):
    posted = {rule.rule for rule in routes(app) if rule.endpoint.startswith("acs.") and "POST" in (rule.methods or ())}
    assert posted == TOOLS
    csrf = app.extensions["csrf"]
    assert ({b.name for b in csrf._exempt_blueprints}, csrf._exempt_views) == ({"acs"}, set())
    assert {rule.rule for rule in routes(app) if permission(app, rule) is Permission.TOOL} < TOOLS
    stranger = world.browser()
    for browser in (stranger, world.staff("centre"), world.staff("surveillant"), world.running(world.camille)):
        for path in TOOLS:
            page = browser.post(path, {"grant_type": "client_credentials"}, expect=401, token="")
            assert "WWW-Authenticate" in page.headers
            assert browser is not stranger or "Set-Cookie" not in page.headers


@pytest.mark.parametrize("login", [None, "centre", "surveillant", "jury", "admin"])
def test_a_route_opens_to_those_it_names_and_to_nobody_else(app: Flask, world: World, login: str | None):
    browser: Browser = world.staff(login) if login else world.browser()
    role = world.person(login).role if login else None
    for rule in routes(app):
        needed = permission(app, rule)
        assert needed is not None
        if needed is Permission.PUBLIC or "GET" not in (rule.methods or ()):
            continue
        page = browser.get(address(app, rule), expect=0)
        if needed is Permission.SIT:
            assert page.status == 403, rule.rule
        elif needed is Permission.HALFWAY or role is None:
            assert page.status == 303, rule.rule
            assert page.headers["Location"].startswith("/connexion"), rule.rule
        elif role not in ALLOWED[needed]:
            assert page.status == 403, rule.rule
        else:
            assert page.status in (200, 404), rule.rule
