"""What a browser keeps for the moment when a page of the test cannot be fetched."""

from flask import current_app, render_template
from werkzeug.wrappers import Response

from web.access import Permission, needs
from web.candidate.views import blueprint


@blueprint.get("/secours.js")
@needs(Permission.PUBLIC)
def rescue() -> Response:
    """The service worker: served from here, since it only looks after pages below its own address."""
    return current_app.send_static_file("js/rescue.js")


@blueprint.get("/hors-ligne")
@needs(Permission.PUBLIC)
def offline() -> str:
    """The page that waits for the network."""
    return render_template("candidate/offline.html")
