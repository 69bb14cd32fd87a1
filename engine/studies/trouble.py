"""What goes wrong in simulated sittings: items that a ruling takes out, and time that runs out.

Which items are struck is drawn from the seed alone. No function here is told whether an answer was right.
"""

from dataclasses import dataclass

import numpy as np

from engine.adaptive.dice import TROUBLE, SeedArray, throw
from engine.adaptive.model import BoolArray, IntArray


@dataclass(frozen=True)
class Trouble:
    """How often, and how many items each time."""

    incident_rate: float = 0.0
    """Share of sittings in which an incident strikes; its items are neutralised."""
    incident_items: int = 2
    timeout_rate: float = 0.0
    """Share of sittings whose time runs out; the last items are not reached."""
    timeout_items: int = 4

    def __post_init__(self) -> None:
        if not (0 <= self.incident_rate <= 1 and 0 <= self.timeout_rate <= 1):
            raise ValueError(f"rates lie in 0 to 1, got {self.incident_rate} and {self.timeout_rate}")
        if self.incident_items < 0 or self.timeout_items < 0:
            raise ValueError(f"items are not negative, got {self.incident_items} and {self.timeout_items}")


@dataclass(frozen=True, eq=False)
class Struck:
    """What became of the places of n sittings, both (n, places); a place without an item is in neither."""

    answered: BoolArray
    """Reached and not neutralised."""
    missed: BoolArray
    """Not reached."""


def strike(trouble: Trouble, seeds: SeedArray, rows: IntArray) -> Struck:
    """Which answers of the sittings of `seeds` (n,) count; `rows` (n, places), −1 for a skipped place."""
    given = rows >= 0
    dice = throw(seeds, TROUBLE, np.arange(2))
    left = given[:, ::-1].cumsum(axis=1)[:, ::-1]  # given places from here to the end, this one included
    missed = given & (dice[:, 1, None] < trouble.timeout_rate) & (left <= trouble.timeout_items)
    reached = given & ~missed
    lot = np.where(reached, throw(seeds, TROUBLE + 1, np.arange(rows.shape[1])), np.inf)
    rank = lot.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    neutralised = reached & (dice[:, 0, None] < trouble.incident_rate) & (rank < trouble.incident_items)
    return Struck(reached & ~neutralised, missed)
