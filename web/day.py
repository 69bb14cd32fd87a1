"""What centre and proctor both do to a session: open it, close it, read its log."""

from flask import flash, redirect, render_template
from werkzeug.wrappers import Response

from engine.kernel import SessionId
from web.access import actor, house
from web.errors import sentence_with_names
from web.now import now
from web.services import enrolment, journal, look
from web.services.needs import NeedsNotCovered

CLOSED = "La session est clôturée. Il reste à finaliser son procès-verbal."


def open_session(session: SessionId, back: str) -> Response:
    """Let candidates in, and say so on the page `back`."""
    try:
        enrolment.open_session(house(), actor(), session, now())
    except NeedsNotCovered as refusal:
        flash(sentence_with_names(refusal), "problem")
    else:
        flash("La session est ouverte : les candidats peuvent s'identifier.")
    return redirect(back, 303)


def close_session(session: SessionId, back: str) -> Response:
    """End the day, or name those who are not done, on the page `back`."""
    try:
        enrolment.close_session(house(), actor(), session, now())
    except enrolment.SittingsUnfinished as refusal:
        flash(sentence_with_names(refusal), "problem")
    else:
        flash(CLOSED)
    return redirect(back, 303)


def log_page(session: SessionId, back: str) -> str:
    """The whole log of a session, with the way back."""
    slot = look.session(house(), actor(), session)
    return render_template("journal.html", slot=slot, log=journal.journal(house(), actor(), slot.id), back=back)
