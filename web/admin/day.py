"""The day of the installation, for who runs it: sessions, troubles, this node. It names no candidate."""

from datetime import timedelta
from typing import Any

from flask import current_app, render_template
from werkzeug.wrappers import Response

from web.access import Permission, house, needs
from web.admin.views import blueprint
from web.config import Settings
from web.fragments import fragment
from web.now import now
from web.recent import Recent
from web.scrape import swept
from web.services import today
from web.version import installed

SWEEPER_LATE = timedelta(minutes=3)
ANSWERS, ERRORS = timedelta(minutes=5), timedelta(hours=1)


@blueprint.get("/jour")
@needs(Permission.ADMINISTER)
def day() -> str:
    """The page of the day."""
    return render_template("admin/day.html", **_shown())


@blueprint.get("/jour/etat")
@needs(Permission.ADMINISTER)
def day_state() -> Response:
    """What changes on it."""
    html = render_template("admin/_day.html", **_shown())
    return fragment(html, html)


def _shown() -> dict[str, Any]:
    at = now()
    settings: Settings = current_app.extensions["palier.settings"]
    recent: Recent | None = current_app.extensions["palier.recent"]
    answers, errors = recent.lately(at, ANSWERS, ERRORS) if recent else (None, None)
    last = swept(settings.metrics_dir) if settings.metrics_dir else None
    return {
        "day": today.look(house(), at),
        "answers": answers,
        "errors": errors,
        "swept": last,
        "is_sweeper_late": last is not None and at - last > SWEEPER_LATE,
        "settings": settings,
        "release": house().catalogue.named_release,
        "version": installed(),
        "started": current_app.extensions["palier.since"],
        "now": at,
    }
