"""The papers of a session and the end of its day, at the proctor's seat."""

from werkzeug.wrappers import Response

from engine.kernel import SessionId
from web import finals
from web.access import Permission, needs
from web.proctor.views import blueprint


@blueprint.get("/<session_id>/cloture")
@needs(Permission.SUPERVISE)
def closing_page(session_id: str) -> str:
    """What is missing before the minutes can be signed."""
    return finals.page("proctor", SessionId(session_id))


@blueprint.post("/<session_id>/finaliser")
@needs(Permission.SUPERVISE)
def finalise(session_id: str) -> Response | tuple[str, int]:
    """Sign the minutes."""
    return finals.finalise("proctor", SessionId(session_id))
