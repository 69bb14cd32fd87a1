"""One candidate at the proctor's seat: their page, and everything that can be done for them."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from engine.delivery.session import SessionState
from engine.kernel import EngineError, IncidentId, SessionId, SittingId
from engine.proctoring.incident import IncidentKind
from web.access import Permission, actor, house, needs
from web.db.sessions import Session
from web.errors import REFUSALS, sentence_of
from web.fragments import due_after, fresh
from web.french import CATEGORIES, PARIS
from web.now import now
from web.proctor.views import blueprint
from web.services import alert_settling, checkin, enrolment, followups, look, messages, next_look, supervision
from web.services import board as boards
from web.services import journal as journals
from web.services.board import Row
from web.services.checkin import LINES, Given
from web.services.messages import MessageId

COMMON = ("COM-02", "COM-01", "ENV-01", "ABS-02", "ABS-03", "REM-02", "TEC-01", "TEC-02", "ENV-02")
"""The kinds of incident that a digit chooses, from 1 on."""


@blueprint.get("/candidats/<sitting_id>")
@needs(Permission.SUPERVISE)
def candidate(sitting_id: str) -> str:
    """Everything that can be done for one candidate."""
    return _candidate_page(SittingId(sitting_id))


@blueprint.get("/candidats/<sitting_id>/etat")
@needs(Permission.SUPERVISE)
def candidate_state(sitting_id: str) -> Response:
    """How the candidate stands, with an ETag."""
    slot, row, at = _row(SittingId(sitting_id))
    key = f"{slot.state}/{boards.shown(row, at)}"
    shown = fresh(lambda: render_template("proctor/_status.html", slot=slot, row=row, now=at), key)
    return due_after(shown, next_look.wait([row], at))


@blueprint.post("/candidats/<sitting_id>/verifications")
@needs(Permission.SUPERVISE)
def check(sitting_id: str) -> Response:
    """Keep the results of the check-in list."""
    return _done(
        sitting_id, lambda s: checkin.record(house(), actor(), s, _lines(s), now()), "Vérifications enregistrées."
    )


@blueprint.post("/candidats/<sitting_id>/autoriser")
@needs(Permission.SUPERVISE)
def authorise(sitting_id: str) -> Response:
    """Let a candidate in, once; what is in the check-in list is kept with it."""
    checked = request.form.get("identity_checked") == "yes"
    why = request.form.get("override", "")

    def act(sitting: SittingId) -> None:
        given = _lines(sitting)
        checkin.authorise(house(), actor(), sitting, given, now(), identity_checked=checked, override=why)

    return _done(sitting_id, act, "Entrée autorisée.")


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


@blueprint.post("/candidats/<sitting_id>/signalement/refuser")
@needs(Permission.SUPERVISE)
def refuse_alert(sitting_id: str) -> Response:
    """The question is in order: the candidate goes on with it."""
    reason = request.form.get("reason", "")
    return _done(
        sitting_id,
        lambda s: alert_settling.refuse(house(), actor(), s, reason, now()),
        "La question est rendue au candidat ; il n'a perdu aucun temps.",
    )


@blueprint.post("/candidats/<sitting_id>/signalement/accepter")
@needs(Permission.SUPERVISE)
def accept_alert(sitting_id: str) -> Response:
    """The question is taken out, and another takes its place."""
    fault, reason = request.form.get("fault", ""), request.form.get("reason", "")
    return _done(
        sitting_id,
        lambda s: alert_settling.accept(house(), actor(), s, fault, reason, now()),
        "La question est retirée et remplacée ; l'incident est enregistré comme réglé.",
    )


@blueprint.post("/candidats/<sitting_id>/message")
@needs(Permission.SUPERVISE)
def message(sitting_id: str) -> Response:
    """Write to a candidate, which answers their request for help too."""
    text = request.form.get("text", "")

    def act(sitting: SittingId) -> None:
        slot, _ = look.sitting(house(), actor(), sitting)
        messages.send(house(), actor(), slot.id, sitting, text, now())

    return _done(sitting_id, act, "Message envoyé.")


@blueprint.post("/candidats/<sitting_id>/vu/<message_id>")
@needs(Permission.SUPERVISE)
def saw(sitting_id: str, message_id: str) -> Response:
    """The request for help has been seen: somebody sees to it."""
    return _done(
        sitting_id, lambda _: messages.see(house(), actor(), MessageId(message_id), now()), "Demande notée comme vue."
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


@blueprint.post("/incidents/<incident_id>/suite")
@needs(Permission.SUPERVISE)
def follow_up(incident_id: str) -> Response:
    """Add to a report."""
    sitting = look.incident(house(), actor(), IncidentId(incident_id)).sitting
    text = request.form.get("text", "")
    return _done(
        sitting,
        lambda _: followups.add(house(), actor(), IncidentId(incident_id), text, now()),
        "Ajouté au signalement.",
    )


@blueprint.post("/candidats/<sitting_id>/code")
@needs(Permission.SUPERVISE)
def renew_code(sitting_id: str) -> Response:
    """A new personal code, for who lost theirs."""
    place = enrolment.renew_code(house(), actor(), SittingId(sitting_id), now())
    session["fresh_code"] = {"sitting": place.sitting, "code": place.code}
    return redirect(url_for("proctor.candidate", sitting_id=sitting_id), 303)


def _row(sitting: SittingId) -> tuple[Session, Row, datetime]:
    slot, _ = look.sitting(house(), actor(), sitting)
    at = now()
    board = boards.console(house(), actor(), slot.id, at)
    return board.session, next(r for r in board.rows if r.enrolment.id == sitting), at


def _candidate_page(sitting: SittingId, problem: str | None = None) -> str:
    slot, row, at = _row(sitting)
    fresh_code = session.pop("fresh_code", None)
    kinds: dict[str, list[IncidentKind]] = defaultdict(list)
    taxonomy = house().catalogue.taxonomy
    for kind in taxonomy.values():
        kinds[CATEGORIES[kind.category]].append(kind)
    log = [e for e in journals.journal(house(), actor(), slot.id) if e.candidate == row.enrolment.full_name]
    return render_template(
        "proctor/candidate.html",
        slot=slot,
        row=row,
        enrolment=row.enrolment,
        kinds=kinds,
        common=[taxonomy[code] for code in COMMON if code in taxonomy],
        reports=followups.reports_on(house(), row.enrolment),
        talk=messages.talk(house(), sitting),
        gap=supervision.gap(house(), row.enrolment, at),
        log=log,
        code=fresh_code["code"] if fresh_code and fresh_code["sitting"] == sitting else None,
        now=at,
        at=at.astimezone(PARIS),
        open=slot.state is SessionState.OPEN,
        problem=problem,
        sent=request.form if problem else {},
    )


def _lines(sitting: SittingId) -> Given:
    """The lines of the check-in list that the form gives a result for."""
    slot, _ = look.sitting(house(), actor(), sitting)
    given = ((str(line), request.form.get(f"check-{line}", "")) for line in LINES[slot.mode])
    return {line: (result, request.form.get(f"note-{line}", "")) for line, result in given if result}


def _done(sitting_id: str, act: Callable[[SittingId], object], told: str) -> Response:
    """Do something to a sitting, tell how it went, and go back to where the proctor was."""
    sitting = SittingId(sitting_id)
    slot, place = look.sitting(house(), actor(), sitting)
    try:
        act(sitting)
    except EngineError as refusal:
        if refusal.code.startswith("no_such"):
            raise
        flash(f"{place.full_name} : {sentence_of(refusal)}", "problem")
    else:
        flash(f"{place.full_name} : {told}")
    return redirect(_back(slot.id, sitting), 303)


def _back(slot: SessionId, sitting: SittingId) -> str:
    if request.form.get("back") == "console":
        return url_for("proctor.console", session_id=slot)
    return url_for("proctor.candidate", sitting_id=sitting)


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
