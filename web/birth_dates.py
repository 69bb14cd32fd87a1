"""Birth dates as French people write them: day, month, year."""

import re
import unicodedata
from datetime import date

EARLIEST_BIRTH, LATEST_BIRTH = 1920, 2012
"""Who can sit a professional certification. Of two digits of a year no more than one century fits between the two."""

ERASED_BIRTH = date(1900, 1, 1)
"""Stands where the day of birth of an erased person was; no plausible one."""

NO_SUCH_DATE = "Cette date n'existe pas. Écrivez jour/mois/année, par exemple 12/03/1985."
NOT_PLAUSIBLE = "Cette date de naissance n'est pas plausible. Vérifiez l'année."

_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre",
    "decembre",
)  # fmt: skip
_NUMBERS = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4}|\d{2})", re.ASCII)
_ISO = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_RUN = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)
_WORDS = re.compile(r"(\d{1,2})(?:er)?\s+([a-z]+)\.?\s+(\d{4})", re.ASCII)


class NotADate(ValueError):
    """A text that is no birth date; its sentence is for people."""


def birth_date(text: str) -> date:
    """The day that a text means. Raises `NotADate` with a French sentence.

    >>> {str(birth_date(t)) for t in ("12/3/85", "12/03/1985", "12.03.1985", "1985-03-12", "12031985", "12 mars 1985")}
    {'1985-03-12'}
    """
    day, month, year = _parts(" ".join(text.split()))
    try:
        found = date(year, month, day)
    except ValueError:
        raise NotADate(NO_SUCH_DATE) from None
    if not EARLIEST_BIRTH <= found.year <= LATEST_BIRTH:
        raise NotADate(NOT_PLAUSIBLE)
    return found


def _parts(text: str) -> tuple[int, int, int]:
    if found := _ISO.fullmatch(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _NUMBERS.fullmatch(text) or _RUN.fullmatch(text):
        return int(found[1]), int(found[2]), _year(found[3])
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    if found := _WORDS.fullmatch(plain):
        meant = [n for n, name in enumerate(_MONTHS, start=1) if name.startswith(found[2])]
        # « jui » could be June or July.
        if len(meant) == 1 and len(found[2]) >= 3:
            return int(found[1]), meant[0], int(found[3])
    raise NotADate(NO_SUCH_DATE)


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return next((y for y in (1900 + int(digits), 2000 + int(digits)) if EARLIEST_BIRTH <= y <= LATEST_BIRTH), 0)
