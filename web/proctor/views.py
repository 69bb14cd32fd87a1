"""The proctor's seat: the console of a session, and its log."""

from urllib.parse import urlencode

from flask import Blueprint, current_app, jsonify, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from engine.kernel import SessionId
from web import day
from web.access import Permission, actor, house, needs
from web.db.sessions import Session
from web.fragments import due_after, fragment, fresh
from web.french import span
from web.now import now
from web.services import board as boards
from web.services import enrolment, look, next_look, presence, remote_view
from web.services import journal as journals
from web.services.board import Console, View
from web.services.news import ticket
from web.sought import look_for, sought_in

LINES = 8
"""Of the log, on the console."""

blueprint = Blueprint("proctor", __name__, url_prefix="/surveillance", template_folder="templates")
blueprint.add_app_template_filter(span)


@blueprint.context_processor
def _words() -> dict[str, object]:
    """What the templates of this seat use besides what all do."""
    return {"age_shown": boards.age_shown, "told": _told}


@blueprint.get("")
@needs(Permission.SUPERVISE)
def sessions() -> str:
    """The sessions that the proctor watches."""
    return render_template("proctor/sessions.html", slots=enrolment.sessions_for(house(), actor()))


@blueprint.get("/<session_id>")
@needs(Permission.SUPERVISE)
def console(session_id: str) -> str:
    """All candidates of a session on one screen."""
    board = _board(session_id)
    log = journals.journal(house(), actor(), board.session.id)[:LINES]
    on = remote_view.is_on(board.session)
    views = remote_view.watch(house(), actor(), board.session.id, board.now)[1] if on else []
    return render_template("proctor/console.html", **_shown(board), log=log, views=views)


@blueprint.post("/<session_id>/recherche")
@needs(Permission.SUPERVISE)
def search(session_id: str) -> Response:
    """Show only those whose names hold some words; no words show all again."""
    slot = look.session(house(), actor(), SessionId(session_id))
    view = request.form.get("voir", "")
    return look_for(slot.id, url_for("proctor.console", session_id=slot.id, voir=view if view in set(View) else None))


@blueprint.get("/<session_id>/etat")
@needs(Permission.SUPERVISE)
def console_state(session_id: str) -> Response:
    """What changes on the console, with an ETag; unchanged, nothing is rendered."""
    board = _board(session_id)
    seen = _shown(board)
    key = f"{board.key}/{seen['view']}/{seen['name']}/{seen['others']}"
    return due_after(
        fresh(lambda: render_template("proctor/_rows.html", **seen), key), next_look.wait(board.rows, board.now)
    )


@blueprint.get("/<session_id>/evenements")
@needs(Permission.SUPERVISE)
def console_log(session_id: str) -> Response:
    """The last lines of the log, with an ETag."""
    log = journals.journal(house(), actor(), SessionId(session_id))[:LINES]
    return fragment(render_template("proctor/_events.html", log=log), repr(log))


@blueprint.get("/<session_id>/nouvelles")
@needs(Permission.SUPERVISE)
def news(session_id: str) -> Response:
    """Where the page is told that something changed, for some minutes."""
    shown = ticket(house(), actor(), SessionId(session_id), now())
    return jsonify(stream=f"/nouvelles?{urlencode({'billet': shown})}")


@blueprint.post("/<session_id>/ouvrir")
@needs(Permission.SUPERVISE)
def open_session(session_id: str) -> Response:
    """Let candidates in."""
    return day.open_session(SessionId(session_id), url_for("proctor.console", session_id=session_id))


@blueprint.get("/<session_id>/journal")
@needs(Permission.SUPERVISE)
def journal(session_id: str) -> str:
    """The whole log."""
    return day.log_page(SessionId(session_id), url_for("proctor.console", session_id=session_id))


def _told(slot: Session) -> Markup:
    """For a piece of a page: where it hears of news, if this installation has any."""
    if not current_app.extensions["palier.settings"].news:
        return Markup("")
    return Markup(' data-news="{}"').format(url_for("proctor.news", session_id=slot.id))


def _board(session_id: str) -> Console:
    """The console now; who looks is known to those who wait."""
    at = now()
    board = boards.console(house(), actor(), SessionId(session_id), at)
    presence.console_seen(house(), board.session.id, actor().id, at)
    return board


def _shown(board: Console) -> dict[str, object]:
    """What the templates of the console need; a view that is not known shows all."""
    asked = request.args.get("voir", "")
    view = View(asked) if asked in set(View) else View.ALL
    name = sought_in(board.session.id)
    others = presence.others_at(house(), board.session.id, actor().id, board.now)
    rows = board.seen_by(view, name)
    return {"board": board, "slot": board.session, "view": view, "name": name, "rows": rows, "others": others}
