"""Simulated tests of one ability do what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive import unidimensional
from engine.adaptive.model import fisher_information, response_probability
from engine.adaptive.unidimensional import EDGE, simulate_unidimensional


def a_bank(n=60, seed=1, guessing=0.0):
    rng = np.random.default_rng(seed)
    return np.exp(rng.normal(0.1, 0.3, n)), rng.normal(0, 1, n), np.full(n, guessing)


def abilities(n, seed=2):
    return np.random.default_rng(seed).normal(size=n)


def direct(a, b, c, rows, correct, nodes=41):
    """EAP and standard deviation of one simulee from logarithms."""
    grid = np.linspace(-EDGE, EDGE, nodes)
    p = response_probability(grid, a[rows, None], b[rows, None], c[rows, None])
    log = np.where(correct[:, None], np.log(p), np.log1p(-p)).sum(axis=0) - grid**2 / 2
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = weight @ grid
    return mean, np.sqrt(weight @ (grid - mean) ** 2)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**63), st.integers(1, 60), st.sampled_from([0.0, 0.2]), st.booleans())
def test_the_estimate_is_the_mean_of_the_posterior_and_no_item_comes_twice(seed, length, guessing, exact):
    bank = a_bank(guessing=guessing)
    found = simulate_unidimensional(*bank, abilities(9) * 3, length, seed, exact=exact)
    for rows, correct, eap, sd in zip(found.rows, found.correct, found.eap, found.sd, strict=True):
        assert len(set(rows.tolist())) == length
        assert np.allclose((eap, sd), direct(*bank, rows, correct), atol=1e-9)


def test_an_exact_choice_is_the_most_informative_item_that_is_left():
    a, b, c = a_bank(guessing=0.1)
    found = simulate_unidimensional(a, b, c, abilities(20), 15, 5, exact=True)
    for rows, correct in zip(found.rows, found.correct, strict=True):
        for place in range(15):
            estimate = direct(a, b, c, rows[:place], correct[:place])[0]
            information = fisher_information(response_probability(estimate, a, b, c), a, c)
            information[rows[:place]] = -1
            assert information[rows[place]] == pytest.approx(information.max(), rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bins_lose_less_than_a_thousandth_of_the_information(seed):
    a, b, c = a_bank(640, seed)
    found = simulate_unidimensional(a, b, c, abilities(200, seed), 40, seed)
    got = best = 0.0
    for rows, correct in zip(found.rows, found.correct, strict=True):
        for place in range(40):
            estimate = direct(a, b, c, rows[:place], correct[:place])[0]
            information = fisher_information(response_probability(estimate, a, b, c), a, c)
            information[rows[:place]] = -1
            got, best = got + information[rows[place]], best + information.max()
    assert got > 0.999 * best


@pytest.mark.parametrize("guessing", [0.0, 0.25])
def test_the_choice_uses_fisher_information(guessing):
    a, b, c = a_bank(guessing=guessing)
    theta = np.linspace(-EDGE, EDGE, 21)
    bank = unidimensional._Bank(a, b, c, theta, np.empty((0, 0)), 0.02)
    expected = fisher_information(response_probability(theta[:, None], a, b, c), a, c)
    assert np.allclose(bank.information(theta), expected, rtol=1e-9)


def test_a_simulee_has_the_same_test_in_any_company(monkeypatch):
    bank, theta = a_bank(), abilities(50)
    together = simulate_unidimensional(*bank, theta, 20, 3)
    monkeypatch.setattr(unidimensional, "CHUNK", 7)
    for n in (50, 23, 1):
        apart = simulate_unidimensional(*bank, theta[:n], 20, 3)
        for name in ("rows", "correct", "eap", "sd"):
            assert (getattr(apart, name) == getattr(together, name)[:n]).all()


def test_another_seed_gives_other_answers():
    bank, theta = a_bank(), abilities(50)
    one, other = (simulate_unidimensional(*bank, theta, 20, seed) for seed in (1, 2))
    assert (one.correct != other.correct).any()


def test_estimates_are_as_far_from_the_truth_as_they_say():
    found = simulate_unidimensional(*a_bank(640), theta := abilities(4000), 30, 1)
    assert np.sqrt(np.mean((found.eap - theta) ** 2)) == pytest.approx(np.sqrt(np.mean(found.sd**2)), rel=0.05)


@pytest.mark.parametrize(
    "wrong",
    [
        {"length": 0},
        {"length": 61},
        {"a": np.zeros(60)},
        {"c": np.ones(60)},
        {"b": np.zeros(59)},
        {"theta": np.array([np.nan])},
        {"theta": np.zeros((2, 2))},
        {"nodes": 2},
        {"width": 0.0},
    ],
)
def test_a_wrong_call_is_refused(wrong):
    a, b, c = a_bank()
    right = {"a": a, "b": b, "c": c, "theta": np.zeros(3), "length": 5, "seed": 1}
    simulate_unidimensional(**right)
    with pytest.raises(ValueError, match="must be"):
        simulate_unidimensional(**right | wrong)
