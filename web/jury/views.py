"""The jury's seat: its sessions, and one of them."""

from flask import Blueprint, render_template, url_for

from engine.kernel import SessionId
from web import day
from web.access import Permission, actor, house, needs
from web.jury import words
from web.now import now
from web.services import adjudication, amendment, enrolment
from web.services import queue as queues
from web.services.queue import Filter, Stage

blueprint = Blueprint("jury", __name__, url_prefix="/jury", template_folder="templates")


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {"words": words}


@blueprint.get("")
@needs(Permission.ADJUDICATE)
def sessions() -> str:
    """All sessions but those of the own centre, and what waits in them."""
    return render_template(
        "jury/sessions.html",
        slots=enrolment.sessions_for(house(), actor()),
        queue=queues.queue(house(), actor(), Filter()),
        stages=Stage,
    )


@blueprint.get("/sessions/<session_id>")
@needs(Permission.ADJUDICATE)
def show(session_id: str) -> str:
    """A session: incidents to rule on, outcomes, what stands before publication or comes after it."""
    docket = adjudication.docket(house(), actor(), SessionId(session_id), now())
    return render_template(
        "jury/session.html",
        slot=docket.session,
        docket=docket,
        rules=house().catalogue.rules(docket.session.rules_digest),
        scored=docket.scored,
        cases=adjudication.cases(house(), actor(), docket.session.id),
        amendments=amendment.amendments(house(), actor(), docket.session.id),
    )


@blueprint.get("/sessions/<session_id>/journal")
@needs(Permission.ADJUDICATE)
def journal(session_id: str) -> str:
    """The whole log."""
    return day.log_page(SessionId(session_id), url_for("jury.show", session_id=session_id))
