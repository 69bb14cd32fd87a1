"""The proctor's seat: the console, the actions on a candidate, the log."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from engine.delivery.session import SessionState
from engine.kernel import EngineError, SessionId, SittingId
from engine.proctoring.incident import IncidentKind
from web import day
from web.access import Permission, actor, house, needs
from web.errors import REFUSALS, sentence_of
from web.fragments import fragment
from web.french import CATEGORIES, PARIS
from web.now import now
from web.services import enrolment, look, supervision
from web.services import journal as journals
from web.services.supervision import Console

LINES = 8
"""Of the log, on the console."""

blueprint = Blueprint("proctor", __name__, url_prefix="/surveillance", template_folder="templates")


@blueprint.get("")
@needs(Permission.SUPERVISE)
def sessions() -> str:
    """The sessions that the proctor watches."""
    return render_template("proctor/sessions.html", slots=enrolment.sessions_for(house(), actor()))


@blueprint.get("/<session_id>")
@needs(Permission.SUPERVISE)
def console(session_id: str) -> str:
    """All candidates of a session on one screen."""
    board = supervision.console(house(), actor(), SessionId(session_id), now())
    log = journals.journal(house(), actor(), board.session.id)[:LINES]
    return render_template("proctor/console.html", board=board, slot=board.session, log=log)


@blueprint.get("/<session_id>/etat")
@needs(Permission.SUPERVISE)
def console_state(session_id: str) -> Response:
    """The rows of the console, with an ETag."""
    board = supervision.console(house(), actor(), SessionId(session_id), now())
    return fragment(render_template("proctor/_rows.html", board=board, slot=board.session), _key(board))


@blueprint.get("/<session_id>/evenements")
@needs(Permission.SUPERVISE)
def console_log(session_id: str) -> Response:
    """The last lines of the log, with an ETag."""
    log = journals.journal(house(), actor(), SessionId(session_id))[:LINES]
    return fragment(render_template("proctor/_events.html", log=log), repr(log))


@blueprint.post("/<session_id>/ouvrir")
@needs(Permission.SUPERVISE)
def open_session(session_id: str) -> Response:
    """Let candidates in."""
    return day.open_session(SessionId(session_id), url_for("proctor.console", session_id=session_id))


@blueprint.post("/<session_id>/cloturer")
@needs(Permission.SUPERVISE)
def close_session(session_id: str) -> Response:
    """End the day."""
    return day.close_session(SessionId(session_id), url_for("proctor.console", session_id=session_id))


@blueprint.get("/<session_id>/journal")
@needs(Permission.SUPERVISE)
def journal(session_id: str) -> str:
    """The whole log."""
    return day.log_page(SessionId(session_id), url_for("proctor.console", session_id=session_id))


@blueprint.get("/candidats/<sitting_id>")
@needs(Permission.SUPERVISE)
def candidate(sitting_id: str) -> str:
    """Everything that can be done for one candidate."""
    return _candidate_page(SittingId(sitting_id))


@blueprint.post("/candidats/<sitting_id>/autoriser")
@needs(Permission.SUPERVISE)
def authorise(sitting_id: str) -> Response:
    """Let a candidate in, once."""
    checked = request.form.get("identity_checked") == "yes"
    return _done(sitting_id, lambda s: supervision.authorise(house(), actor(), s, checked, now()), "Entrée autorisée.")


@blueprint.post("/candidats/<sitting_id>/refuser")
@needs(Permission.SUPERVISE)
def refuse(sitting_id: str) -> Response:
    """Do not let a candidate in."""
    reason = request.form.get("reason", "")
    return _done(sitting_id, lambda s: supervision.refuse(house(), actor(), s, reason, now()), "Entrée refusée.")


@blueprint.post("/candidats/<sitting_id>/pause")
@needs(Permission.SUPERVISE)
def pause(sitting_id: str) -> Response:
    """Stop a candidate's clock."""
    reason = request.form.get("reason", "")
    return _done(sitting_id, lambda s: supervision.pause(house(), actor(), s, reason, now()), "Test en pause.")


@blueprint.post("/candidats/<sitting_id>/reprendre")
@needs(Permission.SUPERVISE)
def resume(sitting_id: str) -> Response:
    """Let a candidate's clock run again."""
    return _done(sitting_id, lambda s: supervision.resume(house(), actor(), s, now()), "Le test reprend.")


@blueprint.post("/candidats/<sitting_id>/temps")
@needs(Permission.SUPERVISE)
def grant_time(sitting_id: str) -> Response:
    """Give a candidate minutes."""
    minutes = request.form.get("minutes", default=0, type=int)
    reason = request.form.get("reason", "")
    return _done(
        sitting_id,
        lambda s: supervision.grant_time(house(), actor(), s, minutes, reason, now()),
        f"{minutes} min ajoutées.",
    )


@blueprint.post("/candidats/<sitting_id>/arreter")
@needs(Permission.SUPERVISE)
def terminate(sitting_id: str) -> Response:
    """End a candidate's test."""
    technical = request.form.get("cause") == "technical"
    reason = request.form.get("reason", "")
    return _done(
        sitting_id,
        lambda s: supervision.terminate(house(), actor(), s, reason, technical, now()),
        "Le test est arrêté.",
    )


@blueprint.post("/candidats/<sitting_id>/incident")
@needs(Permission.SUPERVISE)
def report(sitting_id: str) -> Response | tuple[str, int]:
    """Flag an incident."""
    told = supervision.Report(
        request.form.get("kind", ""), request.form.get("text", ""), _occurred_at(request.form.get("occurred_at", ""))
    )
    try:
        supervision.report_incident(house(), actor(), SittingId(sitting_id), told, now())
    except EngineError as refusal:
        if refusal.code.startswith("no_such"):
            raise
        # What was written stays in the form.
        return _candidate_page(SittingId(sitting_id), sentence_of(refusal)), REFUSALS[refusal.code].status
    flash("Incident signalé.")
    return redirect(url_for("proctor.candidate", sitting_id=sitting_id), 303)


@blueprint.post("/candidats/<sitting_id>/code")
@needs(Permission.SUPERVISE)
def renew_code(sitting_id: str) -> Response:
    """A new personal code, for who lost theirs."""
    place = enrolment.renew_code(house(), actor(), SittingId(sitting_id), now())
    session["fresh_code"] = {"sitting": place.sitting, "code": place.code}
    return redirect(url_for("proctor.candidate", sitting_id=sitting_id), 303)


def _candidate_page(sitting: SittingId, problem: str | None = None) -> str:
    slot, place = look.sitting(house(), actor(), sitting)
    at = now()
    row = next(r for r in supervision.console(house(), actor(), slot.id, at).rows if r.enrolment.id == sitting)
    fresh = session.pop("fresh_code", None)
    kinds: dict[str, list[IncidentKind]] = defaultdict(list)
    for kind in house().catalogue.taxonomy.values():
        kinds[CATEGORIES[kind.category]].append(kind)
    log = [e for e in journals.journal(house(), actor(), slot.id) if e.candidate == place.full_name]
    return render_template(
        "proctor/candidate.html",
        slot=slot,
        row=row,
        enrolment=row.enrolment,
        kinds=kinds,
        log=log,
        code=fresh["code"] if fresh and fresh["sitting"] == sitting else None,
        at=at.astimezone(PARIS),
        open=slot.state is SessionState.OPEN,
        problem=problem,
        sent=request.form if problem else {},
    )


def _done(sitting_id: str, act: Callable[[SittingId], object], told: str) -> Response:
    """Do something to a sitting, tell how it went, and go back to where the proctor was."""
    try:
        act(SittingId(sitting_id))
    except EngineError as refusal:
        if refusal.code.startswith("no_such"):
            raise
        flash(sentence_of(refusal), "problem")
    else:
        flash(told)
    if request.form.get("back") == "console":
        slot, _ = look.sitting(house(), actor(), SittingId(sitting_id))
        return redirect(url_for("proctor.console", session_id=slot.id), 303)
    return redirect(url_for("proctor.candidate", sitting_id=sitting_id), 303)


def _occurred_at(given: str) -> datetime:
    """A time of today in Paris, or now; just after midnight, a late evening belongs to yesterday."""
    at = now()
    try:
        hour, minute = (int(part) for part in given.split(":")[:2])
        found = at.astimezone(PARIS).replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        return at
    if found - at > timedelta(hours=12):
        found -= timedelta(days=1)
    return min(found, at) if found - at < timedelta(minutes=1) else found


def _key(board: Console) -> str:
    """All that the rows show."""
    rows = [
        (
            r.enrolment.id,
            r.enrolment.sitting.version,
            r.attention,
            r.incidents,
            r.time_left and int(r.time_left.total_seconds() // 60),
            r.last_seen and int((board.now - r.last_seen).total_seconds() // 15),
        )
        for r in board.rows
    ]
    return f"{board.session.state}/{rows}"
