"""An early stop comes when no level is in doubt any more, and only where it may."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adaptive.cat import Observed, Present, Stop, assess, decide
from engine.adaptive.dice import many_seeds
from engine.adaptive.gates import NotCalibrated
from engine.adaptive.plan import Plan
from engine.adaptive.select import Selector
from engine.adaptive.simulate import draw_abilities, simulate
from engine.adaptive.stop import Stopping
from engine.items.release import Provenance
from tests.engine.adaptive.bank import PUBLISHED, TRACK, a_plan, a_release, sit

STOPPING = Stopping(gamma=0.7)


def stopping_plan() -> Plan:
    return replace(a_plan(25, 8), selectors=(Selector.MAXIMUM_INFORMATION,) * 2, stopping=STOPPING)


@given(level=st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_settled_means_that_every_level_is_nearly_certain_on_its_side(level):
    by_hand = all(p <= 0.1 * 0.7 or p >= 1 - 0.1 * 0.3 for p in level)
    assert STOPPING.settled(np.array([level]))[0] == by_hand


def test_it_is_looked_after_sixteen_crcn_items_and_then_every_two():
    assert [n for n in range(25) if STOPPING.due(np.array([n]))[0]] == [16, 18, 20, 22, 24]


def test_a_candidate_who_answers_everything_right_is_let_go_early_and_one_in_doubt_is_not():
    plan = stopping_plan()
    assert len(sit(plan, 1, [True])) == 32
    lengths = {len(sit(plan, seed, [True, True, False])) for seed in range(4)}
    assert max(lengths) > 32


def test_the_test_stops_exactly_where_its_assessment_is_settled():
    plan, n = stopping_plan(), 6
    theta = draw_abilities(plan.prior, n, np.random.default_rng(4))
    rows, correct = simulate(plan, theta, seed=5)
    for j, seed in enumerate(many_seeds(5, n).tolist()):
        given = np.flatnonzero(rows[j] >= 0)
        observed = [Observed(plan.pool.ids[rows[j, i]], bool(correct[j, i])) for i in given]
        assert decide(plan, seed, observed) == Stop()
        assert decide(plan, seed, observed[:-1]) == Present(observed[-1].item)
        if len(observed) < 64:
            assert STOPPING.settled(np.array([assess(plan, observed).level]))[0]
        for length in range(32, len(observed), 2):
            assert not STOPPING.settled(np.array([assess(plan, observed[:length]).level]))[0]


def test_an_early_stop_is_refused_to_a_bank_without_data():
    tags = a_release(provenance=Provenance.TAGS)
    with pytest.raises(NotCalibrated, match="stopping early"):
        Plan.of(tags, TRACK, PUBLISHED, stopping=STOPPING)
    with pytest.raises(NotCalibrated, match="choosing by information"):
        Plan.of(tags, TRACK, PUBLISHED, selector=Selector.MAXIMUM_INFORMATION)
    some = a_release(responses=80)
    with pytest.raises(NotCalibrated, match="stopping early"):
        Plan.of(some, TRACK, PUBLISHED, stopping=STOPPING)


@pytest.mark.parametrize("wrong", [{"gamma": 0.0}, {"gamma": 1.0}, {"epsilon": 0.0}, {"at_least": 0}, {"every": 0}])
def test_a_stop_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="must lie between"):
        Stopping(**({"gamma": 0.7} | wrong))
