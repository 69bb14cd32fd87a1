"""What steering needs to know of n sittings while one framework is asked, kept up answer by answer.

Given its framework's ability T = t, a domain's answers matter through a few sums along its own ability: its mass, the
expected percentage and ability, and for each minimum the mass, mean and variance of the percentage above it. One answer
changes the sums of one domain, so a step costs one product with the 49 × 49 kernel instead of all ten domains' worth.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from engine.adaptive.levels import CRCN, EDU, Cuts, fraction_above
from engine.adaptive.model import DOMAIN_WEIGHT, DOMAINS_EACH, GRID, FloatArray, IntArray, Pool
from engine.adaptive.posterior import TreePrior, upward

_LEAST = 1e-300
_LEAST_VARIANCE = 1e-12
_MASS, _PERCENT, _ABILITY = range(3)
"""The sums that every domain keeps."""

_PER_MINIMUM = 3
"""For each minimum three more follow: P(it is held | T = t), and mean and variance of the percentage above it."""


@dataclass(frozen=True, eq=False)
class _Weights:
    """What the likelihood of a domain is weighed by before the kernel sums it, for one framework."""

    factors: FloatArray
    """Along θ, shape (5, sums, 49)."""
    of_level: IntArray
    """Which minimum each level requires, shape (3,)."""
    tau: FloatArray
    """The total that each level requires as a fraction, shape (3, 1)."""


@lru_cache(maxsize=32)
def _weights(pool: Pool, cuts: Cuts, framework: int) -> _Weights:
    """Made once for a pool and cuts; the CRCN has no minima."""
    curves = pool.curves[(EDU, CRCN)[framework]]
    factors = [np.ones_like(curves), curves, np.broadcast_to(GRID, curves.shape)]
    minima, of_level = np.unique(cuts.edu_domain, return_inverse=True)
    if framework == 0:
        for minimum in minima:
            above = np.array([fraction_above(curve, minimum / 100) for curve in curves])
            factors += [above, above * curves, above * curves**2]
    return _Weights(np.stack(factors, axis=1), of_level, np.array(cuts.edu_total)[:, None] / 100)


class Belief:
    """The sums of n sittings in one framework, and what follows from them; `learn` moves them on in place."""

    def __init__(self, pool: Pool, prior: TreePrior, cuts: Cuts, framework: int, loglik: FloatArray) -> None:
        """From the log-likelihoods of all ten domains, shape (n, 10, 49)."""
        self.framework = framework
        self._pool, self._prior = pool, prior
        self._weights = _weights(pool, cuts, framework)
        self._first = framework * DOMAINS_EACH
        self._share = DOMAIN_WEIGHT[self._first : self._first + DOMAINS_EACH]
        self._ahead = self._from_above(loglik)
        own = loglik[:, self._first : self._first + DOMAINS_EACH].transpose(1, 0, 2)
        self._sums = self._summed(own, self._weights.factors[:, None])

    def learn(self, loglik: FloatArray, rows: IntArray) -> None:
        """Take in the newest answer of each sitting, (n,), already added to `loglik` (n, 10, 49); −1 for none."""
        at = np.flatnonzero(rows >= 0)
        domain = self._pool.domain[rows[at]]
        self._sums[domain - self._first, at] = self._summed(
            loglik[at, domain], self._weights.factors[domain - self._first]
        )

    def _from_above(self, loglik: FloatArray) -> FloatArray:
        """p(T = t) given the answers of the other framework, up to a factor, shape (n, 49)."""
        prior = self._prior
        if not prior.cross_framework or (self.framework == 0 and not loglik[:, CRCN].any()):
            return np.broadcast_to(prior.framework_given_general @ prior.general, (len(loglik), GRID.size))
        other = upward(prior, loglik[:, (CRCN, EDU)[self.framework]])
        return (prior.general * other) @ prior.framework_given_general.T

    def _summed(self, loglik: FloatArray, factors: FloatArray) -> FloatArray:
        """The sums of some domains, (…, sums, 49), from `loglik` (…, 49) and their factors (…, sums, 49)."""
        like = np.exp(loglik - loglik.max(axis=-1, keepdims=True))
        weighed = like[..., None, :] * factors
        found: FloatArray = (weighed.reshape(-1, GRID.size) @ self._prior.domain_given_framework).reshape(weighed.shape)
        mass = found[..., _MASS : _MASS + 1, :]
        found[..., _PERCENT : _ABILITY + 1, :] /= mass
        if found.shape[-2] > _PER_MINIMUM:
            held, mean, variance = (found[..., j::_PER_MINIMUM, :] for j in range(_PER_MINIMUM, 2 * _PER_MINIMUM))
            above = 1 / np.maximum(held, _LEAST)
            held /= mass
            mean *= above
            variance *= above
            variance -= mean * mean
        return found

    def framework_ability(self) -> FloatArray:
        """p(T = t | answers), shape (n, 49)."""
        weight: FloatArray = self._sums[0, :, _MASS] * self._ahead
        for domain in range(1, DOMAINS_EACH):
            weight *= self._sums[domain, :, _MASS]
        weight /= weight.sum(axis=1, keepdims=True)
        return weight

    def ability(self, belief: FloatArray, domain: IntArray) -> FloatArray:
        """E[θ_d] of one domain of each sitting, its index in DOMAINS; all (n,) but `belief`, p(T) (n, 49)."""
        own = self._sums[domain - self._first, np.arange(len(domain)), _ABILITY]
        mean: FloatArray = np.einsum("nt,nt->n", belief, own)
        return mean

    def percent(self, belief: FloatArray) -> FloatArray:
        """E[π_F] as a fraction, shape (n,)."""
        mean: FloatArray = np.einsum("nt,nt->n", belief, self._total(self._sums[:, :, _PERCENT], self._share))
        return mean

    def levels(self, belief: FloatArray) -> FloatArray:
        """P(L_Édu ≥ k), shape (n, 3), as `levels.edu_level_probabilities` gives it."""
        held, means, variances = (self._sums[:, :, j::_PER_MINIMUM] for j in range(_PER_MINIMUM, 2 * _PER_MINIMUM))
        weight = belief[:, None] * held[0]
        for domain in range(1, DOMAINS_EACH):
            weight *= held[domain]
        mean = self._total(means, self._share)
        sd = np.sqrt(np.maximum(self._total(variances, self._share**2), _LEAST_VARIANCE))
        p = np.empty((len(belief), len(self._weights.tau)))
        for k, (minimum, tau) in enumerate(zip(self._weights.of_level, self._weights.tau[:, 0], strict=True)):
            reached = ndtr((mean[:, minimum] - tau) / sd[:, minimum])
            p[:, k] = np.einsum("nt,nt->n", weight[:, minimum], reached)
        return np.minimum.accumulate(p, axis=1)

    def minimum(self, belief: FloatArray, domain: IntArray) -> FloatArray:
        """P(π_d ≥ m_k) of one domain of each sitting, its index in DOMAINS (n,), shape (n, 3)."""
        held = self._sums[domain - self._first, np.arange(len(domain)), _PER_MINIMUM::_PER_MINIMUM]
        p = np.einsum("nt,nmt->nm", belief, held)
        return np.minimum.accumulate(p[:, self._weights.of_level], axis=1)

    @staticmethod
    def _total(values: FloatArray, share: FloatArray) -> FloatArray:
        """Σ w_d values_d, (5, n, …, 49) and (5,) to (n, …, 49)."""
        total: FloatArray = values[0] * share[0]
        for domain in range(1, DOMAINS_EACH):
            total += values[domain] * share[domain]
        return total
