"""Facts and a template make a tagged PDF: PDF/UA-1, the same bytes for the same facts on any machine.

Facts go in as JSON that the template reads: no text of a person is ever part of the template's source.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

WEB = Path(__file__).resolve().parents[1]
TEMPLATES = WEB / "templates" / "documents"
FONTS = WEB / "fonts"
UNSHOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for a sign that no font of the papers has."""

_SURE = re.compile(r"[\n -~\u00a0-\u017f\u2013\u2014\u2018-\u201e\u2026\u20ac\u2212]*")
"""What the papers' own font has, as a test verifies."""
_PROBE = TEMPLATES / "probe.typ"


@dataclass(frozen=True, slots=True)
class Pdf:
    """A paper with the name of its file."""

    name: str
    content: bytes


def pdf(template: str, facts: Any, made_at: datetime) -> bytes:
    """A template filled with facts (a dataclass); `made_at` is the date that stands in the file."""
    return _compile(TEMPLATES / f"{template}.typ", json.dumps(_clean(asdict(facts)), ensure_ascii=False), made_at)


def shown(text: str) -> str:
    """The text as the papers can show it: signs that steer the display are dropped, signs in no font replaced.

    >>> shown("Zoé\\u202e \\x07Łuk")
    'Zoé Łuk'
    """
    text = "".join(map(_plain, unicodedata.normalize("NFC", text)))
    if _SURE.fullmatch(text) or _compiles(text):
        return text
    text = "".join(c if _SURE.fullmatch(c) or _compiles(c) else UNSHOWN for c in text)
    # A sign may be there alone and not in its company, such as a rare accent on a letter.
    return text if _compiles(text) else "".join(c if _SURE.fullmatch(c) else UNSHOWN for c in text)


def file_name(*parts: str) -> str:
    """A name of a file in plain letters.

    >>> file_name("convocation", "AB-123", "Le Goff Éloïse")
    'convocation-AB-123-Le-Goff-Eloise.pdf'
    """
    plain = (unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode() for part in parts)
    words = (re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-")[:60] for part in plain)
    return f"{'-'.join(filter(None, words))}.pdf"


def _plain(sign: str) -> str:
    """A sign without the power to steer the display."""
    match unicodedata.category(sign):
        case "Cc" | "Zl" | "Zp":
            return "\n" if sign in "\n\u2028\u2029" else " " if sign == "\t" else ""
        case "Cf":
            return ""
        case "Cs" | "Co" | "Cn":
            return UNSHOWN
        case "Zs":
            return sign if sign in " \u00a0" else "\u00a0" if sign == "\u202f" else " "
        case _:
            return sign


def _clean(facts: Any) -> Any:
    """The facts with every text as the papers can show it."""
    match facts:
        case str():
            return shown(facts)
        case Mapping():
            return {name: _clean(value) for name, value in facts.items()}
        case list() | tuple():
            return [_clean(value) for value in facts]
        case _:
            return facts


@lru_cache(maxsize=4096)
def _compiles(text: str) -> bool:
    """Whether the fonts of the papers have every sign of a text."""
    try:
        _compile(_PROBE, json.dumps(text), None)
    except typst.TypstError as error:
        if "could not be displayed" in str(error):
            return False
        raise
    return True


def _compile(source: Path, facts: str, made_at: datetime | None) -> bytes:
    made: bytes = typst.compile(
        source,
        root=TEMPLATES,
        format="pdf",
        pdf_standards="ua-1",
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"facts": facts},
        timestamp=made_at.replace(microsecond=0) if made_at else 0,
    )
    return made
