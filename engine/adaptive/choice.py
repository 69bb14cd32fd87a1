"""The choice of a question, for one sitting or for many: what may be asked, what suits best, and which item it is."""

from math import inf

import numpy as np

from engine.adaptive.content import Progress, prefer
from engine.adaptive.dice import SeedArray, throw
from engine.adaptive.levels import CRCN, EDU, domain_means, edu_level_probabilities, minimum_probabilities
from engine.adaptive.model import DOMAIN_OF, DOMAIN_WEIGHT, GRID, BoolArray, FloatArray, IntArray
from engine.adaptive.plan import Plan
from engine.adaptive.posterior import posterior
from engine.adaptive.select import (
    Selector,
    Standing,
    crcn_target,
    edu_target,
    steering_utility,
    stratified_utility,
)


def choose(plan: Plan, seeds: SeedArray, agenda: IntArray, progress: Progress, place: int) -> IntArray:
    """The row to ask at `place` of the form in each of n sittings, shape (n,); −1 if the place is skipped."""
    pool, content = plan.pool, plan.content
    to_come = content.to_come(agenda, progress, place)
    allowed = content.admissible(pool, agenda, progress, place, to_come, plan.time_budget)
    rows = pool.members[agenda[:, place]]
    if plan.eligibility is not None:
        allowed = prefer(allowed & plan.eligibility.draw(seeds, rows), allowed)
    if plan.selectors[content.framework[place]] is Selector.STEER:
        theta, target = aim(plan, agenda, progress, place, to_come)
        utility = steering_utility(pool, rows, theta, target, plan.steering)
    else:
        utility = stratified_utility(pool, rows, progress.strata, throw(seeds, place, rows))
    best = np.where(allowed, utility, -inf).argmax(axis=1)
    return np.where(allowed.any(axis=1), np.take_along_axis(rows, best[:, None], axis=1)[:, 0], -1)


def aim(
    plan: Plan, agenda: IntArray, progress: Progress, place: int, to_come: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """The expected ability in the domain asked at `place`, and p* there; both (n,)."""
    pool, prior, cuts = plan.pool, plan.prior, plan.cuts
    framework = int(plan.content.framework[place])
    part = (EDU, CRCN)[framework]
    one = np.arange(len(agenda))
    domain = DOMAIN_OF[agenda[:, place]]
    in_framework = to_come & (plan.content.framework == framework)
    in_domain = to_come & (DOMAIN_OF[agenda] == domain[:, None])
    left, domain_left = (np.maximum(m.sum(axis=1), 1) for m in (in_framework, in_domain))
    now = Standing(
        correct=progress.correct[:, part].sum(axis=1),
        length=progress.domain_asked[:, part].sum(axis=1) + left,
        left=left,
        domain_correct=progress.correct[one, domain],
        domain_length=progress.domain_asked[one, domain] + domain_left,
        domain_left=domain_left,
    )
    post = posterior(prior, progress.loglik)
    abilities = post.abilities(framework)
    theta = abilities[one, domain - part.start] @ GRID
    mean = domain_means(pool, abilities, part) @ DOMAIN_WEIGHT[part]
    if framework == 1:
        return theta, crcn_target(plan.steering, now, mean)
    level = edu_level_probabilities(pool, prior, post, cuts)
    minimum = minimum_probabilities(pool, prior, cuts, abilities)[one, domain]
    return theta, edu_target(plan.steering, cuts, now, mean, level, minimum)
