"""Items that ask the same in nearly the same words: the share of character sequences that two bodies have in common."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from engine.items.item import Item
from engine.kernel import ItemId

FloatArray: TypeAlias = NDArray[np.float64]

LENGTH = 5
"""Characters of a sequence."""
ALIKE = 0.4
"""Jaccard index from which two bodies are one. The likest two of 237 sound items of the first rounds had 0.33."""


def near_duplicates(items: Sequence[Item]) -> Iterable[tuple[ItemId, ItemId, float]]:
    """Pairs of items whose bodies are alike, the earlier item second, with their Jaccard index in [`ALIKE`, 1]."""
    index = likeness([item.body for item in items])
    for a, b in np.argwhere(np.tril(index, -1) >= ALIKE):
        yield items[a].id, items[b].id, float(index[a, b])


def likeness(bodies: Sequence[str]) -> FloatArray:
    """The Jaccard index of the character sequences of each two texts, shape (texts, texts), in [0, 1].

    >>> likeness(["Le chat dort.", "le CHAT dort !", "Un chien veille."])[0].round(2)
    array([1., 1., 0.])
    """
    rows, columns = [], []
    known: dict[str, int] = {}
    for row, body in enumerate(bodies):
        own = _sequences(body)
        rows += [row] * len(own)
        columns += [known.setdefault(sequence, len(known)) for sequence in own]
    held = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(bodies), max(1, len(known))))
    shared: FloatArray = (held @ held.T).toarray()
    sizes = np.diagonal(shared)
    either = sizes[:, None] + sizes[None, :] - shared
    index: FloatArray = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
    return index


def _sequences(body: str) -> set[str]:
    plain = "".join(c for c in unicodedata.normalize("NFD", body.casefold()) if not unicodedata.combining(c))
    text = " ".join(re.findall(r"\w+", plain))
    return {text[k : k + LENGTH] for k in range(len(text) - LENGTH + 1)}
