"""Whom a study lets sit: abilities drawn from a tree, the same for a candidate whoever else is drawn."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import ndtri

from engine.adaptive.dice import ABILITIES, many_seeds, throw
from engine.adaptive.model import DOMAINS_EACH, FRAMEWORKS, FloatArray
from engine.adaptive.posterior import TreePrior
from engine.items.frameworks import DOMAINS

LEAST = 2.0**-54
"""Half the step of the dice: a throw of 0 would be an ability of minus infinity."""


@dataclass(frozen=True)
class Population:
    """Abilities of standard deviation 1 in each domain, logits."""

    shift: float = 0.0
    """Mean ability; the engine's own prior has 0."""
    within: float = 0.8
    """Correlation of two domains of one framework."""
    between: float = 0.7
    """Correlation of two domains of different frameworks."""

    def __post_init__(self) -> None:
        if not 0 <= self.between <= self.within <= 1:
            raise ValueError(
                f"correlations must hold 0 ≤ between ≤ within ≤ 1, got between {self.between} and within {self.within}"
            )

    @classmethod
    def of(cls, prior: TreePrior) -> Self:
        """The population that a prior of variance 1 expects, its frameworks connected."""
        return cls(prior.mean, prior.var_g + prior.var_f, prior.var_g)

    def abilities(self, seed: int, n: int, first: int = 0) -> FloatArray:
        """Abilities of candidates `first` … `first + n − 1` in the ten domains, shape (n, 10).

        θ_d = shift + G + F_f + S_d. A candidate's abilities hang on `seed` and their number alone.
        """
        faces = np.arange(1 + len(FRAMEWORKS) + len(DOMAINS))
        z = ndtri(np.maximum(throw(many_seeds(seed, n, first), ABILITIES, faces), LEAST))
        general, framework, domain = np.split(z, [1, 1 + len(FRAMEWORKS)], axis=1)
        parts = np.sqrt([self.between, max(self.within - self.between, 0.0), 1 - self.within])
        of_framework = np.repeat(parts[0] * general + parts[1] * framework, DOMAINS_EACH, axis=1)
        abilities: FloatArray = self.shift + of_framework + parts[2] * domain
        return abilities
