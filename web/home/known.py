"""A browser in which somebody has logged in before: guesses of others do not shut it out (docs/adr/0029)."""

import secrets

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from web.config import Settings
from web.db.people import Person
from web.services.accounts import KnownBrowser

LASTS = 180 * 24 * 3600


def browser() -> KnownBrowser | None:
    """Whose browser this is known to be, by a cookie that was signed here."""
    try:
        person, name = _signer().loads(request.cookies.get(_cookie(), ""), max_age=LASTS)
    except (BadSignature, ValueError, TypeError):
        return None
    return KnownBrowser(person, name)


def remember(response: Response, person: Person) -> Response:
    """Know this browser again the next time; the cookie opens nothing by itself."""
    before = browser()
    name = before.name if before and before.person == person.id else secrets.token_urlsafe(12)
    response.set_cookie(
        _cookie(),
        _signer().dumps([person.id, name]),
        max_age=LASTS,
        secure=_settings().is_production,
        httponly=True,
        samesite="Lax",
    )
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="palier-known-browser")


def _cookie() -> str:
    return "__Host-palier-known" if _settings().is_production else "palier-known"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["palier.settings"]
    return settings
