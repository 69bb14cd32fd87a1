"""Where exposure control starts: from simulated sittings, which protect the first candidates too."""

from dataclasses import replace

import numpy as np

from engine.adaptive.dice import many_seeds
from engine.adaptive.exposure import FADING, Eligibility, administered
from engine.adaptive.plan import Plan
from engine.adaptive.select import Selector
from engine.adaptive.simulate import draw_abilities, simulate

SITTINGS = 640
"""On the demo release the overlap of two sittings is stable from 320 on, .33 where it is .60 without control."""

BATCH = 64
"""Sittings under the same probabilities."""

THOROUGH = 6400
"""Sittings after which probabilities have settled, for a study of what the control does in the long run."""

SPREAD_BY_THEMSELVES = frozenset({Selector.STRATIFIED, Selector.FORMS})
"""Selectors that do not seek out the same items again and again."""


def needs_control(plan: Plan) -> bool:
    """Whether a framework's items are chosen by what they tell, so that the best would be given to everybody."""
    return any(selector not in SPREAD_BY_THEMSELVES for selector in plan.selectors)


def warmed(plan: Plan, sittings: int = SITTINGS, seed: int = 0) -> Eligibility:
    """The counts after `sittings` simulated ones of candidates from the plan's prior; nothing else is random.

    The first batches saw everything eligible, which is not how it ends: the batch of number k weighs as k³ (polynomial
    averaging). On 800 items and 6 400 sittings no item then stays more than .02 above its ceiling.
    """
    eligibility = Eligibility.of(plan.pool, plan.ceilings, fading=1.0)
    theta = draw_abilities(plan.prior, sittings, np.random.default_rng(seed))
    for number, start in enumerate(range(0, sittings, BATCH)):
        batch = theta[start : start + BATCH]
        own = int(many_seeds(seed, number + 1)[number])
        rows, _ = simulate(replace(plan, eligibility=eligibility), batch, own)
        eligible = eligibility.draw(many_seeds(own, len(batch)))
        eligibility = eligibility.fade((number / (number + 1)) ** 3).update(
            plan.pool, eligible, administered(rows, len(plan.pool.ids))
        )
    return replace(eligibility, fading=FADING)
