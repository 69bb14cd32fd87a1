"""What one sitting is awarded: by the official rule R1 (jury report, 4.1), and by each rule.

One sitting is an array of one: the rules themselves are those of `decision.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.adaptive.cat import Assessment
from engine.items.frameworks import Level
from engine.scoring.decision import Bars, Beliefs, Tallies, levels_by_rule, official, reaches
from engine.scoring.rules import Rule, RuleSet, Thresholds


@dataclass(frozen=True, slots=True)
class Count:
    """Correct answers among the items counted."""

    correct: int = 0
    counted: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.correct <= self.counted:
            raise ValueError(f"{self.correct} correct of {self.counted} counted")

    def __add__(self, other: "Count") -> "Count":
        return Count(self.correct + other.correct, self.counted + other.counted)

    def reaches(self, percent: int) -> bool:
        """Whether the share of correct answers is at least `percent`; nothing counted reaches nothing.

        >>> Count(28, 47).reaches(60), Count(29, 48).reaches(60)
        (False, True)
        """
        return bool(reaches(np.array(self.correct), np.array(self.counted), np.array(percent)))

    @property
    def percent(self) -> float:
        """For people to read; decisions use `reaches`."""
        return 100 * self.correct / self.counted if self.counted else 0.0


@dataclass(frozen=True, slots=True)
class Counts:
    """What R1 looks at."""

    edu_domains: Mapping[int, Count]
    crcn: Count

    @property
    def edu(self) -> Count:
        """CRCN-Édu as a whole."""
        return sum(self.edu_domains.values(), Count())

    @property
    def tallies(self) -> Tallies:
        """The same as arrays of one sitting."""
        domains = [self.edu_domains[d] for d in sorted(self.edu_domains)]
        return Tallies(
            np.array([[d.correct for d in domains]], dtype=np.int64),
            np.array([[d.counted for d in domains]], dtype=np.int64),
            np.array([self.crcn.correct], dtype=np.int64),
            np.array([self.crcn.counted], dtype=np.int64),
        )


def meets(counts: Counts, level: Thresholds) -> bool:
    """Whether all three rows of a level are met."""
    return award(counts, (level,)) is not None


def award(counts: Counts, levels: tuple[Thresholds, ...]) -> Level | None:
    """R1: the highest level met, whatever the target; `None` if none is."""
    highest = int(official(counts.tallies, Bars.of(levels))[0])
    return levels[highest - 1].value if highest else None


def awards(counts: Counts, assessment: Assessment | None, rules: RuleSet) -> dict[Rule, Level | None]:
    """The level by each rule; without an assessment R1 alone can say.

    Initié has no probability, so where a rule set has it, counts award it under every rule.
    """
    beliefs = None
    if assessment is not None:
        beliefs = Beliefs(np.array([assessment.level]), np.array([assessment.minima]))
    least = award(counts, tuple(t for t in rules.levels if t.value is Level.INITIE))
    return {
        rule: Level(int(level[0])) if level[0] else least
        for rule, level in levels_by_rule(counts.tallies, beliefs, rules).items()
    }
