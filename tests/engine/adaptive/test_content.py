"""What every form keeps to, whatever the candidate answers."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.cat import Observed, Plan, Present, decide
from engine.adaptive.content import Content
from engine.adaptive.exposure import Eligibility
from engine.adaptive.model import Pool, UncoveredCompetence
from engine.adaptive.simulate import simulate
from engine.items.frameworks import COMPETENCES, Framework
from engine.items.item import Item
from engine.items.release import Parameters, Provenance, Release
from engine.kernel import ItemId
from tests.engine.adaptive.bank import PUBLISHED, TRACK, a_plan, a_release, an_item, sit

CRCN = Framework.CRCN


@cache
def half_eligible() -> Plan:
    """A plan in which half of the items are barred from a sitting."""
    plan = a_plan(8, 4)
    items = len(plan.pool.ids)
    rare = Eligibility(np.full(items, 0.5), np.ones(items), np.ones(items))
    return replace(plan, eligibility=rare)


@cache
def the_quickest(slack: float) -> Plan:
    """A plan with little more time than the quickest form needs."""
    plan = a_plan(6, 3)
    return replace(plan, time_budget=float(plan.content.quickest.sum()) + slack)


PLANS = {
    "small": lambda: a_plan(5, 3),
    "usual": lambda: a_plan(25, 8),
    "many enemies": lambda: a_plan(6, 3, enemies=150),
    "two subjects": lambda: a_plan(6, 2),
    "one subject": lambda: a_plan(4, 1),
    "no data": lambda: Plan.of(a_release(provenance=Provenance.TAGS, enemies=60), TRACK, PUBLISHED),
    "short": lambda: replace(a_plan(6, 3), wanted=(16, 40)),
    "hurried": lambda: the_quickest(0.0),
    "pressed": lambda: the_quickest(400.0),
    "half eligible": half_eligible,
}

answers = st.lists(st.booleans(), min_size=1, max_size=64)


def assert_is_a_form(plan: Plan, items: list[ItemId], gone: frozenset[ItemId] = frozenset()) -> None:
    pool = plan.pool
    rows = [pool.row(i) for i in items]
    blocked = rows + [pool.row(i) for i in gone]
    assert len(set(blocked)) == len(blocked)
    assert len(set(pool.subject[blocked])) == len(blocked)
    assert not pool.enemies[np.ix_(blocked, rows)].any()
    asked = np.bincount(pool.competence[rows], minlength=32)
    assert set(asked[:16].tolist()) <= {0, 1}
    assert asked[16:].max() <= 3


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(name=st.sampled_from(list(PLANS)), seed=st.integers(0, 2**63), answers=answers)
def test_no_answers_make_a_form_repeat_a_subject_or_join_enemies_or_leave_a_competence_out(name, seed, answers):
    plan = PLANS[name]()
    items = [o.item for o in sit(plan, seed, answers)]
    assert_is_a_form(plan, items)
    asked = np.bincount([plan.pool.competence[plan.pool.row(i)] for i in items], minlength=32)
    assert (asked[:16] == 1).all()
    assert ((asked[16:] >= 1) & (asked[16:] <= 3)).all()
    frameworks = [i.split("-")[0] for i in items]
    assert frameworks == sorted(frameworks, key=["crcn_edu", "crcn"].index)
    if name != "many enemies" and name != "no data":
        assert (asked[:16].sum(), asked[16:].sum()) == plan.lengths


def test_how_long_a_form_is_follows_from_the_subjects():
    assert a_plan(5, 3).lengths == (16, 48)
    assert a_plan(6, 2).lengths == (16, 32)
    assert a_plan(4, 1).lengths == (16, 16)
    assert replace(a_plan(6, 3), wanted=(16, 40)).lengths == (16, 40)
    with pytest.raises(ValueError, match="lengths"):
        replace(a_plan(6, 3), wanted=(16, 12))


def test_the_crcn_goes_round_its_competences_before_it_comes_back_to_one():
    for seed in range(5):
        items = [o.item for o in sit(a_plan(25, 8), seed, [True, False, True])]
        competences = [a_plan(25, 8).pool.competence[a_plan(25, 8).pool.row(i)] for i in items]
        cycles = [competences[16:32], competences[32:48], competences[48:]]
        assert all(sorted(c) == list(range(16, 32)) for c in cycles)
        assert len({tuple(c) for c in cycles}) == 3


def test_the_order_of_competences_comes_from_the_seed_alone():
    plan = a_plan(25, 8)
    orders = {
        tuple(plan.pool.competence[plan.pool.row(o.item)] for o in sit(plan, seed, right))
        for seed in (1, 2, 3)
        for right in ([True], [False], [True, False])
    }
    assert len(orders) == 3


@settings(max_examples=20, deadline=None)
@given(slack=st.sampled_from([0.0, 50.0, 400.0, 1500.0]), seed=st.integers(0, 2**63), answers=answers)
def test_the_expected_time_of_a_form_stays_within_the_budget(slack, seed, answers):
    plan = the_quickest(slack)
    rows = [plan.pool.row(o.item) for o in sit(plan, seed, answers)]
    assert plan.pool.expected_seconds[rows].sum() <= plan.time_budget


def test_the_first_questions_leave_time_for_the_last():
    plan = the_quickest(900.0)
    rows, _ = simulate(plan, np.zeros((50, 10)), seed=1)
    first, last = (plan.pool.expected_seconds[rows[:, part]].mean() for part in (slice(0, 32), slice(32, 64)))
    assert last > 0.95 * first


def test_a_budget_that_no_form_can_keep_gets_the_quickest_form():
    plan = replace(a_plan(6, 3), time_budget=600.0)
    rows = [plan.pool.row(o.item) for o in sit(plan, 4, [True])]
    assert len(rows) == 64
    assert plan.pool.expected_seconds[rows].sum() == plan.content.quickest.sum()


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(["small", "usual", "many enemies", "no data", "half eligible", "short"]),
    seed=st.integers(0, 2**63),
    faults=st.sets(st.integers(0, 63), max_size=6),
    answers=answers,
    answered=st.booleans(),
)
def test_an_item_taken_out_by_a_fault_is_replaced_in_its_competence(name, seed, faults, answers, answered):
    plan = PLANS[name]()
    observed: list[Observed] = []
    gone: frozenset[ItemId] = frozenset()
    step = decide(plan, seed, observed)
    while isinstance(step, Present):
        place, item = len(observed), step.item
        right = answers[place % len(answers)]
        if place in faults and len(gone) < 6:
            faults = faults - {place}
            gone |= {item}
            following = decide(plan, seed, [*observed, Observed(item, right)] if answered else observed, gone)
            if isinstance(following, Present) and _possible(plan, observed, gone, item):
                one, other = (plan.pool.competence[plan.pool.row(i)] for i in (item, following.item))
                assert one == other
            step = following
            continue
        observed.append(Observed(item, right))
        step = decide(plan, seed, observed, gone)
    assert_is_a_form(plan, [o.item for o in observed], gone)


def _possible(plan: Plan, observed: list[Observed], gone: frozenset[ItemId], item: ItemId) -> bool:
    """Whether the competence of `item` has anything left to ask."""
    pool = plan.pool
    blocked = pool.clash[[pool.row(i) for i in [*(o.item for o in observed), *gone]]].any(axis=0)
    return bool((~blocked & (pool.competence == pool.competence[pool.row(item)])).any())


def test_whether_a_faulty_item_was_answered_rightly_leaves_no_trace():
    plan = a_plan(25, 8)
    observed = sit(plan, 5, [True, False, False])
    for place in (0, 15, 40):
        kept, faulty = observed[:place], observed[place].item
        following = {
            decide(plan, 5, seen, frozenset({faulty}))
            for seen in (kept, [*kept, Observed(faulty, True)], [*kept, Observed(faulty, False)])
        }
        assert len(following) == 1


def test_items_excluded_from_another_track_change_nothing():
    plan = a_plan(25, 8)
    assert decide(plan, 5, [], frozenset({ItemId("elsewhere")})) == decide(plan, 5, [])


def test_two_answers_to_one_item_are_a_mistake_of_the_caller():
    plan = a_plan(25, 8)
    twice = [Observed(plan.pool.ids[0], True), Observed(plan.pool.ids[0], False)]
    with pytest.raises(ValueError, match="observed twice"):
        decide(plan, 1, twice)


def crossed(enemy_of_last: list[str]) -> Release:
    """One item for each competence, two for the CRCN's 5.2; its first is the enemy of the items named."""
    items: list[Item] = [an_item(f"{c.framework}-{c.code}-0", c.framework, c.code, "s") for c in COMPETENCES]
    items[-1] = replace(items[-1], enemies=frozenset(map(ItemId, enemy_of_last)))
    items.append(an_item("crcn-5.2-1", CRCN, "5.2", "t"))
    rows = tuple(Parameters(1.0, 0.0, responses=200, se_b=0.2) for _ in items)
    return Release("crossed", "digest", Provenance.CALIBRATED, tuple(items), rows, dict.fromkeys(Framework, 0.02))


@pytest.mark.parametrize("seed", range(6))
def test_an_item_that_would_silence_another_competence_waits(seed):
    # 5.2's first item would bar the only item of 1.1: whichever comes first, 1.1 must be asked.
    plan = Plan.of(crossed(["crcn-1.1-0"]), TRACK, PUBLISHED)
    items = [o.item for o in sit(plan, seed, [True])]
    assert "crcn-1.1-0" in items
    assert "crcn-5.2-0" not in items


def test_enemies_that_leave_no_form_are_refused_by_name():
    release = crossed(["crcn-1.1-0"])
    with pytest.raises(UncoveredCompetence, match="enemy items leave no form"):
        Plan.of(replace(release, items=release.items[:-1], parameters=release.parameters[:-1]), TRACK, PUBLISHED)


def test_the_reserve_of_a_pool_without_enemies_restrains_nobody():
    assert Content.of(Pool.of(a_release(), TRACK)).spoils is None
