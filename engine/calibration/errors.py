"""How sure the estimates are: standard errors from the observed information of the marginal likelihood.

Observed information = what complete data would tell − what is missing since abilities are only known up to a posterior
(Louis 1982). The missing part is the covariance of the items' scores within each person's posterior. It is summed over
orthonormal polynomials of the ability under that posterior: with the five of `DEGREES` an item's score, a smooth curve,
is represented to four figures even when only five items were answered.
"""

import numpy as np
from numpy.typing import NDArray

from engine.adaptive.model import BoolArray, FloatArray, IntArray
from engine.calibration.items import Beliefs, Items, Slopes, information, scores
from engine.calibration.responses import Responses, blocks

DEGREES = 5
PERSONS_AT_ONCE = 128
"""Persons whose scores are held at the same time: memory does not grow with their number."""


def standard_errors(
    responses: Responses,
    items: Items,
    nodes: FloatArray,
    posterior: FloatArray,
    dimension: IntArray,
    free: BoolArray,
    beliefs: Beliefs | None = None,
    slopes: Slopes = Slopes.FREE,
) -> tuple[FloatArray, FloatArray]:
    """Standard errors of slope and difficulty of each item, both (n_items,); NaN for items that were held.

    `posterior` (n_persons, n_dimensions, n_nodes). Items of different dimensions are taken as independent, and so are
    items and population: with hundreds of answers an item what this leaves out is far below its own error.
    """
    covariance = np.full((len(responses.items), 2, 2), np.nan)
    pull = beliefs.pull(items)[1] if beliefs is not None else np.zeros_like(covariance)
    for d in range(posterior.shape[1]):
        rows = np.flatnonzero((dimension == d) & free)
        if len(rows):
            one = Items(items.slope[rows], items.intercept[rows], items.guessing[rows])
            answers = responses.of_items([responses.items[i] for i in rows.tolist()])
            covariance[rows] = _covariance(answers, one, nodes, posterior[:, d], pull[rows], slopes)
    a, b = items.slope, items.difficulty
    with np.errstate(invalid="ignore"):  # no information at all: the item has no standard error
        se_a = np.sqrt(covariance[:, 1, 1])
        to_b = np.stack([-1 / a, -b / a], axis=1)
        se_b = np.sqrt(np.einsum("ip,ipr,ir->i", to_b, covariance, to_b))
    return se_a, se_b


def _covariance(
    responses: Responses, items: Items, nodes: FloatArray, posterior: FloatArray, pull: FloatArray, slopes: Slopes
) -> FloatArray:
    """Covariance of intercept and slope of each item of one dimension, shape (n_items, 2, 2)."""
    n = len(responses.items)
    asked, missing = _counts_and_missing(responses, items, nodes, posterior)
    observed = -missing
    own = information(items, asked, nodes) + pull
    at = np.arange(n)
    for p in range(2):
        for r in range(2):
            observed[at + p * n, at + r * n] += own[:, p, r]
    if slopes is Slopes.FREE:
        covariance = _inverse(observed)
    else:
        merge = _merge(n, slopes)
        covariance = merge @ _inverse(merge.T @ observed @ merge) @ merge.T
    return np.stack([covariance[at + p * n, at + r * n] for p in range(2) for r in range(2)], axis=1).reshape(n, 2, 2)


def _merge(n_items: int, slopes: Slopes) -> FloatArray:
    """What each parameter of a restricted model moves among intercepts and slopes, (2 n_items, n_parameters)."""
    intercepts = np.eye(2 * n_items, n_items)
    if slopes is Slopes.HELD:
        return intercepts
    # One slope for all: its information is the sum over all slopes.
    return np.concatenate([intercepts, np.repeat([0.0, 1.0], n_items)[:, None]], axis=1)


def _inverse(information: FloatArray) -> FloatArray:
    """The inverse, or NaN for parameters of which the answers say nothing."""
    known = np.diag(information) > 1e-9
    inverse = np.full_like(information, np.nan)
    part = np.ix_(known, known)
    try:
        inverse[part] = np.linalg.inv(information[part])
    except np.linalg.LinAlgError:
        return inverse
    np.fill_diagonal(inverse, np.where(np.diag(inverse) > 0, np.diag(inverse), np.nan))
    return inverse


def _counts_and_missing(
    responses: Responses, items: Items, nodes: FloatArray, posterior: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Expected answers (n_items, n_nodes), and missing information, intercepts first, (2 n_items, 2 n_items)."""
    n = len(responses.items)
    p = items.probability(nodes)
    weight = scores(p, items.guessing)
    score = np.concatenate([-p * weight, (1 - p) * weight])  # of a wrong, of a right answer
    missing: FloatArray = np.zeros((2 * n, 2 * n))
    asked = np.zeros((n, nodes.size))
    for block in blocks(responses, np.zeros(n, dtype=np.int64)):
        counts = block.columns @ posterior[block.persons]
        asked += counts[:n] + counts[n:]
        for start in range(0, block.persons.stop - block.persons.start, PERSONS_AT_ONCE):
            given = block.rows[start : start + PERSONS_AT_ONCE].toarray()
            first = block.persons.start + start
            missing += _missing(given, score, nodes, posterior[first : first + len(given)])
    return asked, missing


def _missing(given: NDArray[np.float64], score: FloatArray, nodes: FloatArray, posterior: FloatArray) -> FloatArray:
    """The missing information of some persons; `given` (n, 2 n_items) has a one for each answer, wrong ones first."""
    n, n_items = len(given), len(score) // 2
    basis = _polynomials(nodes, posterior) * posterior[:, None]
    spread = np.concatenate([score, score * nodes])  # derivatives by intercept, then by slope
    component = (basis.reshape(-1, nodes.size) @ spread.T).reshape(n, DEGREES, 2, 2, n_items)
    component *= given.reshape(n, 1, 1, 2, n_items)
    rows = component.sum(axis=3).reshape(n * DEGREES, 2 * n_items)
    total: FloatArray = rows.T @ rows
    return total


def _polynomials(nodes: FloatArray, posterior: FloatArray) -> FloatArray:
    """Polynomials of degree 1 to DEGREES, orthonormal under each posterior (n, n_nodes): (n, DEGREES, n_nodes)."""
    mean = posterior @ nodes
    centred = nodes - mean[:, None]
    scale = np.sqrt(np.maximum((posterior * centred**2).sum(axis=1), 1e-12))
    x = centred / scale[:, None]
    found: list[FloatArray] = [np.ones_like(x)]
    for _ in range(DEGREES):
        # Gram and Schmidt, twice against rounding.
        one = x * found[-1]
        for _ in range(2):
            for other in found:
                one = one - (posterior * one * other).sum(axis=1, keepdims=True) * other
        length = np.sqrt((posterior * one**2).sum(axis=1, keepdims=True))
        found.append(np.where(length > 1e-8, one / np.maximum(length, 1e-8), 0.0))
    return np.stack(found[1:], axis=1)
