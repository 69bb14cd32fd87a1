"""Many sittings at once, through the very code that decides for one."""

import numpy as np

from engine.adaptive.belief import Belief
from engine.adaptive.choice import belief_in, choose, form_row
from engine.adaptive.content import Progress
from engine.adaptive.dice import SeedArray, many_seeds
from engine.adaptive.model import FRAMEWORKS, GRID, BoolArray, FloatArray, IntArray, response_probability
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


def simulate(plan: Plan, theta: FloatArray, seed: int) -> tuple[IntArray, BoolArray]:
    """Whole sittings of candidates of abilities `theta` (n, 10): rows and right answers, both (n, places).

    A place that was skipped holds row −1. Sitting j is the one that `decide` leads with seed `many_seeds(seed, n)[j]`.
    """
    n, places = len(theta), len(plan.content.cycle)
    luck = np.random.default_rng(seed).random((n, places))
    seeds = many_seeds(seed, n)
    rows, correct = np.empty((n, places), dtype=np.int64), np.empty((n, places), dtype=bool)
    for start in range(0, n, BATCH):
        part = slice(start, start + BATCH)
        rows[part], correct[part] = _sittings(plan, theta[part], seeds[part], luck[part])
    return rows, correct


def _sittings(plan: Plan, theta: FloatArray, seeds: SeedArray, luck: FloatArray) -> tuple[IntArray, BoolArray]:
    """One batch of `simulate`; an answer is right where `luck` is below its probability."""
    pool, progress, agenda = plan.pool, Progress.start(plan.pool, len(theta)), plan.content.agenda(seeds)
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
        p = response_probability(ability, pool.a[row], pool.b[row], pool.c[row])
        rows[:, place] = row
        correct[:, place] = (luck[:, place] < p) & (row >= 0)
        progress.record(pool, row, correct[:, place])
        if belief is not None and selector.needs_data:
            belief.learn(progress.loglik, row)
    return rows, correct


def true_percentages(plan: Plan, theta: FloatArray) -> FloatArray:
    """Expected percentage of each domain over the reference set as a fraction, shape (n, 10), from `theta` (n, 10)."""
    return np.stack([np.interp(theta[:, d], GRID, plan.pool.curves[d]) for d in range(len(DOMAINS))], axis=1)
