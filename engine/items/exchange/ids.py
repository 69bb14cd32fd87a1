"""Ids of choices: those of the source where they are of our form, else a, b, c, …"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from string import ascii_lowercase

_OURS = re.compile(r"[a-z][a-z0-9]?")


def renamed(sources: Sequence[str], prompts: bool = False) -> dict[str, str]:
    """Our id for each id of the source.

    >>> renamed(["ChoiceA", "ChoiceB"]), renamed(["a", "c"]), renamed(["x1", "X2"], prompts=True)
    ({'ChoiceA': 'a', 'ChoiceB': 'b'}, {'a': 'a', 'c': 'c'}, {'x1': 'p1', 'X2': 'p2'})
    """
    if len(set(sources)) == len(sources) and all(_OURS.fullmatch(s) for s in sources):
        return {s: s for s in sources}
    return dict(zip(sources, fresh(len(sources), prompts), strict=True))


def scattered(texts: Iterable[str]) -> list[str]:
    """Texts in an order that says nothing about which comes first, the same at every run.

    >>> scattered(["un", "deux", "trois"])
    ['deux', 'un', 'trois']
    """
    return sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest())


def fresh(n: int, prompts: bool = False) -> list[str]:
    """As many ids as are wanted, of the form that item files take."""
    if prompts:
        return [f"{ascii_lowercase[15 - i // 9]}{i % 9 + 1}" for i in range(n)]
    return [
        ascii_lowercase[i] if i < 26 else f"{ascii_lowercase[(i - 26) // 10 % 26]}{(i - 26) % 10}" for i in range(n)
    ]
