"""The centre plans: new sessions, and what becomes of them before their day."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from engine.delivery.session import Mode
from engine.kernel import EngineError, PersonId, SessionId
from web import french
from web.access import Permission, actor, house, needs
from web.centre.forms import DateForm, ParticularsForm, ReasonForm, SessionForm
from web.centre.views import blueprint
from web.errors import REFUSALS, sentence_of
from web.now import now
from web.services import capacity, enrolment, look, planning


@blueprint.route("/sessions/nouvelle", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def new_session() -> Response | tuple[str, int]:
    """Plan a session."""
    form = SessionForm()
    return _new_session(form, None)


@blueprint.route("/sessions/<session_id>/dupliquer", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def duplicate(session_id: str) -> Response | tuple[str, int]:
    """Plan a session on the model of another: everything but its date and its candidates."""
    slot, watching, _ = planning.sheet(house(), actor(), SessionId(session_id))
    form = SessionForm(
        data={
            "label": slot.label,
            "mode": slot.mode.value,
            "place": slot.place,
            "video_link": slot.video_link,
            "proctors": list(watching),
        }
    )
    return _new_session(form, slot.id)


@blueprint.route("/sessions/<session_id>/modifier", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def edit(session_id: str) -> Response | tuple[str, int]:
    """Other particulars of a session."""
    slot, watching, room = planning.sheet(house(), actor(), SessionId(session_id))
    form = ParticularsForm(
        data={"label": slot.label, "place": slot.place, "video_link": slot.video_link, "proctors": list(watching)}
    )
    choices = {p.id: p.name for p in look.proctors(house(), actor())} | dict(watching)
    form.proctors.choices = [SelectChoice(p, name) for p, name in choices.items()]
    problem, status = "", 200
    if form.validate_on_submit():
        new = planning.Particulars(
            (form.label.data or "").strip(),
            (form.place.data or "").strip(),
            tuple(PersonId(p) for p in form.proctors.data or ()),
            form.video_link.data or "",
        )
        try:
            planning.edit(house(), actor(), slot.id, new, now())
        except (planning.SessionIsFixed, capacity.SessionFull) as refusal:
            problem, status = _told(refusal)
            if isinstance(refusal, capacity.SessionFull):
                facts = refusal.facts
                problem += f" {facts['taken']} candidats sont inscrits : gardez assez de surveillants, ou déplacez-en."
        else:
            flash("Session modifiée.")
            return redirect(url_for("centre.show", session_id=slot.id), 303)
    elif form.errors:
        status = 400
    return render_template("centre/edit_session.html", slot=slot, form=form, room=room, problem=problem), status


@blueprint.route("/sessions/<session_id>/date", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def reschedule(session_id: str) -> Response | tuple[str, int]:
    """Put a session on another day."""
    slot, _, room = planning.sheet(house(), actor(), SessionId(session_id))
    form = DateForm(data={"starts_at": slot.starts_at.astimezone(french.PARIS)})
    problem, status = "", 200
    if form.validate_on_submit():
        try:
            planning.reschedule(house(), actor(), slot.id, form.starts_at.data, now())
        except (enrolment.SessionInPast, planning.NotPlanned) as refusal:
            problem, status = _told(refusal)
        else:
            flash("Nouvelle date enregistrée. Prévenez les candidats déjà convoqués : leurs codes restent bons.")
            return redirect(url_for("centre.show", session_id=slot.id), 303)
    elif form.errors:
        status = 400
    return render_template("centre/reschedule.html", slot=slot, form=form, room=room, problem=problem), status


@blueprint.route("/sessions/<session_id>/annuler", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def cancel_session(session_id: str) -> Response | tuple[str, int]:
    """Call a session off, after a page that asks."""
    slot, _, room = planning.sheet(house(), actor(), SessionId(session_id))
    form = ReasonForm()
    if form.validate_on_submit():
        planning.cancel(house(), actor(), slot.id, form.reason.data or "", now())
        flash("La session est annulée, et toutes ses inscriptions avec elle.")
        return redirect(url_for("centre.show", session_id=slot.id), 303)
    return render_template("centre/cancel_session.html", slot=slot, form=form, room=room), 400 if form.errors else 200


def _new_session(form: SessionForm, copy_of: SessionId | None) -> Response | tuple[str, int]:
    form.proctors.choices = [SelectChoice(p.id, p.name) for p in look.proctors(house(), actor())]
    problem, status = "", 200
    if form.validate_on_submit():
        new = enrolment.NewSession(
            (form.label.data or "").strip(),
            Mode(form.mode.data),
            (form.place.data or "").strip(),
            form.starts_at.data,
            tuple(PersonId(p) for p in form.proctors.data or ()),
            form.video_link.data or "",
        )
        try:
            made = enrolment.create_session(house(), actor(), new, now(), copy_of)
        except enrolment.SessionInPast as refusal:
            problem, status = _told(refusal)
        else:
            flash("Session créée. Inscrivez les candidats, puis ouvrez-la le jour venu.")
            return redirect(url_for("centre.show", session_id=made), 303)
    elif form.errors:
        status = 400
    return render_template("centre/new_session.html", form=form, problem=problem, is_copy=copy_of is not None), status


def _told(refusal: EngineError) -> tuple[str, int]:
    return sentence_of(refusal), REFUSALS[refusal.code].status
