"""What a machine can see of the wording of an item: sentences that are too long, and words that give the key away."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import snowballstemmer

from engine.items.item import Item, SingleChoice
from engine.items.schema import GAP_MARK
from engine.kernel import ItemId

LONGEST_SENTENCE = 35
"""Words; what is read once, on a screen, in an exam."""
HARDEST_LIX = 56.0
"""From 56 on a text reads like a treatise (Björnsson 1968)."""
COMMON = 0.02
"""A word that so large a share of the bodies has is of the trade, and no clue."""
_WORD = re.compile(r"[^\W\d_]+")
_END = re.compile(r"[.!?…:;]+(?:\s|$)|\n\s*\n|\n[-*] ")


def prose(body: str) -> str:
    """The sentences of a body: without images, code, tables and the marks of Markdown; a gap reads as a word."""
    text = re.sub(r"```.*?```", "", body, flags=re.DOTALL)
    text = re.sub(r"!\[\]\([^)]*\)|^\|.*$", "", text, flags=re.MULTILINE)
    text = GAP_MARK.sub("mot", re.sub(r"`[^`]*`", "code", text))
    return re.sub(r"[*_#>]", " ", text)


def lix(text: str) -> float:
    """Words a sentence, and the percentage of words of more than six letters (C. H. Björnsson, Läsbarhet, 1968).

    >>> lix("Le chat dort. La directrice travaille.")
    36.333333333333336
    """
    words = _WORD.findall(text)
    if not words:
        return 0.0
    return len(words) / len(_sentences(text)) + 100 * sum(len(w) > 6 for w in words) / len(words)


def faults_of_wording(items: Sequence[Item]) -> Iterable[tuple[ItemId, str, str]]:
    """Triples (item, front-matter key, sentence) for what is hard to read or gives the key away."""
    bodies = {item.id: _stems(prose(item.body)) for item in items}
    usual = Counter(stem for stems in bodies.values() for stem in stems)
    for item in items:
        yield from ((item.id, "", sentence) for sentence in _too_hard(prose(item.body)))
        for word in _clues(item, bodies[item.id], usual, COMMON * len(items)):
            told = (
                f"« {word} » stands in the question and in the key only: say it in another way, or in a distractor too"
            )
            yield item.id, "choices", told


def _too_hard(text: str) -> Iterable[str]:
    for sentence in _sentences(text):
        words = _WORD.findall(sentence)
        if len(words) > LONGEST_SENTENCE:
            yield f"a sentence of {len(words)} words (« {' '.join(words[:6])} … »): cut it below {LONGEST_SENTENCE}"
    if (index := lix(text)) >= HARDEST_LIX:
        yield f"hard to read (LIX {index:.0f}, aim below {HARDEST_LIX:.0f}): shorter sentences, shorter words"


def _clues(item: Item, body: Mapping[str, str], usual: Mapping[str, int], common: float) -> list[str]:
    """The words, not of the trade, that body and key share and that no distractor has."""
    if not isinstance(item.interaction, SingleChoice):
        return []
    key = item.interaction.key
    right = next(_stems(c.text) for c in item.interaction.choices if c.id == key)
    wrong = {stem for c in item.interaction.choices if c.id != key for stem in _stems(c.text)}
    rare = [s for s in right if s in body and s not in wrong and usual[s] <= max(common, 1)]
    return sorted(body[s] for s in rare)


def _sentences(text: str) -> list[str]:
    return [s for s in _END.split(text) if _WORD.search(s)]


def _stems(text: str) -> dict[str, str]:
    """The stems of the words of five letters or more, each with a word that has it."""
    return {_stem(word): word for word in _WORD.findall(text.casefold()) if len(word) > 4}


@cache
def _stem(word: str) -> str:
    return str(_FRENCH.stemWord(word))


_FRENCH = snowballstemmer.stemmer("french")
