"""Being seen from a distance: what the candidate is told and agrees to, the window, its letters."""

from flask import current_app, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from web.access import Permission, device_in_browser, house, needs, sitting_in_browser
from web.candidate.views import blueprint
from web.now import now
from web.services import gate, look, remote_view, signalling
from web.services.ice import servers_for


@blueprint.get("/vue/accord")
@needs(Permission.SIT)
def view_consent() -> Response | str:
    """What will be seen, by whom, and how to stop it: before anything is shown."""
    slot, enrolment = gate.look(house(), sitting_in_browser())
    if not remote_view.is_on(slot) or remote_view.has_ended(slot, enrolment.sitting):
        return redirect(url_for("candidate.here"), 303)
    return render_template(
        "candidate/view_consent.html",
        slot=slot,
        enrolment=enrolment,
        proctors=look.proctors_of(house(), slot.id),
        agreed=remote_view.agreed(house(), enrolment.id),
    )


@blueprint.post("/vue/accord")
@needs(Permission.SIT)
def decide_on_view() -> Response:
    """Agree, or go on without being seen."""
    given = request.form.get("decision") == "agree"
    remote_view.decide(house(), sitting_in_browser(), given, now())
    return redirect(url_for("candidate.here"), 303)


@blueprint.get("/vue")
@needs(Permission.SIT)
def view_window() -> str:
    """The window that stays open: camera, microphone and screen are taken here."""
    slot, enrolment = gate.look(house(), sitting_in_browser())
    remote_view.require_on(slot)
    return render_template(
        "candidate/view_window.html",
        slot=slot,
        enrolment=enrolment,
        proctors=look.proctors_of(house(), slot.id),
        agreed=remote_view.agreed(house(), enrolment.id),
    )


@blueprint.get("/vue/reglages")
@needs(Permission.SIT)
def view_settings() -> Response:
    """How browsers meet; a fresh token too, since another identification in this browser makes a new one."""
    sitting = sitting_in_browser()
    slot, _ = gate.look(house(), sitting)
    remote_view.require_on(slot)
    return jsonify(iceServers=servers_for(current_app.extensions["palier.ice"], sitting, now()), token=generate_csrf())


@blueprint.get("/vue/etat")
@needs(Permission.SIT)
def view_state() -> Response:
    """Whether the window should be open: the pages of the test ask when they do not hear of it."""
    slot, enrolment = gate.look(house(), sitting_in_browser())
    wanted = (
        remote_view.is_on(slot)
        and not remote_view.has_ended(slot, enrolment.sitting)
        and remote_view.agreed(house(), enrolment.id)
    )
    return jsonify(wanted=wanted)


@blueprint.post("/vue/echange")
@needs(Permission.SIT)
def view_exchange() -> Response:
    """One trip of the window: how it is, what it writes; back comes what it was written."""
    body = request.get_json(silent=True)
    done = signalling.from_window(house(), sitting_in_browser(), device_in_browser(), body, now())
    incoming = [{"from": x.letter.sender, "name": x.name, "mail": x.letter.data} for x in done.incoming]
    return jsonify(incoming=incoming, over=done.over)
