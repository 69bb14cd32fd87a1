"""The papers of a session and the end of its day, at the centre's seat."""

from werkzeug.wrappers import Response

from engine.kernel import SessionId
from web import finals
from web.access import Permission, needs
from web.centre.views import blueprint


@blueprint.get("/sessions/<session_id>/cloture")
@needs(Permission.MANAGE)
def closing_page(session_id: str) -> str:
    """What is missing before the minutes can be signed."""
    return finals.page("centre", SessionId(session_id))


@blueprint.post("/sessions/<session_id>/finaliser")
@needs(Permission.MANAGE)
def finalise(session_id: str) -> Response | tuple[str, int]:
    """Sign the minutes."""
    return finals.finalise("centre", SessionId(session_id))
