"""Simulated sittings are the sittings that candidates have, and scores keep their meaning."""

from dataclasses import replace

import numpy as np
import pytest

from engine.adaptive.cat import Observed, Plan, Present, Stop, decide
from engine.adaptive.dice import many_seeds
from engine.adaptive.exposure import Eligibility
from engine.adaptive.posterior import TreePrior
from engine.adaptive.select import Selector
from engine.adaptive.simulate import draw_abilities, simulate, true_percentages
from engine.items.release import Provenance
from tests.engine.adaptive.bank import (
    PUBLISHED,
    TRACK,
    a_plan,
    a_release,
    counts,
    deserved_level,
    official_level,
    totals,
)


def rarely_eligible(plan: Plan) -> Plan:
    items = len(plan.pool.ids)
    return replace(plan, eligibility=Eligibility(np.full(items, 0.4), np.ones(items), np.ones(items)))


PLANS = {
    "small": lambda: a_plan(5, 3),
    "usual": lambda: a_plan(25, 8),
    "enemies": lambda: a_plan(6, 3, enemies=150),
    "two subjects": lambda: a_plan(6, 2),
    "short with enemies": lambda: replace(a_plan(6, 3, enemies=150), wanted=(16, 40)),
    "no data": lambda: Plan.of(a_release(provenance=Provenance.TAGS), TRACK, PUBLISHED),
    "eligibility and little time": lambda: replace(rarely_eligible(a_plan(8, 4)), time_budget=4200.0),
    "guessing": lambda: Plan.of(a_release(guessing=0.2), TRACK, PUBLISHED),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_decide_and_simulate_choose_the_same_items(name):
    plan, n = PLANS[name](), 4
    theta = draw_abilities(plan.prior, n, np.random.default_rng(1))
    rows, correct = simulate(plan, theta, seed=7)
    for j, seed in enumerate(many_seeds(7, n).tolist()):
        given = np.flatnonzero(rows[j] >= 0)
        observed = [Observed(plan.pool.ids[rows[j, i]], bool(correct[j, i])) for i in given]
        for place, seen in enumerate(observed):
            assert decide(plan, seed, observed[:place]) == Present(seen.item)
        assert decide(plan, seed, observed) == Stop()


def test_a_simulation_can_be_cut_anywhere():
    plan = a_plan(6, 3)
    theta = draw_abilities(plan.prior, 70, np.random.default_rng(2))  # more than a batch
    rows, _ = simulate(plan, theta, seed=3)
    again, _ = simulate(plan, theta[:65], seed=3)
    assert (rows[:65] == again).all()


def test_a_simulation_can_start_anywhere():
    plan = a_plan(6, 3)
    theta = draw_abilities(plan.prior, 70, np.random.default_rng(2))
    rows, correct = simulate(plan, theta, seed=3)
    rest, right = simulate(plan, theta[41:], seed=3, first=41)
    assert (rows[41:] == rest).all()
    assert (correct[41:] == right).all()


def test_answers_follow_the_true_parameters_and_choices_those_of_the_plan():
    plan = a_plan(6, 3)
    theta = draw_abilities(plan.prior, 200, np.random.default_rng(2))
    rows, correct = simulate(plan, theta, seed=3)
    easy_rows, easy = simulate(plan, theta, seed=3, truth=replace(plan.pool, b=plan.pool.b - 20))
    assert easy.all()
    assert not correct.all()
    assert (rows[:, 0] == easy_rows[:, 0]).all()
    same, _ = simulate(plan, theta, seed=3, truth=plan.pool)
    assert (rows == same).all()


def test_answers_are_right_as_often_as_the_model_says():
    plan, n = a_plan(25, 8), 1000
    theta = draw_abilities(plan.prior, n, np.random.default_rng(4))
    rows, correct = simulate(plan, theta, seed=4)
    pool = plan.pool
    p = 1 / (1 + np.exp(-pool.a[rows] * (np.take_along_axis(theta, pool.domain[rows], axis=1) - pool.b[rows])))
    sd = np.sqrt((p * (1 - p)).sum())
    assert abs(correct.sum() - p.sum()) < 4 * sd


def test_abilities_are_drawn_from_the_tree():
    for crossing, between in ((True, 0.7), (False, 0.0)):
        theta = draw_abilities(TreePrior(0.3, cross_framework=crossing), 40_000, np.random.default_rng(1))
        r = np.corrcoef(theta.T)
        assert theta.mean() == pytest.approx(0.3, abs=0.03)
        assert theta.std() == pytest.approx(1.0, abs=0.02)
        assert r[0, 4] == pytest.approx(0.8, abs=0.02)
        assert r[0, 5] == pytest.approx(between, abs=0.02)


def scores(plan: Plan, n: int = 800) -> tuple[np.ndarray, np.ndarray]:
    """True and observed percentages of both frameworks, (n, 2) each."""
    theta = draw_abilities(plan.prior, n, np.random.default_rng(8))
    right, asked = counts(plan.pool, *simulate(plan, theta, seed=8))
    by_framework = [np.stack([x[:, :5].sum(axis=1), x[:, 5:].sum(axis=1)], axis=1) for x in (right, asked)]
    return totals(true_percentages(plan, theta)), by_framework[0] / by_framework[1]


@pytest.mark.slow
@pytest.mark.parametrize("bank", [(25, 8), (6, 3)], ids=["large", "small"])
@pytest.mark.parametrize("selector", [Selector.STEER, Selector.STRATIFIED])
def test_the_percentage_of_right_answers_tracks_the_true_percentage(bank, selector):
    truth, observed = scores(replace(a_plan(*bank), selectors=(selector, selector)))
    for f in range(2):
        slope, _ = np.polyfit(truth[:, f], observed[:, f], 1)
        assert 0.85 < slope < 1.15
        assert abs((observed - truth)[:, f].mean()) < 0.02


def test_plain_maximum_information_draws_everybody_to_the_same_percentage():
    truth, observed = (x[:, 1] for x in scores(replace(a_plan(25, 8), selectors=(Selector.MAXIMUM_INFORMATION,) * 2)))
    slope, _ = np.polyfit(truth, observed, 1)
    assert slope < 0.5
    assert (observed - truth)[truth > 0.8].mean() < -0.1


@pytest.mark.slow
def test_steering_classifies_better_than_chance_forms_under_the_official_rule():
    right = []
    for selector in (Selector.STEER, Selector.STRATIFIED):
        plan = replace(a_plan(25, 8), selectors=(selector, selector), prior=TreePrior(0.3))
        theta = draw_abilities(plan.prior, 1200, np.random.default_rng(9))
        level = official_level(*counts(plan.pool, *simulate(plan, theta, seed=9)))
        right.append(level == deserved_level(true_percentages(plan, theta)))
    assert right[0].mean() > right[1].mean() + 0.03
