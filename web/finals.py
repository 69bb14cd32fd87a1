"""The end of a day, which centre and proctor both see: the list of what is missing, and signing the minutes."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.kernel import EngineError, SessionId
from web.access import actor, house
from web.errors import REFUSALS, sentence_of
from web.now import now
from web.services import closing, look

SEATS = {"centre": "centre.show", "proctor": "proctor.console"}
"""The page of a session in each seat."""


def page(seat: str, session: SessionId) -> str:
    """Where the end of the day stands."""
    return _page(seat, session)


def finalise(seat: str, session: SessionId) -> Response | tuple[str, int]:
    """Sign the minutes; what is missing is shown at its place, and what was written stays in the form."""
    answers = {name: value for name, value in request.form.items() if name not in ("csrf_token", "remark")}
    try:
        closing.finalise(house(), actor(), session, answers, request.form.get("remark", ""), now())
    except closing.StillMissing as refusal:
        return _page(seat, session, refusal), REFUSALS[refusal.code].status
    flash("La session est finalisée et transmise au jury.")
    return redirect(url_for(f"{seat}.closing_page", session_id=session), 303)


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
