"""The OpenAPI 3.1 document of the two doors, from the same models that read and write what goes through them."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.services.control_request import ControlReply, ControlRequest
from web.services.tool_keys import ASSERTION_TYPE
from web.services.tools import CONTROL_SCOPE, TOKEN_LASTS

CONTROL_TYPE = "application/vnd.ims.lti-ap.v1.control+json"
PROBLEM_TYPE = "application/problem+json"


class Token(BaseModel):
    """An access token (RFC 6749, 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class TokenError(BaseModel):
    """Why there is none (RFC 6749, 5.2)."""

    error: str
    error_description: str | None = None


class Fault(BaseModel):
    """What is wrong with one field; empty where it is the request as a whole."""

    field: str
    fault: str


class Problem(BaseModel):
    """A refusal (RFC 9457); `title` is a code that does not change."""

    type: str
    title: str
    status: int
    detail: str
    faults: list[Fault] | None = None


EXAMPLE = {
    "user": {"sub": "C-1042"},
    "resource_link": {"id": "K7Q-M3X"},
    "attempt_number": 1,
    "action": "flag",
    "incident_time": "2026-11-23T09:30:00Z",
    "incident_severity": "0.8",
    "reason_code": "COM-02",
    "reason_msg": "Phone in view for 12 s",
}
REFUSED = {
    "400": "The request is not as the specification writes it: `faults` names every field. Or it is in the future.",
    "401": "No access token, or one that is unknown, has run out or was revoked.",
    "403": "The access token is for something else.",
    "404": "There is no such attempt, or not for this tool.",
    "409": "The results are published, or the same action at the same incident_time told something else.",
    "413": "The body is too large.",
    "415": "Another media type.",
}


def document(server: str) -> dict[str, Any]:
    """The whole document, for the server that it is asked of."""
    _, schemas = models_json_schema(
        [(m, "validation") for m in (ControlRequest, ControlReply, Token, TokenError, Problem)],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Palier: Assessment Control Service",
            "version": "1.0",
            "description": "1EdTech Proctoring Services 1.0, for proctoring tools that a centre has let in.",
        },
        "servers": [{"url": server}],
        "paths": {"/acs/token": {"post": _token()}, "/acs/control": {"post": _control()}},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "tool": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": f"{server}/acs/token",
                            "scopes": {CONTROL_SCOPE: "Control the attempts of one centre."},
                        }
                    },
                }
            },
        },
    }


def _token() -> dict[str, Any]:
    form = {
        "type": "object",
        "required": ["grant_type"],
        "properties": {
            "grant_type": {"const": "client_credentials"},
            "scope": {"type": "string", "default": CONTROL_SCOPE},
            "client_id": {"type": "string", "description": "Here or in an Authorization header of type Basic."},
            "client_secret": {"type": "string"},
            "client_assertion_type": {"const": ASSERTION_TYPE},
            "client_assertion": {"type": "string", "description": "A JWT that the tool signed, instead of a secret."},
        },
    }
    return {
        "summary": f"An access token for {TOKEN_LASTS.total_seconds() / 60:.0f} minutes",
        "security": [],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {
            "200": _answer("A token", "Token"),
            "400": _answer("The request is refused.", "TokenError"),
            "401": _answer("The client is unknown or its secret is wrong.", "TokenError"),
            "429": _answer("Too many failures: wait as long as Retry-After says.", "TokenError"),
        },
    }


def _control() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ControlRequest"}
    return {
        "summary": "Pause, resume, terminate, update or flag one attempt",
        "description": "Idempotent on attempt, action and incident_time: the same again gets the same answer.",
        "security": [{"tool": [CONTROL_SCOPE]}],
        "requestBody": {"required": True, "content": {CONTROL_TYPE: {"schema": schema, "example": EXAMPLE}}},
        "responses": {
            "200": _answer("How the attempt stands now", "ControlReply", CONTROL_TYPE),
            **{status: _answer(told, "Problem", PROBLEM_TYPE) for status, told in REFUSED.items()},
        },
    }


def _answer(description: str, model: str, media: str = "application/json") -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model}"}
    return {"description": description, "content": {media: {"schema": schema}}}
