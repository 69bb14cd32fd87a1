"""What the page of an item sends: answers, drafts, signs of life.

A form that is posted without scripts is sent on to the page that follows. A script asks for JSON: what was recorded, or
the code of the refusal, so that it can tell an acknowledgement from anything else that a network may answer with.
"""

import uuid

from flask import jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.delivery.commands import AnswerConflict, ItemBlocked, NotOnScreen
from engine.items.response import EmptyReply, MalformedReply
from engine.kernel import EngineError, ItemId
from web.access import Permission, device_in_browser, house, needs, sitting_in_browser
from web.candidate.replies import draft_fields, raw_reply
from web.candidate.views import blueprint, show_test, status_of
from web.db.sittings import Superseded
from web.db.writing import Draft
from web.errors import sentence_of
from web.french import clock
from web.now import now
from web.services import connectivity, exam
from web.services.exam import Desk, OtherPage

MOST_DRAFTS = 1_000_000
"""Of one item: years of typing."""


@blueprint.post("/test/reponse")
@needs(Permission.SIT)
def answer() -> Response | tuple[str, int]:
    """Record an answer or a pass; what comes next follows."""
    desk = exam.desk(house(), sitting_in_browser(), now())
    item = ItemId(request.form.get("item", ""))
    try:
        answer_id = _answer_id(request.form.get("answer_id", ""))
        _record(desk, item, answer_id)
    except EngineError as refusal:
        if isinstance(refusal, EmptyReply | MalformedReply) and (desk.screen is None or desk.screen.item.id != item):
            refusal = NotOnScreen(f"Item {item} is not on screen.", item=item)
        return _refused(desk, refusal)
    if _asks_json():
        at = now()
        desk = exam.desk(house(), desk.enrolment.id, at)
        return jsonify(
            recorded=answer_id,
            state=desk.enrolment.sitting.state.value,
            next=desk.screen.item.id if desk.screen else None,
            at=clock(at),
        )
    return redirect(url_for("candidate.test"), 303)


@blueprint.post("/test/brouillon")
@needs(Permission.SIT)
def draft() -> Response:
    """Keep what stands in the form; it is no answer. The number of the draft comes back when it is kept."""
    sitting, at = sitting_in_browser(), now()
    desk = exam.desk(house(), sitting, at)
    item = ItemId(request.form.get("item", ""))
    if desk.screen is None or desk.screen.item.id != item:
        raise NotOnScreen(f"Item {item} is not on screen in sitting {sitting}.", item=item)
    interaction = desk.screen.interaction
    try:
        raw = raw_reply(interaction, request.form)
    except (EmptyReply, MalformedReply):
        raw = None  # half a reply: to be restored, not to be judged
    number = request.form.get("number", default=0, type=int)
    if not 0 <= number <= MOST_DRAFTS:
        raise MalformedReply(f"No draft has the number {request.form['number'][:20]}.")
    kept = Draft(item, draft_fields(interaction, request.form), raw, number, device_in_browser(), at)
    exam.save_draft(house(), sitting, kept, request.form.get("page", ""))
    return jsonify(drafted=number, at=clock(at))


@blueprint.post("/presence")
@needs(Permission.SIT)
def presence() -> Response:
    """A sign of life; the answer says how the test stands, and whether this browser and this page write it."""
    sitting = sitting_in_browser()
    at = now()
    desk = exam.desk(house(), sitting, at)
    mine = desk.enrolment.sitting.device == device_in_browser()
    if mine:  # a browser that nobody let in is no sign of the candidate
        connectivity.sign_of_life(house(), sitting, at)
    page = request.form.get("page")
    return jsonify(
        state=desk.enrolment.sitting.state.value,
        item=desk.screen.item.id if mine and desk.screen else None,
        seconds_left=desk.time_left.total_seconds() if desk.time_left is not None else None,
        deadline_at=desk.deadline.isoformat() if desk.deadline is not None else None,
        server_now=at.isoformat(),
        device="mine" if mine else "other",
        page=None if page is None else "writes" if exam.is_writer(house(), sitting, page) else "other",
    )


def _record(desk: Desk, item: ItemId, answer_id: str) -> None:
    interaction = house().catalogue.release(desk.session.release_digest).item(item).interaction
    exam.answer(
        house(),
        desk.enrolment.id,
        item,
        raw_reply(interaction, request.form),
        answer_id,
        device_in_browser(),
        now(),
        request.form.get("page", ""),
    )


def _refused(desk: Desk, refusal: EngineError) -> Response | tuple[str, int]:
    """To a script the refusal by its code; to a person the page that fits, without an error where none is theirs."""
    if _asks_json():
        raise refusal
    match refusal:
        case EmptyReply() | MalformedReply() | OtherPage():
            return show_test(desk, sentence_of(refusal), status_of(refusal))
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
