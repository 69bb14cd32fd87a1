"""Items that are tried: put in the middle of a sitting like any other, and never counted (docs/adr/0014).

Where they come and which they are follows from the seed and from the items put, never from an answer: so no reply to
one of them can move a later choice.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from engine.adaptive.content import LENGTHS, Progress
from engine.adaptive.dice import PRETEST, SeedArray, shuffle
from engine.adaptive.model import COMPETENCES_EACH, BoolArray, Pool
from engine.items.frameworks import Framework
from engine.items.item import Item
from engine.items.release import Release
from engine.kernel import ItemId


@dataclass(frozen=True, eq=False)
class Pretest:
    """The items that a track may try, in the release's order, and how many a sitting tries."""

    ids: tuple[ItemId, ...]
    per_sitting: int
    longest: float
    """Expected seconds of the longest of them."""
    clash: BoolArray
    """Which items of the pool may not be in a sitting with one of these: subject, enemies, shape (n_tried, n_items)."""
    rivals: BoolArray
    """Which of these may not meet, each with itself included, shape (n_tried, n_tried)."""
    barred: frozenset[ItemId] = frozenset()
    """Those that a candidate cannot use; if none is left for a place, the test is shorter by it."""
    row_of: Mapping[ItemId, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "row_of", {item: row for row, item in enumerate(self.ids)})

    @classmethod
    def of(cls, release: Release, pool: Pool, wanted: int, length: int = LENGTHS[1]) -> Self | None:
        """At most `wanted` places of the `length` of the CRCN; None if there is nothing to try.

        Every competence keeps one scored question, and a sitting tries no more items than can meet.
        """
        tried = [i for i in release.items if i.id in release.pretest and i.framework is Framework.CRCN]
        tried = [i for i in tried if pool.track in i.tracks]
        rivals = _clash(tried, tried)
        per_sitting = min(wanted, _can_meet(rivals), length - COMPETENCES_EACH)
        if per_sitting <= 0:
            return None
        scored = [release.item(item) for item in pool.ids]
        longest = max(float(i.expected_seconds) for i in tried)
        return cls(tuple(i.id for i in tried), per_sitting, longest, _clash(tried, scored), rivals)

    def places(self, seeds: SeedArray, asked: int) -> frozenset[int]:
        """At which places of a form of `asked` questions one sitting tries an item, from 0: in the middle third."""
        first, last = -(-asked // 3), 2 * asked // 3
        order = shuffle(seeds, PRETEST, last - first + 1)[0]
        return frozenset((first + order[: self.per_sitting]).tolist())

    def blocks(self, put: Collection[ItemId]) -> BoolArray:
        """Which items of the pool may no longer be asked once these were put, shape (n_items,)."""
        blocked: BoolArray = self.clash[self._rows(put)].sum(axis=0) > 0
        return blocked

    def next(self, pool: Pool, seeds: SeedArray, progress: Progress, put: Collection[ItemId]) -> ItemId | None:
        """The item to try after these: none that clashes with one put or takes a competence's last question."""
        rows = [pool.row_of[item] for item in put if item in pool.row_of]
        out = self.clash[:, rows].sum(axis=1) + self.rivals[:, self._rows(put)].sum(axis=1) > 0
        open_rows = np.flatnonzero(~progress.blocked[0] & (progress.asked[0, pool.competence] == 0))
        unasked = np.unique(pool.competence[open_rows])
        for row in map(int, shuffle(seeds, PRETEST + 1, len(self.ids))[0]):
            left = pool.competence[open_rows[~self.clash[row, open_rows]]]
            if self.ids[row] not in self.barred and not out[row] and np.isin(unasked, left).all():
                return self.ids[row]
        return None

    def _rows(self, put: Collection[ItemId]) -> list[int]:
        return [self.row_of[item] for item in put if item in self.row_of]


def _clash(these: list[Item], those: list[Item]) -> BoolArray:
    """Who may not meet whom: the same item, the same subject, or enemies, whoever declared it."""

    def meet(one: Item, other: Item) -> bool:
        same = (one.framework, one.competence, one.subject) == (other.framework, other.competence, other.subject)
        return not same and one.id not in other.enemies and other.id not in one.enemies

    return np.array([[not meet(a, b) for b in those] for a in these], dtype=bool).reshape(len(these), len(those))


def _can_meet(rivals: BoolArray) -> int:
    """A number of items that can be tried in one sitting: the first, and each that clashes with none before it."""
    together: list[int] = []
    for row in range(len(rivals)):
        if not rivals[row, together].any():
            together.append(row)
    return len(together)
