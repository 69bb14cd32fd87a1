"""Codes that people read aloud and type: made with `secrets`, without look-alikes, stored as HMAC."""

import hashlib
import hmac
import secrets

LOOK_ALIKES = ("0OQ", "1IL", "2Z", "5S", "6G", "8B", "UV", "MN")
"""Signs that are taken for one another, in print or by hand: of each set a code uses one at most."""
ALPHABET = "ACDEFHJKMPRTWXY3479"


def new_code(groups: int, length: int = 4) -> str:
    """A code of some groups, such as `K7HM-3XTP`: more than four bits a character."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(length)) for _ in range(groups))


def canonical(code: str) -> str:
    """What was meant by what was typed: case, spaces and hyphens do not matter.

    >>> canonical(" k7qm 3xtp ")
    'K7QM3XTP'
    """
    return "".join(c for c in code.upper() if c.isalnum())


def hashed(code: str, secret: str) -> str:
    """HMAC-SHA256 of a code: fast, since guesses are slowed down where they are made."""
    return hmac.new(secret.encode(), canonical(code).encode(), hashlib.sha256).hexdigest()


def matches(code: str, stored: str, secret: str) -> bool:
    """Whether a code is the one stored, in constant time."""
    return hmac.compare_digest(hashed(code, secret), stored)


def device_after(code: str, before: str, secret: str) -> str:
    """The name of a browser from the personal code on: nobody can copy it from the waiting room beforehand."""
    return hmac.new(secret.encode(), f"device:{before}:{canonical(code)}".encode(), hashlib.sha256).hexdigest()[:32]
