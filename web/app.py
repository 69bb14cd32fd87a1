"""`create_app(settings)`: the only wiring."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.adaptive.gates import NotCalibrated
from engine.items.release import Provenance
from web import acs, admin, candidate, centre, errors, french, health, home, jury, logs, proctor, typography
from web.access import Permission, User, needs, person_of
from web.config import Settings
from web.db.database import Database
from web.db.sessions import Session
from web.now import wall_clock
from web.secret import secret_of
from web.services import accounts
from web.services.catalogue import Catalogue
from web.services.house import House
from web.services.ice import Ice

log = structlog.get_logger()

LARGEST_REQUEST = 256 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SENSES = "geolocation=(), camera={0}, microphone={0}, display-capture={0}"
SEES_AND_HEARS = frozenset({"candidate.check", "candidate.view_window"})
"""Pages that may ask for camera, microphone and screen."""


def create_app(settings: Settings, now: Callable[[], datetime] = wall_clock) -> Flask:
    """The application on a database whose schema is up to date. Raises `SimulatedRelease`, `BrokenRelease`."""
    app = Flask("web", root_path=str(Path(__file__).parent))
    app.config.update(
        SECRET_KEY=secret_of(settings),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        SESSION_COOKIE_NAME="__Host-palier" if settings.is_production else "palier",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Only what changed the session sets its cookie: a late answer to a poll must not bring an older one back.
        SESSION_REFRESH_EACH_REQUEST=False,
        # Longer than any sitting with its waiting: a cookie never runs out in mid-exam.
        PERMANENT_SESSION_LIFETIME=timedelta(hours=14),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,  # WTForms has French sentences of its own; Flask-Babel is not here
        TEMPLATES_AUTO_RELOAD=False,
    )
    logs.configure(as_json=settings.is_production)
    catalogue = Catalogue(settings)
    provenance = catalogue.named_release.provenance
    try:
        _ = catalogue.current
    except NotCalibrated as refusal:
        # Sessions that pin other rules go on; whoever plans a new one is told.
        log.error("rules_refused", sentence=str(refusal))
    database = Database(settings.database)
    app.extensions["palier"] = House(database, catalogue, app.config["SECRET_KEY"])
    app.extensions["palier.now"] = now
    app.extensions["palier.settings"] = settings
    app.extensions["palier.ice"] = Ice(settings.ice_servers, settings.turn_secret.get_secret_value())
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    protection = CSRFProtect(app)
    _log_in_with(app, database)
    for room in (home, candidate, centre, proctor, jury, admin, acs, health):
        app.register_blueprint(room.blueprint)
    protection.exempt(acs.blueprint)  # it looks at no cookie: see Permission.TOOL
    app.view_functions["static"] = needs(Permission.PUBLIC)(app.view_functions["static"])
    errors.init_app(app)
    _speak_french(app, catalogue, provenance is Provenance.SIMULATED)
    _guard(app, settings)
    return app


def _log_in_with(app: Flask, database: Database) -> None:
    manager = LoginManager(app)
    manager.session_protection = "basic"

    @manager.user_loader  # type: ignore[untyped-decorator]
    def _load(user_id: str) -> User | None:
        return person_of(user_id, lambda person: accounts.find(database, person))


def _speak_french(app: Flask, catalogue: Catalogue, simulated: bool) -> None:
    typography.init_env(app.jinja_env)
    for name in ("day", "moment", "hour", "clock", "duration", "percent", "decimal"):
        app.jinja_env.filters[name] = getattr(french, name)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    def is_simulated(slot: Session | None) -> bool:
        """Whether a page must say that nothing on it is official: this installation's release, or the session's own."""
        return simulated or (slot is not None and _provenance(catalogue, slot.release_digest) is Provenance.SIMULATED)

    app.jinja_env.globals.update(french=french, is_simulated=is_simulated)


def _provenance(catalogue: Catalogue, digest: str) -> Provenance:
    return catalogue.release(digest).provenance


def _guard(app: Flask, settings: Settings) -> None:
    @app.before_request
    def _name_the_request() -> None:
        g.request_id = request.environ["palier.request_id"] = uuid.uuid4().hex[:12]
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def _headers(response: Response) -> Response:
        headers: dict[str, Any] = {
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": SENSES.format("(self)" if request.endpoint in SEES_AND_HEARS else "()"),
        }
        if settings.is_production:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response
