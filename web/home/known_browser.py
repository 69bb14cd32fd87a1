"""Browsers in which somebody has logged in before: guesses of strangers elsewhere do not slow them down.

A device cookie (OWASP, Slow Down Online Guessing Attacks with Device Cookies): signed, good for some logins, and worth
nothing but a count of failures of its own.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from web.access import house
from web.services.accounts import canonical_login

REMEMBERED = timedelta(days=180)
LOGINS = 5
"""Of people who share a browser."""


def mark_of(login: str) -> str:
    """What tells this browser from all others for a login; empty for a stranger."""
    return _marks().get(_hidden(login), "")


def remember(login: str, response: Response) -> None:
    """Let this browser be known for a login from now on."""
    hidden = _hidden(login)
    marks = {hidden: secrets.token_urlsafe(12)} | {k: v for k, v in _marks().items() if k != hidden}
    response.set_cookie(
        _name(),
        _serializer().dumps(dict(list(marks.items())[:LOGINS])),
        max_age=REMEMBERED,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def _marks() -> dict[str, str]:
    try:
        found = _serializer().loads(request.cookies.get(_name(), ""), max_age=int(REMEMBERED.total_seconds()))
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-known"


def _hidden(login: str) -> str:
    """Cookies name nobody."""
    return hmac.new(house().secret.encode(), canonical_login(login).encode(), hashlib.sha256).hexdigest()[:24]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(house().secret, salt="palier: known browser")
