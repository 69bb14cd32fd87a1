"""The gate before publication, results that are amended after it, and what the jury is told late."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.kernel import EngineError, SessionId, SittingId
from web.access import Permission, actor, house, needs
from web.confirmation import confirmed_by_code
from web.errors import REFUSALS, sentence_of, sentence_with_names
from web.french import PARIS
from web.jury.views import blueprint
from web.now import now
from web.services import adjudication, amendment, look
from web.services.supervision import Report

FIRST_YEAR = 2000  # no certification is older


@blueprint.get("/sessions/<session_id>/publier")
@needs(Permission.ADJUDICATE)
def gate(session_id: str) -> str:
    """What stands before publication; the button is on this page and nowhere else."""
    docket = adjudication.docket(house(), actor(), SessionId(session_id), now())
    return render_template("jury/gate.html", slot=docket.session, docket=docket)


@blueprint.post("/sessions/<session_id>/publier")
@needs(Permission.ADJUDICATE)
@confirmed_by_code()
def publish(session_id: str) -> Response:
    """Publish the results of a session."""
    try:
        count = adjudication.publish(house(), actor(), SessionId(session_id), now())
    except adjudication.StillWithheld as refusal:
        flash(sentence_with_names(refusal), "problem")
        return redirect(url_for("jury.gate", session_id=session_id), 303)
    flash(
        {0: "Session publiée : elle n'a aucun résultat.", 1: "Résultat publié."}.get(
            count, f"{count} résultats publiés."
        )
    )
    return redirect(url_for("jury.show", session_id=session_id), 303)


@blueprint.route("/passations/<sitting_id>/rectifier", methods=["GET", "POST"])
@needs(Permission.ADJUDICATE)
@confirmed_by_code()
def amend(sitting_id: str) -> Response | tuple[str, int]:
    """A published result beside what was decided since, and its publication anew."""
    sitting = SittingId(sitting_id)
    problem, status = None, 200
    if request.method == "POST":
        seen = request.form.get("seen", default=0, type=int)
        try:
            number = amendment.amend(house(), actor(), sitting, seen, request.form.get("reason", ""), now())
        except EngineError as refusal:
            if refusal.code.startswith("no_such"):
                raise
            problem, status = sentence_of(refusal), REFUSALS[refusal.code].status
        else:
            flash(f"Résultat rectifié publié (version {number}). L'ancien reste au dossier.")
            return redirect(url_for("jury.amend", sitting_id=sitting), 303)
    found = amendment.amendment(house(), actor(), sitting)
    page = render_template("jury/amend.html", slot=found.session, amendment=found, problem=problem, sent=request.form)
    return page, status


@blueprint.route("/passations/<sitting_id>/signaler", methods=["GET", "POST"])
@needs(Permission.ADJUDICATE)
def report(sitting_id: str) -> Response | tuple[str, int]:
    """What a jury member learned about a sitting; somebody else rules on it."""
    sitting = SittingId(sitting_id)
    slot, enrolment = look.sitting(house(), actor(), sitting)
    problem, status = None, 200
    if request.method == "POST":
        at = _moment(request.form.get("occurred_at", ""))
        if at is None:
            problem, status = "Indiquez le jour et l'heure des faits.", 400
        else:
            told = Report(request.form.get("kind", ""), request.form.get("text", ""), at)
            try:
                incident = amendment.report_to_jury(house(), actor(), sitting, told, now())
            except EngineError as refusal:
                problem, status = sentence_of(refusal), REFUSALS[refusal.code].status
            else:
                flash("Fait enregistré. Une autre personne du jury doit en décider.")
                return redirect(url_for("jury.case", incident_id=incident), 303)
    page = render_template(
        "jury/report.html",
        slot=slot,
        enrolment=enrolment,
        kinds=list(house().catalogue.taxonomy.values()),
        problem=problem,
        sent=request.form,
    )
    return page, status


def _moment(given: str) -> datetime | None:
    """A day and a time in Paris, as browsers send it."""
    try:
        found = datetime.strptime(given, "%Y-%m-%dT%H:%M").replace(tzinfo=PARIS)
    except ValueError:
        return None
    return found if found.year >= FIRST_YEAR else None
