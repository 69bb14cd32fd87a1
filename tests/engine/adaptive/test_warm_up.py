"""Exposure control starts from simulated sittings."""

from dataclasses import replace

import numpy as np
import pytest

from engine.adaptive.exposure import administered
from engine.adaptive.monitor import overlap
from engine.adaptive.select import Selector
from engine.adaptive.simulate import draw_abilities, simulate
from engine.adaptive.warm_up import BATCH, THOROUGH, needs_control, warmed
from tests.engine.adaptive.bank import a_plan


def test_the_same_arguments_give_the_same_counts_to_the_bit():
    plan = a_plan(6, 3)
    one, other = (warmed(plan, 2 * BATCH, seed=3) for _ in range(2))
    assert (one.eligible == other.eligible).all()
    assert (one.administered == other.administered).all()
    assert (one.administered != warmed(plan, 2 * BATCH, seed=4).administered).any()


def test_every_simulated_sitting_is_counted_whatever_the_last_batch_holds_and_later_ones_weigh_more():
    plan = a_plan(6, 3)
    assert warmed(plan, 5).administered.sum() == pytest.approx(64 * 5)
    assert warmed(plan, BATCH + 5).administered.sum() == pytest.approx(64 * (BATCH / 2**3 + 5))


@pytest.mark.slow
def test_a_thorough_warm_up_holds_every_item_near_its_ceiling():
    plan, n = a_plan(25, 8, seed=7), 4000
    held = replace(plan, eligibility=warmed(plan, THOROUGH))
    assert held.eligibility is not None
    rows, _ = simulate(held, draw_abilities(plan.prior, n, np.random.default_rng(6)), seed=6)
    use = administered(rows, len(plan.pool.ids)).mean(axis=0)
    noise = np.sqrt(held.eligibility.ceiling * (1 - held.eligibility.ceiling) / n)
    assert (use < held.eligibility.ceiling + 0.02 + 2 * noise).all()


def test_the_first_real_sittings_overlap_less_than_without():
    plan = a_plan(25, 8)
    theta = draw_abilities(plan.prior, 64, np.random.default_rng(5))

    def overlaps(plan_):
        given = administered(simulate(plan_, theta, seed=5)[0], len(plan.pool.ids))
        return overlap(given.sum(axis=0), len(theta))

    held, free = overlaps(replace(plan, eligibility=warmed(plan, 6 * BATCH))), overlaps(plan)
    assert held is not None
    assert free is not None
    assert held < 0.75 * free


def test_only_plans_that_seek_out_items_need_control():
    plan = a_plan(6, 3)
    assert needs_control(plan)
    assert needs_control(replace(plan, selectors=(Selector.STRATIFIED, Selector.STEER)))
    assert not needs_control(replace(plan, selectors=(Selector.STRATIFIED, Selector.STRATIFIED)))
