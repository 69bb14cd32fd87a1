"""Who was shown whose data."""

from datetime import datetime

from flask import render_template, request

from web import privacy_words
from web.access import Permission, house, needs
from web.admin.views import blueprint
from web.services import accesses as seen


@blueprint.get("/acces")
@needs(Permission.ADMINISTER)
def accesses() -> str:
    """The access log, the newest first, a page at a time."""
    found = seen.accesses(house(), _instant(request.args.get("avant", "")))
    return render_template("admin/accesses.html", found=found, words=privacy_words)


def _instant(given: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return at if at.tzinfo else None
