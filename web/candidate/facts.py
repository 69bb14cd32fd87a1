"""What the candidate's page tells of itself, besides that it is there."""

from flask import request
from werkzeug.wrappers import Response

from web.access import Permission, device_in_browser, house, needs, sitting_in_browser
from web.candidate.views import blueprint
from web.now import now
from web.services import facts, gate


@blueprint.post("/fait")
@needs(Permission.SIT)
def fact() -> Response:
    """A fact from the closed list, in the field `kind`; a browser that nobody let in is not believed."""
    sitting = sitting_in_browser()
    _, enrolment = gate.look(house(), sitting)
    if enrolment.sitting.device == device_in_browser():
        facts.tell(house(), sitting, request.form.get("kind", ""), now())
    return Response(status=204)
