"""What the page of an item sends: answers, drafts, signs of life.

A form that is posted without scripts is sent on to the page that follows. A script asks for JSON: what was recorded, or
the code of the refusal, so that it can tell an acknowledgement from anything else that a network may answer with.
"""

import uuid

from flask import jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.delivery.commands import AnswerConflict, ItemBlocked, NotOnScreen, Step
from engine.delivery.events import Answered, Quarantined
from engine.items.item import Interaction
from engine.items.response import EmptyReply, MalformedReply
from engine.kernel import EngineError, ItemId
from web import metrics
from web.access import Permission, device_in_browser, house, needs, sitting_in_browser
from web.candidate.views import blueprint, show_test, status_of
from web.db.sittings import Superseded
from web.db.writing import Draft
from web.errors import sentence_of
from web.french import clock
from web.now import now
from web.replies import draft_fields, raw_reply
from web.services import beats, exam
from web.services.exam import OtherPage

MOST_DRAFTS = 1_000_000
"""Of one item: years of typing."""


@blueprint.post("/test/reponse")
@needs(Permission.SIT)
def answer() -> Response | tuple[str, int]:
    """Record an answer or a pass; what comes next follows."""
    sitting, at = sitting_in_browser(), now()
    try:
        answer_id = _answer_id(request.form.get("answer_id", ""))
        done = exam.answer_form(
            house(),
            sitting,
            ItemId(request.form.get("item", "")),
            lambda interaction: raw_reply(interaction, request.form),
            answer_id,
            device_in_browser(),
            at,
            request.form.get("page", ""),
        )
    except EngineError as refusal:
        metrics.answered(refusal.code)
        return _refused(refusal)
    metrics.answered(_outcome(done))
    if _asks_json():
        return jsonify(recorded=answer_id, state=done.state.state.value, next=done.state.on_screen, at=clock(now()))
    return redirect(url_for("candidate.test"), 303)


@blueprint.post("/test/brouillon")
@needs(Permission.SIT)
def draft() -> Response:
    """Keep what stands in the form; it is no answer. The number of the draft comes back when it is kept."""
    sitting, at = sitting_in_browser(), now()
    item = ItemId(request.form.get("item", ""))
    number = request.form.get("number", default=0, type=int)
    if not 0 <= number <= MOST_DRAFTS:
        raise MalformedReply(f"No draft has the number {request.form['number'][:20]}.")

    def written(interaction: Interaction) -> Draft:
        try:
            raw = raw_reply(interaction, request.form)
        except (EmptyReply, MalformedReply):
            raw = None  # half a reply: to be restored, not to be judged
        return Draft(item, draft_fields(interaction, request.form), raw, number, device_in_browser(), at)

    exam.save_draft(house(), sitting, item, written, device_in_browser(), request.form.get("page", ""))
    return jsonify(drafted=number, at=clock(at))


@blueprint.post("/presence")
@needs(Permission.SIT)
def presence() -> Response:
    """A sign of life; the answer says how the test stands, and whether this browser and this page write it."""
    at = now()
    seat = beats.beat(house(), sitting_in_browser(), device_in_browser(), at)
    sitting = seat.sitting
    mine = sitting.device == device_in_browser()
    page = request.form.get("page")
    return jsonify(
        state=sitting.state.value,
        item=sitting.on_screen if mine else None,
        seconds_left=sitting.clock.time_left(at).total_seconds() if sitting.clock else None,
        deadline_at=sitting.clock.deadline(at).isoformat() if sitting.clock else None,
        server_now=at.isoformat(),
        device="mine" if mine else "other",
        said=seat.said,
        page=None if page is None else "writes" if seat.page == page else "other",
    )


def _outcome(step: Step) -> str:
    """What became of an answer, for the metrics."""
    if not step.events:
        return "replayed"
    if any(isinstance(event, Quarantined) for event in step.events):
        return "quarantined"
    return "late" if any(isinstance(event, Answered) and event.late for event in step.events) else "recorded"


def _refused(refusal: EngineError) -> Response | tuple[str, int]:
    """To a script the refusal by its code; to a person the page that fits, without an error where none is theirs."""
    if _asks_json():
        raise refusal
    match refusal:
        case EmptyReply() | MalformedReply() | OtherPage():
            return show_test(sentence_of(refusal), status_of(refusal))
        case NotOnScreen() | Superseded() | AnswerConflict() | ItemBlocked():
            # The page was not up to date: the candidate goes on where the test is.
            return redirect(url_for("candidate.test"), 303)
        case _:
            raise refusal


def _asks_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _answer_id(given: str) -> str:
    try:
        return str(uuid.UUID(given))
    except ValueError:
        raise MalformedReply("The answer has no valid id.", answer_id=given) from None
