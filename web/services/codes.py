"""Codes that people read aloud and type: made with `secrets`, without look-alikes, stored as HMAC."""

import hashlib
import hmac
import secrets

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no I, L, O, 0, 1


def new_code(groups: int, length: int = 4) -> str:
    """A code of some groups, such as `K7QM-3XTP`: almost five bits a character."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(length)) for _ in range(groups))


def canonical(code: str) -> str:
    """What was meant by what was typed: case, spaces and hyphens do not matter.

    >>> canonical(" k7qm 3xtp ")
    'K7QM3XTP'
    """
    return "".join(c for c in code.upper() if c.isalnum())


def hashed(code: str, secret: str) -> str:
    """HMAC-SHA256 of a code: fast, since the code itself cannot be guessed."""
    return hmac.new(secret.encode(), canonical(code).encode(), hashlib.sha256).hexdigest()


def matches(code: str, stored: str, secret: str) -> bool:
    """Whether a code is the one stored, in constant time."""
    return hmac.compare_digest(hashed(code, secret), stored)
