"""Who may call what: every route says the permission it needs, and a test finds those that do not."""

import functools
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar, cast

from flask import current_app, g, redirect, request, session, url_for
from flask_login import UserMixin, current_user
from werkzeug.wrappers import Response

from engine.kernel import EngineError, PersonId, SittingId
from web.config import Settings
from web.db.people import Person, Role
from web.db.tools import Tool
from web.now import now
from web.services import accounts, second_factor, tools
from web.services.house import House

P = ParamSpec("P")
R = TypeVar("R")


class Permission(StrEnum):
    """What a route asks of the one who calls it."""

    PUBLIC = "public"
    SIT = "sit"
    HALFWAY = "halfway"
    """Somebody whose password was right, before the second factor: they are nobody for every other route."""
    STAFF = "staff"
    MANAGE = "manage"
    SUPERVISE = "supervise"
    ADJUDICATE = "adjudicate"
    READ_RESULTS = "read_results"
    ADMINISTER = "administer"
    TOOL = "tool"
    """An outside tool with an access token; no cookie opens such a door, so no forged form can."""


_ALL = frozenset(Role)
ALLOWED: dict[Permission, frozenset[Role]] = {
    Permission.STAFF: _ALL,
    Permission.MANAGE: frozenset({Role.MANAGER}),
    Permission.SUPERVISE: frozenset({Role.PROCTOR}),
    Permission.ADJUDICATE: frozenset({Role.JURY}),
    Permission.READ_RESULTS: frozenset({Role.MANAGER, Role.JURY}),
    Permission.ADMINISTER: frozenset({Role.ADMIN}),
}


class NotEntered(EngineError):
    """No candidate is known in this browser."""

    code = "not_entered"


class NotPermitted(EngineError):
    """An account without the permission."""

    code = "not_permitted"


class User(UserMixin):  # type: ignore[misc]
    """A person as Flask-Login wants them."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.id = person.id


def house() -> House:
    """What the use cases work with."""
    return cast(House, current_app.extensions["palier"])


def actor() -> Person:
    """The person who is logged in."""
    return cast(User, current_user).person


def tool() -> Tool:
    """The outside tool whose access token was shown."""
    return cast(Tool, g.tool)


def asks_second_factor(person: Person) -> bool:
    """Whether this installation asks somebody for a code after the password."""
    settings = cast(Settings, current_app.extensions["palier.settings"])
    return settings.asks_second_factor and person.role in second_factor.ASKED_OF


def halfway() -> Person | None:
    """Who gave the right password in this browser a moment ago, and no second factor yet."""
    half = session.get("halfway")
    if not isinstance(half, dict):
        return None
    until = datetime.fromisoformat(half["until"])
    return accounts.find(house().db, PersonId(half["person"])) if now() < until else None


def sitting_in_browser() -> SittingId:
    """The sitting that the candidate was recognised for. Raises `NotEntered`."""
    known = session.get("sitting")
    if not isinstance(known, str):
        raise NotEntered("No candidate is known in this browser.")
    return SittingId(known)


def device_in_browser() -> str:
    """The name of this browser for the sitting; empty before the personal code was given here."""
    known = session.get("device", "")
    return known if isinstance(known, str) else ""


def needs(permission: Permission) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Say what a route needs, and hold it."""

    def guard(view: Callable[P, Any]) -> Callable[P, Any]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            stranger = _turned_away(permission)
            return stranger if stranger is not None else view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard


def _turned_away(permission: Permission) -> Response | None:
    if permission is Permission.PUBLIC:
        return None
    if permission is Permission.SIT:
        sitting_in_browser()
        return None
    if permission is Permission.TOOL:
        shown = request.authorization
        token = shown.token if shown is not None and shown.type == "bearer" else None
        g.tool = tools.bearer(house(), token or "", now())
        return None
    if permission is Permission.HALFWAY:
        return None if halfway() else redirect(url_for("home.login"), 303)
    if not current_user.is_authenticated:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("home.login", next=back), 303)
    if actor().role not in ALLOWED[permission]:
        raise NotPermitted(f"{actor().login} may not {permission}.", permission=permission)
    return None


def person_of(user_id: str) -> User | None:
    """The user that Flask-Login asks for; nobody whose login was ended, or who lacks the second factor that stands."""
    person = accounts.find(house().db, PersonId(user_id), session.get("login", ""))
    if person is None:
        return None
    if asks_second_factor(person) and not second_factor.stands(house().db, person, session.get("second_factor", "")):
        return None
    return User(person)
