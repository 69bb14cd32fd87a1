"""Items that are tried: where they come, which they are, and that they move nothing."""

from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.cat import Observed, Plan, Present, Stop, assess, decide
from engine.items.frameworks import COMPETENCES, Framework
from engine.items.item import Item
from engine.items.release import Parameters, Release
from engine.kernel import ItemId
from tests.engine.adaptive.bank import PUBLISHED, TRACK, a_release, an_item, sit, with_items_to_try

SEEDS = st.integers(0, 2**63)
ANSWERS = st.lists(st.booleans(), min_size=1, max_size=64)
PER_SITTING = st.integers(2, 4)


@cache
def trying(enemies: int = 0) -> Release:
    return with_items_to_try(the_release(enemies))


@cache
def a_plan(per_sitting: int = 3, enemies: int = 0) -> Plan:
    return Plan.of(trying(enemies), TRACK, PUBLISHED, pretest=per_sitting)


@cache
def the_release(enemies: int = 0) -> Release:
    return a_release(enemies=enemies)


def places_of(plan: Plan, observed: list[Observed]) -> list[int]:
    return [n for n, o in enumerate(observed) if plan.is_tried(o.item)]


def items_of(observed: list[Observed], enemies: int = 0) -> list[Item]:
    return [trying(enemies).item(o.item) for o in observed]


@settings(max_examples=30)
@given(SEEDS, ANSWERS, PER_SITTING)
def test_a_sitting_tries_its_items_in_its_middle_third_and_asks_sixty_four_questions(seed, answers, per_sitting):
    plan = a_plan(per_sitting)
    observed = sit(plan, seed, answers)
    places = places_of(plan, observed)
    assert len(places) == per_sitting
    assert all(22 <= place <= 42 for place in places)
    assert len(observed) == 64 == sum(plan.asked)
    assert plan.asked == (16, 48)
    assert plan.lengths == (16, 48 - per_sitting)


@settings(max_examples=30)
@given(SEEDS, ANSWERS, st.lists(st.booleans(), min_size=4, max_size=4))
def test_what_is_answered_to_a_tried_item_moves_no_later_choice_and_no_estimate(seed, answers, flips):
    plan = a_plan(4)
    observed = sit(plan, seed, answers)
    flip = dict(zip(places_of(plan, observed), flips, strict=True))
    flipped = [Observed(o.item, o.correct ^ flip.get(n, False)) for n, o in enumerate(observed)]
    for n, o in enumerate(observed):
        assert decide(plan, seed, flipped[:n]) == Present(o.item)
    assert decide(plan, seed, flipped) == Stop()
    kept = [o for o in observed if not plan.is_tried(o.item)]
    assert assess(plan, flipped) == assess(plan, observed) == assess(plan, kept)


@settings(max_examples=30)
@given(SEEDS, ANSWERS, PER_SITTING, st.sampled_from([0, 12]))
def test_no_two_items_of_a_sitting_share_a_subject_or_are_enemies_tried_ones_included(
    seed, answers, per_sitting, enemies
):
    put = items_of(sit(a_plan(per_sitting, enemies), seed, answers), enemies)
    assert len({(i.framework, i.competence, i.subject) for i in put}) == len(put)
    assert not [(i.id, j.id) for i in put for j in put if i.id in j.enemies]


@settings(max_examples=30)
@given(SEEDS, ANSWERS)
def test_every_competence_of_both_frameworks_is_still_asked_a_question_that_counts(seed, answers):
    plan = a_plan(4, 12)
    scored = [i for i in items_of(sit(plan, seed, answers), 12) if not plan.is_tried(i.id)]
    assert {(i.framework, i.competence) for i in scored} == {(c.framework, c.code) for c in COMPETENCES}


@settings(max_examples=30)
@given(SEEDS, st.integers(22, 42), st.data())
def test_a_tried_item_that_a_ruling_takes_out_is_not_tried_again(seed, at, data):
    plan = a_plan(4)
    observed = sit(plan, seed, [True, False])[:at]
    out = data.draw(st.sets(st.sampled_from([o.item for o in observed if plan.is_tried(o.item)] or [ItemId("none")])))
    step = decide(plan, seed, observed, frozenset(out))
    assert isinstance(step, Present)
    assert step.item not in {o.item for o in observed}


@settings(max_examples=30)
@given(SEEDS, ANSWERS)
def test_a_plan_that_tries_nothing_chooses_as_if_the_release_had_nothing_to_try(seed, answers):
    plain = Plan.of(the_release(), TRACK, PUBLISHED)
    assert sit(a_plan(0), seed, answers) == sit(plain, seed, answers)
    assert a_plan(0).pretest is None


def test_all_items_and_all_places_of_the_middle_third_come_up():
    plan = a_plan(2)
    assert plan.pretest is not None
    sittings = [sit(plan, seed, [True, False, True]) for seed in range(60)]
    places = {place for observed in sittings for place in places_of(plan, observed)}
    items = {o.item for observed in sittings for o in observed if plan.is_tried(o.item)}
    assert len(places) > 15
    assert items == set(plan.pretest.ids)


def test_a_sitting_tries_no_more_items_than_can_meet():
    release = trying()
    few = replace(release, pretest=frozenset({ItemId("try-5"), ItemId("try-7")}))
    kept = [i for i in range(len(few.items)) if few.items[i].id not in release.pretest - few.pretest]
    few = replace(few, items=tuple(few.items[i] for i in kept), parameters=tuple(few.parameters[i] for i in kept))
    plan = Plan.of(few, TRACK, PUBLISHED, pretest=4)  # they share a subject
    assert plan.lengths == (16, 47)
    assert len(places_of(plan, sit(plan, 1, [True]))) == 1


def test_the_time_of_tried_items_is_kept_free():
    plan = Plan.of(trying(), TRACK, PUBLISHED, pretest=4, time_budget=4_000)
    assert plan.time_budget == 4_000 - 4 * 56


@settings(max_examples=30)
@given(SEEDS, ANSWERS)
def test_an_item_that_would_take_the_last_question_of_a_competence_is_not_tried_and_its_place_falls_away(seed, answers):
    release = the_release()
    foes = frozenset(i.id for i in release.items if (i.framework, i.competence) == (Framework.CRCN, "4.3"))
    greedy = an_item("greedy", Framework.CRCN, "4.2", "new", 3, enemies=foes)
    more = replace(
        release,
        items=(*release.items, greedy),
        parameters=(*release.parameters, Parameters(1.0, 0.0)),
        pretest=frozenset({greedy.id}),
    )
    plan = Plan.of(more, TRACK, PUBLISHED, pretest=2)
    observed = sit(plan, seed, answers)
    assert plan.asked == (16, 48)
    assert len(observed) == 63
    assert not places_of(plan, observed)
    scored = {(i.framework, i.competence) for i in (more.item(o.item) for o in observed)}
    assert len(scored) == 32
