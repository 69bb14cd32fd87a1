"""How probable each level is, and what percentage each domain would reach over the whole reference set.

A true percentage is a sum of curves of abilities that are independent given their framework's ability T. Given T, the
minimum of each domain holds with an exact probability, and the total is a sum of five independent terms, nearly
normal; the tree then sums over T and G. Nothing is sampled.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from scipy.special import ndtr

from engine.adaptive.model import DOMAIN_WEIGHT, DOMAINS_EACH, GRID, STEP, FloatArray, IntArray, Pool
from engine.adaptive.posterior import Posterior, TreePrior

Percents: TypeAlias = tuple[int, int, int]

EDU, CRCN = slice(0, DOMAINS_EACH), slice(DOMAINS_EACH, 2 * DOMAINS_EACH)
"""The domains of each framework."""

_LEAST = 1e-300
_LEAST_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Cuts:
    """What Confirmé, Avancé and Expert require, integer percentages, as a rule set gives them.

    >>> Cuts(edu_total=(50, 65, 80), edu_domain=(50, 60, 60), crcn_total=(60, 75, 65))
    Traceback (most recent call last):
    ValueError: crcn_total must not fall from one level to the next, got (60, 75, 65)
    """

    edu_total: Percents
    """τ_k: over the CRCN-Édu."""
    edu_domain: Percents
    """m_k: in each domain of the CRCN-Édu."""
    crcn_total: Percents
    """τ′_k: over the CRCN."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            percents = getattr(self, name)
            if len(percents) != 3 or not all(0 <= p <= 100 for p in percents):
                raise ValueError(f"{name} must be three percentages, got {percents}")
            if list(percents) != sorted(percents):
                raise ValueError(f"{name} must not fall from one level to the next, got {percents}")


@dataclass(frozen=True, eq=False)
class LevelProbabilities:
    """What the answers of n sittings say of levels (k = 1, 2, 3) and true percentages (as fractions)."""

    both: FloatArray
    """P(L ≥ k), shape (n, 3)."""
    edu: FloatArray
    """P(L_Édu ≥ k), shape (n, 3)."""
    crcn: FloatArray
    """P(L_CRCN ≥ k), shape (n, 3)."""
    minimum: FloatArray
    """P(π_d ≥ m_k) for the five domains of the CRCN-Édu, shape (n, 5, 3)."""
    framework_mean: FloatArray
    """E[π_F], shape (n, 2)."""
    domain_mean: FloatArray
    """E[π_d], shape (n, 10)."""
    domain_low: FloatArray
    """Lower end of the 80 % interval of π_d, shape (n, 10)."""
    domain_high: FloatArray
    """Upper end, shape (n, 10)."""


@dataclass(frozen=True, eq=False)
class _Tables:
    """Kernels that depend on the pool, the prior and the cuts only."""

    above: FloatArray
    """Fraction of each grid cell where π_d ≥ m, for each different minimum m, shape (5, n_minima, 49)."""
    of_level: IntArray
    """Which minimum each level requires, shape (3,)."""
    moments: FloatArray
    """From θ to (minimum; mass, first and second moment of π; T), shape (5, 49, n_minima · 3 · 49)."""


@lru_cache(maxsize=16)
def _tables(pool: Pool, prior: TreePrior, cuts: Cuts) -> _Tables:
    """Kernels computed once for a pool, a prior and cuts."""
    minima, of_level = np.unique(cuts.edu_domain, return_inverse=True)
    above = np.array([[fraction_above(curve, m / 100) for m in minima] for curve in pool.curves[EDU]])
    curves = pool.curves[EDU]
    moments = np.stack([np.ones_like(curves), curves, curves**2], axis=1)
    edu = np.einsum("dmx,djx,xt->dxmjt", above, moments, prior.domain_given_framework)
    return _Tables(above, of_level, edu.reshape(DOMAINS_EACH, GRID.size, -1).copy())


def fraction_above(curve: FloatArray, minimum: float) -> FloatArray:
    """The fraction of each grid cell where the rising `curve` is at least `minimum`, shape (49,)."""
    crossing = np.interp(minimum, curve, GRID, left=-np.inf, right=np.inf)
    return np.clip((GRID + STEP / 2 - crossing) / STEP, 0.0, 1.0)


def level_probabilities(pool: Pool, prior: TreePrior, post: Posterior, cuts: Cuts) -> LevelProbabilities:
    """Everything that a report or a decision needs, for n sittings."""
    edu, crcn = _edu_given_ability(pool, prior, post, cuts), _crcn_given_ability(pool, prior, post, cuts)
    p_edu = (post.framework[:, 0, None] * edu).sum(axis=2)
    p_crcn = (post.framework[:, 1, None] * crcn).sum(axis=2)
    domain_mean = domain_means(pool, post.theta)
    low, high = (_quantile(pool, post.theta, q) for q in (0.1, 0.9))
    return LevelProbabilities(
        both=_together(prior, post, edu, crcn),
        edu=_falling(p_edu),
        crcn=_falling(p_crcn),
        minimum=minimum_probabilities(pool, prior, cuts, post.theta[:, EDU]),
        framework_mean=np.stack([domain_mean[:, part] @ DOMAIN_WEIGHT[part] for part in (EDU, CRCN)], axis=1),
        domain_mean=domain_mean,
        domain_low=low,
        domain_high=high,
    )


def joint_probabilities(pool: Pool, prior: TreePrior, post: Posterior, cuts: Cuts) -> FloatArray:
    """P(L ≥ k) alone, shape (n, 3): what an early stop looks at."""
    edu, crcn = _edu_given_ability(pool, prior, post, cuts), _crcn_given_ability(pool, prior, post, cuts)
    return _together(prior, post, edu, crcn)


def _together(prior: TreePrior, post: Posterior, edu: FloatArray, crcn: FloatArray) -> FloatArray:
    """P(L ≥ k) from both frameworks' probabilities given T, (n, 3, 49) each; shape (n, 3)."""
    if not prior.cross_framework:
        each = [(post.framework[:, f, None] * p).sum(axis=2) for f, p in enumerate((edu, crcn))]
        return _falling(each[0] * each[1])
    message = post.product[:, :, None] * np.stack([edu, crcn], axis=1)
    given_general = message @ prior.framework_given_general
    given_general /= (post.product @ prior.framework_given_general)[:, :, None]
    return _falling((given_general.prod(axis=1) * post.general[:, None]).sum(axis=2))


def edu_level_probabilities(pool: Pool, prior: TreePrior, post: Posterior, cuts: Cuts) -> FloatArray:
    """P(L_Édu ≥ k) alone, shape (n, 3): what steering asks for."""
    given = _edu_given_ability(pool, prior, post, cuts)
    return _falling((post.framework[:, 0, None] * given).sum(axis=2))


def minimum_probabilities(pool: Pool, prior: TreePrior, cuts: Cuts, theta: FloatArray) -> FloatArray:
    """P(π_d ≥ m_k) from p(θ_d) of the five domains of the CRCN-Édu (n, 5, 49), shape (n, 5, 3)."""
    tables = _tables(pool, prior, cuts)
    p: FloatArray = np.einsum("ndx,dmx->ndm", theta, tables.above)
    return _falling(p[:, :, tables.of_level])


def domain_means(pool: Pool, theta: FloatArray, part: slice = slice(None)) -> FloatArray:
    """E[π_d] from p(θ_d) of the domains of `part`, (n, domains, 49), shape (n, domains)."""
    mean: FloatArray = (theta * pool.curves[part]).sum(axis=2)
    return mean


def total_given_ability(pool: Pool, prior: TreePrior, post: Posterior, part: slice) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of a framework's π given T = t, no minimum required; both (n, 49)."""
    kernel = prior.domain_given_framework
    curves = pool.curves[part][:, :, None]
    mass, like = (x[:, part].transpose(1, 0, 2) for x in (post.message, post.likelihood))
    return _total(like @ (curves * kernel) / mass, like @ (curves**2 * kernel) / mass, DOMAIN_WEIGHT[part])


def _total(first: FloatArray, second: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of Σ w_d π_d from the moments of each π_d, (5, …); both (…)."""
    mean: FloatArray = np.tensordot(weight, first, axes=1)
    variance: FloatArray = np.tensordot(weight**2, second - first**2, axes=1)
    return mean, np.maximum(variance, _LEAST_VARIANCE)


def _edu_given_ability(pool: Pool, prior: TreePrior, post: Posterior, cuts: Cuts) -> FloatArray:
    """P(L_Édu ≥ k | T = t, answers): every minimum holds, and then the total does; shape (n, 3, 49)."""
    tables = _tables(pool, prior, cuts)
    n, n_minima = len(post.likelihood), tables.above.shape[1]
    moments = (post.likelihood[:, EDU].transpose(1, 0, 2) @ tables.moments).reshape(DOMAINS_EACH, n, n_minima, 3, -1)
    mass, first, second = (moments[:, :, :, j] for j in range(3))
    holds = (mass / post.message[:, EDU].transpose(1, 0, 2)[:, :, None]).prod(axis=0)
    scale = 1 / np.maximum(mass, _LEAST)
    mean, variance = _total(first * scale, second * scale, DOMAIN_WEIGHT[EDU])
    sd = np.sqrt(variance)
    tau = np.array(cuts.edu_total)[:, None] / 100
    of = tables.of_level
    p: FloatArray = holds[:, of] * ndtr((mean[:, of] - tau) / sd[:, of])
    return p


def _crcn_given_ability(pool: Pool, prior: TreePrior, post: Posterior, cuts: Cuts) -> FloatArray:
    """P(L_CRCN ≥ k | T = t, answers), shape (n, 3, 49)."""
    mean, variance = total_given_ability(pool, prior, post, CRCN)
    tau = np.array(cuts.crcn_total)[:, None] / 100
    p: FloatArray = ndtr((mean[:, None] - tau) / np.sqrt(variance)[:, None])
    return p


def _falling(p: FloatArray) -> FloatArray:
    """The same, never rising from one level to the next: a running minimum."""
    return np.minimum.accumulate(p, axis=-1)


def _quantile(pool: Pool, theta: FloatArray, q: float) -> FloatArray:
    """A quantile of π_d: that of θ_d through its rising curve; `theta` (n, 10, 49), the result (n, 10)."""
    reached = np.cumsum(theta, axis=2)
    cell = np.minimum((reached < q).sum(axis=2), GRID.size - 1)[:, :, None]
    inside = np.take_along_axis(theta, cell, axis=2)
    before = np.take_along_axis(reached, cell, axis=2) - inside
    # In units of the grid: the probability of a cell is spread evenly over it.
    place = np.clip(cell - 0.5 + (q - before) / np.maximum(inside, _LEAST), 0.0, GRID.size - 1.0)[:, :, 0]
    left = np.minimum(place.astype(np.int64), GRID.size - 2)
    curves = np.broadcast_to(pool.curves, theta.shape)
    ends = [np.take_along_axis(curves, (left + side)[:, :, None], axis=2)[:, :, 0] for side in (0, 1)]
    quantile: FloatArray = ends[0] + (place - left) * (ends[1] - ends[0])
    return quantile
