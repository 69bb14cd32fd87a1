"""What everybody's other answers make us expect of each answer."""

from dataclasses import dataclass

import numpy as np

from engine.adaptive.model import FloatArray, IntArray
from engine.calibration.items import Items
from engine.calibration.responses import Responses

ANSWERS_AT_ONCE = 16_384
LEAST = 1e-12
"""A chance below which nothing is divided by it: an item that everybody answers alike has a curve of 0 or 1."""


@dataclass(frozen=True, eq=False)
class Predicted:
    """For each answer, from the same person's other answers; both of shape (n_answers,)."""

    probability: FloatArray
    """That it is right."""
    ability: FloatArray
    """Expected ability, logits: the rest score of adaptive tests, where counts of right answers cannot be compared."""

    def standardised(self, responses: Responses) -> FloatArray:
        """(answer − probability) / sd: mean 0 and variance 1 under the model, independent between persons."""
        p = self.probability
        residual: FloatArray = (responses.correct - p) / np.sqrt(p * (1 - p))
        return residual


def predicted(
    responses: Responses, items: Items, nodes: FloatArray, posterior: FloatArray, dimension: IntArray
) -> Predicted:
    """Take each answer out of the posterior it belongs to, then predict it; `posterior` (n_persons, n_dims, n_nodes).

    p(ability | other answers) ∝ p(ability | answers) / P(answer): exact, under a tree of abilities too, since an
    answer depends on one ability only.
    """
    right = np.clip(items.probability(nodes), LEAST, 1 - LEAST)
    probability, ability = np.empty(len(responses.item)), np.empty(len(responses.item))
    for start in range(0, len(responses.item), ANSWERS_AT_ONCE):
        part = slice(start, start + ANSWERS_AT_ONCE)
        item = responses.item[part]
        p = right[item]
        without = posterior[responses.person[part], dimension[item]]
        without = without / np.where(responses.correct[part, None], p, 1 - p)
        without /= without.sum(axis=1, keepdims=True)
        probability[part] = np.einsum("nq,nq->n", without, p)
        ability[part] = without @ nodes
    return Predicted(np.clip(probability, 1e-6, 1 - 1e-6), ability)
