"""Keeping items secret by keeping them rare: which items a sitting may see.

Each item has a probability of being eligible, drawn once for a sitting; after every sitting the probabilities move so
that no item is given more often than its ceiling (van der Linden & Veldkamp 2004; with fading, 2007). Where a
competence has too few items to keep the ceiling, the most given ones still become the rarest.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.adaptive.dice import ELIGIBILITY, SeedArray, throw
from engine.adaptive.model import COMPETENCES_EACH, BoolArray, FloatArray, IntArray, Pool

CEILINGS = (0.20, 0.25)
"""Greatest exposure of an item in the CRCN-Édu and in the CRCN: almost free in accuracy in simulation."""

AIM = 0.93
"""Share of the ceiling that is aimed at, because probabilities are estimated from counts.

In simulation on 800 items, aiming at the ceiling itself leaves the most given items about .03 above it.
"""

FADING = 0.98
"""What is left of old counts after a hundred sittings: the memory is some five thousand sittings long."""


def administered(rows: IntArray, n_items: int) -> BoolArray:
    """Which items were given, shape (sittings, n_items), from the rows put (sittings, places); −1 stands for none.

    >>> administered(np.array([[2, -1]]), 3)
    array([[False, False,  True]])
    """
    given = np.zeros((len(rows), n_items), dtype=bool)
    sitting, place = np.nonzero(rows >= 0)
    given[sitting, rows[sitting, place]] = True
    return given


@dataclass(frozen=True, eq=False)
class Eligibility:
    """Faded counts of sittings, and the probability of being eligible that follows; every array (n_items,)."""

    ceiling: FloatArray
    eligible: FloatArray
    """ε: sittings in which the item was eligible."""
    administered: FloatArray
    """α: sittings in which it was given."""
    fading: float = FADING

    @classmethod
    def of(cls, pool: Pool, ceilings: tuple[float, float] = CEILINGS, fading: float = FADING) -> "Eligibility":
        """No history: everything is eligible."""
        in_crcn = (pool.competence >= COMPETENCES_EACH).astype(np.int64)
        none = np.zeros(len(pool.ids))
        return cls(np.array(ceilings)[in_crcn], none, none, fading)

    @cached_property
    def probability(self) -> FloatArray:
        """P(E_i) = min(1, .93 r_max ε_i / α_i), shape (n_items,); 1 for an item never given."""
        with np.errstate(divide="ignore", invalid="ignore"):  # never given: the ratio is replaced by 1
            ratio = AIM * self.ceiling * self.eligible / self.administered
        return np.where(self.administered > 0, np.minimum(ratio, 1.0), 1.0)

    def draw(self, seeds: SeedArray, rows: IntArray | None = None) -> BoolArray:
        """Which items are eligible in the sittings of these seeds, shape (sittings, n_items).

        With `rows` (sittings, k), whether those are, shape (sittings, k): the same draw, looked at in part.
        """
        faces = np.arange(len(self.ceiling)) if rows is None else rows
        return throw(seeds, ELIGIBILITY, faces) < self.probability[faces]

    def fade(self, kept: float) -> "Eligibility":
        """The counts with only a share of them kept, the probabilities unchanged."""
        return replace(self, eligible=kept * self.eligible, administered=kept * self.administered)

    def update(self, pool: Pool, eligible: BoolArray, administered: BoolArray) -> "Eligibility":
        """The counts after some sittings; both arrays (sittings, n_items).

        An item given although it was not eligible shows that eligibility was ignored in its competence: there every
        item counts as eligible.
        """
        same_competence = np.equal.outer(pool.competence, pool.competence)
        ignored = (administered & ~eligible).astype(np.float64) @ same_competence > 0
        counted = eligible | ignored
        faded = self.fading ** (np.arange(len(eligible))[::-1] / 100)  # the oldest of the batch has faded most
        rest = self.fading ** (len(eligible) / 100)
        return replace(
            self,
            eligible=rest * self.eligible + faded @ counted,
            administered=rest * self.administered + faded @ administered,
        )
