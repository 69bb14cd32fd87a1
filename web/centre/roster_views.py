"""Enrolment from a file, and personal codes on their way to the people."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectChoice

from engine.delivery.states import State
from engine.kernel import EngineError, SessionId, SittingId
from web.access import Permission, actor, house, needs
from web.centre.forms import RenewForm, UploadForm
from web.centre.views import blueprint
from web.errors import REFUSALS, sentence_of, sentence_with_names
from web.now import now
from web.services import capacity, documents, handover, look, roster, roster_file, roster_templates, sheet_file
from web.services.needs import NeedsNotCovered

_WITH_FILE = "centre.upload"
_FRAME = 64 * 1024  # what a form adds around its file


@blueprint.url_value_preprocessor
def _let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A list may be larger than any other request. It is said here, before the token in the form is looked for."""
    if endpoint == _WITH_FILE:
        request.max_content_length = sheet_file.LARGEST + _FRAME


@blueprint.route("/sessions/<session_id>/fichier", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def upload(session_id: str) -> BaseResponse | tuple[str, int]:
    """Send a list of candidates; nobody is enrolled yet."""
    slot = look.session(house(), actor(), SessionId(session_id))
    form = UploadForm()
    problem, facts, status = "", {}, 200
    if form.validate_on_submit():
        file: FileStorage = form.file.data
        with file.stream:
            content = file.stream.read()
        try:
            kept = roster.upload(house(), actor(), slot.id, file.filename or "liste", content, now())
        except EngineError as refusal:
            problem, facts, status = sentence_of(refusal), refusal.facts, REFUSALS[refusal.code].status
        else:
            return redirect(url_for("centre.preview", session_id=slot.id, upload_id=kept), 303)
    elif form.errors:
        status = 400
    page = render_template(
        "centre/upload.html", slot=slot, form=form, problem=problem, missing=facts.get("missing", ()),
        twice=facts.get("twice", ()), columns=roster_file.COLUMNS, formats=roster_templates.Format,
    )  # fmt: skip
    return page, status


@blueprint.get("/modele.<kind>")
@needs(Permission.MANAGE)
def template(kind: str) -> Response:
    """An empty list to fill in."""
    if kind not in set(roster_templates.Format):
        abort(404)
    wanted = roster_templates.Format(kind)
    return _file(f"palier-candidats.{kind}", roster_templates.template(wanted), roster_templates.MIME[wanted])


@blueprint.get("/sessions/<session_id>/fichier/<upload_id>")
@needs(Permission.MANAGE)
def preview(session_id: str, upload_id: str) -> str:
    """What a list would do."""
    run = roster.dry_run(house(), actor(), SessionId(session_id), upload_id, now())
    return render_template("centre/preview.html", slot=run.session, run=run, upload_id=upload_id)


@blueprint.post("/sessions/<session_id>/fichier/<upload_id>/confirmer")
@needs(Permission.MANAGE)
def confirm(session_id: str, upload_id: str) -> BaseResponse:
    """Do what the preview said."""
    session = SessionId(session_id)
    try:
        done = roster.confirm(house(), actor(), session, upload_id, request.form.get("seen", ""), now())
    except NeedsNotCovered as refusal:
        flash(sentence_with_names(refusal), "problem")
        return redirect(url_for("centre.preview", session_id=session_id, upload_id=upload_id), 303)
    except (roster.RosterFaulty, roster.RosterMoved, capacity.SessionFull) as refusal:
        flash(sentence_of(refusal), "problem")
        return redirect(url_for("centre.preview", session_id=session_id, upload_id=upload_id), 303)
    if done.created:
        flash(f"{_count(done.created, 'candidat inscrit', 'candidats inscrits')}. Remettez-leur les codes ci-dessous.")
        return redirect(url_for("centre.codes", session_id=session_id), 303)
    if done.changed:
        flash(f"{_count(done.changed, 'inscription modifiée', 'inscriptions modifiées')}.")
        return redirect(url_for("centre.show", session_id=session_id), 303)
    flash("Tout était déjà inscrit : rien n'a changé.")
    fresh = handover.fresh_codes(house(), actor(), session, now())[1]
    return redirect(url_for("centre.codes" if fresh else "centre.show", session_id=session_id), 303)


@blueprint.post("/sessions/<session_id>/fichier/<upload_id>/abandonner")
@needs(Permission.MANAGE)
def abandon(session_id: str, upload_id: str) -> BaseResponse:
    """Forget a list."""
    roster.abandon(house(), actor(), SessionId(session_id), upload_id, now())
    flash("La liste est effacée. Personne n'a été inscrit.")
    return redirect(url_for("centre.show", session_id=session_id), 303)


@blueprint.get("/sessions/<session_id>/codes")
@needs(Permission.MANAGE)
def codes(session_id: str) -> str:
    """The personal codes of the last hour."""
    slot, fresh = handover.fresh_codes(house(), actor(), SessionId(session_id), now())
    return render_template("centre/codes.html", slot=slot, fresh=fresh)


@blueprint.get("/sessions/<session_id>/codes.csv")
@needs(Permission.MANAGE)
def codes_file(session_id: str) -> Response:
    """The same as a file."""
    name, content = handover.codes_file(house(), actor(), SessionId(session_id), now())
    return _file(name, content, "text/csv; charset=utf-8")


@blueprint.get("/sessions/<session_id>/codes.pdf")
@needs(Permission.MANAGE)
def codes_papers(session_id: str) -> Response:
    """The convocations of the session, with these codes on them."""
    slot, fresh = handover.require_fresh(house(), actor(), SessionId(session_id), now())
    known = {e.id: code for e, code in fresh}
    made = documents.convocations(house(), actor(), slot.id, known, request.url_root)
    documents.note_download(house(), actor(), slot.id, "convocations", now())
    return _file(made.name, made.content, "application/pdf")


@blueprint.post("/sessions/<session_id>/codes/effacer")
@needs(Permission.MANAGE)
def forget_codes(session_id: str) -> BaseResponse:
    """All codes are handed over."""
    handover.forget_codes(house(), actor(), SessionId(session_id))
    flash("Les codes sont effacés de Palier. Ils restent bons pour les candidats.")
    return redirect(url_for("centre.show", session_id=session_id), 303)


@blueprint.route("/sessions/<session_id>/codes/nouveaux", methods=["GET", "POST"])
@needs(Permission.MANAGE)
def renew_codes(session_id: str) -> BaseResponse | tuple[str, int]:
    """New codes for several candidates, after a page that asks."""
    slot, waiting = handover.without_entry(house(), actor(), SessionId(session_id))
    # Who stands at the door may have the code in hand: ticked only by hand.
    form = RenewForm(data={"sittings": [e.id for e in waiting if e.sitting.state is State.ENROLLED]})
    form.sittings.choices = [SelectChoice(e.id, e.full_name) for e in waiting]
    problem, status = "", 200
    if form.validate_on_submit():
        chosen = [SittingId(s) for s in form.sittings.data]
        try:
            made = handover.renew_codes(house(), actor(), slot.id, chosen, now())
        except handover.AlreadyIn as refusal:
            problem, status = sentence_with_names(refusal), REFUSALS[refusal.code].status
        else:
            flash(f"{_count(made, 'nouveau code', 'nouveaux codes')}. Les anciens ne fonctionnent plus.")
            return redirect(url_for("centre.codes", session_id=slot.id), 303)
    elif form.errors:
        status = 400
    page = render_template("centre/renew_codes.html", slot=slot, waiting=waiting, form=form, problem=problem)
    return page, status


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {many if n > 1 else one}"


def _file(name: str, content: bytes, kind: str) -> Response:
    return Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
