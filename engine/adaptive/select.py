"""Which difficulty to ask for: score steering, and the stratified draw of a bank without data.

An official threshold counts right answers, so a form must be about as easy for this candidate as the reference set is.
Steering chooses the probability of success p* that brings the score towards the expected percentage, with care for the
candidates near a threshold (van der Linden & Luecht 1998; van der Linden 2001, on equated number-correct scores).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from scipy.special import betaincinv

from engine.adaptive.levels import Cuts
from engine.adaptive.model import (
    SAME_FRAMEWORK,
    FloatArray,
    IntArray,
    Pool,
    fisher_information,
    response_probability,
)


class Selector(StrEnum):
    """How the next item of a framework is chosen."""

    STEER = "steer"
    MAXIMUM_INFORMATION = "maximum_information"
    STRATIFIED = "stratified"
    FORMS = "forms"

    @property
    def needs_data(self) -> bool:
        """Whether it rests on parameters that level tags cannot give."""
        return self in (Selector.STEER, Selector.MAXIMUM_INFORMATION)


@dataclass(frozen=True, slots=True)
class Steering:
    """The settings of score steering."""

    gamma: float = 0.65
    """P(L_Édu ≥ k) from which level k is aimed at; raising it trades over- for under-positioning."""
    rho: float = 0.94
    """Probability with which a candidate who deserves a level reaches each domain's minimum."""
    information: float = 0.05
    """Weight of the item's information beside the square of its distance to p*."""
    margin: float = 0.3
    """Answers by which a score aims past the end of its band."""
    letting_go: float = 0.35
    """p* in a domain that keeps a candidate below the first level."""
    lowest: float = 0.20
    highest: float = 0.92


@dataclass(frozen=True, eq=False)
class Standing:
    """Where n sittings stand in a framework and in the domain asked next; every array has shape (n,)."""

    correct: IntArray
    length: IntArray
    """Items of the framework in the whole form."""
    left: IntArray
    """Items of the framework still to come, this one included: at least one."""
    domain_correct: IntArray
    domain_length: IntArray
    domain_left: IntArray


def crcn_target(
    steering: Steering, correct: IntArray, length: IntArray, left: IntArray, mean: FloatArray
) -> FloatArray:
    """p* in the CRCN: the score tends to its expected value; `mean` is E[π_CRCN], all (n,), as in `Standing`."""
    return np.clip((length * mean - correct) / left, steering.lowest, steering.highest)


def edu_target(
    steering: Steering,
    cuts: Cuts,
    now: Standing,
    mean: FloatArray,
    level: FloatArray,
    minimum: FloatArray,
) -> FloatArray:
    """p* in the CRCN-Édu, shape (n,).

    `mean` is E[π_Édu] (n,), `level` P(L_Édu ≥ k) (n, 3), `minimum` P(π_d ≥ m_k) of the domain asked next (n, 3).
    """
    k = (level >= steering.gamma).sum(axis=1)
    low, high = (_at(bound.astype(np.float64), k) for bound in score_bands(cuts, now.length))
    # Below the first level although the total is enough: a domain is in the way, not the score.
    blocked = (k == 0) & (100 * mean >= cuts.edu_total[0])
    high = np.where(blocked, now.length, high)
    aim = np.clip(now.length * mean, low + steering.margin, high + steering.margin)
    target: FloatArray = (aim - now.correct) / now.left

    level_aimed_at = np.maximum(k, 1) - 1
    required = np.array(cuts.edu_domain)[level_aimed_at]
    need = np.maximum(_ceil_percent(required, now.domain_length) - now.domain_correct, 0)
    secure = secure_probability(int(now.domain_length.max()), steering.rho)[
        now.domain_left, np.minimum(need, now.domain_left + 1)
    ]
    secure = np.minimum(secure, steering.highest)
    holds = _at(minimum, level_aimed_at) >= 0.5
    secured = np.maximum(target, np.where(holds, secure, np.minimum(secure, 0.5)))
    let_go = np.where(blocked & ~holds, np.minimum(target, steering.letting_go), target)
    return np.clip(np.where(k >= 1, secured, let_go), steering.lowest, steering.highest)


def score_bands(cuts: Cuts, length: IntArray) -> tuple[IntArray, IntArray]:
    """The least and the greatest number of right answers of each level in forms of `length` (n,), both (n, 4).

    >>> published = Cuts(edu_total=(50, 65, 80), edu_domain=(50, 60, 60), crcn_total=(60, 75, 85))
    >>> score_bands(published, np.array([16]))
    (array([[ 0,  8, 11, 13]]), array([[ 7, 10, 12, 16]]))
    """
    least = _ceil_percent(np.array(cuts.edu_total), length[:, None])
    low = np.concatenate([np.zeros_like(least[:, :1]), least], axis=1)
    high = np.concatenate([least - 1, length[:, None]], axis=1)
    return low, high


def _ceil_percent(percent: IntArray, of: IntArray) -> IntArray:
    """The least whole number that is at least `percent` of `of`, in integers: 60 % of 5 is 3."""
    return -(-percent * of // 100)


def _at(values: FloatArray, column: IntArray) -> FloatArray:
    """One column of each row: (n, m) and (n,) to (n,)."""
    at: FloatArray = np.take_along_axis(values, column[:, None], axis=1)[:, 0]
    return at


@lru_cache(maxsize=16)
def secure_probability(most: int, rho: float) -> FloatArray:
    """The least p for which at least `need` of `left` answers are right with probability ρ.

    Shape (most + 1, most + 2), by left and need; 0 if nothing is needed, infinite if too much is. The tail of a
    binomial is an incomplete beta function: P(Bin(r, p) ≥ k) = I_p(k, r − k + 1).

    >>> secure_probability(2, 0.94).round(2)
    array([[0.  ,  inf,  inf,  inf],
           [0.  , 0.94,  inf,  inf],
           [0.  , 0.76, 0.97,  inf]])
    """
    left, need = np.ogrid[: most + 1, : most + 2]
    possible = (need >= 1) & (need <= left)
    p = betaincinv(np.where(possible, need, 1), np.where(possible, left - need + 1, 1), rho)
    p = np.where(need == 0, 0.0, np.where(possible, p, np.inf))
    p.setflags(write=False)
    return p


def steering_utility(
    pool: Pool, rows: IntArray, theta: FloatArray, target: FloatArray, steering: Steering
) -> FloatArray:
    """How well each item of `rows` suits, both (n, k); `theta` is the expected ability and `target` p*, both (n,)."""
    a, b, c = pool.a[rows], pool.b[rows], pool.c[rows]
    p = response_probability(theta[:, None], a, b, c)
    return -((p - target[:, None]) ** 2) + steering.information * fisher_information(p, a, c)


def information_utility(pool: Pool, rows: IntArray, theta: FloatArray) -> FloatArray:
    """Fisher information of each item of `rows` (n, k) at the expected ability `theta` (n,), shape (n, k)."""
    a, b, c = pool.a[rows], pool.b[rows], pool.c[rows]
    return fisher_information(response_probability(theta[:, None], a, b, c), a, c)


def stratified_utility(pool: Pool, rows: IntArray, asked: IntArray, dice: FloatArray) -> FloatArray:
    """A random draw that favours the level tags behind their share of the form; all but `asked` are (n, k).

    `asked` counts the questions of each tag so far (n, N_STRATA), `dice` are uniform. An item's chance is its weight in
    the reference set, times e² for each question that its tag is behind: forms come out alike, yet the expected score
    stays the true percentage and no item is worn out (weighted sampling of Efraimidis & Spirakis 2006).
    """
    stratum = pool.stratum[rows]
    length = np.take_along_axis(asked @ SAME_FRAMEWORK, stratum, axis=1) + 1
    behind = pool.stratum_share[stratum] * length - np.take_along_axis(asked, stratum, axis=1)
    return np.log1p(-dice) / (pool.weight[rows] * np.exp(2 * behind))
