"""What a study counts: sums over sittings, which add up whatever the parts they were counted in."""

from dataclasses import dataclass, fields
from typing import Self, TypeVar

import numpy as np

from engine.adaptive.model import BoolArray, FloatArray, IntArray
from engine.scoring.rules import Rule

RULES = tuple(Rule)
LEVELS = 4
"""None, Confirmé, Avancé, Expert."""

MARGINS: FloatArray = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 100.0])
"""Edges of the bins of distance to a threshold, points; the last bin has its end."""
MARGINS.setflags(write=False)

BINS = 10
"""Bins of a predicted probability, equally wide."""

Sums = TypeVar("Sums", bound="_Sums")


class _Sums:
    """Sums that add up field by field."""

    def __add__(self: Sums, other: Sums) -> Sums:
        added = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}  # type: ignore[arg-type]
        return type(self)(**added)


@dataclass(frozen=True, eq=False)
class Calibration(_Sums):
    """Predicted probabilities of each level beside what candidates deserve; every array (3, BINS)."""

    n: IntArray
    predicted: FloatArray
    observed: IntArray

    @classmethod
    def of(cls, probability: FloatArray, holds: BoolArray) -> Self:
        """From P(L ≥ k) and whether level k is deserved, both (n, 3)."""
        cell = np.minimum((probability * BINS).astype(np.int64), BINS - 1) + BINS * np.arange(3)
        flat = cell.ravel()

        def total(weights: FloatArray | None = None) -> FloatArray:
            sums: FloatArray = np.bincount(flat, weights, 3 * BINS).reshape(3, BINS).astype(np.float64)
            return sums

        n, observed = total(), total(holds.ravel().astype(np.float64))
        return cls(n.astype(np.int64), total(probability.ravel()), observed.astype(np.int64))


@dataclass(frozen=True, eq=False)
class Tally(_Sums):
    """The sums of one run of a study."""

    sittings: int
    inconclusive: int
    """Sittings with too few items counted: they are in no table below."""
    table: IntArray
    """By rule, true level and awarded level, shape (4, 4, 4); zero for a rule that has no say."""
    margin: IntArray
    """By bin of margin: sittings, right, awarded above; shape (bins, 3), by the rule that decides."""
    calibration: Calibration
    lengths: IntArray
    """Sittings by how many items were put, shape (places + 1,)."""
    put: IntArray
    """How many sittings each item was put in, shape (n_items,)."""
    minimum_alone: IntArray
    """Sittings to which the minimum of one domain alone refused what the totals would have given, shape (5,)."""
    fragile: int
    reexamine: int


@dataclass(frozen=True, eq=False)
class Paired(_Sums):
    """Two runs over the same candidates: sums of differences, one minus other, and of their squares."""

    n: int
    right: int
    right_squared: int
    over: int
    over_squared: int

    @classmethod
    def of(cls, true: IntArray, one: IntArray, other: IntArray, conclusive: BoolArray) -> Self:
        """From true and awarded levels, all (n,); a sitting counts when both runs were conclusive."""
        right = ((one == true).astype(np.int64) - (other == true))[conclusive]
        over = ((one > true).astype(np.int64) - (other > true))[conclusive]
        sums = (right.sum(), (right**2).sum(), over.sum(), (over**2).sum())
        return cls(int(conclusive.sum()), *map(int, sums))


def table_of(true: IntArray, awarded: IntArray) -> IntArray:
    """How many have each true (row) and awarded (column) level, shape (4, 4).

    >>> table_of(np.array([0, 3, 3]), np.array([1, 3, 2]))[[0, 3, 3], [1, 3, 2]]
    array([1, 1, 1])
    """
    table: IntArray = np.bincount(LEVELS * true + awarded, minlength=LEVELS**2).reshape(LEVELS, LEVELS)
    return table
