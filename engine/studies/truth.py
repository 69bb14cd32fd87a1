"""What is true in a study: the parameters that answers follow, and the level that a candidate deserves.

The engine chooses, believes and decides with the operational parameters, those of the release. Answers are generated
with the true ones, and the level deserved is that of the expected percentages over the reference set under the true
ones. Without noise and guessing the two are the same.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from engine.adaptive.dice import TRUTH, seeds_of, throw
from engine.adaptive.levels import CRCN, EDU, Cuts
from engine.adaptive.model import DOMAIN_WEIGHT, FloatArray, IntArray, Pool
from engine.adaptive.simulate import percentages_over
from engine.scoring.decision import highest
from engine.studies.population import LEAST

GUESSING = 0.2
"""The lower asymptote of an item that can be guessed."""


def true_pool(pool: Pool, seed: int, guessing_share: float = 0.0, noise: float = 0.0) -> Pool:
    """The items of `pool` as they really are.

    A share of them can be guessed: their c is at least `GUESSING`. Each b is off by a normal error of standard
    deviation `noise`, logits, and each ln a by one of the same size.
    """
    faces = np.arange(len(pool.ids))
    of_b, of_a, order = (throw(seeds_of(seed), TRUTH + k, faces)[0] for k in range(3))
    guessed = np.zeros(len(pool.ids), dtype=bool)
    guessed[np.argsort(order, kind="stable")[: round(guessing_share * len(pool.ids))]] = True
    error_b, error_a = (noise * ndtri(np.maximum(u, LEAST)) for u in (of_b, of_a))
    return replace(
        pool,
        a=pool.a * np.exp(error_a),
        b=pool.b + error_b,
        c=np.where(guessed, np.maximum(pool.c, GUESSING), pool.c),
    )


@dataclass(frozen=True, eq=False)
class Deserved:
    """What n candidates deserve."""

    level: IntArray
    """0 for none, 1 to 3 for Confirmé to Expert, shape (n,)."""
    margin: FloatArray
    """By how many points all true percentages would have to move together to change the level, shape (n,)."""


def deserved(truth: Pool, theta: FloatArray, cuts: Cuts) -> Deserved:
    """The levels that abilities `theta` (n, 10) deserve over the reference set."""
    domains = percentages_over(truth, theta)
    edu, crcn = (domains[:, part] @ DOMAIN_WEIGHT[part] for part in (EDU, CRCN))
    of_edu, of_crcn, least = (np.array(c) / 100 for c in (cuts.edu_total, cuts.crcn_total, cuts.edu_domain))
    to_edu, to_crcn = edu[:, None] - of_edu, crcn[:, None] - of_crcn
    to_minima = (domains[:, EDU, None] - least).min(axis=1)
    scarcest = np.minimum(to_minima, np.minimum(to_edu, to_crcn))
    return Deserved(highest(scarcest >= 0), 100 * np.abs(scarcest).min(axis=1))
