"""What answers say of abilities, and what the answers of all say of the items: the expectation of EM."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import logsumexp

from engine.adaptive.model import FloatArray, IntArray
from engine.calibration.items import Items
from engine.calibration.responses import Block, Responses, blocks


@dataclass(frozen=True)
class Population:
    """How abilities spread among candidates: their mean, and one variance a floor of the model; logits."""

    mean: float = 0.0
    variances: tuple[float, ...] = (1.0,)

    @property
    def sd(self) -> float:
        """Standard deviation of an ability."""
        return float(np.sqrt(sum(self.variances)))

    def scaled(self) -> "Population":
        """The same shape with mean zero and variance one in all."""
        total = sum(self.variances)
        return Population(0.0, tuple(v / total for v in self.variances))


@dataclass(frozen=True, eq=False)
class Expected:
    """The answers of everybody, spread over the abilities that they may have come from."""

    loglik: float
    right: FloatArray
    """Expected number of right answers, shape (n_items, n_nodes)."""
    asked: FloatArray
    """Expected number of answers, shape (n_items, n_nodes)."""
    population: Population
    """The population as these answers tell it."""


class Abilities(Protocol):
    """A model of the abilities behind some responses."""

    @property
    def nodes(self) -> FloatArray:
        """The abilities at which everything is tabulated, logits, shape (n_nodes,)."""

    @property
    def dimension(self) -> IntArray:
        """Which ability each item asks for, shape (n_items,)."""

    def expect(self, items: Items, population: Population) -> Expected:
        """The expectation step."""

    def posterior(self, items: Items, population: Population) -> FloatArray:
        """p(ability | answers) of each person and dimension along the nodes, (n_persons, n_dimensions, n_nodes)."""

    def start(self) -> Population:
        """A population to begin with, on the standard scale."""


STEP = 0.25
"""Distance of nodes, logits. The error of the rectangle rule falls as exp(−2π² (sd/step)²): with the sd of .2 that a
hundred answers leave it is 3·10⁻⁶ of a person's likelihood."""


def nodes_within(bound: float) -> FloatArray:
    """Equidistant nodes on both sides of zero, shape (n_nodes,), an even number."""
    half = np.arange(STEP / 2, bound, STEP)
    nodes: FloatArray = np.concatenate([-half[::-1], half])
    return nodes


@dataclass(frozen=True, eq=False)
class Line:
    """One ability for all items, normal among candidates."""

    nodes: FloatArray
    dimension: IntArray
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, responses: Responses, bound: float = 5.0) -> "Line":
        """The model of some responses, tabulated within ± `bound` logits."""
        dimension = np.zeros(len(responses.items), dtype=np.int64)
        return cls(nodes_within(bound), dimension, blocks(responses, dimension))

    def start(self) -> Population:
        """Standard normal."""
        return Population()

    def expect(self, items: Items, population: Population) -> Expected:
        """The expectation step (Bock & Aitkin 1981)."""
        tables = items.log_tables(self.nodes)
        prior = log_normal(self.nodes, population)
        counts = np.zeros_like(tables)
        mass = np.zeros_like(self.nodes)
        loglik = 0.0
        for block in self.blocks:
            posterior, of_block = _posterior(block, tables, prior)
            counts += block.columns @ posterior
            mass += posterior.sum(axis=0)
            loglik += of_block
        wrong, right = np.split(counts, 2)
        share = mass / mass.sum()
        mean = float(share @ self.nodes)
        return Expected(loglik, right, right + wrong, Population(mean, (float(share @ (self.nodes - mean) ** 2),)))

    def posterior(self, items: Items, population: Population) -> FloatArray:
        """p(ability | answers), shape (n_persons, 1, n_nodes)."""
        tables, prior = items.log_tables(self.nodes), log_normal(self.nodes, population)
        return np.concatenate([_posterior(block, tables, prior)[0] for block in self.blocks])[:, None]


def log_normal(nodes: FloatArray, population: Population) -> FloatArray:
    """Log-probability of each node, shape (n_nodes,), summing to one."""
    log = -((nodes - population.mean) ** 2) / (2 * population.sd**2)
    normalised: FloatArray = log - logsumexp(log)
    return normalised


def _posterior(block: Block, tables: FloatArray, prior: FloatArray) -> tuple[FloatArray, float]:
    """p(ability | answers) of a block's persons, shape (n, n_nodes), and their log-likelihood."""
    weight = block.rows @ tables
    weight += prior
    peak = weight.max(axis=1, keepdims=True)
    weight -= peak
    np.exp(weight, out=weight)
    total = weight.sum(axis=1, keepdims=True)
    weight /= total
    return weight, float(peak.sum() + np.log(total).sum())
