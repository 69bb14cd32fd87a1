"""The centre's seat: sessions, enrolments, the log, the results."""

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.kernel import EngineError, SessionId, SittingId
from web import day
from web.access import Permission, actor, house, needs
from web.centre.forms import EnrolForm
from web.errors import REFUSALS, sentence_of
from web.french import paris_day
from web.now import now
from web.services import agenda, capacity, enrolment, look, results_file, supervision
from web.services import journal as journals
from web.services.needs import NeedsNotCovered
from web.sought import look_for, sought_in

blueprint = Blueprint("centre", __name__, url_prefix="/centre", template_folder="templates")


@blueprint.get("")
@needs(Permission.MANAGE)
def sessions() -> str:
    """The centre's sessions: today's, those to come, those that are over."""
    words, whole = request.args.get("q", "").strip()[:100], "tout" in request.args
    found = agenda.agenda(house(), actor(), words, whole, now())
    return render_template("centre/sessions.html", agenda=found, words=words)


@blueprint.get("/sessions/<session_id>")
@needs(Permission.MANAGE)
def show(session_id: str) -> str:
    """A session: its candidates and its log."""
    supervision.sweep(house(), actor(), SessionId(session_id), now())
    words = sought_in(session_id)
    register = agenda.register(house(), actor(), SessionId(session_id), words, now())
    is_early = paris_day(now()) < paris_day(register.session.starts_at)
    return render_template(
        "centre/session.html",
        slot=register.session,
        register=register,
        words=words,
        is_early=is_early,
        log=journals.journal(house(), actor(), register.session.id)[:12],
    )


@blueprint.post("/sessions/<session_id>/recherche")
@needs(Permission.MANAGE)
def search(session_id: str) -> BaseResponse:
    """Show only those whose names or numbers hold some words; no words show all again."""
    slot = look.session(house(), actor(), SessionId(session_id))
    return look_for(slot.id, url_for("centre.show", session_id=slot.id))


@blueprint.route("/sessions/<session_id>/inscrire", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def enrol(session_id: str) -> BaseResponse | tuple[str, int]:
    """Enrol a candidate."""
    slot = look.session(house(), actor(), SessionId(session_id))
    form = EnrolForm()
    if not form.validate_on_submit():
        return render_template("centre/enrol.html", slot=slot, form=form), 400 if form.errors else 200
    new = enrolment.NewCandidate(
        form.last_name.data or "", form.first_name.data or "", form.birth_date.data, *form.said
    )
    try:
        place = enrolment.enrol(house(), actor(), slot.id, new, now())
    except (enrolment.AlreadyEnrolled, capacity.SessionFull, enrolment.EnrolmentClosed, NeedsNotCovered) as refusal:
        return _enrol_again(slot, form, refusal)
    return _show_code_once(place)


@blueprint.get("/passations/<sitting_id>/code")
@needs(Permission.MANAGE)
def code(sitting_id: str) -> BaseResponse | str:
    """The personal code, right after it was made and only then."""
    slot, place = look.sitting(house(), actor(), SittingId(sitting_id))
    fresh = session.pop("fresh_code", None)
    known = fresh["code"] if fresh and fresh["sitting"] == sitting_id else None
    return render_template("centre/code.html", slot=slot, enrolment=place, code=known)


@blueprint.post("/passations/<sitting_id>/code")
@needs(Permission.MANAGE)
def renew_code(sitting_id: str) -> BaseResponse:
    """A new personal code."""
    return _show_code_once(enrolment.renew_code(house(), actor(), SittingId(sitting_id), now()))


@blueprint.post("/sessions/<session_id>/ouvrir")
@needs(Permission.MANAGE)
def open_session(session_id: str) -> BaseResponse:
    """Let candidates in."""
    return day.open_session(SessionId(session_id), url_for("centre.show", session_id=session_id))


@blueprint.get("/sessions/<session_id>/journal")
@needs(Permission.MANAGE)
def journal(session_id: str) -> str:
    """The whole log."""
    return day.log_page(SessionId(session_id), url_for("centre.show", session_id=session_id))


@blueprint.get("/sessions/<session_id>/resultats")
@needs(Permission.READ_RESULTS)
def results(session_id: str) -> str:
    """The published results of a session."""
    slot, found = results_file.results(house(), actor(), SessionId(session_id))
    return render_template("centre/results.html", slot=slot, results=found)


@blueprint.get("/sessions/<session_id>/resultats.csv")
@needs(Permission.READ_RESULTS)
def download_results(session_id: str) -> Response:
    """The results as a file."""
    name, content = results_file.results_file(house(), actor(), SessionId(session_id), now())
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type="text/csv; charset=utf-8", headers=headers)


def _enrol_again(slot: object, form: EnrolForm, refusal: EngineError) -> tuple[str, int]:
    page = render_template("centre/enrol.html", slot=slot, form=form, problem=sentence_of(refusal))
    return page, REFUSALS[refusal.code].status


def _show_code_once(place: enrolment.Place) -> BaseResponse:
    # It travels in the signed cookie for one page and is stored nowhere else in clear.
    session["fresh_code"] = {"sitting": place.sitting, "code": place.code}
    return redirect(url_for("centre.code", sitting_id=place.sitting), 303)
