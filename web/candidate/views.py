"""The candidate's seat: identity, instructions, waiting, the test, the result."""

import secrets
import uuid

from flask import Blueprint, g, redirect, render_template, request, send_file, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import StringField

from engine.delivery.session import SessionState
from engine.delivery.states import State
from engine.kernel import EngineError, SittingId
from web import rendering
from web.access import Permission, device_in_browser, house, needs, sitting_in_browser
from web.candidate import comfort, media
from web.errors import REFUSALS, sentence_of
from web.forms import Form, birth_date_field, name_field, required
from web.fragments import fragment
from web.now import now
from web.services import adjudication, exam, gate, messages, remote_view
from web.services import presence as presence_of
from web.services.codes import device_after
from web.services.exam import Desk
from web.services.throttle import TooManyAttempts
from web.typography import spaced

blueprint = Blueprint("candidate", __name__, url_prefix="/candidat", template_folder="templates")


CODE_TOO = (
    "Trop d'essais, pour ce nom ou depuis ce réseau. Pour continuer sans attendre dix minutes, ajoutez votre code "
    "personnel et vérifiez vos autres réponses."
)


class IdentityForm(Form):
    """Who the candidate is, and which session they come for."""

    last_name = name_field("Nom", "Indiquez votre nom, comme sur votre convocation.", "family-name")
    first_name = name_field("Prénom", "Indiquez votre prénom, comme sur votre convocation.", "given-name")
    birth_date = birth_date_field()
    session_code = StringField(
        "Code de session",
        [required("Indiquez le code de session : il est affiché dans la salle ou donné par le surveillant.")],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "maxlength": "12"},
    )
    code = StringField(
        "Code personnel",
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "maxlength": "12"},
    )
    """Asked for after too many failures only."""


class CodeForm(Form):
    """The personal code."""

    code = StringField(
        "Code personnel",
        [required("Indiquez votre code personnel : huit caractères, sur votre convocation.")],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "maxlength": "12"},
    )


@blueprint.route("", methods=["GET", "POST"])
@needs(Permission.PUBLIC)
def identify() -> Response | tuple[str, int]:
    """Name, birth date and session code."""
    form = IdentityForm()
    if not form.validate_on_submit():
        return render_template("candidate/identify.html", form=form), 400 if form.errors else 200
    identity = gate.Identity(
        form.last_name.data or "", form.first_name.data or "", form.birth_date.data, form.session_code.data or ""
    )
    try:
        sitting = gate.identify(house(), identity, request.remote_addr or "", now(), form.code.data or "")
    except gate.NotRecognised as refusal:
        return render_template("candidate/identify.html", form=form, problem=sentence_of(refusal)), status_of(refusal)
    except TooManyAttempts as refusal:
        page = render_template("candidate/identify.html", form=form, problem=spaced(CODE_TOO), asks_code=True)
        return page, status_of(refusal)
    # The device stays: the same browser takes its own test up again without the proctor.
    device = device_in_browser() if session.get("sitting") == sitting else ""
    _forget_candidate()
    comfort.recognised(house(), session, sitting)
    session.permanent = True
    session["sitting"] = sitting
    session["device"] = device or secrets.token_urlsafe(16)
    return redirect(url_for("candidate.here"), 303)


@blueprint.get("/ici")
@needs(Permission.SIT)
def here() -> Response:
    """Where the candidate belongs now."""
    slot, enrolment = gate.look(house(), sitting_in_browser())
    sitting = enrolment.sitting
    if slot.state is SessionState.PUBLISHED:
        return redirect(url_for("candidate.result"), 303)
    mine = sitting.device == device_in_browser()
    if sitting.state.is_over or (mine and sitting.state in (State.ENTERED, State.RUNNING, State.PAUSED)):
        return redirect(url_for("candidate.test"), 303)
    if _waits(sitting.state, sitting.asks_to_return):
        return redirect(url_for("candidate.waiting"), 303)
    return redirect(url_for("candidate.instructions"), 303)


@blueprint.route("/consignes", methods=["GET", "POST"])
@needs(Permission.SIT)
def instructions() -> Response | str:
    """The instructions; reading them leads to the waiting room."""
    if request.method == "POST":
        gate.check_in(house(), sitting_in_browser(), now())
        return redirect(url_for("candidate.waiting"), 303)
    slot, enrolment = gate.look(house(), sitting_in_browser())
    return render_template("candidate/instructions.html", slot=slot, enrolment=enrolment)


@blueprint.get("/attente")
@needs(Permission.SIT)
def waiting() -> Response | str:
    """The waiting room: the code is asked for once the proctor has given leave."""
    place = presence_of.waiting(house(), sitting_in_browser(), now())
    sitting = place.enrolment.sitting
    if not _waits(sitting.state, sitting.asks_to_return):
        return redirect(url_for("candidate.here"), 303)
    if remote_view.must_decide(house(), place.session, place.enrolment.id):
        return redirect(url_for("candidate.view_consent"), 303)
    return render_template("candidate/waiting.html", slot=place.session, place=place, form=CodeForm())


@blueprint.get("/attente/etat")
@needs(Permission.SIT)
def waiting_state() -> Response:
    """The part of the waiting room that changes, with an ETag."""
    place = presence_of.waiting(house(), sitting_in_browser(), now())
    html = render_template("candidate/_waiting.html", place=place, form=CodeForm())
    stands = (place.enrolment.sitting.version, place.session.state, place.before, place.proctor_is_connected)
    return fragment(html, key=f"{stands}/{place.video_link}")


@blueprint.post("/code")
@needs(Permission.SIT)
def enter() -> Response | tuple[str, int]:
    """The personal code lets this browser in."""
    sitting = sitting_in_browser()
    form = CodeForm()
    problem: str | None = None
    status = 400
    if form.validate_on_submit():
        try:
            _enter(sitting, form.code.data or "")
        except EngineError as refusal:
            problem, status = sentence_of(refusal), status_of(refusal)
        else:
            return redirect(url_for("candidate.test"), 303)
    place = presence_of.waiting(house(), sitting, now())
    html = render_template("candidate/waiting.html", slot=place.session, place=place, form=form, problem=problem)
    return html, status


def _enter(sitting: SittingId, code: str) -> None:
    """Let this browser in, under a name that it did not have in the waiting room, where somebody may have copied it."""
    before = device_in_browser()
    device = device_after(code, before, house().secret)
    gate.enter(house(), sitting, code, device, now(), browser=before)
    session["device"] = device


@blueprint.get("/test")
@needs(Permission.SIT)
def test() -> Response | tuple[str, int]:
    """Whatever the test shows now: start, item, pause or end."""
    return show_test()


@blueprint.post("/test/commencer")
@needs(Permission.SIT)
def start() -> Response:
    """The first item: the clock runs."""
    exam.start(house(), sitting_in_browser(), device_in_browser(), now())
    return redirect(url_for("candidate.test"), 303)


@blueprint.route("/test/terminer", methods=["GET", "POST"])
@needs(Permission.SIT)
def finish() -> Response | str:
    """End the test before its last item, after a page that asks."""
    if request.method == "POST":
        exam.finish(house(), sitting_in_browser(), device_in_browser(), now())
        return redirect(url_for("candidate.test"), 303)
    desk = exam.desk(house(), sitting_in_browser(), now())
    if desk.screen is None or desk.enrolment.sitting.alert:
        return redirect(url_for("candidate.test"), 303)
    page = str(uuid.uuid4())  # it writes: a reply that waits in this browser is sent from here
    exam.open_page(house(), desk.enrolment.id, page, now())
    return render_template("candidate/finish.html", desk=desk, page=page)


@blueprint.post("/test/cloche")
@needs(Permission.SIT)
def ring() -> Response:
    """The page's countdown is at zero and it has nothing to send; the server decides."""
    exam.ring(house(), sitting_in_browser(), device_in_browser(), now())
    return redirect(url_for("candidate.test"), 303)


@blueprint.get("/test/fichier/<seal>/<name>")
@needs(Permission.SIT)
def file(seal: str, name: str) -> Response:
    """An image or an attachment of the item on screen, and of no other; a page that stayed long gets a new address."""
    at = now()
    desk = exam.desk(house(), sitting_in_browser(), at)
    sitting = desk.enrolment.sitting
    if (
        desk.screen is None
        or sitting.state is not State.RUNNING
        or sitting.device != device_in_browser()
        or sitting.alert
    ):
        raise NotFound
    item = desk.screen.item
    attached = {a.file for a in item.attachments}
    if name not in item.files or not media.holds(seal, sitting.id, item.id):
        raise NotFound
    if media.is_over(seal, at):
        return redirect(media.address(sitting.id, item.id, name, at), 303)
    path = house().catalogue.media_file(desk.session.release_digest, item, name)
    return send_file(path, as_attachment=name in attached, download_name=name, etag=False, conditional=False)


@blueprint.route("/resultat", methods=["GET", "POST"])
@needs(Permission.SIT)
def result() -> Response | tuple[str, int]:
    """The result, once published, to the one who knows the personal code."""
    sitting = sitting_in_browser()
    slot, enrolment = gate.look(house(), sitting)
    if slot.state is not SessionState.PUBLISHED:
        return redirect(url_for("candidate.here"), 303)
    known = session.get("code_given") == sitting or (
        enrolment.sitting.device is not None and enrolment.sitting.device == device_in_browser()
    )
    form = CodeForm()
    problem: str | None = None
    status = 200
    if request.method == "POST" and not known:
        status = 400
        if form.validate_on_submit():
            try:
                gate.prove(house(), sitting, form.code.data or "", request.remote_addr or "", now())
            except EngineError as refusal:
                problem, status = sentence_of(refusal), status_of(refusal)
            else:
                session["code_given"] = sitting
                return redirect(url_for("candidate.result"), 303)
    if not known:
        return render_template("candidate/result_code.html", slot=slot, form=form, problem=problem), status
    return render_template(
        "candidate/result.html", slot=slot, enrolment=enrolment, result=adjudication.published(house(), sitting)
    ), status


@blueprint.post("/quitter")
@needs(Permission.SIT)
def leave() -> Response:
    """Forget the candidate in this browser; the test itself is not touched."""
    _forget_candidate()
    return redirect(url_for("home.index"), 303)


def _forget_candidate() -> None:
    """Forget the candidate and nothing else: whoever is logged in here stays so, as when one person tries all seats."""
    for key in ("sitting", "device", "code_given", "csrf_token"):
        session.pop(key, None)


def _waits(state: State, asks_to_return: bool) -> bool:
    """Whether the proctor or the personal code is waited for."""
    return state in (State.CHECKED_IN, State.AUTHORISED) or asks_to_return


def show_test(problem: str | None = None, status: int = 200) -> Response | tuple[str, int]:
    """The page of the test that fits where the sitting stands; with an item on it, that page writes from now on."""
    at, page = now(), str(uuid.uuid4())
    turn = exam.turn(house(), sitting_in_browser(), device_in_browser(), page, at)
    if turn is None:
        return _show_no_item(exam.desk(house(), sitting_in_browser(), at), status)
    seat, shown = turn.seat, turn.screen.item
    if not seat.said:  # what the page would look up is known
        g.talk = messages.nothing_said(seat.sitting.id, seat.session_state)
    kept = seat.draft if seat.draft and seat.draft.item == shown.id else None
    return render_template(
        "candidate/item.html",
        turn=turn,
        sitting=seat.sitting,
        screen=turn.screen,
        parts=media.body_parts(shown, seat.sitting.id, at),
        file_address=lambda name: media.address(seat.sitting.id, shown.id, name, at),
        inline=rendering.inline,
        answer_id=str(uuid.uuid4()),
        page=page,
        draft=kept,
        draft_is_mine=kept is None or kept.device == device_in_browser(),
        problem=problem,
        sent=request.form if problem else kept and MultiDict(kept.form),
    ), status


def _show_no_item(desk: Desk, status: int) -> Response | tuple[str, int]:
    """What stands there where no item waits for an answer from this browser."""
    sitting = desk.enrolment.sitting
    if desk.session.state is SessionState.PUBLISHED:
        return redirect(url_for("candidate.result"), 303)
    if sitting.state.is_over:
        return render_template("candidate/over.html", desk=desk), status
    if sitting.device is None or sitting.device != device_in_browser():
        return redirect(url_for("candidate.here"), 303)
    if sitting.state is State.ENTERED:
        return render_template("candidate/ready.html", desk=desk, allowance=sitting.accommodation.allowance), status
    if sitting.state is State.PAUSED:
        return render_template("candidate/paused.html", desk=desk), status
    if sitting.alert is not None:
        return render_template("candidate/blocked.html", desk=desk), status
    return redirect(url_for("candidate.here"), 303)  # it has moved on since


def status_of(refusal: EngineError) -> int:
    """The HTTP status of a refusal."""
    return REFUSALS[refusal.code].status
