"""Watching how often items are given: exposure, overlap of two sittings, and when to be alarmed."""

from math import ceil

import numpy as np
from scipy.special import bdtrc

from engine.adaptive.model import BoolArray, FloatArray, IntArray

ALARM = 1.25
"""How many times its ceiling an item's exposure may be before somebody should look."""

OVERLAP_ALARM = 0.25
"""Greatest share of a sitting that the next candidate should have in common with it (Chen, Ankenmann & Spray 2003)."""

CHANCE = 0.001
"""An exposure alarms if an item held at its ceiling would be given as often with less than this probability."""

FEWEST_SITTINGS = 30
"""The overlap of fewer sittings is not judged."""


def exposure(counts: IntArray, sittings: int) -> FloatArray:
    """Share of sittings in which each item was given, shape (n_items,), from how many had it; 0 without any."""
    return counts / max(sittings, 1)


def overlap(counts: IntArray, sittings: int) -> float | None:
    """Share of items that two sittings have in common on average; None below two sittings.

    From the counts (n_items,) alone: an item given in m sittings is common to m(m−1)/2 pairs of them (Chen, Ankenmann
    & Spray 2003). Two sittings of which each has two items, one in common:

    >>> overlap(np.array([2, 1, 1]), 2)
    0.5
    """
    put = int(counts.sum())
    if sittings < 2 or put == 0:
        return None
    common = float((counts * (counts - 1.0)).sum()) / (sittings * (sittings - 1))
    return common / (put / sittings)


def overexposed(counts: IntArray, sittings: int, ceiling: FloatArray) -> BoolArray:
    """Which items were given far above their ceiling (n_items,), and more often than chance explains."""
    far = exposure(counts, sittings) > ALARM * ceiling
    by_chance = bdtrc(counts - 1.0, np.full(counts.shape, sittings), ceiling)
    return far & (np.where(counts > 0, by_chance, 1.0) < CHANCE)


def overlaps_too_much(counts: IntArray, sittings: int) -> bool:
    """Whether two sittings have more in common than they should, judged from enough of them."""
    found = overlap(counts, sittings)
    return sittings >= FEWEST_SITTINGS and found is not None and found > OVERLAP_ALARM


def least_exposure(asked: int, subjects: int) -> float:
    """The exposure that `subjects` items cannot all stay below when `asked` of them are given to everybody.

    >>> least_exposure(3, 8)
    0.375
    """
    return min(1.0, asked / subjects)


def items_needed(asked: int, ceiling: float) -> int:
    """How many items a competence needs for its ceiling to be kept.

    >>> items_needed(3, 0.25), items_needed(1, 0.20)
    (12, 5)
    """
    return ceil(round(asked / ceiling, 9))
