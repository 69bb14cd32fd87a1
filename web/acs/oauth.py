"""The token endpoint of RFC 6749, client credentials only: Authlib on top of our tools (docs/adr/0022)."""

import logging
import secrets
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from flask import Response, jsonify, request, url_for
from werkzeug.datastructures import Authorization

from web.access import house
from web.db.tools import Tool
from web.now import now
from web.services import throttle, tool_keys, tools
from web.services.throttle import Limit, TooManyAttempts
from web.services.tools import CONTROL_SCOPE, TOKEN_LASTS

SECRET = ["client_secret_basic", "client_secret_post"]
SIGNED = "private_key_jwt"
METHODS = [*SECRET, SIGNED]
# Below warnings Authlib writes tokens into the log.
logging.getLogger("authlib").setLevel(logging.WARNING)


class _Client(ClientMixin):  # type: ignore[misc]
    """A tool that has proved who it is, as Authlib wants it."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool

    def get_client_id(self) -> str:
        return self.tool.client_id

    def get_allowed_scope(self, scope: str | None) -> str:
        """What is granted of what is asked for: tools often ask for all scopes of LTI at once."""
        return CONTROL_SCOPE if not scope or CONTROL_SCOPE in scope.split() else ""

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in METHODS and endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(grant_type == ClientCredentialsGrant.GRANT_TYPE)


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class _Server(AuthorizationServer):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.register_grant(_Grant)
        self.register_token_generator("default", _token)
        # Authlib's own tell an unknown client from a wrong secret, and trip over bytes that are not UTF-8.
        for method in SECRET:
            self.register_client_auth_method(method, _knows_the_secret)
        self.register_client_auth_method(SIGNED, _signed)

    def query_client(self, client_id: str) -> None:
        """Nobody is known by a client id alone."""
        del client_id

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        tools.store_token(house(), request.client.tool, token["access_token"], token["scope"], now())


def _token(client: _Client, scope: str | None = None, **_: Any) -> dict[str, Any]:
    granted = client.get_allowed_scope(scope)
    if not granted:
        raise InvalidScopeError(f"The one scope here is {CONTROL_SCOPE}")
    return {
        "access_token": secrets.token_urlsafe(32),
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LASTS.total_seconds()),
        "scope": granted,
    }


def _credentials() -> tuple[str, str]:
    """The client id and secret of this request, in its header or in its form; empty where there are none."""
    shown: Authorization | None = request.authorization
    if shown is not None and shown.type == "basic":
        return shown.username or "", shown.password or ""
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def _assertion() -> str:
    """What was signed for this request; empty where there is nothing."""
    is_one = request.form.get("client_assertion_type") == tool_keys.ASSERTION_TYPE
    return request.form.get("client_assertion", "") if is_one else ""


def _knows_the_secret(_query: Any, _request: Any) -> _Client | None:
    client_id, secret = _credentials()
    tool = tools.with_secret(house(), client_id, secret) if client_id and secret else None
    return _Client(tool) if tool else None


def _signed(_query: Any, _request: Any) -> _Client | None:
    here = url_for("acs.token", _external=True)
    tool = tools.with_assertion(house(), _assertion(), (here, request.url_root.rstrip("/")), now())
    return _Client(tool) if tool else None


_server = _Server()


def token_response() -> Response:
    """The answer to a request for a token; who fails too often has to wait."""
    # The one whose secret could be guessed comes first: no assertion beside it can hide whose it is.
    client_id = _credentials()[0] or tool_keys.claimed(_assertion())
    address = request.remote_addr
    # Per client and address together: nobody elsewhere can shut a tool out by failing in its name.
    keys: dict[str, Limit] = {
        f"tool:{client_id[:48]}@{address}": throttle.PER_PERSON,
        f"tool-from:{address}": throttle.PER_ADDRESS,
    }
    try:
        throttle.require_calm(house(), keys, now())
    except TooManyAttempts as refusal:
        return _wait(refusal)
    response: Response = _server.create_token_response(request)
    if response.status_code == 401:
        throttle.failed(house(), keys, now())
    return response


def _wait(refusal: TooManyAttempts) -> Response:
    minutes = int(str(refusal.facts["minutes"]))
    response = jsonify(error="slow_down", error_description=f"Too many failures: wait {minutes} minutes.")
    response.status_code = 429
    response.headers["Retry-After"] = str(60 * minutes)
    return response
