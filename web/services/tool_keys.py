"""How a tool proves itself without a secret: a JWT that it signs, as LTI 1.3 tools do (RFC 7523, 2.2)."""

import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from engine.kernel import EngineError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "ES256"]  # the first is what LTI asks for
LEEWAY = timedelta(minutes=1)
LONGEST_LIFE = timedelta(hours=1)
LONGEST_ASSERTION = 8_000
LONGEST_KEYS = 10_000
MOST_KEYS = 5
SHORTEST_RSA = 2048


class ToolKeysRefused(EngineError):
    """The keys of a tool are a JWK Set of public RSA or EC keys."""

    code = "tool_keys_refused"


@dataclass(frozen=True, slots=True)
class Assertion:
    """A signed proof that holds until an instant and is good for one token."""

    id: str
    expires_at: datetime


def checked(text: str) -> str:
    """A JWK Set as it is stored: public keys and nothing else. Raises `ToolKeysRefused`."""
    try:
        keys = list(KeySet.import_key_set(json.loads(text[:LONGEST_KEYS])))
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ToolKeysRefused('This is not a JWK Set: {"keys": [...]}.') from error
    if not 0 < len(keys) <= MOST_KEYS:
        raise ToolKeysRefused(f"A tool has 1 to {MOST_KEYS} keys.", keys=len(keys))
    for key in keys:
        if isinstance(key, OKPKey) or not isinstance(key, RSAKey | ECKey):
            raise ToolKeysRefused(f"A key is of type RSA or EC, not {key.key_type}.")
        if key.is_private:
            raise ToolKeysRefused("This is a private key: whoever has read it can act as the tool. Make a new pair.")
        if isinstance(key, RSAKey) and key.public_key.key_size < SHORTEST_RSA:
            raise ToolKeysRefused(f"An RSA key has at least {SHORTEST_RSA} bits.")
        if isinstance(key, ECKey) and key.curve_name != "P-256":
            raise ToolKeysRefused("An EC key is on the curve P-256.")
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]})


def claimed(assertion: str) -> str:
    """The client id that an assertion claims, believed for nothing but to count failures."""
    try:
        subject = json.loads(jws.extract_compact(assertion[:LONGEST_ASSERTION].encode()).payload).get("sub")
    except (JoseError, ValueError, AttributeError, RecursionError):
        return ""
    return subject if isinstance(subject, str) else ""


def verified(assertion: str, keys: str, client_id: str, audiences: Collection[str], now: datetime) -> Assertion | None:
    """The proof that an assertion is, if it is one: signed by the tool, for us, for now."""
    if len(assertion) > LONGEST_ASSERTION:
        return None
    for key in KeySet.import_key_set(json.loads(keys)):
        try:
            claims = jwt.decode(assertion, key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, RecursionError):
            continue
        return _proof(claims, client_id, audiences, now)
    return None


def _proof(claims: dict[str, Any], client_id: str, audiences: Collection[str], now: datetime) -> Assertion | None:
    audience, identifier = claims.get("aud"), claims.get("jti")
    named = audience if isinstance(audience, list) else [audience]
    at = now.timestamp()
    expires, begins, issued = (_number(claims.get(name, at)) for name in ("exp", "nbf", "iat"))
    if (
        claims.get("iss") != client_id
        or claims.get("sub") != client_id
        or not any(isinstance(name, str) and name in audiences for name in named)
        or not (isinstance(identifier, str) and identifier)
        or "exp" not in claims
        or expires is None
        or begins is None
        or issued is None
        or not at - LEEWAY.total_seconds() < expires <= at + LONGEST_LIFE.total_seconds()
        or begins > at + LEEWAY.total_seconds()
        or not at - LONGEST_LIFE.total_seconds() <= issued <= at + LEEWAY.total_seconds()
    ):
        return None
    return Assertion(identifier, datetime.fromtimestamp(expires, UTC) + LEEWAY)


def _number(value: object) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) else None
