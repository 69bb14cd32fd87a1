"""The queue of incidents, one incident with its timeline, the ruling on it, and the second person's word."""

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from engine.kernel import EngineError, IncidentId, RulingId, SessionId
from engine.proctoring.incident import Category
from engine.proctoring.ruling import Decision
from web import french
from web.access import Permission, actor, house, needs
from web.confirmation import confirmed_by_code
from web.errors import REFUSALS, sentence_of
from web.jury.views import blueprint
from web.now import now
from web.services import adjudication, amendment
from web.services import queue as queues
from web.services import timeline as timelines
from web.services.queue import OPEN, Filter, Stage

STATES: dict[str, frozenset[Stage]] = {
    "ouverts": frozenset(OPEN),
    "a-decider": frozenset({Stage.TO_DECIDE}),
    "a-confirmer": frozenset({Stage.TO_CONFIRM}),
    "information": frozenset({Stage.INFORMATION}),
    "decides": frozenset({Stage.DECIDED}),
    "tous": frozenset(Stage),
}
WANTED = ("etat", "session", "categorie")


@blueprint.get("/incidents")
@needs(Permission.ADJUDICATE)
def queue() -> str:
    """The incidents of all sessions, the heaviest first."""
    return render_template(
        "jury/queue.html",
        queue=queues.queue(house(), actor(), _filter(request.args)),
        wanted=_wanted(request.args),
        states=STATES,
        categories=Category,
        stages=Stage,
    )


@blueprint.route("/incidents/<incident_id>", methods=["GET", "POST"])
@needs(Permission.ADJUDICATE)
@confirmed_by_code(when=lambda: request.form.get("decision") == Decision.FRAUD)
def case(incident_id: str) -> Response | tuple[str, int]:
    """One incident and the ruling on it."""
    incident = IncidentId(incident_id)
    if request.method == "GET":
        return _page(incident)
    try:
        decision = Decision(request.form.get("decision", ""))
    except ValueError:
        return _page(incident, "Choisissez une décision.", 400)
    verdict = adjudication.Verdict(
        decision,
        tuple(int(p) for p in request.form.getlist("positions") if re.fullmatch(r"[0-9]{1,3}", p)),
        request.form.get("reason", ""),
        request.form.get("seen", default=0, type=int),
        request.form.get("heard", ""),
    )
    try:
        adjudication.adjudicate(house(), actor(), incident, verdict, now())
    except EngineError as refusal:
        return _refused(incident, refusal)
    return _done(incident, french.DECISIONS[decision], "Proposition" if decision is Decision.FRAUD else "Décision")


@blueprint.post("/incidents/<incident_id>/confirmation")
@needs(Permission.ADJUDICATE)
@confirmed_by_code()
def confirmation(incident_id: str) -> Response | tuple[str, int]:
    """A second person confirms a rejection for fraud, or refuses it."""
    incident = IncidentId(incident_id)
    answer = request.form.get("answer", "")
    if answer not in ("agree", "refuse"):
        return _page(incident, "Choisissez : confirmer ou refuser.", 400)
    agrees = answer == "agree"
    reply = adjudication.Reply(RulingId(request.form.get("ruling", "")), agrees, request.form.get("said", ""))
    try:
        adjudication.answer_proposal(house(), actor(), incident, reply, now())
    except EngineError as refusal:
        return _refused(incident, refusal)
    return _done(incident, "fraude confirmée" if agrees else "fraude non confirmée, l'incident est rouvert", "Réponse")


def _refused(incident: IncidentId, refusal: EngineError) -> tuple[str, int]:
    """The page again, with what was written; what does not exist has no page."""
    if refusal.code.startswith("no_such"):
        raise refusal
    return _page(incident, sentence_of(refusal), REFUSALS[refusal.code].status)


def _done(incident: IncidentId, what: str, noun: str) -> Response:
    """To the next incident of the queue, or to this one again when the effect is asked for."""
    ruled = adjudication.case(house(), actor(), incident)
    told = f"{noun} enregistrée. {ruled.incident.kind.code}, {ruled.enrolment.full_name} : {what[0].lower()}{what[1:]}."
    if request.form.get("then") == "stay":
        flash(told)
        return redirect(_address(incident, request.form), 303)
    following = queues.queue(house(), actor(), _filter(request.form)).after(incident)
    if following is not None:
        flash(f"{told} Voici le suivant.")
        return redirect(_address(following.incident.id, request.form), 303)
    flash(f"{told} Aucun autre incident n'attend votre décision.")
    return redirect(url_for("jury.show", session_id=ruled.session.id), 303)


def _page(incident: IncidentId, problem: str | None = None, status: int = 200) -> tuple[str, int]:
    found = adjudication.case(house(), actor(), incident)
    asked = request.form if request.method == "POST" else request.args
    line = queues.queue(house(), actor(), _filter(asked))
    page = render_template(
        "jury/case.html",
        case=found,
        slot=found.session,
        timeline=timelines.timeline(house(), actor(), found.enrolment.id, incident),
        effect=adjudication.effect(house(), actor(), incident),
        amendment=_amendment(found),
        queue=line,
        place=line.place_of(incident),
        following=line.after(incident),
        wanted=_wanted(asked),
        is_reporter=found.incident.author == actor().id,
        is_proposer=bool(found.proposal and found.proposal.author == actor().id),
        decisions=list(Decision),
        problem=problem,
        sent=request.form,
    )
    return page, status


def _amendment(found: adjudication.Case) -> amendment.Amendment | None:
    """The published result of the case's candidate beside what is decided now, if there is one."""
    try:
        return amendment.amendment(house(), actor(), found.enrolment.id)
    except amendment.NotPublishedYet:
        return None


def _wanted(asked: MultiDict[str, str]) -> dict[str, str]:
    """The filter as it stands in an address, without what is not set."""
    return {name: value for name in WANTED if (value := asked.get(name, ""))}


def _address(incident: IncidentId, asked: MultiDict[str, str]) -> str:
    """The page of an incident, with the filter of the queue."""
    values: dict[str, Any] = _wanted(asked)
    return url_for("jury.case", incident_id=incident, **values)


def _filter(asked: MultiDict[str, str]) -> Filter:
    session = asked.get("session", "")
    category = asked.get("categorie", "")
    return Filter(
        STATES.get(asked.get("etat", ""), frozenset(OPEN)),
        SessionId(session) if session else None,
        Category(category) if category in set(Category) else None,
    )
