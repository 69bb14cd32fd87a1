"""The wall: all candidates of a session, seen and heard from a distance."""

from math import ceil

from flask import current_app, jsonify, render_template, request
from werkzeug.wrappers import Response

from engine.delivery.session import REMOTE_CAPACITY
from engine.kernel import SessionId
from web.access import Permission, actor, house, needs
from web.fragments import fragment
from web.now import now
from web.proctor.views import blueprint
from web.services import remote_view, signalling
from web.services.ice import servers_for
from web.services.remote_view import Standing, View


@blueprint.get("/<session_id>/vue")
@needs(Permission.SUPERVISE)
def wall(session_id: str) -> str:
    """Camera, screen and sound of nine candidates at a time."""
    slot, views = remote_view.watch(house(), actor(), SessionId(session_id), now())
    parts = max(1, ceil(len(views) / REMOTE_CAPACITY))
    part = min(max(request.args.get("partie", default=1, type=int), 1), parts)
    shown = [(v.enrolment, v.standing.value) for v in views[(part - 1) * REMOTE_CAPACITY : part * REMOTE_CAPACITY]]
    return render_template("proctor/wall.html", slot=slot, shown=shown, of=len(views), part=part, parts=parts)


@blueprint.get("/<session_id>/vue/resume")
@needs(Permission.SUPERVISE)
def wall_summary(session_id: str) -> Response:
    """For the console: how many are seen, and what is missing of whom, with an ETag."""
    slot, views = remote_view.watch(house(), actor(), SessionId(session_id), now())
    key = repr([(v.enrolment.id, v.standing, v.troubles) for v in views])
    return fragment(render_template("proctor/_view_summary.html", slot=slot, views=views), key)


@blueprint.get("/<session_id>/vue/reglages")
@needs(Permission.SUPERVISE)
def wall_settings(session_id: str) -> Response:
    """How browsers meet."""
    remote_view.watch(house(), actor(), SessionId(session_id), now())
    return jsonify(iceServers=servers_for(current_app.extensions["palier.ice"], actor().id, now()))


@blueprint.post("/<session_id>/vue/echange")
@needs(Permission.SUPERVISE)
def wall_exchange(session_id: str) -> Response:
    """One trip of the wall: what it writes; back come its letters, and how each view stands."""
    body = request.get_json(silent=True)
    done = signalling.from_console(house(), actor(), SessionId(session_id), body, now())
    return jsonify(
        incoming=[{"from": x.letter.sender, "mail": x.letter.data} for x in done.incoming],
        views={v.enrolment.id: _told(v) for v in done.views},
    )


def _told(view: View) -> dict[str, object]:
    live = view.standing is Standing.LIVE and view.sign is not None
    return {
        "standing": view.standing.value,
        "address": signalling.window_address(view.enrolment.id, view.sign.page) if live and view.sign else None,
        "troubles": view.troubles,
    }
