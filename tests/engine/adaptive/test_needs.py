"""Items that a candidate cannot use are never asked, and the form stays whole."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.cat import Plan, Present, Stop, decide
from engine.adaptive.dice import many_seeds
from engine.adaptive.exposure import Eligibility
from engine.adaptive.forms import Forms, NoForm
from engine.adaptive.model import UncoveredCompetence
from engine.adaptive.select import Selector
from engine.adaptive.simulate import simulate
from engine.items.frameworks import COMPETENCES, Framework
from engine.items.item import Demand
from engine.items.release import Release
from engine.kernel import ItemId
from tests.engine.adaptive.bank import PUBLISHED, TRACK, a_plan, a_release, sit, with_items_to_try

PLAN = a_plan(9, 4, enemies=30)
ITEMS = PLAN.pool.ids


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**63),
    answers=st.lists(st.booleans(), min_size=1, max_size=64),
    barred=st.sets(st.sampled_from(range(len(ITEMS))), max_size=60),
)
def test_no_barred_item_is_ever_asked_and_every_competence_still_is(seed: int, answers: list[bool], barred: set[int]):
    items = {ITEMS[row] for row in barred if row % 9 > 1}  # two of each competence can always be used
    plan = PLAN.without(items)
    observed = sit(plan, seed, answers)
    asked = [o.item for o in observed]
    assert not items & set(asked)
    rows = [plan.pool.row_of[item] for item in asked]
    assert {int(c) for c in plan.pool.competence[rows]} == set(range(len(COMPETENCES)))
    for place, seen in enumerate(observed):  # replayed from the same facts, made anew
        assert decide(PLAN.without(set(items)), seed, observed[:place]) == Present(seen.item)
    assert decide(plan, seed, observed) == Stop()


def test_a_form_stays_full_while_its_subjects_last():
    barred = {item for item in ITEMS if item.endswith(("-08", "-04"))}
    plan = PLAN.without(barred)
    assert plan.lengths == PLAN.lengths == (16, 48)
    frameworks = Counter(plan.pool.competence[plan.pool.row_of[o.item]] < 16 for o in sit(plan, 7, [True, False]))
    assert frameworks == {True: 16, False: 48}


@pytest.mark.parametrize("seed", range(6))
def test_a_barred_item_takes_its_subject_with_it_no_more_than_if_it_had_never_been_written(seed: int):
    """Unlike an excluded one: barring the others of a subject leaves the one that was asked where it was."""
    free = a_plan(9, 4)
    form = sit(free, seed, [True, False, True])
    row = free.pool.row_of[form[20 + seed].item]
    others = {ITEMS[r] for r in np.flatnonzero(free.pool.clash[row]).tolist() if r != row}
    assert others
    assert sit(free.without(others), seed, [True, False, True]) == form


def test_who_can_use_everything_has_the_plan_itself():
    assert PLAN.without(set()) is PLAN
    assert PLAN.without({ItemId("of-another-track")}) is PLAN


def test_a_competence_without_a_usable_item_is_refused_by_name():
    barred = {item for item in ITEMS if item.startswith(f"{Framework.CRCN}-5.2-")}
    with pytest.raises(UncoveredCompetence):
        PLAN.without(barred)


def test_a_barred_item_stays_out_even_where_only_rare_ones_are_left():
    """Exposure control gives way where it would leave nothing; what cannot be used never does."""
    never = Eligibility.of(PLAN.pool)
    shut = replace(never, eligible=np.ones(len(ITEMS)), administered=np.full(len(ITEMS), 1e9))
    barred = {item for item in ITEMS if item[-1] in "0123"}
    plan = replace(PLAN, eligibility=shut).without(barred)
    assert not barred & {o.item for o in sit(plan, 3, [True])}


def test_simulated_sittings_are_those_that_decide_leads():
    barred = {item for item in ITEMS if item[-1] in "27"}
    plan = PLAN.without(barred)
    rows, correct = simulate(plan, np.zeros((3, 10)), seed=5)
    for j, seed in enumerate(many_seeds(5, 3).tolist()):
        answers = [bool(c) for r, c in zip(rows[j], correct[j], strict=True) if r >= 0]
        assert [o.item for o in sit(plan, seed, answers)] == [ITEMS[r] for r in rows[j] if r >= 0]
    assert not barred & {ITEMS[r] for r in rows.ravel().tolist() if r >= 0}


def test_a_fixed_form_that_holds_a_barred_item_is_not_taken():
    pool = PLAN.pool
    rng = np.random.default_rng(1)
    rows = np.array([[rng.choice(np.flatnonzero(pool.competence == c)) for c in range(32)] for _ in range(4)])
    forms = Forms.measured(pool, PUBLISHED, 1, rows)
    plan = replace(PLAN, selectors=(Selector.FORMS, Selector.FORMS), forms=forms)
    barred = {ITEMS[rows[0, 0]]}
    kept = plan.without(barred)
    assert kept.forms is not None
    assert 0 < len(kept.forms.rows) < 4
    for seed in range(20):
        assert not barred & {o.item for o in sit(kept, seed, [True])}
    with pytest.raises(NoForm):
        plan.without({ITEMS[row] for row in rows[:, 0].tolist()})


def test_a_barred_item_is_not_even_tried():
    plan = Plan.of(with_items_to_try(a_release(9, 4)), TRACK, PUBLISHED, pretest=3)
    barred = {ItemId("try-0"), ItemId("try-3"), ItemId("try-4")}
    kept = plan.without(barred)
    assert kept.barred is not None
    seen = {o.item for seed in range(15) for o in sit(kept, seed, [True, False])}
    assert not barred & seen
    assert any(kept.is_tried(item) for item in seen)


def test_needs_are_met_by_what_items_demand():
    release = a_release()
    coloured, heard = release.items[3].id, release.items[9].id
    demands = {coloured: {Demand.COLOUR}, heard: {Demand.HEARING, Demand.SIGHT}}
    items = tuple(replace(i, demands=frozenset(demands.get(i.id, ()))) for i in release.items)
    tagged: Release = replace(release, items=items)
    assert tagged.asking_for(["colour"]) == {coloured}
    assert tagged.asking_for(["sight", "pointer"]) == {heard}
    assert tagged.asking_for([]) == frozenset()
