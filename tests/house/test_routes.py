"""Every door says who may open it; `tests/security/test_matrix.py` tries them all."""

from flask import Flask
from werkzeug.routing import Rule

from web.access import ALLOWED, Permission
from web.db.people import Role

OPEN = {Permission.PUBLIC, Permission.SIT, Permission.HALFWAY, Permission.TOOL}  # nothing to do with a role


def routes(app: Flask) -> list[Rule]:
    """All routes; there are many."""
    found = sorted(app.url_map.iter_rules(), key=lambda r: r.rule)
    assert len(found) > 40
    return found


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
