"""Proofs that confuse a careless verifier: the wrong algorithm, a key of the sender's choice, another tool's name."""

import json
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask

from tests.web import jwt_by_hand as by_hand
from tests.web.acs_client import SCOPE, Reply, Tool, send
from tests.web.sql import sql
from tests.web.test_acs import serve
from tests.web.test_hostile_files import listener
from tests.web.world import World
from web.services import tools

__all__ = ["listener"]  # a fixture of the other file

OWN = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
EVIL = rsa.generate_private_key(65537, 2048)
EVIL_CURVE = ec.generate_private_key(ec.SECP256R1())
KEYS = json.dumps({"keys": [by_hand.jwk(OWN, "own"), by_hand.jwk(CURVE, "curve")]})
RS256 = {"alg": "RS256", "kid": "own"}


@pytest.fixture(scope="module")
def server(app: Flask) -> Iterator[str]:
    """The application behind a real socket."""
    yield from serve(app)


@pytest.fixture
def tool(server: str, world: World) -> Tool:
    """A tool that signs with one of two keys."""
    made = tools.add(world.house.db, "demo", "Vigie", False, world.clock(), KEYS)
    return Tool(f"{server}/acs/token", f"{server}/acs/control", made.tool.client_id, "")


@pytest.fixture
def rival(server: str, world: World) -> Tool:
    """A tool of another centre, with a key of its own."""
    keys = json.dumps({"keys": [by_hand.jwk(EVIL, "own")]})
    made = tools.add(world.house.db, "lyon", "Guet", False, world.clock(), keys)
    return Tool(f"{server}/acs/token", f"{server}/acs/control", made.tool.client_id, "")


def claims(world: World, tool: Tool, **changed: Any) -> dict[str, Any]:
    """What a tool says of itself; a claim that is changed to `...` is left out."""
    at = int(world.clock().timestamp())
    said = {"iss": tool.client_id, "sub": tool.client_id, "aud": tool.token_url, "iat": at, "exp": at + 60}
    said |= {"jti": str(uuid.uuid4()), **changed}
    return {k: v for k, v in said.items() if v is not ...}


def own(message: bytes) -> bytes:
    """The signature that is good."""
    return by_hand.rs256(OWN, message)


def refused(reply: Reply) -> None:
    """One answer for all of them."""
    assert (reply.status, reply.json["error"]) == (401, "invalid_client"), reply.body


@pytest.mark.parametrize(
    ("alg", "kid", "sign"),
    [("RS256", "own", own), ("ES256", "curve", partial(by_hand.es256, CURVE)), ("RS256", None, own)],
)
def test_what_is_written_by_hand_and_right_is_believed(
    tool: Tool, world: World, alg: str, kid: str | None, sign: Callable[[bytes], bytes]
):
    header = {"alg": alg, "typ": "JWT"} | ({"kid": kid} if kid else {})
    assert tool.connect_signed(by_hand.compact(header, claims(world, tool), sign)).status == 200


def always(signature: bytes) -> Callable[[bytes], bytes]:
    """The same for any message."""
    return lambda _: signature


NOTHING = always(b"")
SIGNERS: dict[str, tuple[dict[str, Any], Callable[[bytes], bytes]]] = {
    "none": ({"alg": "none"}, NOTHING),
    "None": ({"alg": "None"}, NOTHING),
    "nOnE with a kid": ({"alg": "nOnE", "kid": "own"}, NOTHING),
    "none with a good signature": ({"alg": "none", "kid": "own"}, own),
    "no algorithm": ({"kid": "own"}, own),
    "an empty algorithm": ({"alg": "", "kid": "own"}, own),
    "a list of algorithms": ({"alg": ["RS256"], "kid": "own"}, own),
    "a signature that is missing": (RS256, NOTHING),
    "a signature that is cut": (RS256, lambda m: own(m)[:-1]),
    "a signature of zeros": (RS256, always(bytes(256))),
    "psychic zeros on the curve": ({"alg": "ES256", "kid": "curve"}, always(bytes(64))),
    "HS256 with the public key as PEM": (
        {"alg": "HS256", "kid": "own"}, partial(by_hand.hs256, by_hand.pem(OWN))
    ),
    "HS256 with the public key as PEM without its end": (
        {"alg": "HS256", "kid": "own"}, partial(by_hand.hs256, by_hand.pem(OWN).strip())
    ),
    "HS256 with the JWK": (
        {"alg": "HS256", "kid": "own"}, partial(by_hand.hs256, json.dumps(by_hand.jwk(OWN, "own")).encode())
    ),
    "HS256 with the JWK Set": ({"alg": "HS256", "kid": "own"}, partial(by_hand.hs256, KEYS.encode())),
    "HS256 with the empty secret": ({"alg": "HS256"}, partial(by_hand.hs256, b"")),
    "ES256 of the RSA key": ({"alg": "ES256", "kid": "own"}, own),
    "RS256 of the curve": ({"alg": "RS256", "kid": "curve"}, partial(by_hand.es256, CURVE)),
    "ES256 of a key of the sender": ({"alg": "ES256", "kid": "curve"}, partial(by_hand.es256, EVIL_CURVE)),
    "PS256, which was not agreed": ({"alg": "PS256", "kid": "own"}, partial(by_hand.ps256, OWN)),
    "RS512 in name": ({"alg": "RS512", "kid": "own"}, own),
    "a key of the sender under our kid": (RS256, partial(by_hand.rs256, EVIL)),
    "a key in the header": ({**RS256, "jwk": by_hand.jwk(EVIL, "own")}, partial(by_hand.rs256, EVIL)),
    "a key in the header under its own kid": (
        {"alg": "RS256", "kid": "evil", "jwk": by_hand.jwk(EVIL, "evil")}, partial(by_hand.rs256, EVIL)
    ),
    "a critical extension that nobody knows": ({**RS256, "crit": ["exp"], "exp": 1}, own),
    "an unencoded payload": ({**RS256, "crit": ["b64"], "b64": False}, own),
    "compressed": ({**RS256, "zip": "DEF"}, partial(by_hand.rs256, EVIL)),
    **{
        f"kid {kid!r}": ({"alg": "HS256", "kid": kid}, partial(by_hand.hs256, secret))
        for kid, secret in (
            ("../../../../dev/null", b""),
            ("/dev/null", b""),
            ("own' UNION SELECT 'x", b"x"),
            ("own\x00", b""),
            ("|/bin/true", b""),
            ("https://evil.example/jwks", b""),
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SIGNERS)
def test_a_proof_that_the_tool_did_not_sign_opens_nothing(tool: Tool, world: World, name: str):
    header, sign = SIGNERS[name]
    refused(tool.connect_signed(by_hand.compact(header, claims(world, tool), sign)))


@pytest.mark.parametrize("field", ["jku", "x5u", "iss"])
def test_no_key_is_fetched_from_where_a_proof_says(
    tool: Tool, world: World, listener: tuple[str, list[bytes]], field: str
):
    url, heard = listener
    header = {"alg": "RS256", "kid": "evil", field: url}
    proof = by_hand.compact(header, claims(world, tool, jku=url), partial(by_hand.rs256, EVIL))
    refused(tool.connect_signed(proof))
    assert not heard


@pytest.mark.parametrize("header", [{**RS256, "x5c": ["AAAA"]}, {**RS256, "jku": "http://127.0.0.1:9/x"}])
def test_what_a_header_adds_to_a_good_proof_is_not_looked_at(tool: Tool, world: World, header: dict[str, Any]):
    assert tool.connect_signed(by_hand.compact(header, claims(world, tool), own)).status in (200, 401)


AT = 1_800_000_000
CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "a list of issuers": {"iss": ["tool"]},
    "no issuer": {"iss": ...},
    "another subject": {"sub": "admin"},
    "an audience of others": {"aud": "https://evil.example/acs/token"},
    "an audience that begins like ours": {"aud": "http://127.0.0.1.evil.example/acs/token"},
    "an audience in a dictionary": {"aud": {"x": 1}},
    "the control address as audience": {"aud": "/acs/control"},
    "no time": {"exp": ...},
    "a time in text": {"exp": str(AT)},
    "not a number": {"exp": float("nan")},
    "without end": {"exp": float("inf")},
    "a hundred years": {"exp": 4_900_000_000},
    "long over": {"exp": 1},
    "not before, not a number": {"nbf": float("nan")},
    "not before tomorrow": {"nbf": AT * 2},
    "issued tomorrow": {"iat": AT * 2},
    "issued in text": {"iat": "now"},
    "issued at no number": {"iat": float("nan")},
    "issued long ago": {"iat": 1},
    "no identifier": {"jti": ...},
    "an empty identifier": {"jti": ""},
    "an identifier that is a list": {"jti": ["x"]},
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_good_signature_below_wrong_claims_opens_nothing(tool: Tool, world: World, name: str):
    refused(tool.connect_signed(by_hand.compact(RS256, claims(world, tool, **CLAIMS[name]), own)))


@pytest.mark.parametrize(
    "raw",
    [
        b'{"iss":"x","iss":"%s","sub":"%s","aud":"%s","exp":%d,"iat":%d,"jti":"a","exp":99999999999}',
        b'[{"iss":"%s","sub":"%s","aud":"%s","exp":%d,"iat":%d}]',
        b'"%s%s%s%d%d"',
        b"\xff%s%s%s%d%d",
        b'\xef\xbb\xbf{"iss":"%s","sub":"%s","aud":"%s","exp":%d,"iat":%d}',
    ],
    ids=["a claim twice", "a list", "a text", "no text", "a mark before it"],
)
def test_a_payload_that_is_no_plain_object_opens_nothing(tool: Tool, world: World, raw: bytes):
    at = int(world.clock().timestamp())
    name = tool.client_id.encode()
    refused(tool.connect_signed(by_hand.compact(RS256, raw % (name, name, tool.token_url.encode(), at + 60, at), own)))


def test_a_proof_in_a_proof_or_in_another_shape_opens_nothing(tool: Tool, world: World):
    good = by_hand.compact(RS256, claims(world, tool), own)
    head, body, signature = good.split(".")
    nested = by_hand.compact({**RS256, "cty": "JWT"}, good.encode(), own)
    flat = json.dumps({"protected": head, "payload": body, "signature": signature})
    for wrong in (
        nested,
        flat,
        f"{good}.{signature}",
        f"{good}.",
        f".{good}",
        f"{head}.{body}",
        f"{good}=",
        f"{good} x",
    ):
        refused(tool.connect_signed(wrong))
        with world.house.db.write() as connection:
            sql(connection, "DELETE FROM attempt")


def test_a_proof_without_end_is_not_even_looked_at(tool: Tool, world: World):
    refused(tool.connect_signed(by_hand.compact(RS256, claims(world, tool, more="x" * 9_000), own)))
    refused(tool.connect_signed(by_hand.compact({**RS256, "x": "y" * 9_000}, claims(world, tool), own)))
    reply = tool.connect_signed("x" * 400_000)
    assert 400 <= reply.status < 500


def test_a_proof_that_was_used_or_that_is_anothers_opens_nothing(tool: Tool, rival: Tool, world: World):
    said = claims(world, tool)
    good = by_hand.compact(RS256, said, own)
    assert tool.connect_signed(good).status == 200
    refused(tool.connect_signed(good))
    # The same identifier below a new signature is the same proof.
    refused(tool.connect_signed(by_hand.compact({**RS256, "typ": "JWT"}, said, own)))
    # Another tool that signs in our name, or that takes the identifier of ours for its own, is another tool.
    refused(tool.connect_signed(by_hand.compact(RS256, claims(world, tool), partial(by_hand.rs256, EVIL))))
    theirs = by_hand.compact(RS256, claims(world, rival, jti=said["jti"]), partial(by_hand.rs256, EVIL))
    assert rival.connect_signed(theirs).status == 200


@pytest.mark.parametrize("action", ["pause", "resume", "terminate", "update", "flag"])
def test_a_token_of_one_centre_moves_nothing_at_another(rival: Tool, world: World, action: str):
    proof = by_hand.compact(RS256, claims(world, rival), partial(by_hand.rs256, EVIL))
    assert rival.connect_signed(proof).status == 200
    world.start(world.camille)
    before = world.events(world.camille)
    more = {"extra_time": 5} if action == "update" else {}
    reply = rival.control(world.camille.sitting, world.session, action, world.clock().isoformat(), **more)
    assert (reply.status, reply.json["title"]) == (404, "no_such_attempt")
    assert world.events(world.camille) == before


@pytest.mark.parametrize(
    "scope",
    [
        f"{SCOPE}.evil", SCOPE[:-1], SCOPE.upper(), SCOPE.replace("https", "http"), f"{SCOPE},x", "*", "all",
        "https://purl.imsglobal.org/spec/lti-ags/scope/score", f"x{SCOPE}", f"{SCOPE}\u200b", f'"{SCOPE}"',
    ],
)  # fmt: skip
def test_a_scope_that_is_nearly_ours_is_none(tool: Tool, world: World, scope: str):
    reply = tool.connect_signed(by_hand.compact(RS256, claims(world, tool), own), scope)
    assert (reply.status, reply.json["error"]) == (400, "invalid_scope")
    assert not tool.token


def test_a_proof_is_no_access_token_and_an_access_token_no_proof(tool: Tool, world: World):
    tool.token = by_hand.compact(RS256, claims(world, tool, scope=SCOPE), own)
    at = world.clock().isoformat()
    assert tool.control(world.camille.sitting, world.session, "flag", at).status == 401
    assert tool.connect_signed(by_hand.compact(RS256, claims(world, tool), own)).status == 200
    refused(tool.connect_signed(tool.token))


def test_a_token_counts_in_the_header_and_nowhere_else(tool: Tool, world: World):
    assert tool.connect_signed(by_hand.compact(RS256, claims(world, tool), own)).status == 200
    good, kind = tool.token, {"Content-Type": "application/json"}
    body = json.dumps({"access_token": good}).encode()
    for url, headers in (
        (f"{tool.control_url}?access_token={good}", kind),
        (tool.control_url, {**kind, "Cookie": f"access_token={good}; palier={good}"}),
        (tool.control_url, {**kind, "X-Access-Token": good}),
        (tool.control_url, {**kind, "Authorization": f"Basic {good}"}),
        (tool.control_url, {**kind, "Authorization": f"Token {good}"}),
    ):
        assert send(url, body, headers).status == 401
