"""The official rule R1: observed counts against thresholds, compared as integers (jury report, 4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.items.frameworks import Level
from engine.scoring.rules import Thresholds


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
        return self.counted > 0 and 100 * self.correct >= percent * self.counted

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


def meets(counts: Counts, level: Thresholds) -> bool:
    """Whether all three rows of a level are met."""
    return (
        counts.edu.reaches(level.crcn_edu)
        and all(domain.reaches(level.crcn_edu_per_domain) for domain in counts.edu_domains.values())
        and counts.crcn.reaches(level.crcn)
    )


def award(counts: Counts, levels: tuple[Thresholds, ...]) -> Level | None:
    """The highest level met, whatever the target; `None` if none is."""
    return max((level.value for level in levels if meets(counts, level)), default=None)
