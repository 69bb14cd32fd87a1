"""The posterior of the tree is exact, and survives anything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.model import GRID, FloatArray
from engine.adaptive.posterior import TreePrior, add, loglik, posterior
from tests.engine.adaptive.bank import a_plan

PRIOR = TreePrior(0.2)


def flat(**domains: FloatArray) -> FloatArray:
    """Log-likelihoods of no answers, but in the domains named `d0` to `d9`."""
    ell = np.zeros((1, 10, GRID.size))
    for name, values in domains.items():
        ell[0, int(name[1:])] = values
    return ell


def normal(x: FloatArray, mean: FloatArray | float, variance: float) -> FloatArray:
    w = np.exp(-((x - mean) ** 2) / (2 * variance))
    return w / w.sum(axis=0)


def test_the_posterior_is_that_of_brute_force_over_the_whole_tree():
    pool = a_plan().pool
    ell = loglik(pool, np.array([[0, 7, 14, 80, 130, 96]]), np.array([[True, False, True, True, False, True]]))
    used = [d for d in range(10) if ell[0, d].any()]
    assert len(used) > 2
    k1 = normal(GRID[:, None], GRID, PRIOR.var_f)
    k2 = normal(GRID[:, None], GRID, PRIOR.var_s)
    p0 = normal(GRID, PRIOR.mean, PRIOR.var_g)
    answers = np.exp(ell[0])
    # p[g, t_edu, t_crcn], every domain's ability summed out one by one.
    weight = p0[:, None, None] * k1.T[:, :, None] * k1.T[:, None, :]
    for d in range(10):
        given_t = (k2 * answers[d][:, None]).sum(axis=0)
        weight = weight * (given_t[:, None] if d < 5 else given_t)
    found = posterior(PRIOR, ell)
    total = weight.sum()
    assert np.allclose(found.general[0], weight.sum(axis=(1, 2)) / total, atol=1e-12)
    assert np.allclose(found.framework[0, 0], weight.sum(axis=(0, 2)) / total, atol=1e-12)
    assert np.allclose(found.framework[0, 1], weight.sum(axis=(0, 1)) / total, atol=1e-12)
    for d in range(10):
        t = weight.sum(axis=(0, 2) if d < 5 else (0, 1))
        given_t = k2 * answers[d][:, None]
        theta = (given_t / given_t.sum(axis=0)) @ (t / total)
        assert np.allclose(found.theta[0, d], theta, atol=1e-12)


def test_normal_answers_give_the_normal_posterior_of_the_textbooks():
    # Were likelihoods normal, the ten abilities would be jointly normal: means from the 10 × 10 covariance.
    seen, noise = {0: 0.6, 1: -0.5, 7: 1.0}, 0.4
    ell = flat(**{f"d{d}": -((GRID - y) ** 2) / (2 * noise) for d, y in seen.items()})
    same = np.equal.outer(np.arange(10) // 5, np.arange(10) // 5)
    cov = PRIOR.var_g + PRIOR.var_f * same + PRIOR.var_s * np.eye(10)
    o = list(seen)
    gain = cov[:, o] @ np.linalg.inv(cov[np.ix_(o, o)] + noise * np.eye(len(o)))
    mean = PRIOR.mean + gain @ (np.array(list(seen.values())) - PRIOR.mean)
    sd = np.sqrt(np.diag(cov - gain @ cov[o]))
    found = posterior(PRIOR, ell)
    assert np.allclose(found.mean[0], mean, atol=2e-3)
    assert np.allclose(found.sd[0], sd, atol=2e-3)


def test_abilities_correlate_as_the_defaults_say():
    prior = TreePrior()
    total = prior.var_g + prior.var_f + prior.var_s
    assert (prior.var_g + prior.var_f) / total == pytest.approx(0.8)
    assert prior.var_g / total == pytest.approx(0.7)


def test_two_hundred_answers_do_not_underflow():
    pool = a_plan(25, 8).pool
    rows = np.arange(200)[None] * 4
    for correct in (np.ones((1, 200), bool), np.zeros((1, 200), bool), rows % 8 == 0):
        found = posterior(PRIOR, loglik(pool, rows, correct))
        assert np.isfinite(found.theta).all()
        assert np.allclose(found.theta.sum(axis=2), 1)


@pytest.mark.parametrize("prior", [PRIOR, TreePrior(var_g=0.04, var_f=0.04, var_s=0.04)], ids=["usual", "tight"])
def test_answers_that_contradict_each_other_beyond_belief_still_have_a_posterior(prior):
    up, down = 60 * GRID, -60 * GRID
    found = posterior(prior, flat(d0=up, d1=down, d2=up, d3=down, d4=up, d5=down, d6=up, d7=down, d8=down, d9=down))
    assert np.isfinite(found.mean).all()
    assert found.mean[0, 0] > found.mean[0, 1]


def test_adding_answers_one_by_one_gives_the_same_bits():
    pool = a_plan().pool
    rng = np.random.default_rng(1)
    rows, correct = rng.integers(-1, len(pool.ids), (20, 40)), rng.random((20, 40)) < 0.5
    ell = np.zeros((20, 10, GRID.size))
    for k in range(40):
        add(pool, ell, rows[:, k], correct[:, k])
    assert (ell == loglik(pool, rows, correct)).all()


def test_without_the_crossing_answers_in_one_framework_say_nothing_of_the_other():
    ell = flat(d0=3 * GRID, d2=3 * GRID)
    apart = posterior(TreePrior(cross_framework=False), ell)
    nothing = posterior(TreePrior(cross_framework=False), flat())
    assert np.allclose(apart.mean[0, 5:], nothing.mean[0, 5:], atol=1e-12)
    assert apart.mean[0, 1] > 0.5
    assert posterior(TreePrior(), ell).mean[0, 5] > 0.5


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.integers(0, 191), min_size=1, max_size=64, unique=True), data=st.data())
def test_every_ability_rises_when_an_answer_turns_from_wrong_to_right(rows, data):
    pool = a_plan().pool
    correct = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    turned = data.draw(st.integers(0, len(rows) - 1))
    worse, better = correct.copy(), correct.copy()
    worse[turned], better[turned] = False, True
    before, after = (posterior(PRIOR, loglik(pool, np.array([rows]), c[None])) for c in (worse, better))
    assert (after.mean > before.mean).all()


def test_a_variance_finer_than_the_grid_is_refused():
    with pytest.raises(ValueError, match=r"var_f must be at least 0\.04"):
        TreePrior(var_f=0.01)
