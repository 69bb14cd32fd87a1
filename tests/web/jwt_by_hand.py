"""A JWS put together by hand, with any header and any signature: what a library would refuse to write."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def b64(data: bytes) -> str:
    """RFC 7515, 2: base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def number(value: int, size: int = 0) -> str:
    """An integer of a JWK (RFC 7518, 6)."""
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str) -> dict[str, str]:
    """The public half of a key."""
    if isinstance(key, rsa.RSAPrivateKey):
        public = key.public_key().public_numbers()
        return {"kty": "RSA", "kid": kid, "n": number(public.n), "e": number(public.e)}
    point = key.public_key().public_numbers()
    return {"kty": "EC", "kid": kid, "crv": "P-256", "x": number(point.x, 32), "y": number(point.y, 32)}


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """The public half of a key, as text: what a confused verifier takes for a secret."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)


def rs256(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    """RFC 7518, 3.3."""
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def ps256(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    """RFC 7518, 3.5."""
    salted = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return key.sign(message, salted, hashes.SHA256())


def es256(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """RFC 7518, 3.4."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def hs256(secret: bytes, message: bytes) -> bytes:
    """RFC 7518, 3.2."""
    return hmac.new(secret, message, hashlib.sha256).digest()


def compact(header: dict[str, Any] | bytes, claims: dict[str, Any] | bytes, sign: Any) -> str:
    """RFC 7515, 3.1; `sign` takes the message and gives a signature."""
    parts = [b64(p if isinstance(p, bytes) else json.dumps(p).encode()) for p in (header, claims)]
    message = ".".join(parts)
    return f"{message}.{b64(sign(message.encode()))}"
