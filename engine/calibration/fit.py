"""Whether an item behaves as its curve says, person by person left out.

Statistics on number-correct scores (S-X², Orlando & Thissen 2000) need everybody to answer the same items. Here answers
are grouped by the ability that the person's *other* answers give, and each group's count is compared with the sum of
its predicted probabilities. Since an answer is not among those that predict it, every group's residual has mean zero.
"""

from dataclasses import dataclass

import numpy as np

from engine.adaptive.model import FloatArray, IntArray
from engine.calibration.residuals import Predicted
from engine.calibration.responses import Responses

GROUPS = 10
VARIANCE_EACH = 4.0
"""Variance of the count of right answers that a group should hold, as of 16 answers at one half: with less, a count is
no normal deviate. An item that nearly everybody gets right has fewer groups."""
LEAST_GROUPS = 4
MISFIT = 3.0
"""|z| from which an item does not fit (docs/calibration.md)."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Item fit, each of shape (n_items,); NaN where there are too few answers."""

    z: FloatArray
    """Standard normal if the item fits: its χ² brought there by Wilson & Hilferty (1931)."""
    outfit: FloatArray
    """Mean squared standardised residual; about 1 if the item fits."""
    groups: IntArray


def item_fit(responses: Responses, of: Predicted, estimated: IntArray) -> Fit:
    """The fit of every item; `estimated` is the number of its parameters that were estimated, shape (n_items,)."""
    n_items = len(responses.items)
    ability = of.ability.round(9)  # people with the same other answers are the same
    order = np.lexsort((ability, responses.item))
    item, p, x = responses.item[order], of.probability[order], responses.correct[order]
    variance = p * (1 - p)
    total = np.bincount(item, variance, n_items)
    wanted = np.minimum(GROUPS, total / VARIANCE_EACH).astype(np.int64)
    # Groups of equal variance, from the least to the greatest ability; equal abilities share one.
    before = np.cumsum(variance) - variance / 2 - (np.cumsum(total) - total)[item]
    new = np.diff(item, prepend=-1).astype(bool) | np.diff(ability[order], prepend=-np.inf).astype(bool)
    tie = np.cumsum(new) - 1
    middle = np.bincount(tie, before)[tie] / np.bincount(tie)[tie]
    share = np.clip(middle / np.maximum(total[item], 1e-12), 0.0, 1.0 - 1e-9)
    cell = item * GROUPS + (share * wanted[item]).astype(np.int64)
    surplus = np.bincount(cell, x - p, n_items * GROUPS)
    spread = np.bincount(cell, variance, n_items * GROUPS)
    square = np.divide(surplus**2, spread, out=np.zeros_like(surplus), where=spread > 0)
    groups = (spread > 0).reshape(n_items, GROUPS).sum(axis=1)
    enough = (wanted >= LEAST_GROUPS) & (groups > estimated)
    chi2 = square.reshape(n_items, GROUPS).sum(axis=1)
    outfit = np.bincount(responses.item, of.standardised(responses) ** 2, n_items) / np.maximum(responses.asked, 1)
    z = np.full(n_items, np.nan)
    z[enough] = wilson_hilferty(chi2[enough], (groups - estimated)[enough])
    return Fit(z, np.where(responses.asked > 0, outfit, np.nan), groups)


def wilson_hilferty(chi2: FloatArray, df: IntArray) -> FloatArray:
    """A χ² as a standard normal deviate (Wilson & Hilferty 1931).

    >>> wilson_hilferty(np.array([15.507]), np.array([8])).round(2)
    array([1.65])
    """
    step = 2 / (9 * df)
    z: FloatArray = (np.cbrt(chi2 / df) - 1 + step) / np.sqrt(step)
    return z
