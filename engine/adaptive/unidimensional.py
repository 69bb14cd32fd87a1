"""Adaptive tests of one ability, many at once: EAP on a grid, maximum information, a fixed length.

The plainest adaptive test (Bock & Mislevy 1982; Lord 1980), without content or levels: what others simulate too.
Items are looked up in a table sorted by information for narrow bins of ability, so that a choice costs no sum over the
bank. A bin of .02 loses about .01 % of the information of the exact choice, one of .05 .06 %; `exact` does without.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from engine.adaptive.dice import SeedArray, many_seeds, throw
from engine.adaptive.model import BoolArray, FloatArray, IntArray, response_probability

CHUNK = 2000
"""Simulees that go together: enough to make numpy's calls cheap, few enough for the cache."""

BLOCK = 64
"""Simulees whose information on every item is held at once when the choice is exact."""

LOOK = 16
"""Items of a bin that are looked at together in search of an unused one."""

EDGE = 5.0
"""The grid ends here, in standard deviations of the prior."""

RENEW = 8
"""Answers after which the posterior is normalised anew, long before its mass leaves the range of a float."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """What n simulees were asked, what they answered, and what was made of it."""

    rows: IntArray
    """The item at each place, shape (n, length)."""
    correct: BoolArray
    """Shape (n, length)."""
    eap: FloatArray
    """Expected ability after all answers, logits, shape (n,)."""
    sd: FloatArray
    """Its posterior standard deviation, logits, shape (n,)."""


def simulate_unidimensional(
    a: FloatArray,
    b: FloatArray,
    c: FloatArray,
    theta: FloatArray,
    length: int,
    seed: int,
    *,
    nodes: int = 41,
    width: float = 0.02,
    exact: bool = False,
) -> Simulated:
    """Tests of `length` items for simulees of true ability `theta` (n,), from a bank `a`, `b`, `c` (n_items,).

    The prior is standard normal, on `nodes` equally spaced points. Simulee j has the same test in any batch that gives
    it place j. `exact` computes the information of every item at every estimate instead of looking it up by bins.
    """
    a, b, c, theta = (np.asarray(x, dtype=np.float64) for x in (a, b, c, theta))
    _check(a, b, c, theta, length, nodes, width)
    grid = np.linspace(-EDGE, EDGE, nodes)
    p = response_probability(grid, a[:, None], b[:, None], c[:, None])
    bank = _Bank(a, b, c, grid, np.stack([1 - p, p], axis=1).reshape(-1, nodes), width)
    order = None if exact else bank.best(length)
    seeds = many_seeds(seed, len(theta))
    n = len(theta)
    found = Simulated(
        np.empty((n, length), dtype=np.int64), np.empty((n, length), dtype=bool), np.empty(n), np.empty(n)
    )
    for start in range(0, n, CHUNK):
        part = slice(start, start + CHUNK)
        _tests(bank, order, theta[part], seeds[part], found, part)
    return found


@dataclass(frozen=True, eq=False)
class _Bank:
    """The items with their tables."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    grid: FloatArray
    likelihood: FloatArray
    """Row 2 i + x: of the answer x (0 or 1) to item i along the grid, shape (2 n_items, nodes)."""
    width: float

    def information(self, theta: FloatArray) -> FloatArray:
        """Of each item at each ability, shape (n, n_items): `fisher_information`, without an array for each step."""
        z = np.abs(theta[:, None] - self.b)
        z *= -self.a
        odds = np.exp(z, out=z)  # of the rarer answer, so that nothing overflows
        share: FloatArray = odds / (1 + odds) ** 2
        share *= self.a**2
        if self.c.any():
            success = expit(self.a * (theta[:, None] - self.b))
            share *= (1 - self.c) * success / (self.c + (1 - self.c) * success)
        return share

    def best(self, length: int) -> IntArray:
        """The `length` most informative items of each bin, best first, shape (n_bins, length): one is always unused."""
        bins: FloatArray = np.asarray(np.arange(int(2 * EDGE / self.width) + 2) * self.width - EDGE, dtype=np.float64)
        loss = -self.information(bins)
        top = np.sort(np.argpartition(loss, length - 1, axis=1)[:, :length], axis=1)
        rank = np.argsort(np.take_along_axis(loss, top, axis=1), axis=1, kind="stable")
        return np.take_along_axis(top, rank, axis=1)


def _tests(
    bank: _Bank, order: IntArray | None, theta: FloatArray, seeds: SeedArray, found: Simulated, part: slice
) -> None:
    """The tests of one chunk, written to `part` of `found`."""
    n, length = len(theta), found.rows.shape[1]
    luck = np.ascontiguousarray(throw(seeds, 0, np.arange(length)).T)
    prior = np.exp(-(bank.grid**2) / 2)
    posterior = np.tile(prior / prior.sum(), (n, 1))
    factor = np.empty_like(posterior)
    used = np.zeros((n, len(bank.a)), dtype=bool)
    base = np.arange(n) * len(bank.a)
    estimate = np.zeros(n)
    for place in range(length):
        if order is None:
            row = _most_informative(bank, estimate, used)
        else:
            at = np.rint((estimate + EDGE) * (1 / bank.width)).astype(np.int64)
            row = _first_unused(used.ravel(), base, order, at)
        used.ravel()[base + row] = True
        right = luck[place] < response_probability(theta, bank.a[row], bank.b[row], bank.c[row])
        found.rows[part, place], found.correct[part, place] = row, right
        np.take(bank.likelihood, 2 * row + right, axis=0, out=factor, mode="clip")
        posterior *= factor
        # einsum, not a matrix product: a row's sum then does not depend on how many rows there are
        mass = np.einsum("nq->n", posterior)
        estimate = np.einsum("nq,q->n", posterior, bank.grid) / mass
        if place % RENEW == RENEW - 1:
            posterior /= mass[:, None]
    found.eap[part] = estimate
    square = np.einsum("nq,q->n", posterior, bank.grid**2) / np.einsum("nq->n", posterior)
    found.sd[part] = np.sqrt(np.maximum(square - estimate**2, 0.0))


def _first_unused(used: BoolArray, base: IntArray, order: IntArray, at: IntArray) -> IntArray:
    """The best item of each simulee's bin that was not used, shape (n,): `LOOK` at a time, for those not served yet."""
    row: IntArray = order[at, 0]
    todo = np.flatnonzero(used[base + row])
    start = 1
    while todo.size:
        here = order[at[todo], start : start + LOOK]
        taken = used[base[todo, None] + here]
        first = taken.argmin(axis=1)
        i = np.arange(len(todo))
        row[todo] = here[i, first]
        todo = todo[taken[i, first]]
        start += LOOK
    return row


def _most_informative(bank: _Bank, estimate: FloatArray, used: BoolArray) -> IntArray:
    """The unused item with the greatest information at each estimate, shape (n,)."""
    row = np.empty(len(estimate), dtype=np.int64)
    for start in range(0, len(estimate), BLOCK):
        part = slice(start, start + BLOCK)
        information = bank.information(estimate[part])
        np.copyto(information, -1.0, where=used[part])
        row[part] = information.argmax(axis=1)
    return row


def _check(
    a: FloatArray, b: FloatArray, c: FloatArray, theta: FloatArray, length: int, nodes: int, width: float
) -> None:
    if not (a.ndim == theta.ndim == 1 and a.shape == b.shape == c.shape):
        raise ValueError("a, b and c must be one list of the same length each, theta another")
    if not all(np.isfinite(x).all() for x in (a, b, c, theta)):
        raise ValueError("parameters and abilities must be finite")
    if (a <= 0).any() or (c < 0).any() or (c >= 1).any():
        raise ValueError("a must be above 0, and c from 0 to below 1")
    if not 1 <= length <= len(a):
        raise ValueError(f"length must be from 1 to the {len(a)} items of the bank, got {length}")
    if nodes < 3 or not 0 < width <= 1:
        raise ValueError("there must be at least 3 nodes, and bins wider than 0 and at most 1 logit")
