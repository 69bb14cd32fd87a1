"""A tool of LTI 1.3 has no secret: it signs, and each signature is good for one token."""

import base64
import json
import uuid
import warnings
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from tests.web.acs_client import Reply, Tool
from tests.web.sql import sql
from tests.web.test_acs import serve
from tests.web.world import World
from web.services import tool_keys, tools
from web.services.tool_keys import ToolKeysRefused

PAIR = RSAKey.generate_key(2048, auto_kid=True)
OTHER = RSAKey.generate_key(2048, auto_kid=True)
with warnings.catch_warnings(action="ignore"):
    SHORT = RSAKey.generate_key(1024)
CURVE = ECKey.generate_key("P-256", auto_kid=True)


def key_set(*keys: Key, private: bool = False) -> str:
    """Keys as a vendor publishes them."""
    return json.dumps({"keys": [key.as_dict(private=private) for key in keys]})


@pytest.fixture(scope="module")
def server(app: Flask) -> Iterator[str]:
    """The application behind a real socket."""
    yield from serve(app)


@pytest.fixture
def tool(server: str, world: World) -> Tool:
    """A tool that signs with one of two keys."""
    made = tools.add(world.house.db, "demo", "Vigie", False, world.clock(), key_set(PAIR, CURVE))
    assert made.secret is None
    return Tool(f"{server}/acs/token", f"{server}/acs/control", made.tool.client_id, "")


def signed(
    world: World, tool: Tool, key: Key = PAIR, header: dict[str, object] | None = None, **changed: object
) -> str:
    """What a tool signs to get a token; a claim that is changed to `...` is left out."""
    at = int(world.clock().timestamp())
    claims = {"iss": tool.client_id, "sub": tool.client_id, "aud": tool.token_url, "iat": at, "exp": at + 60}
    claims |= {"jti": str(uuid.uuid4()), **changed}
    about = {"alg": "ES256" if isinstance(key, ECKey) else "RS256", "kid": key.kid} | (header or {})
    algorithms = [str(about["alg"])]
    return jwt.encode(about, {k: v for k, v in claims.items() if v is not ...}, key, algorithms=algorithms)


@pytest.mark.parametrize("key", [PAIR, CURVE], ids=["RS256", "ES256"])
@pytest.mark.parametrize("header", [{}, {"kid": "of another set"}], ids=["kid", "unknown kid"])
def test_a_tool_that_signs_gets_a_token(tool: Tool, world: World, key: Key, header: dict[str, object]):
    reply = tool.connect_signed(signed(world, tool, key, header))
    assert (reply.status, reply.json["token_type"]) == (200, "Bearer")
    at = world.clock().isoformat()
    assert tool.control(world.camille.sitting, world.session, "flag", at).status == 200


@pytest.mark.parametrize(
    "audience", [lambda url: [url, "https://x.example"], lambda url: url.removesuffix("/acs/token")]
)
def test_an_audience_is_the_address_or_the_place(tool: Tool, world: World, audience: Callable[[str], object]):
    assert tool.connect_signed(signed(world, tool, aud=audience(tool.token_url))).status == 200


def test_a_signature_is_good_for_one_token(tool: Tool, world: World):
    assertion = signed(world, tool)
    assert [tool.connect_signed(assertion).status for _ in range(3)] == [200, 401, 401]
    assert tool.connect_signed(signed(world, tool)).status == 200


def test_used_signatures_are_forgotten_once_they_have_run_out(tool: Tool, world: World):
    for _ in range(3):
        assert tool.connect_signed(signed(world, tool)).status == 200
        world.clock.forward(minutes=3)
    with world.house.db.read() as connection:
        assert sql(connection, "SELECT count(*) FROM tool_assertion").scalar_one() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "tool-other"},
        {"sub": "tool-other"},
        {"sub": 7},
        {"sub": ...},
        {"aud": "https://elsewhere.example/token"},
        {"aud": []},
        {"aud": ...},
        {"exp": ...},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1_000_000},
        {"exp": 10**400},
        {"exp": float("nan")},
        {"nbf": 10**12},
        {"nbf": "later"},
        {"jti": ...},
        {"jti": 7},
    ],
)
def test_what_is_signed_must_be_for_us_and_for_now(tool: Tool, world: World, changed: dict[str, object]):
    _refused(tool.connect_signed(signed(world, tool, **changed)))


def test_it_holds_as_long_as_it_says_and_a_minute_for_clocks(tool: Tool, world: World):
    early, late = signed(world, tool), signed(world, tool)
    world.clock.forward(seconds=119)
    assert tool.connect_signed(early).status == 200
    world.clock.forward(seconds=1)
    _refused(tool.connect_signed(late))


def test_the_key_must_be_the_tools_own(tool: Tool, world: World):
    _refused(tool.connect_signed(signed(world, tool, OTHER)))
    _refused(tool.connect_signed(signed(world, tool, OTHER, {"kid": PAIR.kid})))
    public = OctKey.import_key(key_set(PAIR))
    _refused(tool.connect_signed(signed(world, tool, public, {"alg": "HS256", "kid": PAIR.kid})))
    head, body, _ = signed(world, tool).split(".")
    nothing = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    _refused(tool.connect_signed(f"{nothing}.{body}."))
    _refused(tool.connect_signed(f"{head}.{body}.AAAA"))


def test_a_tool_that_signs_has_no_secret_and_one_with_a_secret_cannot_sign(tool: Tool, world: World):
    for secret in ("", "x", tools.fingerprint("")):
        tool.client_secret = secret
        _refused(tool.connect())
    made = tools.add(world.house.db, "demo", "Autre", False, world.clock())
    other = Tool(tool.token_url, tool.control_url, made.tool.client_id, made.secret or "")
    _refused(other.connect_signed(signed(world, other)))
    assert other.connect().status == 200


def test_a_revoked_tool_signs_in_vain(tool: Tool, world: World):
    tools.revoke(world.house.db, tool.client_id)
    _refused(tool.connect_signed(signed(world, tool)))


def test_who_fails_too_often_has_to_wait(tool: Tool, world: World):
    for _ in range(6):
        _refused(tool.connect_signed(signed(world, tool, OTHER)))
    assert tool.connect_signed(signed(world, tool)).status == 429
    world.clock.forward(minutes=10)
    assert tool.connect_signed(signed(world, tool)).status == 200


def test_an_assertion_beside_a_secret_does_not_hide_whose_secret_is_guessed(tool: Tool, world: World):
    victim = tools.add(world.house.db, "demo", "Autre", False, world.clock()).tool.client_id
    guess = {"grant_type": "client_credentials", "client_id": victim, "client_secret": "guess"}
    form = guess | {"client_assertion_type": tool_keys.ASSERTION_TYPE}
    statuses = [
        world.app.test_client()
        .post("/acs/token", data=form | {"client_assertion": signed(world, tool, OTHER, sub=f"tool-{n}")})
        .status_code
        for n in range(7)
    ]
    assert statuses == [401] * 6 + [429]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.binary(max_size=30) | st.just(b"[" * 3_000), max_size=4), raw=st.text(max_size=40))
def test_no_assertion_makes_the_service_stumble(tool: Tool, world: World, parts: list[bytes], raw: str):
    with world.house.db.write() as connection:
        sql(connection, "DELETE FROM attempt")
    encoded = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    for assertion in (encoded, raw.encode(errors="replace").decode()):
        _refused(tool.connect_signed(assertion))


def _refused(reply: Reply) -> None:
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "[]",
        "7",
        "null",
        "{}",
        '{"keys": []}',
        '{"keys": [7]}',
        '{"keys": [{"kty": "RSA"}]}',
        "[" * 5_000,
        key_set(PAIR, private=True),
        key_set(OctKey.generate_key(256), private=True),
        key_set(SHORT),
        key_set(ECKey.generate_key("P-384")),
        key_set(*[PAIR] * 6),
    ],
    ids=range(14),  # keys are made anew in every process that collects
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_other_keys_are_refused(text: str):
    with pytest.raises(ToolKeysRefused):
        tool_keys.checked(text)
