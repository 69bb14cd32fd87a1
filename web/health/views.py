"""Liveness and readiness. A stranger learns one word; what is lacking stands in the log and in `palier ready`."""

from typing import cast

from flask import Blueprint, current_app, jsonify
from werkzeug.wrappers import Response

from web.access import Permission, house, needs
from web.config import Settings
from web.lingering import LEAVING
from web.services import readiness

blueprint = Blueprint("health", __name__, url_prefix="/sante")


@blueprint.get("/vivant")
@needs(Permission.PUBLIC)
def alive() -> Response:
    """Whether this process answers: it asks nobody, so that a dead database restarts no process."""
    return jsonify(alive=True)


@blueprint.get("/pret")
@needs(Permission.PUBLIC)
def ready() -> tuple[Response, int]:
    """Whether a proxy may give this node requests: 200 or 503."""
    settings = cast(Settings, current_app.extensions["palier.settings"])
    extensions = current_app.extensions
    is_ready = not readiness.lacks(house(), settings, extensions["palier.now"], LEAVING in extensions)
    return jsonify(ready=is_ready), 200 if is_ready else 503
