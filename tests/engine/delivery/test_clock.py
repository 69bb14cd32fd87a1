"""Time belongs to the engine: the deadline follows from what happened."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.delivery.clock import ADVISED, TEST_TIME, Accommodation, Clock
from tests.builders import NOON

seconds = st.integers(0, 6 * 3600).map(lambda s: timedelta(seconds=s))
micros = st.timedeltas(timedelta(), timedelta(hours=6))


def started(allowance: timedelta = TEST_TIME) -> Clock:
    return Clock(NOON, allowance)


def paused(clock: Clock, begin: timedelta, length: timedelta) -> Clock:
    return clock.pause(NOON + begin).resume(NOON + begin + length)


def test_the_test_lasts_two_hours_and_a_half():
    assert started().deadline(NOON) == NOON + timedelta(hours=2, minutes=30)
    assert sum(ADVISED.values(), timedelta()) == TEST_TIME


def test_a_third_more_is_exactly_fifty_minutes():
    assert Accommodation(third=True).allowance - Accommodation().allowance == timedelta(minutes=50)


@given(third=st.booleans(), minutes=st.integers(0, 600))
def test_minutes_set_by_hand_add_to_everything_else(third, minutes):
    assert Accommodation(third, minutes).allowance == Accommodation(third).allowance + timedelta(minutes=minutes)


def test_extra_time_is_never_less_than_none():
    with pytest.raises(ValueError, match="must not be negative, got -1 min"):
        Accommodation(minutes=-1)


@given(ran=micros, length=micros, more=micros)
def test_a_pause_costs_the_candidate_nothing(ran, length, more):
    without, with_pause = started(), paused(started(), ran, length)
    assert with_pause.time_left(NOON + ran + length + more) == without.time_left(NOON + ran + more)
    assert with_pause.deadline(NOON) == without.deadline(NOON) + length


@given(ran=micros, length=micros)
def test_during_a_pause_the_time_left_stands_still_and_the_bell_is_silent(ran, length):
    before = started().time_left(NOON + ran)
    held = started().pause(NOON + ran)
    assert held.time_left(NOON + ran + length) == before
    assert not held.has_rung(NOON + ran + length)


@given(one=st.tuples(micros, micros), gap=micros, other=st.tuples(micros, micros))
def test_the_order_of_two_pauses_does_not_matter(one, gap, other):
    first = paused(paused(started(), *one), sum(one, gap), other[1])
    second = paused(paused(started(), one[0], other[1]), one[0] + other[1] + gap, one[1])
    assert first == second


@given(lengths=st.lists(micros, max_size=6), grants=st.lists(seconds, max_size=6), pick=st.randoms())
def test_pauses_and_grants_add_up_in_any_order(lengths, grants, pick):
    rows = [("pause", t) for t in lengths] + [("grant", t) for t in grants]
    pick.shuffle(rows)
    clock, now = started(), timedelta()
    for what, time in rows:
        clock = clock.grant(time) if what == "grant" else paused(clock, now, time)
        now += time
    assert clock.deadline(NOON) == NOON + TEST_TIME + sum(lengths + grants, timedelta())


@given(ran=micros, time=seconds, is_paused=st.booleans())
def test_a_grant_moves_the_deadline_by_exactly_that_much(ran, time, is_paused):
    clock = started().pause(NOON + ran) if is_paused else started()
    now = NOON + ran + timedelta(minutes=3)
    assert clock.grant(time).deadline(now) == clock.deadline(now) + time


@given(ran=micros, allowance=micros)
def test_the_bell_rings_at_the_deadline_and_not_before(ran, allowance):
    clock = started(allowance)
    assert clock.has_rung(NOON + ran) == (ran >= allowance)
    assert clock.has_rung(NOON + ran) == (clock.time_left(NOON + ran) == timedelta())


@given(ran=micros, back=micros)
def test_a_clock_that_is_told_an_earlier_time_takes_nothing_away(ran, back):
    assume(back > timedelta())
    held = started().pause(NOON + ran)
    assert held.deadline(NOON + ran - back) == started().deadline(NOON)
    assert held.resume(NOON + ran - back).granted == timedelta()


def test_resuming_a_clock_that_runs_changes_nothing():
    assert started().resume(NOON + timedelta(hours=1)) == started()
