"""JSON in one form only (RFC 8785), and digests of it: what anybody can compute again in any language."""

import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

NOTHING_BEFORE = "0" * 64
"""Stands for the digest before the first of a chain."""

_plain = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Any) -> str:
    """A JSON value as RFC 8785 writes it. Raises `ValueError` for NaN and infinity.

    >>> canonical({"b": [1.0, 1e-7, 1e21], "a": "é"})
    '{"a":"é","b":[1,1e-7,1e+21]}'
    """
    # Python writes the same unless a number has a fraction or a key lies outside of ASCII.
    return _plain(value) if _is_plain(value) else _written(value)


def digest(value: Any) -> str:
    """SHA-256 of the canonical form in UTF-8, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def log_digest(row: Mapping[str, Any]) -> str:
    """The same for a row of a log, which holds no fractions: once for every answer, so it takes the short way."""
    return hashlib.sha256(_plain(row).encode()).hexdigest()


def salted(salt: str, value: Any) -> str:
    """HMAC-SHA-256 of the canonical form, in hexadecimal; the key is the salt as text."""
    return hmac.new(salt.encode(), canonical(value).encode(), hashlib.sha256).hexdigest()


def instant(at: datetime) -> str:
    """An instant in UTC to the microsecond.

    >>> instant(datetime(2026, 11, 23, 9, tzinfo=UTC))
    '2026-11-23T09:00:00.000000Z'
    """
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(k, str) and k.isascii() and _is_plain(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return not isinstance(value, float)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: str(pair[0]).encode("utf-16-be"))
        return "{" + ",".join(f"{_plain(str(k))}:{_written(v)}" for k, v in pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_written, value)) + "]"
    return _number(value) if isinstance(value, float) else _plain(value)


def _number(value: float) -> str:
    """As ECMAScript writes it: the shortest digits that give the number back."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is no JSON number")
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{value!r}".replace("-", "", 1 if value < 0 else 0).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    # The number is 0.digits × 10^point.
    point = int(exponent or 0) + len(whole) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    n = len(digits)
    if n <= point <= 21:
        text = digits + "0" * (point - n)
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        rest = f".{digits[1:]}" if n > 1 else ""
        text = f"{digits[0]}{rest}e{point - 1:+d}"
    return f"-{text}" if value < 0 else text
