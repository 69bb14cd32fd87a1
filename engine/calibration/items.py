"""Item parameters while they are being estimated, and what is believed of them beforehand."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import expit, log_expit

from engine.adaptive.model import BoolArray, FloatArray

LEAST_SLOPE, GREATEST_SLOPE = 0.05, 6.0
"""An estimate at one of these ends is no estimate: the item is flagged."""
STEP_SLOPE, STEP_INTERCEPT = 0.5, 1.0
"""The most that one Fisher step may move an item, so that a poor start cannot throw it out of reach."""


class Slopes(StrEnum):
    """Which slopes are estimated."""

    FREE = "free"
    COMMON = "common"
    """One for all items: the one-parameter model."""
    HELD = "held"
    """None: intercepts only, such as new items under the common slope of their anchors."""


@dataclass(frozen=True, eq=False)
class Items:
    """P(right) = c + (1 − c) / (1 + exp(−(slope · θ + intercept))): each of shape (n_items,)."""

    slope: FloatArray
    intercept: FloatArray
    guessing: FloatArray

    @classmethod
    def of(cls, a: FloatArray, b: FloatArray, c: FloatArray | None = None) -> "Items":
        """From discriminations and difficulties."""
        return cls(a, -a * b, np.zeros_like(a) if c is None else c)

    @property
    def difficulty(self) -> FloatArray:
        """The ability at which the logistic part is one half, logits, shape (n_items,)."""
        return -self.intercept / self.slope

    def logit(self, nodes: FloatArray) -> FloatArray:
        """slope · θ + intercept, shape (n_items, n_nodes)."""
        return self.slope[:, None] * nodes + self.intercept[:, None]

    def probability(self, nodes: FloatArray) -> FloatArray:
        """Probability of a right answer, shape (n_items, n_nodes)."""
        c = self.guessing[:, None]
        p: FloatArray = c + (1 - c) * expit(self.logit(nodes))
        return p

    def log_tables(self, nodes: FloatArray) -> FloatArray:
        """Log-probabilities of a wrong, then of a right answer, shape (2 n_items, n_nodes)."""
        z, c = self.logit(nodes), self.guessing[:, None]
        wrong = log_expit(-z) + np.log1p(-c)
        if not self.guessing.any():
            return np.concatenate([wrong, wrong + z])
        with np.errstate(divide="ignore"):  # the logarithm of c = 0 is meant: it adds nothing
            return np.concatenate([wrong, np.logaddexp(np.log(c), np.log1p(-c) + log_expit(z))])


@dataclass(frozen=True, eq=False)
class Beliefs:
    """Priors of the items: ln slope ~ N(.1, .3²), difficulty ~ N(expected, spread²) (Mislevy 1986; docs/adr/0004)."""

    difficulty: FloatArray
    """Expected difficulty, from the level tags where there are any, shape (n_items,)."""
    spread: float = 0.95
    log_slope: float = 0.1
    log_slope_spread: float = 0.3

    def log_density(self, items: Items) -> float:
        """Of all items together, without the constant."""
        slope = (np.log(items.slope) - self.log_slope) / self.log_slope_spread
        difficulty = (items.difficulty - self.difficulty) / self.spread
        return float(-0.5 * (slope @ slope + difficulty @ difficulty))

    def pull(self, items: Items) -> tuple[FloatArray, FloatArray]:
        """Gradient (n_items, 2) and Gauss-Newton curvature (n_items, 2, 2) along intercept and slope."""
        a, b = items.slope, items.difficulty
        # Rows: ln slope and difficulty; columns: intercept and slope.
        jacobian = np.array([[np.zeros_like(a), 1 / a], [-1 / a, -b / a]]).transpose(2, 0, 1)
        precision = np.array([self.log_slope_spread, self.spread]) ** -2.0
        away = np.stack([np.log(a) - self.log_slope, b - self.difficulty], axis=1)
        gradient = -np.einsum("ikp,ik->ip", jacobian, precision * away)
        return gradient, np.einsum("ikp,k,ikr->ipr", jacobian, precision, jacobian)


def scores(p: FloatArray, guessing: FloatArray) -> FloatArray:
    """How far a residual moves the logit, (P − c) / (P (1 − c)): one in the 2PL. Shape as `p`, (n_items, n_nodes)."""
    c = guessing[:, None]
    weight: FloatArray = (p - c) / (p * (1 - c))
    return weight


def information(items: Items, asked: FloatArray, nodes: FloatArray) -> FloatArray:
    """Complete-data Fisher information along intercept and slope, (n_items, 2, 2); `asked` (n_items, n_nodes)."""
    p = items.probability(nodes)
    v = asked * p * (1 - p)
    if items.guessing.any():
        v = v * scores(p, items.guessing) ** 2
    return _second_moments(v, nodes)


def _second_moments(v: FloatArray, nodes: FloatArray) -> FloatArray:
    """Σ v, Σ v θ, Σ v θ² as 2 × 2 matrices, shape (n_items, 2, 2)."""
    m = v @ np.stack([np.ones_like(nodes), nodes, nodes**2], axis=1)
    return m[:, [0, 1, 1, 2]].reshape(-1, 2, 2)


def improve(
    items: Items,
    right: FloatArray,
    asked: FloatArray,
    nodes: FloatArray,
    beliefs: Beliefs | None,
    free: BoolArray,
    slopes: Slopes = Slopes.FREE,
    steps: int = 2,
) -> Items:
    """Fisher scoring of every free item against expected counts (n_items, n_nodes) (Bock & Aitkin 1981)."""
    design = np.stack([np.ones_like(nodes), nodes], axis=1)
    for _ in range(steps):
        p = items.probability(nodes)
        residual, v = right - asked * p, asked * p * (1 - p)
        if items.guessing.any():
            weight = scores(p, items.guessing)
            residual, v = residual * weight, v * weight**2
        gradient, curvature = residual @ design, _second_moments(v, nodes)
        if beliefs is not None:
            towards, tight = beliefs.pull(items)
            gradient, curvature = gradient + towards, curvature + tight
        move = np.where(free[:, None], _step(gradient, curvature, slopes), 0.0)
        items = Items(
            np.clip(items.slope + np.clip(move[:, 1], -STEP_SLOPE, STEP_SLOPE), LEAST_SLOPE, GREATEST_SLOPE),
            items.intercept + np.clip(move[:, 0], -STEP_INTERCEPT, STEP_INTERCEPT),
            items.guessing,
        )
    return items


def _step(gradient: FloatArray, curvature: FloatArray, slopes: Slopes) -> FloatArray:
    """The Fisher step of intercepts and slopes, shape (n_items, 2)."""
    h0, h1, h2 = np.maximum(curvature[:, 0, 0], 1e-12), curvature[:, 0, 1], curvature[:, 1, 1]
    g0, g1 = gradient[:, 0], gradient[:, 1]
    # Intercepts are eliminated first; what is left of a slope's gradient and curvature is its own.
    own, bend = g1 - h1 * g0 / h0, np.maximum(h2 - h1**2 / h0, 1e-12)
    match slopes:
        case Slopes.FREE:
            slope = own / bend
        case Slopes.COMMON:
            slope = np.full_like(own, own.sum() / bend.sum())
        case Slopes.HELD:
            slope = np.zeros_like(own)
    return np.stack([(g0 - h1 * slope) / h0, slope], axis=1)
