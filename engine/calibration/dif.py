"""Differential functioning: does a group find an item harder than its ability says? (Swaminathan & Rogers 1990)

For each item the chance of a right answer is regressed on the rest score, on the group, and on their product; the
likelihood ratio against the rest score alone has two degrees of freedom for each further group. The rest score is the
expected ability from the person's other answers, under the person's own group's mean and variance: with one prior for
all, shrinkage would pull a stronger and a weaker group together and every item would seem to differ.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import chdtrc, expit

from engine.adaptive.model import BoolArray, FloatArray, IntArray
from engine.calibration.responses import Responses

LEAST_ANSWERS = 50
"""Answers of each group that an item needs before anything is said."""
SIGNIFICANT = 0.01
MODERATE, LARGE = 1 / 2.35, 1.5 / 2.35
"""Logits: 1 and 1.5 on the delta scale, where ETS begins its classes B and C (Zwick & Ercikan 1989)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One item, one group compared with the reference group."""

    item: int
    group: str
    shift: float
    """Logits in favour of the group at equal ability; below zero the item is harder for it."""
    p_value: float
    """Of the whole comparison, uniform and not."""

    @property
    def flagged(self) -> bool:
        """Unlikely to be chance, and large enough to matter."""
        return self.p_value < SIGNIFICANT and abs(self.shift) >= MODERATE

    @property
    def large(self) -> bool:
        """Class C: the item should not be used before somebody has looked at it."""
        return self.p_value < SIGNIFICANT and abs(self.shift) >= LARGE


Differences: TypeAlias = tuple[Difference, ...]


def differences(responses: Responses, labels: tuple[str, ...], rest: FloatArray) -> Differences:
    """All items and groups with enough answers; `labels` one a person, '' for none; `rest` (n_answers,), logits.

    The reference is the group with most answers.
    """
    groups = sorted({label for label in labels if label})
    place = {label: at for at, label in enumerate(groups)}
    group = np.array([place.get(label, -1) for label in labels], dtype=np.int64)[responses.person]
    if len(groups) < 2:
        return ()
    reference = int(np.bincount(group[group >= 0], minlength=len(groups)).argmax())
    order = np.argsort(responses.item, kind="stable")
    ends = np.cumsum(responses.asked)
    found: list[Difference] = []
    for i, (end, n) in enumerate(zip(ends.tolist(), responses.asked.tolist(), strict=True)):
        rows = order[end - n : end]
        found += _of_item(i, responses.correct[rows], rest[rows], group[rows], groups, reference)
    return tuple(found)


def _of_item(
    item: int, correct: BoolArray, rest: FloatArray, group: IntArray, groups: list[str], reference: int
) -> list[Difference]:
    """The comparisons of one item."""
    counts = np.bincount(group[group >= 0], minlength=len(groups))
    others = [g for g in range(len(groups)) if g != reference and counts[g] >= LEAST_ANSWERS]
    if counts[reference] < LEAST_ANSWERS or not others:
        return []
    kept = np.isin(group, [reference, *others])
    x, score, g = correct[kept].astype(np.float64), rest[kept], group[kept]
    score = score - score.mean()
    member = (g[:, None] == others).astype(np.float64)
    plain = np.stack([np.ones_like(score), score], axis=1)
    uniform = np.concatenate([plain, member], axis=1)
    full = np.concatenate([uniform, member * score[:, None]], axis=1)
    without = _logistic(plain, x)[1]
    shift = _logistic(uniform, x)[0][2:]
    p_value = float(chdtrc(2 * len(others), max(0.0, 2 * (_logistic(full, x)[1] - without))))
    return [Difference(item, groups[o], float(s), p_value) for o, s in zip(others, shift, strict=True)]


def _logistic(design: FloatArray, x: FloatArray) -> tuple[FloatArray, float]:
    """Coefficients and log-likelihood of a logistic regression, by Newton's method.

    The faint ridge keeps a group that is all right or all wrong finite; it moves nothing else.
    """
    ridge = 1e-4 * np.eye(design.shape[1])
    beta = np.zeros(design.shape[1])
    for _ in range(25):
        p = expit(design @ beta)
        step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + ridge, design.T @ (x - p) - ridge @ beta)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    z = design @ beta
    return beta, float(x @ z - np.logaddexp(0, z).sum())
