"""Marginal maximum likelihood: expectation over abilities, Fisher scoring of items, until nothing moves.

What fixes the scale is said by a `Scale`. When the candidates do, each round also re-estimates their mean and variance
and then rescales the items so that they are 0 and 1 again: parameter expansion, which removes the slow direction of EM
(Liu, Rubin & Wu 1998). Anderson acceleration takes care of the rest.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.adaptive.model import BoolArray, FloatArray, IntArray
from engine.calibration.ability import Abilities, Population
from engine.calibration.accelerate import fixed_point
from engine.calibration.items import GREATEST_SLOPE, LEAST_SLOPE, Beliefs, Items, Slopes, improve


class Scale(StrEnum):
    """What zero and one mean on the scale of ability."""

    CANDIDATES = "candidates"
    """Mean 0 and variance 1 among the candidates at hand."""
    ITEMS = "items"
    """The anchors or the difficulties expected of the items; mean and variance of the candidates are estimated."""


LEAST_VARIANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Fitted:
    """Estimates of items and population, and how they were reached."""

    items: Items
    population: Population
    loglik: float
    converged: bool
    objectives: tuple[float, ...]
    """Log-likelihood, or log-posterior with beliefs, of every round."""


@dataclass(frozen=True, eq=False)
class Estimation:
    """What is estimated, and how far."""

    abilities: Abilities
    free: BoolArray
    """Which items are estimated; the others are held, shape (n_items,)."""
    scale: Scale = Scale.CANDIDATES
    beliefs: Beliefs | None = None
    slopes: Slopes = Slopes.FREE
    tolerance: float = 1e-4
    """Greatest change of a parameter in a round at which it ends, logits."""
    most: int = 500

    def run(self, items: Items, population: Population | None = None) -> Fitted:
        """Estimate from a start."""
        population = population or self.abilities.start()
        if self.scale is Scale.CANDIDATES:
            population = population.scaled()
        found = fixed_point(lambda x: self._round(x, items), self._pack(items, population), self.tolerance, self.most)
        final, spread = self._unpack(found.point, items)
        return Fitted(final, spread, self.abilities.expect(final, spread).loglik, found.converged, found.objectives)

    def _round(self, point: FloatArray, held: Items) -> tuple[float, FloatArray]:
        """The objective at a point, and the point after one round of EM."""
        items, population = self._unpack(point, held)
        expected = self.abilities.expect(items, population)
        objective = expected.loglik + (self.beliefs.log_density(items) if self.beliefs else 0.0)
        better = improve(
            items, expected.right, expected.asked, self.abilities.nodes, self.beliefs, self.free, self.slopes
        )
        told = expected.population
        if self.scale is Scale.CANDIDATES:
            if self.beliefs is None:
                better = Items(better.slope * told.sd, better.intercept + better.slope * told.mean, better.guessing)
            told = told.scaled()
        return objective, self._pack(better, told)

    def _pack(self, items: Items, population: Population) -> FloatArray:
        """Free items and population as one vector: ln slopes, intercepts, mean, ln variances."""
        return np.concatenate(
            [
                np.log(items.slope[self.free]),
                items.intercept[self.free],
                [population.mean],
                np.log(np.maximum(population.variances, LEAST_VARIANCE)),
            ]
        )

    def _unpack(self, point: FloatArray, held: Items) -> tuple[Items, Population]:
        """The items and the population of such a vector."""
        n = int(self.free.sum())
        slope, intercept = held.slope.copy(), held.intercept.copy()
        slope[self.free] = np.exp(np.clip(point[:n], np.log(LEAST_SLOPE), np.log(GREATEST_SLOPE)))
        intercept[self.free] = point[n : 2 * n]
        population = Population(float(point[2 * n]), tuple(np.exp(point[2 * n + 1 :]).tolist()))
        if self.scale is Scale.CANDIDATES:
            population = population.scaled()
        return Items(slope, intercept, held.guessing), population


def first_guess(right: IntArray, asked: IntArray, guessing: FloatArray) -> Items:
    """Slope one, intercepts from the share of right answers, each (n_items,): a start when nothing is known."""
    share = (right + 0.5) / (asked + 1)
    logistic = np.clip((share - guessing) / (1 - guessing), 0.02, 0.98)
    return Items(np.ones(len(share)), 1.2 * np.log(logistic / (1 - logistic)), guessing)
