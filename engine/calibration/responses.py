"""Who answered what, and whether it was right: only the answers that were given are stored."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from engine.adaptive.model import BoolArray, IntArray
from engine.kernel import ItemId


@dataclass(frozen=True, eq=False)
class Responses:
    """Answers in the order in which they were given, each a place in `persons`, a place in `items`, right or wrong.

    >>> r = Responses.of([("anne", "i1", 1), ("anne", "i2", 0), ("bruno", "i2", 1)])
    >>> r.items, r.asked.tolist(), r.right.tolist()
    (('i1', 'i2'), [1, 2], [1, 1])
    """

    persons: tuple[str, ...]
    items: tuple[ItemId, ...]
    person: IntArray
    """Shape (n_answers,)."""
    item: IntArray
    correct: BoolArray
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each group column one label a person, such as on_site or remote."""

    def __post_init__(self) -> None:
        for value in (self.person, self.item, self.correct):
            if len(value) != len(self.person):
                raise ValueError(f"{len(self.person)} persons but {len(value)} items or results of answers")
            value.setflags(write=False)

    @classmethod
    def of(
        cls, rows: Iterable[tuple[str, str, int]], groups: Mapping[str, Mapping[str, str]] | None = None
    ) -> "Responses":
        """From rows (person, item, 0 or 1), and for each group column the label of each person."""
        persons: dict[str, int] = {}
        items: dict[str, int] = {}
        found = [(persons.setdefault(p, len(persons)), items.setdefault(i, len(items)), x) for p, i, x in rows]
        table = np.array(found, dtype=np.int64).reshape(-1, 3)
        labels = {column: tuple(of[p] for p in persons) for column, of in (groups or {}).items()}
        named = tuple(ItemId(i) for i in items)
        return cls(tuple(persons), named, table[:, 0].copy(), table[:, 1].copy(), table[:, 2] == 1, labels)

    @cached_property
    def asked(self) -> IntArray:
        """How many answered each item, shape (n_items,)."""
        return np.bincount(self.item, minlength=len(self.items))

    @cached_property
    def right(self) -> IntArray:
        """How many answered each item right, shape (n_items,)."""
        return np.bincount(self.item[self.correct], minlength=len(self.items))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every answer and group label, in their order."""
        total = hashlib.sha256()
        for p, i, x in zip(self.person.tolist(), self.item.tolist(), self.correct.tolist(), strict=True):
            total.update(f"{self.persons[p]}\0{self.items[i]}\0{int(x)}\n".encode())
        for column in sorted(self.groups):
            total.update("\0".join((column, *self.groups[column])).encode())
        return total.hexdigest()

    def of_items(self, items: Sequence[ItemId]) -> "Responses":
        """The answers to some items only, numbered in the order of `items`; persons keep their places."""
        place = {item: at for at, item in enumerate(items)}
        to = np.array([place.get(item, -1) for item in self.items], dtype=np.int64)
        kept = to[self.item] >= 0
        return Responses(
            self.persons, tuple(items), self.person[kept], to[self.item[kept]], self.correct[kept], self.groups
        )

    def of_persons(self, wanted: BoolArray) -> "Responses":
        """The answers of some persons only, `wanted` of shape (n_persons,); items keep their places."""
        to = np.cumsum(wanted) - 1
        kept = wanted[self.person]
        chosen = np.flatnonzero(wanted).tolist()
        return Responses(
            tuple(self.persons[p] for p in chosen),
            self.items,
            to[self.person[kept]],
            self.item[kept],
            self.correct[kept],
            {column: tuple(labels[p] for p in chosen) for column, labels in self.groups.items()},
        )


@dataclass(frozen=True, eq=False)
class Block:
    """The answers of a run of persons as a sparse matrix of ones, ready to be multiplied from either side.

    A row is a person and a dimension of ability, a column a wrong answer to an item (first n_items) or a right one.
    `rows @ tables` then sums the log-probabilities of everybody's answers, `columns @ posterior` the expected counts.
    """

    persons: slice
    rows: csr_array
    columns: csr_array


CHUNK = 2048
"""Persons handled at once in one dimension: their likelihoods then stay in the processor's cache."""


def blocks(responses: Responses, dimension: IntArray, dimensions: int = 1) -> tuple[Block, ...]:
    """All answers cut into blocks of persons; `dimension` tells which ability each item asks for, shape (n_items,)."""
    n_items, n_persons = len(responses.items), len(responses.persons)
    size = max(1, CHUNK // dimensions)
    order = np.argsort(responses.person, kind="stable")
    person, item = responses.person[order], responses.item[order]
    row = person * dimensions + dimension[item]
    column = item + n_items * responses.correct[order]
    cuts = np.searchsorted(person, np.arange(0, n_persons + size, size))
    made = []
    for k, (start, stop) in enumerate(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)):
        first, last = k * size, min((k + 1) * size, n_persons)
        made.append(
            _block(slice(first, last), row[start:stop] - first * dimensions, column[start:stop], dimensions, n_items)
        )
    return tuple(made)


def _block(persons: slice, row: IntArray, column: IntArray, dimensions: int, n_items: int) -> Block:
    """The block of some persons from the places of its ones."""
    shape = ((persons.stop - persons.start) * dimensions, 2 * n_items)
    ones: NDArray[np.float64] = np.ones(len(row))
    rows = csr_array((ones, (row, column)), shape=shape)
    return Block(persons, rows, csr_array(rows.T))
