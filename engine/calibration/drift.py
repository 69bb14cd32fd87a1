"""Has an item changed since it was calibrated? Two ways, for anchored and for freely calibrated items.

Against anchors: a cumulative sum of standardised residuals, answer after answer (Page 1954; Veerkamp & Glas 2000).
Against an earlier calibration: the change of difficulty after both scales were brought together by medians, which a few
drifting items do not move (after Huynh & Meyer 2010).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from engine.adaptive.model import FloatArray, IntArray
from engine.calibration.residuals import Predicted
from engine.calibration.responses import Responses

ALLOWANCE = 0.2
"""k: half the shift of mean residual that should be found soonest, in standard deviations; about .8 logit in all."""
FALSE_ALARM = 0.01
"""Chance that an item which has not changed is reported, over all its answers."""
CHANGED, LEAST_CHANGE = 3.0, 0.3
"""|z| and logits from which a difficulty has changed between two calibrations."""


@dataclass(frozen=True, eq=False)
class Cusum:
    """The greatest cumulative sums of each item, all of shape (n_items,)."""

    easier: FloatArray
    harder: FloatArray
    limit: FloatArray
    """What an unchanged item exceeds with a chance of FALSE_ALARM."""

    @property
    def flagged(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Items that became easier (known to candidates, say) or harder, shape (n_items,)."""
        return np.maximum(self.easier, self.harder) > self.limit


def cusum(responses: Responses, of: Predicted) -> Cusum:
    """Cumulative sums in the order of the answers."""
    residual = of.standardised(responses)
    # One far-off answer is a matter of the person; drift is many.
    residual = np.clip(residual, -3, 3)
    order = np.argsort(responses.item, kind="stable")
    ends = np.cumsum(responses.asked)
    easier, harder = np.zeros(len(ends)), np.zeros(len(ends))
    for i, (end, n) in enumerate(zip(ends.tolist(), responses.asked.tolist(), strict=True)):
        run = residual[order[end - n : end]]
        easier[i], harder[i] = _greatest(run), _greatest(-run)
    return Cusum(easier, harder, cusum_limit(responses.asked))


def _greatest(run: FloatArray) -> float:
    """The greatest value of max(0, S + r − k) along a run: a walk's rise above its lowest point so far."""
    walk = np.concatenate([[0.0], np.cumsum(run - ALLOWANCE)])
    return float((walk - np.minimum.accumulate(walk)).max())


def cusum_limit(answers: IntArray) -> FloatArray:
    """The limit for that many answers, shape as `answers`, by Siegmund's approximation of run lengths (1985).

    >>> cusum_limit(np.array([100, 1000])).round(1)
    array([17.3, 23. ])
    """

    def runs(limit: float) -> float:
        b = limit + 1.166
        return float((np.exp(2 * ALLOWANCE * b) - 2 * ALLOWANCE * b - 1) / (2 * ALLOWANCE**2) / 2)

    sizes, back = np.unique(np.maximum(answers, 1), return_inverse=True)
    wanted = -sizes / np.log1p(-FALSE_ALARM)
    limits: FloatArray = np.array([brentq(lambda h, n=n: runs(h) - n, 0.0, 500.0) for n in wanted.tolist()])[back]
    return limits


@dataclass(frozen=True, eq=False)
class Change:
    """Two calibrations of the same items, on the earlier one's scale; all of shape (n_items,)."""

    difficulty: FloatArray
    """Now less then, logits."""
    z: FloatArray
    scale: float
    """Logits of the earlier scale for one of the new."""
    shift: float

    @property
    def flagged(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Items whose difficulty changed more than both calibrations' errors explain, shape (n_items,)."""
        return (np.abs(self.z) >= CHANGED) & (np.abs(self.difficulty) >= LEAST_CHANGE)


def change(
    earlier: tuple[FloatArray, FloatArray, FloatArray], now: tuple[FloatArray, FloatArray, FloatArray]
) -> Change:
    """Compare (a, b, se_b) of the same items then and now, each of shape (n_items,)."""
    (a0, b0, se0), (a1, b1, se1) = earlier, now
    scale = float(np.exp(np.median(np.log(a1) - np.log(a0))))
    shift = float(np.median(b0 - scale * b1))
    difference = scale * b1 + shift - b0
    return Change(difference, difference / np.sqrt(se0**2 + (scale * se1) ** 2), scale, shift)
