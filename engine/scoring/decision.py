"""The four decision rules, on arrays over many sittings: the very code that decides one.

R1 compares counts, as integers; R2, R3 and R4 use probabilities. `award.py` and `result.py` come here with arrays of
one sitting, simulation studies with a hundred thousand. In every array of levels 0 stands for none of the three, 1 for
Confirmé, 2 for Avancé, 3 for Expert. Initié has no probability: a rule set that has it awards it by counts alone, under
every rule, to who gets none of the three (`award.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from engine.adaptive.model import BoolArray, FloatArray, IntArray
from engine.scoring.rules import PosteriorPolicy, Rule, RuleSet, Thresholds


@dataclass(frozen=True, eq=False)
class Tallies:
    """Right answers among the items counted, in n sittings; whole numbers."""

    edu_right: IntArray
    """In each domain of the CRCN-Édu, shape (n, 5)."""
    edu_counted: IntArray
    """Shape (n, 5)."""
    crcn_right: IntArray
    """Shape (n,)."""
    crcn_counted: IntArray
    """Shape (n,)."""

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self)):
            values = np.asarray(getattr(self, name))
            if values.dtype.kind not in "iu":
                raise ValueError(f"{name}: counts are whole numbers, got {values.dtype}")
            # A hundred times a count must not overflow what a caller kept in few bits.
            object.__setattr__(self, name, values.astype(np.int64))
        for right, counted in ((self.edu_right, self.edu_counted), (self.crcn_right, self.crcn_counted)):
            if right.shape != counted.shape or (right < 0).any() or (right > counted).any():
                raise ValueError(f"right must lie within counted: {right.shape} right of {counted.shape} counted")


@dataclass(frozen=True, eq=False)
class Beliefs:
    """What the answers of n sittings say of Confirmé, Avancé and Expert."""

    level: FloatArray
    """P(L ≥ k), shape (n, 3)."""
    minimum: FloatArray
    """P(π_d ≥ m_k) of each domain of the CRCN-Édu, shape (n, 5, 3)."""


@dataclass(frozen=True, eq=False)
class Bars:
    """The thresholds of some levels, percent, whole numbers; every array (levels,)."""

    crcn_edu: IntArray
    crcn_edu_per_domain: IntArray
    crcn: IntArray

    @classmethod
    def of(cls, levels: Sequence[Thresholds]) -> Self:
        """The rows of these levels, in their order."""
        return cls(*(np.array([getattr(t, f.name) for t in levels], dtype=np.int64) for f in fields(cls)))


def reaches(right: IntArray, counted: IntArray, percent: IntArray) -> BoolArray:
    """Whether 100 · right ≥ percent · counted; nothing counted reaches nothing. The arguments broadcast.

    >>> reaches(np.array([28, 29, 0]), np.array([47, 48, 0]), np.array(60))
    array([False,  True, False])
    """
    return (counted > 0) & (100 * right >= percent * counted)


def totals_hold(tallies: Tallies, bars: Bars) -> BoolArray:
    """Whether the thresholds of both frameworks are met, shape (n, levels)."""
    edu = reaches(tallies.edu_right.sum(axis=1)[:, None], tallies.edu_counted.sum(axis=1)[:, None], bars.crcn_edu)
    crcn = reaches(tallies.crcn_right[:, None], tallies.crcn_counted[:, None], bars.crcn)
    both: BoolArray = edu & crcn
    return both


def minima_hold(tallies: Tallies, bars: Bars) -> BoolArray:
    """Whether every domain of the CRCN-Édu has its minimum, shape (n, levels)."""
    each = reaches(tallies.edu_right[:, :, None], tallies.edu_counted[:, :, None], bars.crcn_edu_per_domain)
    every: BoolArray = np.logical_and.reduce(each, axis=1)
    return every


def highest(holds: BoolArray) -> IntArray:
    """The highest level that holds, counted from 1, and 0 if none does; (n, levels) to (n,)."""
    top: IntArray = (holds * np.arange(1, holds.shape[1] + 1)).max(axis=1, initial=0)
    return top


def official(tallies: Tallies, bars: Bars) -> IntArray:
    """R1: the highest level whose rows all hold on the counts, shape (n,)."""
    return highest(totals_hold(tallies, bars) & minima_hold(tallies, bars))


def double_key(tallies: Tallies, bars: Bars, beliefs: Beliefs, required: float) -> IntArray:
    """R2: the highest level that R1 grants and that is at least so probable, shape (n,)."""
    granted = totals_hold(tallies, bars) & minima_hold(tallies, bars)
    return highest(granted & (beliefs.level >= required))


def posterior_rule(beliefs: Beliefs, gamma: float) -> IntArray:
    """R3: the highest level with P(L ≥ k) ≥ γ, shape (n,)."""
    return highest(beliefs.level >= gamma)


def probable_minima(tallies: Tallies, bars: Bars, beliefs: Beliefs, required: float) -> IntArray:
    """R4: totals by counts, the minimum of each domain by its probability, shape (n,)."""
    return highest(totals_hold(tallies, bars) & (beliefs.minimum >= required).all(axis=1))


def levels_by_rule(tallies: Tallies, beliefs: Beliefs | None, rules: RuleSet) -> dict[Rule, IntArray]:
    """Which of Confirmé, Avancé and Expert each rule awards, (n,) each; without beliefs R1 alone can say."""
    bars, policy = Bars.of(rules.levels[-3:]), rules.posterior
    found = {Rule.R1: official(tallies, bars)}
    return found if beliefs is None else found | _by_probability(tallies, bars, beliefs, policy)


def _by_probability(tallies: Tallies, bars: Bars, beliefs: Beliefs, policy: PosteriorPolicy) -> dict[Rule, IntArray]:
    return {
        Rule.R2: double_key(tallies, bars, beliefs, policy.double_key),
        Rule.R3: posterior_rule(beliefs, policy.gamma),
        Rule.R4: probable_minima(tallies, bars, beliefs, policy.minimum),
    }
