"""`create_app(settings)`: the only wiring."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, abort, g, request
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.adaptive.gates import NotCalibrated
from engine.items.release import Provenance
from web import (
    acs,
    admin,
    candidate,
    centre,
    errors,
    fitness,
    french,
    health,
    home,
    jury,
    logs,
    metrics,
    proctor,
    typography,
    viewed,
)
from web.access import Permission, User, asks_second_factor, needs, person_of
from web.config import Settings
from web.db.database import Database
from web.db.sessions import Session
from web.incoming import Text
from web.now import wall_clock
from web.recent import Recent
from web.secret import secret_of
from web.services.accounts import COOKIE_LASTS
from web.services.catalogue import Catalogue
from web.services.house import House
from web.services.ice import Ice
from web.services.pulse import Pulse
from web.watch import REQUEST_ID, ROUTE, Watch

log = structlog.get_logger()

LARGEST_REQUEST = 256 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "media-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

SENSES = "geolocation=(), camera={0}, microphone={0}, display-capture={0}"
SEES_AND_HEARS = frozenset({"candidate.check", "candidate.view_window"})
"""Pages that may ask for camera, microphone and screen."""


def create_app(settings: Settings, now: Callable[[], datetime] = wall_clock) -> Flask:
    """The application on a database whose schema is up to date. Raises `UnfitForProduction` and others."""
    app = Flask("web", root_path=str(Path(__file__).parent))
    fitness.require(settings, app.debug)
    app.request_class = Text
    app.config.update(
        SECRET_KEY=secret_of(settings),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        TRUSTED_HOSTS=list(settings.hosts) or None,
        SESSION_COOKIE_NAME="__Host-palier" if settings.is_production else "palier",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Only what changed the session sets its cookie: a late answer to a poll must not bring an older one back.
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=COOKIE_LASTS,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,  # WTForms has French sentences of its own; Flask-Babel is not here
        TEMPLATES_AUTO_RELOAD=False,
    )
    logs.configure(settings.is_production, settings.level.value, node=settings.node_name, role=settings.role)
    catalogue = Catalogue(settings)
    provenance = catalogue.named_release.provenance
    try:
        _ = catalogue.current
    except NotCalibrated as refusal:
        # Sessions that pin other rules go on; whoever plans a new one is told.
        log.error("rules_refused", sentence=str(refusal))
    database = Database(settings.database)
    pulse = Pulse(database, settings.signs_every) if settings.signs_every else None
    app.extensions["palier"] = House(database, catalogue, app.config["SECRET_KEY"], pulse)
    app.extensions["palier.now"] = now
    app.extensions["palier.since"] = now()
    app.extensions["palier.settings"] = settings
    app.extensions["palier.recent"] = Recent(settings.metrics_dir) if settings.metrics_dir else None
    app.extensions["palier.ice"] = Ice(settings.ice_servers, settings.turn_secret.get_secret_value())
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.wsgi_app = Watch(app.wsgi_app, settings)  # type: ignore[method-assign]
    metrics.observe_database(database.engine)
    protection = CSRFProtect(app)
    _log_in_with(app)
    for room in (home, candidate, centre, proctor, jury, admin, acs, health):
        app.register_blueprint(room.blueprint)
    protection.exempt(acs.blueprint)  # it looks at no cookie: see Permission.TOOL
    app.view_functions["static"] = needs(Permission.PUBLIC)(app.view_functions["static"])
    errors.init_app(app)
    _speak_french(app, catalogue, provenance is Provenance.SIMULATED)
    app.jinja_env.globals["second_factor_is_asked"] = settings.asks_second_factor
    viewed.init_app(app)
    _guard(app, settings)
    return app


def _log_in_with(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = "basic"

    @manager.user_loader  # type: ignore[untyped-decorator]
    def _load(user_id: str) -> User | None:
        return None if g.get("storage_is_away") else person_of(user_id)  # for the page that says so


def _speak_french(app: Flask, catalogue: Catalogue, simulated: bool) -> None:
    typography.init_env(app.jinja_env)
    for name in ("day", "moment", "hour", "clock", "duration", "percent", "decimal"):
        app.jinja_env.filters[name] = getattr(french, name)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    def is_simulated(slot: Session | None) -> bool:
        """Whether a page must say that nothing on it is official: this installation's release, or the session's own."""
        return simulated or (slot is not None and _provenance(catalogue, slot.release_digest) is Provenance.SIMULATED)

    app.jinja_env.globals.update(french=french, is_simulated=is_simulated, asks_second_factor=asks_second_factor)


def _provenance(catalogue: Catalogue, digest: str) -> Provenance:
    return catalogue.release(digest).provenance


def _guard(app: Flask, settings: Settings) -> None:
    @app.before_request
    def _name_the_request() -> None:
        structlog.contextvars.bind_contextvars(request_id=request.environ[REQUEST_ID])
        if request.url_rule is not None:
            request.environ[ROUTE] = request.url_rule.rule
        if isinstance(request, Text) and not request.is_fit:
            abort(404)

    @app.after_request
    def _headers(response: Response) -> Response:
        headers: dict[str, Any] = {
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": SENSES.format("(self)" if request.endpoint in SEES_AND_HEARS else "()"),
        }
        if settings.is_production:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static" or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        return response
