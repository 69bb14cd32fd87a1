"""What every page of the candidate carries: the comfort menu, messages, and the ways to ask for help."""

from typing import Any, cast

from flask import current_app, flash, g, redirect, render_template, request, session, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from engine.delivery.commands import NotOnScreen
from engine.kernel import EngineError, ItemId, SittingId
from web.access import Permission, device_in_browser, house, needs, sitting_in_browser
from web.candidate import comfort
from web.candidate.comfort import Comfort
from web.candidate.notices import notices
from web.candidate.views import blueprint
from web.db.sittings import NoSuchSitting, Superseded
from web.errors import sentence_of
from web.fragments import fragment
from web.now import now
from web.services import alerts, exam, messages
from web.services.messages import MessageId, Talk


@blueprint.context_processor
def _frame() -> dict[str, Any]:
    return {
        "comfort": LocalProxy(_comfort),  # looked up by whole pages only
        "comfort_menu": {name: (comfort.LABELS[name], choices) for name, choices in comfort.CHOICES.items()},
        "talk_here": _talk_here,
        "notices": notices,
        "now": now,
    }


def _comfort() -> Comfort:
    """How this candidate reads, looked up once for a page."""
    if "comfort" not in g:
        g.comfort = comfort.current(house(), session)
    return cast(Comfort, g.comfort)


def _talk_here() -> Talk | None:
    """What the candidate of this browser said and was told; `None` where nobody is known or nobody listens."""
    found = _talk()
    return found if found and found.is_heard else None


def _talk() -> Talk | None:
    if "talk" in g:
        return cast(Talk, g.talk)
    known = session.get("sitting")
    try:
        return messages.talk(house(), SittingId(known)) if isinstance(known, str) else None
    except NoSuchSitting:
        return None


@blueprint.post("/confort")
@needs(Permission.PUBLIC)
def choose_comfort() -> Response:
    """Read in another way from now on; a script needs no page back."""
    comfort.choose(house(), session, comfort.of(request.form))
    if request.accept_mimetypes.best == "application/json":
        return Response(status=204)
    return redirect(_back(), 303)


@blueprint.get("/messages")
@needs(Permission.SIT)
def news() -> Response:
    """What the proctor wrote and how a request for help stands, with an ETag."""
    sitting_in_browser()
    at = now()
    found = _talk_here()
    html = render_template("candidate/_messages_list.html", talk=found)
    said = [(s.id, *sorted(s.read)) for s in found.said] if found else None
    return fragment(html, key=f"{said}/{bool(found and found.help_was_seen_lately(at))}")


@blueprint.post("/messages/<message>/lu")
@needs(Permission.SIT)
def acknowledge(message: str) -> Response:
    """“I have read it.”"""
    messages.acknowledge(house(), sitting_in_browser(), MessageId(message), now())
    return redirect(_back(), 303)


@blueprint.post("/aide")
@needs(Permission.SIT)
def ask_for_help() -> Response:
    """Call the proctor."""
    try:
        messages.ask_for_help(house(), sitting_in_browser(), request.form.get("text", ""), now())
    except EngineError as refusal:
        if refusal.code.startswith("no_such"):
            raise
        flash(sentence_of(refusal), "problem")
    return redirect(_back(), 303)


@blueprint.post("/probleme")
@needs(Permission.SIT)
def raise_alert() -> Response:
    """Something is wrong with the question on screen."""
    item, wrong = ItemId(request.form.get("question", "")), request.form.get("wrong", "")
    text = request.form.get("text", "")
    try:
        alerts.raise_alert(house(), sitting_in_browser(), item, wrong, text, device_in_browser(), now())
    except (NotOnScreen, Superseded):
        pass  # the page was not up to date: the candidate goes on where the test is
    except (alerts.AlertReasonMissing, messages.MessageTooLong) as refusal:
        flash(sentence_of(refusal), "problem")
    return redirect(url_for("candidate.test"), 303)


@blueprint.get("/probleme/etat")
@needs(Permission.SIT)
def alert_state() -> Response:
    """The page of a blocked question, while it is blocked; then the way back to the test."""
    desk = exam.desk(house(), sitting_in_browser(), now())
    sitting = desk.enrolment.sitting
    if sitting.alert is None or sitting.device != device_in_browser():
        return redirect(url_for("candidate.test"), 303)
    return fragment(render_template("candidate/_blocked.html", desk=desk), key=f"{sitting.version}")


def _back() -> str:
    """The page of the candidate from which a form was sent; where they belong, if it cannot be asked for again."""
    given = request.form.get("back", "")
    try:
        endpoint, _ = current_app.url_map.bind("").match(given, method="GET")
    except HTTPException:  # or a redirect to another address
        endpoint = ""
    if str(endpoint).startswith("candidate."):
        return given
    return url_for("candidate.here" if "sitting" in session else "candidate.identify")
