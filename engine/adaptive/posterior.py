"""What the answers say of the ten abilities: an exact posterior under a tree prior.

A domain's ability is θ_d = T_f + S_d, its framework's T_f = G + F_f, with G, F and S normal. Given its parent each
node is independent of its siblings, so the posterior is found by sending messages up and down the tree, each a product
with a 49 × 49 kernel (Rijmen 2009; Cai 2010). No sampling, no approximation but the grid.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from engine.adaptive.model import DOMAINS_EACH, FRAMEWORKS, GRID, BoolArray, FloatArray, IntArray, Pool
from engine.items.frameworks import DOMAINS

FINEST = 0.04
"""The least variance that the grid can hold: its standard deviation is one step."""

_LEAST = 1e-290
"""A floor for kernels, far below any effect: answers that contradict each other still leave a message above zero."""


@dataclass(frozen=True)
class TreePrior:
    """The distribution of abilities among candidates, logits: mean, and the variances of the tree's three floors.

    The defaults correlate abilities .8 within a framework and .7 between the two. Without `cross_framework` each
    framework has a G of its own: answers in one then say nothing of the other.
    """

    mean: float = 0.0
    var_g: float = 0.7
    var_f: float = 0.1
    var_s: float = 0.2
    cross_framework: bool = True

    general: FloatArray = field(init=False, repr=False, compare=False)
    """Prior probability of G along the grid, shape (49,)."""
    framework_given_general: FloatArray = field(init=False, repr=False, compare=False)
    """Probability of T = row given G = column, shape (49, 49)."""
    domain_given_framework: FloatArray = field(init=False, repr=False, compare=False)
    """Probability of θ = row given T = column, shape (49, 49)."""

    def __post_init__(self) -> None:
        for name in ("var_g", "var_f", "var_s"):
            if getattr(self, name) < FINEST:
                raise ValueError(f"{name} must be at least {FINEST}, got {getattr(self, name)}")
        derive = object.__setattr__
        derive(self, "general", _kernel(np.array([self.mean]), self.var_g)[:, 0])
        derive(self, "framework_given_general", _kernel(GRID, self.var_f))
        derive(self, "domain_given_framework", _kernel(GRID, self.var_s))


def _kernel(centres: FloatArray, variance: float) -> FloatArray:
    """Normal probabilities along the grid around each centre, columns summing to one, shape (49, n_centres)."""
    k: FloatArray = np.exp(-((GRID[:, None] - centres) ** 2) / (2 * variance))
    k = np.maximum(k / k.sum(axis=0), _LEAST)
    k.setflags(write=False)
    return k


def add(pool: Pool, loglik: FloatArray, rows: IntArray, correct: BoolArray) -> None:
    """Add one answer to each sitting's log-likelihood in place; `loglik` (n, 10, 49), `rows` and `correct` (n,).

    A negative row stands for no answer.
    """
    given = np.flatnonzero(rows >= 0)
    row = rows[given]
    loglik[given, pool.domain[row]] += np.where(correct[given, None], pool.log_p[row], pool.log_q[row])


def loglik(pool: Pool, rows: IntArray, correct: BoolArray) -> FloatArray:
    """Log-likelihood of the answers along each domain's ability, shape (n, 10, 49); `rows`, `correct` (n, k).

    Answers are added one after the other, as `add` does, so both give the same bits.
    """
    total = np.zeros((len(rows), len(DOMAINS), GRID.size))
    for k in range(rows.shape[1]):
        add(pool, total, rows[:, k], correct[:, k])
    return total


@dataclass(frozen=True, eq=False)
class Posterior:
    """The messages of the tree after some answers, for n sittings."""

    prior: TreePrior
    likelihood: FloatArray
    """Of each domain's ability, peak one, shape (n, 10, 49)."""
    message: FloatArray
    """From each domain to its framework: likelihood of T = t, shape (n, 10, 49)."""
    product: FloatArray
    """Of a framework's five messages, peak one, shape (n, 2, 49)."""
    upward: FloatArray
    """From each framework to G: likelihood of G = g, peak one, shape (n, 2, 49)."""
    framework: FloatArray
    """p(T_f = t | answers), shape (n, 2, 49)."""

    @cached_property
    def general(self) -> FloatArray:
        """p(G = g | answers), shape (n, 49)."""
        log_g = np.log(self.upward).sum(axis=1) + np.log(self.prior.general)
        return _normalised(np.exp(log_g - log_g.max(axis=1, keepdims=True)))

    def abilities(self, framework: int) -> FloatArray:
        """p(θ_d = x | answers) for the five domains of one framework, shape (n, 5, 49)."""
        part = slice(framework * DOMAINS_EACH, (framework + 1) * DOMAINS_EACH)
        cavity = self.framework[:, framework, None] / self.message[:, part]
        return _normalised(self.likelihood[:, part] * (cavity @ self.prior.domain_given_framework.T))

    @cached_property
    def theta(self) -> FloatArray:
        """p(θ_d = x | answers) for the ten domains, shape (n, 10, 49)."""
        return np.concatenate([self.abilities(f) for f in range(len(FRAMEWORKS))], axis=1)

    @cached_property
    def mean(self) -> FloatArray:
        """Expected ability in each domain (EAP), logits, shape (n, 10)."""
        return self.theta @ GRID

    @cached_property
    def sd(self) -> FloatArray:
        """Posterior standard deviation in each domain, logits, shape (n, 10)."""
        return np.sqrt(np.maximum(self.theta @ GRID**2 - self.mean**2, 0.0))


def upward(prior: TreePrior, loglik: FloatArray) -> FloatArray:
    """What one framework's answers say of G: likelihood of G = g, peak one, (n, 5, 49) to (n, 49)."""
    message = np.exp(loglik - loglik.max(axis=2, keepdims=True)) @ prior.domain_given_framework
    log_product = np.log(message).sum(axis=1)
    product = np.exp(log_product - log_product.max(axis=1, keepdims=True))
    found: FloatArray = product @ prior.framework_given_general
    found /= found.max(axis=1, keepdims=True)
    return found


def posterior(prior: TreePrior, loglik: FloatArray) -> Posterior:
    """The posterior given the log-likelihoods of `loglik`, shape (n, 10, 49)."""
    # Subtracting the peak keeps a 200-item sitting from underflowing to 0/0.
    likelihood = np.exp(loglik - loglik.max(axis=2, keepdims=True))
    message = likelihood @ prior.domain_given_framework
    log_product = np.log(message).reshape(len(loglik), len(FRAMEWORKS), DOMAINS_EACH, -1).sum(axis=2)
    product = np.exp(log_product - log_product.max(axis=2, keepdims=True))
    upward = product @ prior.framework_given_general
    upward /= upward.max(axis=2, keepdims=True)
    above = prior.general * upward[:, ::-1] if prior.cross_framework else np.broadcast_to(prior.general, upward.shape)
    framework = _normalised(product * (above @ prior.framework_given_general.T))
    return Posterior(prior, likelihood, message, product, upward, framework)


def _normalised(weight: FloatArray) -> FloatArray:
    """The same, summing to one along the last axis."""
    share: FloatArray = weight / weight.sum(axis=-1, keepdims=True)
    return share
