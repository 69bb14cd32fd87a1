"""Ten abilities, one a domain, under the tree of `engine.adaptive.posterior`: expectation and population.

θ_d = T_f + S_d and T_f = G + F_f. The posterior of every pair (θ_d, T_f) and (T_f, G) is exact on the grid, so that
the variances of S, F and G are re-estimated from expected squares, as in any EM (Rijmen 2009; Cai 2010).
"""

from dataclasses import dataclass

import numpy as np

from engine.adaptive.model import DOMAINS_EACH, FRAMEWORKS, GRID, FloatArray, IntArray
from engine.adaptive.posterior import FINEST, TreePrior
from engine.calibration.ability import Expected, Population
from engine.calibration.items import Items
from engine.calibration.responses import Block, Responses, blocks
from engine.items.frameworks import DOMAINS

SQUARES: FloatArray = (GRID[:, None] - GRID) ** 2
"""Squared distances of grid points, shape (49, 49)."""


@dataclass(frozen=True, eq=False)
class _Messages:
    """The tree after the answers of n persons; everything along the grid of 49."""

    likelihood: FloatArray
    """Of each domain's ability, peak one, shape (n, 10, 49)."""
    cavity: FloatArray
    """What the rest of the tree says of T_f, for each domain, shape (n, 10, 49)."""
    posterior: FloatArray
    """p(θ_d | answers), shape (n, 10, 49)."""
    framework: FloatArray
    """Of T_f, from its five domains, peak one, shape (n, 2, 49)."""
    above: FloatArray
    """Of G, from everything but framework f, shape (n, 2, 49)."""
    general: FloatArray
    """p(G | answers), shape (n, 49)."""
    loglik: float


@dataclass(frozen=True, eq=False)
class Tree:
    """Ten abilities under the tree prior; every item asks for one of them."""

    nodes: FloatArray
    dimension: IntArray
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, responses: Responses, domain: IntArray) -> "Tree":
        """The model of some responses; `domain` in the order of DOMAINS, shape (n_items,)."""
        return cls(GRID, domain, blocks(responses, domain, len(DOMAINS)))

    def start(self) -> Population:
        """Variances of G, F and S as the engine assumes them before there are data (docs/adr/0004)."""
        prior = TreePrior()
        return Population(prior.mean, (prior.var_g, prior.var_f, prior.var_s))

    def expect(self, items: Items, population: Population) -> Expected:
        """The expectation step; posterior counts, and expected squares along each branch."""
        prior, tables = prior_of(population), items.log_tables(GRID)
        counts = np.zeros_like(tables)
        general, loglik = np.zeros_like(GRID), 0.0
        leaf, branch = np.zeros_like(SQUARES), np.zeros_like(SQUARES)
        for block in self.blocks:
            at = _messages(block, tables, prior)
            counts += block.columns @ at.posterior.reshape(-1, GRID.size)
            general += at.general.sum(axis=0)
            leaf += _pairs(at.likelihood, at.cavity, prior.domain_given_framework)
            branch += _pairs(at.framework, at.above, prior.framework_given_general)
            loglik += at.loglik
        wrong, right = np.split(counts, 2)
        mean = float(general @ GRID / general.sum())
        variances = (
            float(general @ (GRID - mean) ** 2 / general.sum()),
            float((branch * SQUARES).sum() / branch.sum()),
            float((leaf * SQUARES).sum() / leaf.sum()),
        )
        return Expected(loglik, right, right + wrong, Population(mean, variances))

    def posterior(self, items: Items, population: Population) -> FloatArray:
        """p(θ_d | answers), shape (n_persons, 10, 49)."""
        prior, tables = prior_of(population), items.log_tables(GRID)
        return np.concatenate([_messages(block, tables, prior).posterior for block in self.blocks])


def prior_of(population: Population) -> TreePrior:
    """The engine's prior with these variances, each at least what the grid can hold."""
    g, f, s = (max(v, FINEST) for v in population.variances)
    return TreePrior(population.mean, g, f, s)


def _messages(block: Block, tables: FloatArray, prior: TreePrior) -> _Messages:
    """Pass messages up and down the tree for a block of persons."""
    n = block.persons.stop - block.persons.start
    k1, k2 = prior.framework_given_general, prior.domain_given_framework
    log = (block.rows @ tables).reshape(n, len(DOMAINS), GRID.size)
    peak = log.max(axis=2, keepdims=True)
    likelihood = np.exp(log - peak)
    message = likelihood @ k2
    product = np.log(message).reshape(n, len(FRAMEWORKS), DOMAINS_EACH, -1).sum(axis=2)
    height = product.max(axis=2, keepdims=True)
    framework = np.exp(product - height)
    upward = framework @ k1
    above = prior.general * upward[:, ::-1]
    joint = above[:, 0] * upward[:, 0]
    total = joint.sum(axis=1, keepdims=True)
    down = above @ k1.T
    of_t = framework * down
    of_t /= of_t.sum(axis=2, keepdims=True)
    cavity = np.repeat(of_t, DOMAINS_EACH, axis=1) / message
    return _Messages(
        likelihood=likelihood,
        cavity=cavity,
        posterior=likelihood * (cavity @ k2.T),
        framework=framework,
        above=above / total[:, None],
        general=joint / total,
        loglik=float(peak.sum() + height.sum() + np.log(total).sum()),
    )


def _pairs(child: FloatArray, parent: FloatArray, kernel: FloatArray) -> FloatArray:
    """Expected number of (child, parent) pairs at each two grid points, over persons and branches, shape (49, 49)."""
    pairs: FloatArray = kernel * (child.reshape(-1, GRID.size).T @ parent.reshape(-1, GRID.size))
    return pairs
