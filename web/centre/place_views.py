"""One candidate's place as the centre sees it: looked at, changed, moved, taken back."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from engine.kernel import SessionId, SittingId
from web.access import Permission, actor, house, needs
from web.centre.forms import MoveForm, PlaceForm, ReasonForm
from web.centre.views import blueprint
from web.errors import REFUSALS, sentence_of
from web.now import now
from web.services import capacity, enrolment, look, places
from web.services.needs import NeedsNotCovered


@blueprint.get("/passations/<sitting_id>")
@needs(Permission.MANAGE)
def place(sitting_id: str) -> str:
    """A candidate's place, and what can be done about it."""
    slot, found = look.sitting(house(), actor(), SittingId(sitting_id))
    return render_template("centre/place.html", slot=slot, enrolment=found, may_move=places.MAY_MOVE)


@blueprint.route("/passations/<sitting_id>/modifier", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def edit_place(sitting_id: str) -> Response | tuple[str, int]:
    """Another target, extra time, needs, address."""
    slot, found = look.sitting(house(), actor(), SittingId(sitting_id))
    time = found.sitting.accommodation
    form = PlaceForm(
        data={
            "email": found.email,
            "external_id": found.external_id,
            "track": found.track.value,
            "target": found.target.slug,
            "extra_third": time.third,
            "extra_minutes": time.minutes,
            "needs": list(found.needs),
        }
    )
    problem, status = "", 200
    if form.validate_on_submit():
        new = enrolment.NewCandidate(found.last_name, found.first_name, found.birth_date, *form.said)
        try:
            places.edit(house(), actor(), found.id, new, now())
        except (places.EnrolmentFixed, NeedsNotCovered) as refusal:
            problem, status = sentence_of(refusal), REFUSALS[refusal.code].status
        else:
            flash("Inscription modifiée.")
            return redirect(url_for("centre.place", sitting_id=found.id), 303)
    elif form.errors:
        status = 400
    return render_template("centre/edit_place.html", slot=slot, enrolment=found, form=form, problem=problem), status


@blueprint.route("/passations/<sitting_id>/deplacer", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def move(sitting_id: str) -> Response | tuple[str, int]:
    """Another session."""
    slot, found = look.sitting(house(), actor(), SittingId(sitting_id))
    options = places.destinations(house(), actor(), found.id)
    form = MoveForm()
    form.to.choices = [SelectChoice(d.session.id, d.session.label) for d in options]
    problem, status = "", 200
    if form.validate_on_submit():
        refusals = (
            places.EnrolmentFixed, places.LetInAlready, enrolment.EnrolmentClosed, capacity.SessionFull,
            enrolment.AlreadyEnrolled, NeedsNotCovered,
        )  # fmt: skip
        try:
            places.move(house(), actor(), found.id, SessionId(form.to.data), now())
        except refusals as refusal:
            problem, status = sentence_of(refusal), REFUSALS[refusal.code].status
        else:
            there = look.session(house(), actor(), SessionId(form.to.data))
            flash(f"C'est fait. Son code personnel reste bon ; le code de session est maintenant {there.code}.")
            return redirect(url_for("centre.place", sitting_id=found.id), 303)
    elif form.errors:
        status = 400
    page = render_template(
        "centre/move.html", slot=slot, enrolment=found, form=form, options=options, problem=problem,
        may_move=found.sitting.state in places.MAY_MOVE,
    )  # fmt: skip
    return page, status


@blueprint.route("/passations/<sitting_id>/annuler", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def cancel_place(sitting_id: str) -> Response | tuple[str, int]:
    """Take an enrolment back, after a page that asks."""
    slot, found = look.sitting(house(), actor(), SittingId(sitting_id))
    form = ReasonForm()
    problem, status = "", 200
    if form.validate_on_submit():
        try:
            places.cancel(house(), actor(), found.id, form.reason.data or "", now())
        except places.EnrolmentFixed as refusal:
            problem, status = sentence_of(refusal), REFUSALS[refusal.code].status
        else:
            flash(f"L'inscription de {found.first_name} {found.last_name} est annulée.")
            return redirect(url_for("centre.show", session_id=slot.id), 303)
    elif form.errors:
        status = 400
    return render_template("centre/cancel_place.html", slot=slot, enrolment=found, form=form, problem=problem), status
