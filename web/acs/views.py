"""Two doors for tools, and the description of them: a token, a control, an OpenAPI document."""

import structlog
from flask import Blueprint, Response, g, jsonify, make_response, request
from werkzeug.exceptions import HTTPException, UnsupportedMediaType

from engine.kernel import EngineError
from web.access import Permission, house, needs, tool
from web.acs import oauth, openapi
from web.acs.openapi import CONTROL_TYPE, PROBLEM_TYPE
from web.errors import REFUSALS
from web.now import now
from web.services import control as controls
from web.services.control_request import BadControl
from web.services.tools import CONTROL_SCOPE, ScopeMissing, TokenMissing, TokenRefused

log = structlog.get_logger()

READ = (CONTROL_TYPE, "application/json")
REALM = 'Bearer realm="palier"'

blueprint = Blueprint("acs", __name__, url_prefix="/acs")


@blueprint.post("/token")
@needs(Permission.PUBLIC)
def token() -> Response:
    """An access token for a client id and its secret."""
    return oauth.token_response()


@blueprint.post("/control")
@needs(Permission.TOOL)
def control() -> Response:
    """Do what a tool asks of an attempt, and say how the attempt stands."""
    if request.mimetype not in READ:
        raise UnsupportedMediaType(f"Send {CONTROL_TYPE}.")
    reply = controls.control(house(), tool(), request.get_data(), now())
    return Response(reply.model_dump_json(), content_type=CONTROL_TYPE)


@blueprint.get("/openapi.json")
@needs(Permission.PUBLIC)
def description() -> Response:
    """What can be asked here, as OpenAPI 3.1."""
    return jsonify(openapi.document(request.url_root.rstrip("/")))


@blueprint.errorhandler(EngineError)
def _refused(refusal: EngineError) -> Response:
    """A refusal as RFC 9457 writes it: for a program, in English."""
    status = REFUSALS[refusal.code].status
    known = g.get("tool")
    log.warning("control_refused", code=refusal.code, status=status, client=known.client_id if known else None)
    more = {"faults": refusal.facts["faults"]} if isinstance(refusal, BadControl) else {}
    response = _problem(status, refusal.code, str(refusal), **more)
    match refusal:
        case TokenMissing():
            response.headers["WWW-Authenticate"] = REALM
        case TokenRefused():
            response.headers["WWW-Authenticate"] = f'{REALM}, error="invalid_token"'
        case ScopeMissing():
            response.headers["WWW-Authenticate"] = f'{REALM}, error="insufficient_scope", scope="{CONTROL_SCOPE}"'
        case _:
            pass
    return response


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> Response:
    return _problem(error.code or 500, error.name.lower().replace(" ", "_"), error.description or error.name)


def _problem(status: int, code: str, detail: str, **more: object) -> Response:
    body = {"type": "about:blank", "title": code, "status": status, "detail": detail, **more}
    response = make_response(body, status)
    response.content_type = PROBLEM_TYPE
    return response
