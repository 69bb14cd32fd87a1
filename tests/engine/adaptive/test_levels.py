"""Probabilities of levels agree with sampling, and intervals keep their word."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.cat import Observed, assess
from engine.adaptive.levels import Cuts, level_probabilities
from engine.adaptive.model import GRID, STEP, FloatArray, Pool
from engine.adaptive.posterior import Posterior, TreePrior, loglik, posterior
from engine.adaptive.simulate import draw_abilities, simulate, true_percentages
from tests.engine.adaptive.bank import PUBLISHED, a_plan, deserved_level, totals

PRIOR = TreePrior(0.3)


def sample_abilities(post: Posterior, n: int, rng: np.random.Generator) -> FloatArray:
    """Abilities from the posterior of one sitting, down the tree, spread over their grid cells; (n, 10)."""

    def draw(p: FloatArray) -> FloatArray:  # one column of p (49, n) for each
        return (np.cumsum(p, axis=0) < rng.random(p.shape[1]) * p.sum(axis=0)).sum(axis=0)

    g = draw(np.repeat(post.general[0][:, None], n, axis=1))
    theta = []
    for f in range(2):
        t = draw(post.prior.framework_given_general[:, g] * post.product[0, f][:, None])
        theta += [
            draw(post.prior.domain_given_framework[:, t] * post.likelihood[0, d][:, None])
            for d in range(5 * f, 5 * f + 5)
        ]
    return GRID[np.stack(theta, axis=1)] + STEP * (rng.random((n, 10)) - 0.5)


def sampled_levels(pool: Pool, post: Posterior, cuts: Cuts, rng: np.random.Generator) -> FloatArray:
    theta = sample_abilities(post, 4000, rng)
    pi = np.stack([np.interp(theta[:, d], GRID, pool.curves[d]) for d in range(10)], axis=1)
    return np.array([(deserved_level(pi, cuts) >= k).mean() for k in (1, 2, 3)])


@pytest.mark.parametrize("ability", [-0.6, 0.0, 0.6, 1.2, 2.0])
@pytest.mark.parametrize("answered", [0, 10, 30, 64])
def test_probabilities_of_levels_agree_with_sampling(ability, answered):
    plan = replace(a_plan(25, 8), prior=PRIOR)
    rng = np.random.default_rng([int(10 * ability) + 100, answered])
    rows, correct = simulate(plan, np.full((1, 10), ability) + rng.normal(0, 0.3, 10), seed=answered)
    post = posterior(PRIOR, loglik(plan.pool, rows[:, :answered], correct[:, :answered]))
    found = level_probabilities(plan.pool, PRIOR, post, PUBLISHED)
    assert found.both[0] == pytest.approx(sampled_levels(plan.pool, post, PUBLISHED, rng), abs=0.03)


def test_probabilities_agree_with_sampling_when_domains_differ_and_cuts_are_others():
    plan, cuts = a_plan(25, 8), Cuts(edu_total=(40, 55, 70), edu_domain=(30, 45, 55), crcn_total=(45, 60, 70))
    rng = np.random.default_rng(5)
    theta = np.array([[2.0, 1.0, 0.0, 1.0, -0.5, 1.0, 1.5, 0.5, 1.0, 0.0]])
    post = posterior(PRIOR, loglik(plan.pool, *simulate(plan, theta, seed=2)))
    found = level_probabilities(plan.pool, PRIOR, post, cuts)
    assert found.both[0] == pytest.approx(sampled_levels(plan.pool, post, cuts, rng), abs=0.03)


def sittings(n: int, seed: int) -> tuple[FloatArray, Posterior]:
    """True percentages of simulated candidates, and what their answers say."""
    plan = replace(a_plan(25, 8), prior=PRIOR)
    theta = draw_abilities(PRIOR, n, np.random.default_rng(seed))
    return true_percentages(plan, theta), posterior(PRIOR, loglik(plan.pool, *simulate(plan, theta, seed)))


@pytest.mark.slow
def test_credible_intervals_cover_as_often_as_they_say():
    n = 1200
    truth, post = sittings(n, seed=11)
    found = level_probabilities(a_plan(25, 8).pool, PRIOR, post, PUBLISHED)
    covered = ((found.domain_low <= truth) & (truth <= found.domain_high)).mean(axis=0)
    # Four standard deviations of a binomial with p = .8.
    assert covered == pytest.approx(np.full(10, 0.8), abs=4 * np.sqrt(0.8 * 0.2 / n))


def test_intervals_of_totals_cover_as_often_as_they_say():
    n = 300
    plan = replace(a_plan(25, 8), prior=PRIOR)
    theta = draw_abilities(PRIOR, n, np.random.default_rng(3))
    rows, correct = simulate(plan, theta, seed=3)
    truth = 100 * totals(true_percentages(plan, theta))
    covered = np.zeros(2)
    for j in range(n):
        found = assess(plan, [Observed(plan.pool.ids[r], bool(c)) for r, c in zip(rows[j], correct[j], strict=True)])
        covered += [f.low <= truth[j, i] <= f.high for i, f in enumerate(found.frameworks)]
    assert covered / n == pytest.approx(np.full(2, 0.8), abs=4 * np.sqrt(0.8 * 0.2 / n))


@pytest.mark.slow
def test_probabilities_of_levels_come_true_as_often_as_they_say():
    n = 1000
    truth, post = sittings(n, seed=12)
    found = level_probabilities(a_plan(25, 8).pool, PRIOR, post, PUBLISHED)
    for k in range(3):
        p, is_so = found.both[:, k], deserved_level(truth) > k
        for low, high in ((0.0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1.0)):
            bin_ = (p >= low) & (p <= high)
            sd = np.sqrt((p[bin_] * (1 - p[bin_])).sum())
            assert abs(p[bin_].sum() - is_so[bin_].sum()) <= 4 * sd + 1


@pytest.mark.slow
def test_a_higher_level_is_never_more_probable_and_the_whole_never_more_than_its_parts():
    pool = a_plan(25, 8).pool
    _, post = sittings(300, seed=13)
    for prior in (PRIOR, TreePrior(0.3, cross_framework=False)):
        found = level_probabilities(pool, prior, posterior(prior, np.log(post.likelihood)), PUBLISHED)
        for p in (found.both, found.edu, found.crcn, found.minimum):
            assert (np.diff(p, axis=-1) <= 0).all()
            assert ((p >= 0) & (p <= 1 + 1e-12)).all()
        assert (found.both <= np.minimum(found.edu, found.crcn) + 1e-12).all()
        assert (found.edu <= found.minimum.min(axis=1) + 1e-12).all()


def test_minima_of_zero_and_one_hundred_are_certain_and_impossible():
    pool = a_plan().pool
    _, post = sittings(5, seed=14)
    found = level_probabilities(pool, PRIOR, post, Cuts((0, 0, 50), (0, 0, 100), (0, 0, 0)))
    assert found.both[:, 0] == pytest.approx(np.ones(5))
    assert found.both[:, 2] == pytest.approx(np.zeros(5))


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.integers(0, 191), min_size=1, max_size=64, unique=True), data=st.data())
def test_no_level_becomes_less_probable_when_an_answer_turns_from_wrong_to_right(rows, data):
    pool = a_plan().pool
    correct = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    turned = data.draw(st.integers(0, len(rows) - 1))
    worse, better = correct.copy(), correct.copy()
    worse[turned], better[turned] = False, True
    before, after = (
        level_probabilities(pool, PRIOR, posterior(PRIOR, loglik(pool, np.array([rows]), c[None])), PUBLISHED)
        for c in (worse, better)
    )
    assert (after.both >= before.both - 1e-9).all()
    assert (after.framework_mean > before.framework_mean).all()


def test_cuts_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="edu_total must be three percentages"):
        Cuts((50, 65, 120), (50, 60, 60), (60, 75, 85))
