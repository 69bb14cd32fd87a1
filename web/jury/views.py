"""The jury's seat: incidents, rulings, publication."""

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.kernel import EngineError, IncidentId, SessionId
from engine.proctoring.ruling import Decision
from web import day
from web.access import Permission, actor, house, needs
from web.errors import REFUSALS, sentence_of, sentence_with_names
from web.now import now
from web.services import adjudication, enrolment
from web.services import journal as journals

blueprint = Blueprint("jury", __name__, url_prefix="/jury", template_folder="templates")


@blueprint.get("")
@needs(Permission.ADJUDICATE)
def sessions() -> str:
    """All sessions."""
    return render_template("jury/sessions.html", slots=enrolment.sessions_for(house(), actor()))


@blueprint.get("/sessions/<session_id>")
@needs(Permission.ADJUDICATE)
def show(session_id: str) -> str:
    """A session: incidents to rule on, outcomes, publication."""
    docket = adjudication.docket(house(), actor(), SessionId(session_id), now())
    return render_template(
        "jury/session.html",
        slot=docket.session,
        docket=docket,
        rules=house().catalogue.rules(docket.session.rules_digest),
        scored=docket.scored,
        cases=adjudication.cases(house(), actor(), docket.session.id),
    )


@blueprint.get("/sessions/<session_id>/journal")
@needs(Permission.ADJUDICATE)
def journal(session_id: str) -> str:
    """The whole log."""
    return day.log_page(SessionId(session_id), url_for("jury.show", session_id=session_id))


@blueprint.route("/incidents/<incident_id>", methods=["GET", "POST"])
@needs(Permission.ADJUDICATE)
def case(incident_id: str) -> Response | tuple[str, int]:
    """One incident and the ruling on it."""
    incident = IncidentId(incident_id)
    if request.method == "GET":
        return _case_page(incident)
    try:
        decision = Decision(request.form.get("decision", ""))
    except ValueError:
        return _case_page(incident, "Choisissez une décision.", 400)
    verdict = adjudication.Verdict(
        decision,
        tuple(int(p) for p in request.form.getlist("positions") if re.fullmatch(r"[0-9]{1,3}", p)),
        request.form.get("reason", ""),
        request.form.get("seen", default=0, type=int),
    )
    try:
        adjudication.adjudicate(house(), actor(), incident, verdict, now())
    except EngineError as refusal:
        if refusal.code.startswith("no_such"):
            raise
        return _case_page(incident, sentence_of(refusal), REFUSALS[refusal.code].status)
    flash("Décision enregistrée.")
    ruled = adjudication.case(house(), actor(), incident)
    return redirect(url_for("jury.show", session_id=ruled.session.id), 303)


@blueprint.post("/sessions/<session_id>/publier")
@needs(Permission.ADJUDICATE)
def publish(session_id: str) -> Response:
    """Publish the results of a session."""
    try:
        count = adjudication.publish(house(), actor(), SessionId(session_id), now())
    except adjudication.StillWithheld as refusal:
        flash(sentence_with_names(refusal), "problem")
    else:
        flash(
            {0: "Session publiée : elle n'a aucun résultat.", 1: "Résultat publié."}.get(
                count, f"{count} résultats publiés."
            )
        )
    return redirect(url_for("jury.show", session_id=session_id), 303)


def _case_page(incident: IncidentId, problem: str | None = None, status: int = 200) -> tuple[str, int]:
    found = adjudication.case(house(), actor(), incident)
    log = [e for e in journals.journal(house(), actor(), found.session.id) if e.candidate == found.enrolment.full_name]
    page = render_template(
        "jury/case.html",
        case=found,
        slot=found.session,
        log=log,
        decisions=list(Decision),
        problem=problem,
        sent=request.form,
    )
    return page, status
