"""What a proctor does to all candidates of a session at once: each after a page that says to whom."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.delivery.states import State
from engine.kernel import EngineError, SessionId, SittingId
from web import day
from web.access import Permission, actor, house, needs
from web.errors import REFUSALS, sentence_of, sentence_with_names
from web.now import now
from web.proctor.views import blueprint
from web.services import board as boards
from web.services import ending, look, messages, supervision
from web.services.ending import Why


@blueprint.get("/<session_id>/message")
@needs(Permission.SUPERVISE)
def message_to_all(session_id: str) -> str:
    """A message to everybody, and who has read the last ones."""
    return _message_page(SessionId(session_id))


@blueprint.post("/<session_id>/message")
@needs(Permission.SUPERVISE)
def send_to_all(session_id: str) -> Response | tuple[str, int]:
    """Write to everybody."""
    try:
        messages.send(house(), actor(), SessionId(session_id), None, request.form.get("text", ""), now())
    except EngineError as refusal:
        if refusal.code.startswith("no_such"):
            raise
        return _message_page(SessionId(session_id), sentence_of(refusal)), REFUSALS[refusal.code].status
    flash("Message envoyé à tous.")
    return redirect(url_for("proctor.message_to_all", session_id=session_id), 303)


@blueprint.get("/<session_id>/pause")
@needs(Permission.SUPERVISE)
def pause_page(session_id: str) -> str:
    """Whose clock would stop."""
    board = boards.console(house(), actor(), SessionId(session_id), now())
    return render_template("proctor/pause_all.html", slot=board.session, those=board.in_state(State.RUNNING))


@blueprint.post("/<session_id>/pause")
@needs(Permission.SUPERVISE)
def pause_all(session_id: str) -> Response:
    """Stop every clock that runs."""
    reason = request.form.get("reason", "")
    return _told(
        session_id, "pause_page", "en pause", lambda s: supervision.pause_all(house(), actor(), s, reason, now())
    )


@blueprint.get("/<session_id>/reprise")
@needs(Permission.SUPERVISE)
def resume_page(session_id: str) -> str:
    """Whose clock would run again."""
    board = boards.console(house(), actor(), SessionId(session_id), now())
    return render_template("proctor/resume_all.html", slot=board.session, those=board.in_state(State.PAUSED))


@blueprint.post("/<session_id>/reprise")
@needs(Permission.SUPERVISE)
def resume_all(session_id: str) -> Response:
    """Let every clock run again."""
    return _told(session_id, "resume_page", "repris", lambda s: supervision.resume_all(house(), actor(), s, now()))


@blueprint.get("/<session_id>/fin")
@needs(Permission.SUPERVISE)
def ending_page(session_id: str) -> str:
    """Who is not done, with a reason to give for each."""
    return _ending_page(SessionId(session_id))


@blueprint.post("/<session_id>/fin")
@needs(Permission.SUPERVISE)
def end(session_id: str) -> Response | tuple[str, int]:
    """Give every reason and close the session, or nothing of it."""
    why = {
        SittingId(name.removeprefix("cause-")): Why(
            cause == "technical", request.form.get(f"reason-{name.removeprefix('cause-')}", "")
        )
        for name, cause in request.form.items()
        if name.startswith("cause-")
    }
    try:
        ending.end(house(), actor(), SessionId(session_id), why, now())
    except EngineError as refusal:
        if refusal.code.startswith("no_such"):
            raise
        told = sentence_with_names(refusal) if "names" in refusal.facts else sentence_of(refusal)
        return _ending_page(SessionId(session_id), told), REFUSALS[refusal.code].status
    flash(day.CLOSED)
    return redirect(url_for("proctor.closing_page", session_id=session_id), 303)


def _message_page(session: SessionId, problem: str | None = None) -> str:
    board = boards.console(house(), actor(), session, now())
    said = messages.exchange(house(), actor(), session).announcements
    people = {r.enrolment.id: r.enrolment.full_name for r in board.rows}
    return render_template(
        "proctor/message_all.html",
        slot=board.session,
        board=board,
        said=[(s, [name for sitting, name in people.items() if sitting not in s.read]) for s in reversed(said)],
        problem=problem,
        sent=request.form.get("text", "") if problem else "",
    )


def _ending_page(session: SessionId, problem: str | None = None) -> str:
    left = ending.unfinished(house(), actor(), session, now())
    return render_template(
        "proctor/ending.html",
        slot=look.session(house(), actor(), session),
        left=left,
        absent=ending.not_come(house(), actor(), session),
        problem=problem,
        sent=request.form if problem else {},
    )


def _told(session_id: str, page: str, how: str, act: Callable[[SessionId], list[str]]) -> Response:
    """Do something to all, say to whom it was done, and go back to the console."""
    look.session(house(), actor(), SessionId(session_id))  # whose it is, before what is missing
    try:
        names = act(SessionId(session_id))
    except EngineError as refusal:
        if refusal.code.startswith("no_such"):
            raise
        flash(sentence_of(refusal), "problem")
        return redirect(url_for(f"proctor.{page}", session_id=session_id), 303)
    if names:
        plural = "s" if len(names) > 1 else ""
        flash(f"{len(names)} test{plural} {how} : {', '.join(names)}.")
    else:
        flash("Personne n'était concerné : rien n'a changé.", "problem")
    return redirect(url_for("proctor.console", session_id=session_id), 303)
