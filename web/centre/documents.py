"""The papers of a session and the end of its day, at the centre's seat."""

from werkzeug.wrappers import Response

from engine.kernel import SessionId, SittingId
from web import finals
from web.access import Permission, needs
from web.centre.views import blueprint


@blueprint.get("/sessions/<session_id>/cloture")
@needs(Permission.MANAGE)
def closing_page(session_id: str) -> str:
    """What is missing before the minutes can be signed."""
    return finals.page("centre", SessionId(session_id))


@blueprint.post("/sessions/<session_id>/cloture")
@needs(Permission.MANAGE)
def close_day(session_id: str) -> Response:
    """End the day, and go on to its minutes."""
    return finals.close("centre", SessionId(session_id))


@blueprint.post("/sessions/<session_id>/finaliser")
@needs(Permission.MANAGE)
def finalise(session_id: str) -> Response | tuple[str, int]:
    """Sign the minutes."""
    return finals.finalise("centre", SessionId(session_id))


@blueprint.get("/sessions/<session_id>/convocations.pdf")
@needs(Permission.MANAGE)
def convocations(session_id: str) -> Response:
    """The convocations of a session, a page each."""
    return finals.convocations(SessionId(session_id))


@blueprint.post("/sessions/<session_id>/convocations.pdf")
@needs(Permission.MANAGE)
def convocations_with_codes(session_id: str) -> Response:
    """The same with the personal codes that the form carries, right after they were made."""
    return finals.convocations(SessionId(session_id))


@blueprint.get("/passations/<sitting_id>/convocation.pdf")
@needs(Permission.MANAGE)
def convocation(sitting_id: str) -> Response:
    """The convocation of one candidate; the personal code is handed over separately."""
    return finals.convocation(SittingId(sitting_id))


@blueprint.post("/passations/<sitting_id>/convocation.pdf")
@needs(Permission.MANAGE)
def convocation_with_code(sitting_id: str) -> Response:
    """The convocation of one candidate with the personal code that was just shown."""
    return finals.convocation(SittingId(sitting_id))


@blueprint.get("/sessions/<session_id>/feuille-emargement.pdf")
@needs(Permission.MANAGE)
def attendance(session_id: str) -> Response:
    """The attendance sheet."""
    return finals.attendance(SessionId(session_id))


@blueprint.get("/sessions/<session_id>/proces-verbal.pdf")
@needs(Permission.MANAGE)
def minutes(session_id: str) -> Response:
    """The procès-verbal."""
    return finals.minutes(SessionId(session_id))
