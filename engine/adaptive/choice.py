"""The choice of a question, for one sitting or for many: what may be asked, what suits best, and which item it is."""

from math import inf

import numpy as np

from engine.adaptive.belief import Belief
from engine.adaptive.content import Progress, prefer
from engine.adaptive.dice import SeedArray, throw
from engine.adaptive.forms import row_at
from engine.adaptive.levels import CRCN, EDU
from engine.adaptive.model import DOMAIN_OF, BoolArray, FloatArray, IntArray
from engine.adaptive.plan import Plan
from engine.adaptive.select import (
    Selector,
    Standing,
    crcn_target,
    edu_target,
    information_utility,
    steering_utility,
    stratified_utility,
)


def choose(
    plan: Plan, seeds: SeedArray, agenda: IntArray, progress: Progress, place: int, belief: Belief | None = None
) -> IntArray:
    """The row to ask at `place` of the form in each of n sittings, shape (n,); −1 if the place is skipped.

    `belief` is that of the framework asked at `place`, if the caller keeps it up.
    """
    pool, content = plan.pool, plan.content
    to_come = content.to_come(agenda, progress, place)
    allowed = content.admissible(pool, agenda, progress, place, to_come, plan.time_budget)
    competence = agenda[:, place]
    rows = pool.members[competence]
    if plan.eligibility is not None:
        allowed = prefer(allowed & plan.eligibility.draw(seeds, rows), allowed)
    selector = plan.selectors[content.framework[place]]
    if selector is Selector.STRATIFIED:
        utility = stratified_utility(pool, rows, progress.strata, throw(seeds, place, rows))
    else:
        known = belief or belief_in(plan, progress, int(content.framework[place]))
        spread = known.framework_ability()
        theta = known.ability(spread, DOMAIN_OF[competence])
        if selector is Selector.MAXIMUM_INFORMATION:
            utility = information_utility(pool, rows, theta)
        else:
            target = aim(plan, agenda, progress, place, to_come, known, spread)
            utility = steering_utility(pool, rows, theta, target, plan.steering)
    best = np.where(allowed, utility, -inf).argmax(axis=1)
    one = np.arange(len(rows))
    return np.where(allowed[one, best], rows[one, best], -1)


def form_row(plan: Plan, seeds: SeedArray, place: int | slice) -> IntArray:
    """The rows at `place` of the fixed form that each sitting takes, shape (n,) or (n, k); −1 where it has none."""
    if plan.forms is None:
        raise ValueError("a plan without fixed forms")
    return row_at(plan.forms, seeds, place)


def belief_in(plan: Plan, progress: Progress, framework: int) -> Belief:
    """What the answers so far say for the questions of a framework."""
    return Belief(plan.pool, plan.prior, plan.cuts, framework, progress.loglik)


def aim(
    plan: Plan,
    agenda: IntArray,
    progress: Progress,
    place: int,
    to_come: BoolArray,
    known: Belief,
    spread: FloatArray,
) -> FloatArray:
    """p* at `place`, shape (n,); `spread` is the belief's p(T), (n, 49)."""
    framework = int(plan.content.framework[place])
    part = (EDU, CRCN)[framework]
    left = np.maximum(to_come[:, plan.content.framework == framework].sum(axis=1), 1)
    correct = progress.correct[:, part].sum(axis=1)
    length = progress.domain_asked[:, part].sum(axis=1) + left
    mean = known.percent(spread)
    if framework == 1:
        return crcn_target(plan.steering, correct, length, left, mean)
    one = np.arange(len(agenda))
    domain = DOMAIN_OF[agenda[:, place]]
    in_domain = to_come & (DOMAIN_OF[agenda] == domain[:, None])
    domain_left = np.maximum(in_domain.sum(axis=1), 1)
    now = Standing(
        correct=correct,
        length=length,
        left=left,
        domain_correct=progress.correct[one, domain],
        domain_length=progress.domain_asked[one, domain] + domain_left,
        domain_left=domain_left,
    )
    return edu_target(plan.steering, plan.cuts, now, mean, known.levels(spread), known.minimum(spread, domain))
