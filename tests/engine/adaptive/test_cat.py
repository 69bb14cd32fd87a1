"""A sitting is a function of its plan, its seed and its answers."""

import hashlib
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.cat import Observed, Plan, Present, Stop, assess, decide
from engine.adaptive.select import Selector, Steering
from engine.adaptive.simulate import simulate
from engine.items.frameworks import COMPETENCES, Framework
from engine.items.release import Parameters, Provenance, Release, UnknownItem
from engine.kernel import ItemId
from tests.engine.adaptive.bank import PUBLISHED, TRACK, a_plan, a_release, an_item, sit


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**63), answers=st.lists(st.booleans(), min_size=1, max_size=64))
def test_a_sitting_is_replayed_bit_for_bit_on_a_plan_made_anew(seed, answers):
    first = sit(a_plan(6, 3), seed, answers)
    anew = Plan.of(a_release(6, 3), TRACK, PUBLISHED)
    for place, seen in enumerate(first):
        assert decide(anew, seed, first[:place]) == Present(seen.item)
    assert decide(anew, seed, first) == Stop()
    assert assess(anew, first) == assess(a_plan(6, 3), first)


def by_arithmetic() -> Release:
    """A bank that no random generator has a part in."""
    items = [
        an_item(f"{c.framework}-{c.code}-{i}", c.framework, c.code, f"s{i % 3}", 1 + i % 3)
        for c in COMPETENCES
        for i in range(6)
    ]
    rows = [
        Parameters(0.8 + 0.5 * (0.414 * i % 1), 4 * (0.618 * i % 1) - 2.3, 0.0, 200, 0.2) for i in range(len(items))
    ]
    return Release("arithmetic", "-", Provenance.CALIBRATED, tuple(items), tuple(rows), dict.fromkeys(Framework, 0.02))


@pytest.mark.parametrize(
    ("selector", "digest"), [(Selector.STEER, "43ed20dc9014f4fd"), (Selector.STRATIFIED, "49284f12ab60c21b")]
)
def test_a_sitting_recorded_in_2026_is_led_the_same_way_in_any_year(selector, digest):
    plan = Plan.of(by_arithmetic(), TRACK, PUBLISHED, selector=selector)
    form = "\n".join(o.item for o in sit(plan, 2026, [True, True, False, True, False]))
    assert hashlib.sha256(form.encode()).hexdigest()[:16] == digest


def test_a_decision_leaves_no_trace_in_the_plan():
    plan = a_plan(25, 8)
    observed = sit(plan, 1, [True, False])
    before = decide(plan, 1, observed[:30])
    sit(plan, 2, [False])
    assert decide(plan, 1, observed[:30]) == before


def test_two_candidates_see_different_items():
    plan = a_plan(25, 8)
    one, other = ({o.item for o in sit(plan, seed, [True])} for seed in (1, 2))
    assert one != other


def test_better_answers_bring_harder_items():
    plan = a_plan(25, 8)

    def difficulty(right: bool) -> float:
        rows = [plan.pool.row(o.item) for o in sit(plan, 1, [right])[8:]]
        return float(plan.pool.b[rows].mean())

    assert difficulty(True) > difficulty(False) + 0.5


def test_what_is_shown_does_not_depend_on_answers_while_there_are_no_data():
    plan = Plan.of(a_release(provenance=Provenance.TAGS), TRACK, PUBLISHED)
    assert [o.item for o in sit(plan, 8, [True])] == [o.item for o in sit(plan, 8, [False])]


def test_an_assessment_is_made_of_plain_numbers_that_fit_together():
    plan = a_plan(25, 8)
    found = assess(plan, sit(plan, 1, [True, True, False]))
    numbers = [*found.level, *found.edu_level, *found.crcn_level, *(p for row in found.minima for p in row)]
    assert all(type(n) is float and 0 <= n <= 1 for n in numbers)
    for percentage in (*found.frameworks, *found.domains):
        assert all(type(n) is float for n in asdict(percentage).values())
        assert 0 <= percentage.low < percentage.mean < percentage.high <= 100
        # An 80 % interval of a bell is 2.56 standard deviations wide.
        assert percentage.high - percentage.low == pytest.approx(2.56 * percentage.sd, rel=0.15)
    weights = (5, 3, 3, 3, 2)
    edu = sum(w * d.mean for w, d in zip(weights, found.domains[:5], strict=True)) / 16
    assert found.frameworks[0].mean == pytest.approx(edu, abs=1e-6)
    assert len(found.domains) == 10
    assert len(found.minima) == 5


def test_a_voided_answer_is_as_if_it_had_never_been_given():
    plan = a_plan(25, 8)
    observed = sit(plan, 1, [True, True, False])
    voided = observed[20].item
    turned = [replace(o, correct=not o.correct) if o.item == voided else o for o in observed]
    kept, kept_turned = ([o for o in seen if o.item != voided] for seen in (observed, turned))
    assert assess(plan, kept) == assess(plan, kept_turned) != assess(plan, observed)


def test_without_answers_the_assessment_is_the_prior():
    found = assess(a_plan(25, 8), [])
    assert found.level[0] > found.level[1] > found.level[2] > 0
    assert found.frameworks[0].sd > 10


def test_an_item_that_the_track_does_not_have_is_refused():
    with pytest.raises(UnknownItem):
        decide(a_plan(), 1, [Observed(ItemId("nowhere"), True)])
    with pytest.raises(UnknownItem):
        assess(a_plan(), [Observed(ItemId("nowhere"), True)])


def test_a_plan_can_be_steered_with_other_settings():
    bold, shy = (replace(a_plan(25, 8), steering=Steering(gamma=g)) for g in (0.5, 0.95))
    theta = np.full((200, 10), 0.5)
    scores = [simulate(plan, theta, seed=1)[1][:, :16].sum(axis=1) for plan in (bold, shy)]
    assert scores[0].mean() != scores[1].mean()
