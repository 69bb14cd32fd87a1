"""The papers of a session and the end of its day, at the proctor's seat."""

from werkzeug.wrappers import Response

from engine.kernel import SessionId, SittingId
from web import finals
from web.access import Permission, needs
from web.proctor.views import blueprint


@blueprint.get("/<session_id>/cloture")
@needs(Permission.SUPERVISE)
def closing_page(session_id: str) -> str:
    """What is missing before the minutes can be signed."""
    return finals.page("proctor", SessionId(session_id))


@blueprint.post("/<session_id>/cloture")
@needs(Permission.SUPERVISE)
def close_day(session_id: str) -> Response:
    """End the day, and go on to its minutes."""
    return finals.close("proctor", SessionId(session_id))


@blueprint.post("/<session_id>/finaliser")
@needs(Permission.SUPERVISE)
def finalise(session_id: str) -> Response | tuple[str, int]:
    """Sign the minutes."""
    return finals.finalise("proctor", SessionId(session_id))


@blueprint.get("/<session_id>/convocations.pdf")
@needs(Permission.SUPERVISE)
def convocations(session_id: str) -> Response:
    """The convocations of a session, a page each."""
    return finals.convocations(SessionId(session_id))


@blueprint.get("/candidats/<sitting_id>/convocation.pdf")
@needs(Permission.SUPERVISE)
def convocation(sitting_id: str) -> Response:
    """The convocation of one candidate; the personal code is handed over separately."""
    return finals.convocation(SittingId(sitting_id))


@blueprint.post("/candidats/<sitting_id>/convocation.pdf")
@needs(Permission.SUPERVISE)
def convocation_with_code(sitting_id: str) -> Response:
    """The convocation of one candidate with the personal code that was just shown."""
    return finals.convocation(SittingId(sitting_id))


@blueprint.get("/<session_id>/feuille-emargement.pdf")
@needs(Permission.SUPERVISE)
def attendance(session_id: str) -> Response:
    """The attendance sheet."""
    return finals.attendance(SessionId(session_id))


@blueprint.get("/<session_id>/proces-verbal.pdf")
@needs(Permission.SUPERVISE)
def minutes(session_id: str) -> Response:
    """The procès-verbal."""
    return finals.minutes(SessionId(session_id))
