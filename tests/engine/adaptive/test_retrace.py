"""The questions of many sittings again: what a batch says is what `decide` says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.cat import Observed, Plan, Present, decide
from engine.adaptive.dice import many_seeds, seeds_of, throw
from engine.adaptive.retrace import Course, TakenOut, Turn, misfit, misfits
from engine.adaptive.select import Selector
from engine.adaptive.stop import Stopping
from engine.items.release import Provenance
from tests.engine.adaptive.bank import PUBLISHED, TRACK, a_plan, a_release, with_items_to_try
from tests.engine.adaptive.test_simulate import rarely_eligible

PLANS = {
    "small": lambda: a_plan(5, 3),
    "usual": lambda: a_plan(12, 6),
    "enemies": lambda: a_plan(6, 3, enemies=150),
    "two subjects": lambda: a_plan(6, 2),
    "no data": lambda: Plan.of(a_release(provenance=Provenance.TAGS), TRACK, PUBLISHED),
    "eligibility and little time": lambda: replace(rarely_eligible(a_plan(8, 4)), time_budget=4200.0),
    "an early stop": lambda: replace(a_plan(8, 4), stopping=Stopping(gamma=0.5, epsilon=0.4)),
    "needs": lambda: (plan := a_plan(8, 4)).without(plan.pool.ids[::9]),
    "items that are tried": lambda: Plan.of(with_items_to_try(a_release()), TRACK, PUBLISHED, pretest=4),
    "information": lambda: replace(a_plan(6, 3), selectors=(Selector.MAXIMUM_INFORMATION,) * 2),
}


def a_course(plan: Plan, seed: int, *, faulty: float = 0.0, places: int | None = None) -> Course:
    """A course as `decide` leads it, with some items taken out; cut after `places` turns."""
    observed: list[Observed] = []
    excluded: list[str] = []
    turns: list[Turn] = []
    seen = None
    luck = throw(seeds_of(seed), 99, np.arange(400))[0]
    while True:
        decision = decide(plan, seed, observed, frozenset(excluded))
        chosen = decision.item if isinstance(decision, Present) else None
        turns.append(Turn(seen, chosen))
        if chosen is None or len(turns) == places:
            return Course(seed, tuple(turns))
        n = len(turns)
        if luck[n] < faulty:
            seen = TakenOut(chosen)
            excluded.append(chosen)
        else:
            seen = Observed(chosen, bool(luck[200 + n] < 0.6))
            observed.append(seen)


@pytest.fixture(scope="module", params=PLANS)
def led(request: pytest.FixtureRequest) -> tuple[Plan, list[Course]]:
    """A plan with courses of every sort: whole, cut, with items taken out."""
    plan = PLANS[request.param]()
    seeds = many_seeds(11, 9).tolist()
    return plan, [
        *(a_course(plan, s) for s in seeds[:3]),
        *(a_course(plan, s, faulty=0.2) for s in seeds[3:6]),
        a_course(plan, seeds[6], places=1),
        a_course(plan, seeds[7], places=20),
        a_course(plan, seeds[8], faulty=0.5, places=30),
    ]


def test_courses_that_the_engine_led_fit(led):
    plan, courses = led
    assert misfits(plan, courses) == [None] * len(courses)


def test_one_course_or_many_give_the_same(led):
    plan, courses = led
    wrong = [another_item(plan, c, 3 * n) for n, c in enumerate(courses)]
    assert misfits(plan, wrong) == [misfit(plan, c) for c in wrong] == [misfits(plan, [c])[0] for c in wrong]
    assert any(misfits(plan, wrong))


def another_item(plan: Plan, course: Course, at: int) -> Course:
    """The course with another item at one turn, and the answer to it."""
    at %= len(course.turns)
    put = {t.chosen for t in course.turns}
    other = next(i for i in plan.pool.ids if i not in put)
    turns = list(course.turns)
    turns[at] = replace(turns[at], chosen=other)
    if at + 1 < len(turns) and turns[at + 1].seen is not None:
        turns[at + 1] = replace(turns[at + 1], seen=replace(turns[at + 1].seen, item=other))
    return replace(course, turns=tuple(turns))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_course_that_is_changed_anywhere_fits_only_if_decide_says_so(data):
    plan = PLANS[data.draw(st.sampled_from(["small", "items that are tried", "enemies", "an early stop"]))]()
    course = a_course(plan, data.draw(st.integers(0, 2**63)), faulty=data.draw(st.sampled_from([0.0, 0.15])))
    turns = list(course.turns)
    at = data.draw(st.integers(0, len(turns) - 1))
    match data.draw(st.sampled_from(["other item", "other answer", "drop", "swap", "end here", "twice"])):
        case "other item":
            turns = list(another_item(plan, course, at).turns)
        case "other answer" if isinstance(turns[at].seen, Observed):
            turns[at] = replace(turns[at], seen=replace(turns[at].seen, correct=not turns[at].seen.correct))
        case "drop":
            del turns[at]
        case "swap" if at:
            turns[at - 1], turns[at] = turns[at], turns[at - 1]
        case "twice":
            turns.insert(at, turns[at])
        case "end here":
            turns = [*turns[:at], Turn(turns[at].seen, None)]
    changed = replace(course, turns=tuple(turns))
    others = [a_course(plan, s, places=40) for s in (1, 2)]
    assert misfits(plan, [others[0], changed, others[1]]) == [None, misfit(plan, changed), None]
