"""When a test decided by the posterior may end early: no further answer is likely to change the level.

Sequential classification: the posterior of each level is compared with the bar that decides it (Spray & Reckase 1996;
Eggen 1999). Only where the posterior decides: a rule on counts needs a denominator that is fixed in advance.
"""

from dataclasses import dataclass

import numpy as np

from engine.adaptive.content import Progress
from engine.adaptive.levels import CRCN, Cuts, joint_probabilities
from engine.adaptive.model import BoolArray, FloatArray, IntArray, Pool
from engine.adaptive.posterior import TreePrior, posterior


@dataclass(frozen=True, slots=True)
class Stopping:
    """When to look, and what must be seen.

    >>> Stopping(gamma=0.7).settled(np.array([[0.98, 0.05, 0.0], [0.98, 0.5, 0.0]]))
    array([ True, False])
    """

    gamma: float
    """P(L ≥ k) from which level k is awarded."""
    epsilon: float = 0.1
    """How near to certainty every P(L ≥ k) must be, as a share of what lies on its side of γ."""
    at_least: int = 16
    """CRCN items before the first look."""
    every: int = 2
    """CRCN items from one look to the next."""

    def __post_init__(self) -> None:
        if not (0 < self.gamma < 1 and 0 < self.epsilon < 1 and self.at_least >= 1 and self.every >= 1):
            raise ValueError(f"γ and ε must lie between 0 and 1, and looks be at least one item apart, got {self}")

    def due(self, asked: IntArray) -> BoolArray:
        """Whether it is time to look after `asked` CRCN items, any shape."""
        due: BoolArray = (asked >= self.at_least) & ((asked - self.at_least) % self.every == 0)
        return due

    def settled(self, level: FloatArray) -> BoolArray:
        """Whether every P(L ≥ k) is settled, `level` (n, 3) to (n,)."""
        no, yes = self.epsilon * self.gamma, 1 - self.epsilon * (1 - self.gamma)
        settled: BoolArray = np.all((level <= no) | (level >= yes), axis=1)
        return settled


def may_stop(stopping: Stopping | None, pool: Pool, prior: TreePrior, cuts: Cuts, progress: Progress) -> BoolArray:
    """Which of n sittings may end now, shape (n,)."""
    n = len(progress.seconds)
    ended = np.zeros(n, dtype=bool)
    if stopping is None:
        return ended
    due = np.flatnonzero(stopping.due(progress.domain_asked[:, CRCN].sum(axis=1)))
    if len(due):
        post = posterior(prior, progress.loglik[due])
        ended[due] = stopping.settled(joint_probabilities(pool, prior, post, cuts))
    return ended
