"""Many sittings at once, through the very code that decides for one."""

import numpy as np

from engine.adaptive.belief import Belief
from engine.adaptive.choice import belief_in, choose, form_row
from engine.adaptive.content import Progress
from engine.adaptive.dice import LUCK, SeedArray, many_seeds, throw
from engine.adaptive.model import FRAMEWORKS, GRID, BoolArray, FloatArray, IntArray, Pool, response_probability
from engine.adaptive.plan import Plan
from engine.adaptive.posterior import TreePrior
from engine.adaptive.select import Selector
from engine.adaptive.stop import may_stop
from engine.items.frameworks import DOMAINS

BATCH = 256
"""Sittings that go through the kernels together: enough for matrix products, few enough for the cache."""


def draw_abilities(prior: TreePrior, n: int, rng: np.random.Generator) -> FloatArray:
    """Abilities of `n` candidates in the ten domains, logits, shape (n, 10), from the tree prior."""
    frameworks, each = len(FRAMEWORKS), len(DOMAINS) // len(FRAMEWORKS)
    general = rng.normal(prior.mean, np.sqrt(prior.var_g), (n, 1 if prior.cross_framework else frameworks))
    framework = general + rng.normal(0.0, np.sqrt(prior.var_f), (n, frameworks))
    return np.repeat(framework, each, axis=1) + rng.normal(0.0, np.sqrt(prior.var_s), (n, len(DOMAINS)))


def simulate(
    plan: Plan, theta: FloatArray, seed: int, *, first: int = 0, truth: Pool | None = None
) -> tuple[IntArray, BoolArray]:
    """Whole sittings of candidates of abilities `theta` (n, 10): rows and right answers, both (n, places).

    A place that was skipped holds row −1. Sitting j is the one that `decide` leads with seed
    `many_seeds(seed, n, first)[j]`; its luck hangs on that seed and the place alone, so sittings come in any
    parts. Answers follow the parameters of `truth`, which holds the plan's items; without it, those of the plan.
    """
    n, places = len(theta), len(plan.content.cycle)
    seeds = many_seeds(seed, n, first)
    rows, correct = np.empty((n, places), dtype=np.int64), np.empty((n, places), dtype=bool)
    for start in range(0, n, BATCH):
        part = slice(start, start + BATCH)
        luck = throw(seeds[part], LUCK, np.arange(places))
        rows[part], correct[part] = _sittings(plan, truth or plan.pool, theta[part], seeds[part], luck)
    return rows, correct


def _sittings(
    plan: Plan, truth: Pool, theta: FloatArray, seeds: SeedArray, luck: FloatArray
) -> tuple[IntArray, BoolArray]:
    """One batch of `simulate`; an answer is right where `luck` is below its probability."""
    pool, progress, agenda = plan.pool, Progress.start(plan.pool, len(theta)), plan.content.agenda(seeds)
    if plan.barred is not None:
        progress.blocked |= plan.barred
    rows, correct = np.empty(luck.shape, dtype=np.int64), np.zeros(luck.shape, dtype=bool)
    ended = np.zeros(len(theta), dtype=bool)
    one = np.arange(len(theta))
    belief: Belief | None = None
    for place, framework in enumerate(plan.content.framework.tolist()):
        selector = plan.selectors[framework]
        if selector.needs_data and (belief is None or belief.framework != framework):
            belief = belief_in(plan, progress, framework)
        if selector is Selector.FORMS:
            row = form_row(plan, seeds, place)
        else:
            row = choose(plan, seeds, agenda, progress, place, belief)
        if plan.stopping is not None:
            ended |= may_stop(plan.stopping, pool, plan.prior, plan.cuts, progress)
            row = np.where(ended, -1, row)
        ability = theta[one, pool.domain[row]]
        p = response_probability(ability, truth.a[row], truth.b[row], truth.c[row])
        rows[:, place] = row
        correct[:, place] = (luck[:, place] < p) & (row >= 0)
        progress.record(pool, row, correct[:, place])
        if belief is not None and selector.needs_data:
            belief.learn(progress.loglik, row)
    return rows, correct


def true_percentages(plan: Plan, theta: FloatArray) -> FloatArray:
    """Expected percentage of each domain over the reference set as a fraction, shape (n, 10), from `theta` (n, 10)."""
    return percentages_over(plan.pool, theta)


def percentages_over(pool: Pool, theta: FloatArray) -> FloatArray:
    """The same over the items of any pool, with its parameters."""
    return np.stack([np.interp(theta[:, d], GRID, pool.curves[d]) for d in range(len(DOMAINS))], axis=1)
