"""`create_preview`, `create_reading`: small applications of their own, for one person on one machine."""

from pathlib import Path

import click
from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from engine.items.frameworks import COMPETENCES
from web import french, typography
from web.preview import reading, views
from web.preview.shelf import Shelf

WEB = Path(__file__).resolve().parents[1]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
)
ELSEWHERE = "Cette page ne répond qu'à http://127.0.0.1 et à http://localhost."


def create_preview(root: Path, only: tuple[str, ...] = ()) -> Flask:
    """The preview of the bank below `root`, of all items or of those whose ids begin so."""
    app = _bare()
    app.extensions["palier.shelf"] = Shelf(root)
    app.extensions["palier.only"] = only
    app.register_blueprint(views.blueprint)

    @app.errorhandler(HTTPException)
    def _told(error: HTTPException) -> tuple[str, int]:
        if error.code == 400:  # asked by another name: nothing here has an address
            return ELSEWHERE, 400
        return render_template("preview/error.html", code=error.code), error.code or 500

    return app


def create_reading(root: Path, file: Path) -> Flask:
    """A second reading of items below `root`, answered into the questionnaire `file`. It has no page with a key."""
    app = _bare()
    sheet = reading.Sheet.of(file, Shelf(root))
    app.extensions["palier.sheet"] = sheet
    app.register_blueprint(reading.blueprint)
    app.jinja_env.globals["csrf_token"] = lambda: sheet.token
    app.register_error_handler(click.ClickException, reading.told)

    @app.errorhandler(HTTPException)
    def _told(error: HTTPException) -> tuple[str, int]:
        return ELSEWHERE if error.code == 400 else "Cette page n'existe pas.", error.code or 500

    return app


def _bare() -> Flask:
    app = Flask("web.preview.served", root_path=str(WEB))
    # Asked by the name of another host, it does not answer: no page of elsewhere reads keys through a name of its own.
    app.config.update(TRUSTED_HOSTS=["127.0.0.1", "localhost"])
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(WEB / "templates"), FileSystemLoader(WEB / "candidate" / "templates")]
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    typography.init_env(app.jinja_env)
    app.jinja_env.globals.update(
        french=french,
        titles={(c.framework, c.code): c.title for c in COMPETENCES},
        csrf_token=str,  # the preview posts nothing
        is_simulated=lambda _: False,
    )

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"
        return response

    return app
