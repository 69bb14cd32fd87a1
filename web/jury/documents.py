"""The procès-verbal of a session, at the jury's seat."""

from werkzeug.wrappers import Response

from engine.kernel import SessionId
from web import finals
from web.access import Permission, needs
from web.jury.views import blueprint


@blueprint.get("/sessions/<session_id>/proces-verbal.pdf")
@needs(Permission.ADJUDICATE)
def minutes(session_id: str) -> Response:
    """What the centre signed, or its draft."""
    return finals.minutes(SessionId(session_id))
