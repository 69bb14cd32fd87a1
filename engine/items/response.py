"""What a candidate replies to an item, and whether it is right."""

import math
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from rapidfuzz.distance import Levenshtein

from engine.items.item import (
    Forgiven,
    Gaps,
    Interaction,
    Matching,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
)
from engine.kernel import EngineError

Reply: TypeAlias = str | list[str] | dict[str, str] | None
"""As it travels and is stored: a choice id or a text; ids; pairs by prompt or gap; `None` for a pass."""

TYPO_SHARE = 0.25  # edit distance over the length of the key; see docs/adr/0005
LONGEST_TEXT = 500


class MalformedReply(EngineError):
    """A reply of another shape than its interaction asks for."""

    code = "malformed_reply"


class EmptyReply(EngineError):
    """Nothing was chosen or written: the candidate answers, or passes on purpose."""

    code = "empty_reply"


def parse(interaction: Interaction, raw: object) -> Reply:
    """The reply in its canonical form, or a named refusal; `None` stays `None` (a pass).

    Raises `MalformedReply` for another shape or an unknown id, `EmptyReply` for nothing or an incomplete reply.
    """
    if raw is None:
        return None
    match interaction:
        case SingleChoice():
            return _one_of({c.id for c in interaction.choices}, _text(raw))
        case MultipleChoice():
            ids = _ids(raw)
            known = {c.id for c in interaction.choices}
            return sorted(_one_of(known, i) for i in ids)
        case ShortText():
            text = _text(raw)
            if not text.strip():
                raise EmptyReply("Nothing was written.")
            return text
        case Number():
            text = _text(raw)
            if not text.strip():
                raise EmptyReply("Nothing was written.")
            if number(text, interaction.unit) is None:
                raise MalformedReply("The reply is not a number.", reply=text)
            return text
        case Ordering():
            ids = _ids(raw)
            if sorted(ids) != sorted(c.id for c in interaction.choices):
                raise MalformedReply("The order must hold each choice once.", reply=ids)
            return ids
        case Matching():
            pairs = _pairs(raw, [p.id for p in interaction.prompts])
            for chosen in pairs.values():
                _one_of({c.id for c in interaction.choices}, chosen)
            if len(set(pairs.values())) < len(pairs):
                raise MalformedReply("A choice serves at most once.", reply=pairs)
            return pairs
        case Gaps():
            pairs = _pairs(raw, [g.id for g in interaction.gaps])
            for gap in interaction.gaps:
                _one_of({c.id for c in gap.choices}, pairs[gap.id])
            return pairs


def is_correct(interaction: Interaction, reply: Reply) -> bool:
    """Whether a canonical reply (from `parse`) is right; a pass is not."""
    match interaction, reply:
        case _, None:
            return False
        case SingleChoice(key=key), str():
            return reply == key
        case MultipleChoice(key=keys), list():
            return frozenset(reply) == keys
        case ShortText(), str():
            return _text_matches(interaction, reply)
        case Number(), str():
            value = number(reply, interaction.unit)
            return value is not None and _close(value, interaction)
        case Ordering(key=order), list():
            return tuple(reply) == order
        case ((Matching(key=pairs) | Gaps(key=pairs)), dict()):
            return reply == dict(pairs)
        case _:
            raise ValueError(f"a {type(interaction).__name__} cannot be scored against {reply!r}")


def number(text: str, unit: str = "") -> float | None:
    """The number that a French writer means, or `None`.

    >>> number("1 234,5"), number("-0.5 %", "%"), number("12 Mo", "Mo"), number("1,2,3")
    (1234.5, -0.5, 12.0, None)
    """
    # Not NFKC, which would read 10² as 102 and m² as m2.
    plain = unicodedata.normalize("NFC", text).strip().replace("−", "-")
    if unit and plain.casefold().endswith(unit.casefold()):
        plain = plain[: -len(unit)]
    # A space between digits groups thousands; anywhere else it is a mistake worth telling.
    plain = re.sub(r"(?<=\d)\s(?=\d{3}(?:\D|$))", "", plain.strip())
    if not re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)", plain):
        return None
    value = float(plain.replace(",", "."))
    return value if math.isfinite(value) else None


def normalised(text: str, forgiven: Forgiven) -> str:
    """The text without what is forgiven.

    >>> normalised("  L'Été, indien ", Forgiven())
    'leteindien'
    """
    text = unicodedata.normalize("NFKC", text).replace("’", "'").strip()
    if forgiven.case:
        text = text.casefold()
    if forgiven.accents:
        # œ and æ have no decomposition; French readers take them for two letters.
        text = text.replace("œ", "oe").replace("æ", "ae").replace("Œ", "OE").replace("Æ", "AE")
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    if forgiven.punctuation:
        text = "".join(" " if unicodedata.category(c).startswith("P") else c for c in text)
        if not forgiven.spaces:
            text = " ".join(text.split())
    return "".join(text.split()) if forgiven.spaces else text


def _text_matches(interaction: ShortText, reply: str) -> bool:
    forgiven = interaction.forgiven
    given = normalised(reply, forgiven)
    keys = [_of_item(k, forgiven) for k in interaction.key]
    if given in keys:
        return True
    if not forgiven.typos or given in {_of_item(r, forgiven) for r in interaction.refused}:
        return False
    return any(k and Levenshtein.distance(given, k) <= TYPO_SHARE * len(k) for k in keys)


@lru_cache(maxsize=8192)
def _of_item(text: str, forgiven: Forgiven) -> str:
    """The same for keys and refused texts, which every reply to their item is held against."""
    return normalised(text, forgiven)


def _close(value: float, n: Number) -> bool:
    # The last term forgives binary fractions only: 0.1 + 0.2 must equal 0.3.
    margin = max(n.absolute, n.relative * abs(n.key)) + 1e-12 * max(1.0, abs(n.key))
    return abs(value - n.key) <= margin


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise MalformedReply("The reply must be a text.", reply=raw)
    if len(raw) > LONGEST_TEXT:
        raise MalformedReply(f"The reply is longer than {LONGEST_TEXT} characters.", length=len(raw))
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t" for c in raw):
        raise MalformedReply("The reply holds characters that are not text.")
    return raw


def _ids(raw: object) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(i, str) for i in raw):
        raise MalformedReply("The reply must be a list of choices.", reply=raw)
    if not raw:
        raise EmptyReply("Nothing was chosen.")
    if len(set(raw)) < len(raw):
        raise MalformedReply("A choice is listed twice.", reply=raw)
    return list(raw)


def _pairs(raw: object, wanted: list[str]) -> dict[str, str]:
    if not isinstance(raw, Mapping) or not all(isinstance(v, str) for v in raw.values()):
        raise MalformedReply("The reply must pair each prompt with a choice.", reply=raw)
    unknown = set(raw) - set(wanted)
    if unknown:
        raise MalformedReply("The reply names prompts that the item has not.", unknown=sorted(map(str, unknown)))
    pairs = {w: raw[w] for w in wanted if raw.get(w)}
    if len(pairs) < len(wanted):
        raise EmptyReply("Some prompts have no choice.", missing=[w for w in wanted if w not in pairs])
    return pairs


def _one_of(known: set[str], given: str) -> str:
    if not given:
        raise EmptyReply("Nothing was chosen.")
    if given not in known:
        raise MalformedReply("The reply names a choice that the item has not.", reply=given)
    return given
