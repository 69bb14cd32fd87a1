"""The end of a day, which centre and proctor both see: what is missing, signing the minutes, and the papers."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.kernel import EngineError, SessionId, SittingId
from web import day
from web.access import actor, house
from web.errors import REFUSALS, sentence_of
from web.now import now
from web.services import closing, documents, look
from web.services.typeset import Pdf

SEATS = {"centre": "centre.show", "proctor": "proctor.console"}
"""The page of a session in each seat."""


def page(seat: str, session: SessionId) -> str:
    """Where the end of the day stands."""
    return _page(seat, session)


def close(seat: str, session: SessionId) -> Response:
    """End the day, or name those who are not done."""
    return day.close_session(session, url_for(f"{seat}.closing_page", session_id=session))


def finalise(seat: str, session: SessionId) -> Response | tuple[str, int]:
    """Sign the minutes; what is missing is shown at its place, and what was written stays in the form."""
    answers = {name: value for name, value in request.form.items() if name not in ("csrf_token", "remark")}
    try:
        closing.finalise(house(), actor(), session, answers, request.form.get("remark", ""), now())
    except closing.StillMissing as refusal:
        return _page(seat, session, refusal), REFUSALS[refusal.code].status
    flash("La session est finalisée et transmise au jury.")
    return redirect(url_for(f"{seat}.closing_page", session_id=session), 303)


def convocations(session: SessionId) -> Response:
    """The convocations to a session; codes that the form carries stand on them, if they are the right ones."""
    codes = {SittingId(n.removeprefix("code.")): c for n, c in request.form.items() if n.startswith("code.")}
    made = documents.convocations(house(), actor(), session, codes, request.url_root)
    return _download(session, "convocations", made)


def convocation(sitting: SittingId) -> Response:
    """The convocation of one candidate, with the personal code if the form carries it."""
    slot, _ = look.sitting(house(), actor(), sitting)
    code = request.form.get("code", "")
    made = documents.convocations(
        house(), actor(), slot.id, {sitting: code} if code else {}, request.url_root, only=sitting
    )
    return _download(slot.id, "convocation", made)


def attendance(session: SessionId) -> Response:
    """The attendance sheet."""
    return _download(session, "attendance", documents.attendance(house(), actor(), session))


def minutes(session: SessionId) -> Response:
    """The procès-verbal."""
    return _download(session, "minutes", documents.minutes(house(), actor(), session))


def _download(session: SessionId, paper: str, made: Pdf) -> Response:
    documents.note_download(house(), actor(), session, paper, now())
    response = make_response(made.content)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(seat: str, session: SessionId, refusal: EngineError | None = None) -> str:
    board = closing.closing(house(), actor(), session, now())
    return render_template(
        "closing.html",
        seat=seat,
        slot=board.session,
        board=board,
        back=url_for(SEATS[seat], session_id=session),
        proctors=look.proctors_of(house(), session),
        problem=sentence_of(refusal) if refusal else None,
        lacking=refusal.facts["keys"] if refusal else [],
        sent=request.form if refusal else {},
    )
