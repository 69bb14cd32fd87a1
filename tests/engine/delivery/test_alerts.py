"""A candidate says that a question is faulty: it is blocked, nobody loses time, and another takes its place."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.cat import Plan
from engine.adaptive.forms import assemble
from engine.adaptive.select import Selector
from engine.delivery.clock import Accommodation
from engine.delivery.commands import IsPaused, ItemBlocked, NoAlert, NotOnScreen, OtherDevice
from engine.delivery.events import (
    AlertAccepted,
    AlertRaised,
    AlertRefused,
    Answered,
    Entered,
    Paused,
    Presented,
    Submitted,
    Terminated,
)
from engine.delivery.sitting import Alert, enrolled
from engine.delivery.states import State
from engine.items.frameworks import Framework, Level
from engine.kernel import EngineError, SittingId
from engine.scoring.award import Count
from engine.scoring.result import Scored
from engine.scoring.result import result as outcome
from tests.builders import (
    PROCTOR,
    RIGHT,
    TRACK,
    WRONG,
    Candidate,
    Exam,
    a_candidate,
    a_candidate_at_work,
    a_candidate_who_went_through,
    a_sitting,
    an_exam,
    an_exam_with_items_to_try,
    the_rules,
)
from tests.engine.adaptive.bank import PUBLISHED, a_release
from tests.engine.delivery.test_commands import kinds, refused_without_a_trace


@cache
def roomy() -> Exam:
    """An exam on a release with five subjects a competence and many enemies: the CRCN asks three of each."""
    telling = an_exam().release.items[0].interaction
    release = a_release(10, 5, enemies=40)
    release = replace(release, items=tuple(replace(i, interaction=telling) for i in release.items))
    return Exam(Plan.of(release, TRACK, PUBLISHED), release)


def place(candidate: Candidate) -> tuple[Framework, str]:
    """The competence of the question on screen."""
    return candidate.the_item.framework, candidate.the_item.competence


# Raising


def test_an_alert_blocks_the_question_on_screen_and_stops_the_clock():
    candidate = a_candidate_at_work(answered=3)
    left = candidate.sitting.clock.time_left(candidate.now)
    item = candidate.on_screen
    assert candidate.raises_alert("No image") == (AlertRaised(candidate.now, item, "No image"),)
    assert candidate.sitting.alert == Alert(item, "No image", candidate.now)
    assert candidate.state is State.RUNNING
    assert candidate.on_screen == item
    candidate.waits(minutes=40)
    assert candidate.sitting.clock.time_left(candidate.now) == left


@pytest.mark.parametrize("reply", [RIGHT, WRONG, None])
def test_a_blocked_question_takes_no_answer_and_the_test_does_not_end(reply):
    candidate = a_candidate_at_work(answered=3)
    candidate.raises_alert()
    refusal = refused_without_a_trace(candidate, ItemBlocked, lambda: candidate.replies(reply))
    assert refusal.facts == {"item": candidate.on_screen}
    refused_without_a_trace(candidate, ItemBlocked, candidate.finishes)
    candidate.waits(minutes=600)
    assert candidate.is_swept() == candidate.rings() == ()


def test_an_answer_sent_before_the_alert_and_again_after_it_is_acknowledged():
    candidate = a_candidate_at_work(answered=3)
    last = candidate.sitting.answers[-1]
    candidate.raises_alert()
    assert candidate.replies(last.reply, last.item, last.answer_id) == ()


def test_raised_twice_it_is_one_alert():
    candidate = a_candidate_at_work()
    candidate.raises_alert("No image")
    assert candidate.waits(minutes=1).raises_alert("Still none") == ()
    assert candidate.sitting.alert.text == "No image"


def test_only_the_device_that_writes_raises_an_alert():
    candidate = a_candidate_at_work()
    refused_without_a_trace(candidate, OtherDevice, lambda: candidate.raises_alert(device="desk-2"))


def test_nobody_raises_an_alert_in_a_pause_or_after_the_end():
    paused, over = a_candidate_at_work(), a_candidate_at_work(answered=2)
    paused.is_paused()
    over.finishes()
    refused_without_a_trace(paused, IsPaused, paused.raises_alert)
    refused_without_a_trace(over, NotOnScreen, over.raises_alert)


@pytest.mark.parametrize(("seconds", "raised"), [(-0.001, True), (0, False), (30, False), (61, False)])
def test_an_alert_at_the_bell_does_not_stretch_the_grace(seconds, raised):
    candidate = a_candidate_at_work().waits_for_the_bell(and_seconds=seconds)
    if raised:
        assert kinds(candidate.raises_alert()) == [AlertRaised]
    else:
        refused_without_a_trace(candidate, NotOnScreen, candidate.raises_alert)


# Settling


def test_a_refused_alert_gives_the_same_question_back_with_all_its_time():
    candidate = a_candidate_at_work(answered=3)
    item, left = candidate.on_screen, candidate.sitting.clock.time_left(candidate.now)
    candidate.raises_alert()
    candidate.waits(minutes=7)
    assert candidate.is_refused_alert() == (AlertRefused(candidate.now, PROCTOR, "The image is there"),)
    assert (candidate.on_screen, candidate.sitting.alert, candidate.sitting.excluded) == (item, None, ())
    assert candidate.sitting.clock.time_left(candidate.now) == left
    assert kinds(candidate.replies()) == [Answered, Presented]


@pytest.mark.parametrize("answered", [0, 3, 15, 16, 40, 63])
def test_an_accepted_alert_brings_another_question_of_the_competence_on_another_subject(answered):
    candidate = a_candidate_at_work(answered, roomy())
    faulty, there = candidate.the_item, place(candidate)
    left = candidate.sitting.clock.time_left(candidate.now)
    candidate.raises_alert()
    candidate.waits(minutes=7)
    assert kinds(candidate.is_accepted_alert()) == [AlertAccepted, Presented]
    assert place(candidate) == there
    assert candidate.the_item.subject != faulty.subject
    assert candidate.sitting.excluded == (faulty.id,)
    assert candidate.sitting.clock.time_left(candidate.now) == left
    refused_without_a_trace(candidate, NotOnScreen, lambda: candidate.replies(RIGHT, faulty.id))
    assert kinds(candidate.replies())[0] is Answered


def test_enemies_and_the_subject_of_what_was_taken_out_never_come_back():
    candidate = a_candidate_at_work(exam=roomy())
    gone = []
    while candidate.state is State.RUNNING:
        if len(candidate.sitting.answers) % 5 == 0 and len(gone) < len(candidate.sitting.answers) // 5 + 1:
            gone.append(candidate.the_item)
            candidate.raises_alert()
            candidate.is_accepted_alert()
        else:
            candidate.replies()
    assert len(gone) == 13
    put = [candidate.exam.release.item(i) for i in candidate.sitting.presented]
    assert len({(i.framework, i.competence, i.subject) for i in put}) == len(put) == 77
    assert not any(other.id in item.enemies for item in gone for other in put)


def test_an_alert_is_settled_once():
    for settle in (Candidate.is_refused_alert, Candidate.is_accepted_alert):
        candidate = a_candidate_at_work()
        refused_without_a_trace(candidate, NoAlert, lambda c=candidate, s=settle: s(c))
        candidate.raises_alert()
        settle(candidate)
        refused_without_a_trace(candidate, NoAlert, candidate.is_refused_alert)
        refused_without_a_trace(candidate, NoAlert, candidate.is_accepted_alert)


def test_the_question_that_took_the_place_can_be_faulty_too():
    candidate = a_candidate_at_work(answered=20, exam=roomy())
    there = place(candidate)
    for _ in range(2):
        candidate.raises_alert()
        candidate.is_accepted_alert()
    assert len(candidate.sitting.excluded) == 2
    assert place(candidate) == there


def test_where_no_question_of_the_competence_is_left_the_test_goes_on_with_the_next():
    candidate = a_candidate_at_work(answered=3)
    there = place(candidate)
    for _ in range(3):
        candidate.raises_alert()
        assert kinds(candidate.is_accepted_alert()) == [AlertAccepted, Presented]
    assert place(candidate) != there
    while candidate.state is State.RUNNING:
        candidate.replies()
    assert candidate.state is State.SUBMITTED
    assert len(candidate.sitting.answers) == 63


def test_where_nothing_takes_the_place_of_the_last_question_the_test_is_over():
    candidate = a_candidate_at_work(answered=63)
    events = []
    while candidate.state is State.RUNNING:
        candidate.raises_alert()
        events.append(kinds(candidate.is_accepted_alert()))
    assert events[-1] == [AlertAccepted, Submitted]
    assert not candidate.sitting.ended_by_choice
    assert len(candidate.sitting.answers) == 63


def test_an_item_that_is_tried_can_be_faulty_and_another_is_tried_for_it():
    exam = an_exam_with_items_to_try()
    candidate = a_candidate_at_work(exam=exam)
    while not exam.plan.is_tried(candidate.on_screen):
        candidate.replies()
    faulty = candidate.on_screen
    candidate.raises_alert()
    candidate.is_accepted_alert()
    assert candidate.on_screen != faulty
    while candidate.state is State.RUNNING:
        candidate.replies()
    counted = [a.item for a in candidate.sitting.answers if not exam.plan.is_tried(a.item)]
    assert len(counted) == sum(exam.plan.lengths)
    assert faulty in candidate.sitting.excluded


def test_a_fixed_form_has_no_spare_question_and_goes_on_one_shorter():
    exam = _with_fixed_forms()
    candidate = a_candidate_at_work(answered=5, exam=exam)
    whole = a_candidate_who_went_through(exam=exam).sitting.presented
    assert candidate.on_screen == whole[5]
    candidate.raises_alert()
    candidate.is_accepted_alert()
    assert candidate.on_screen == whole[6]
    while candidate.state is State.RUNNING:
        candidate.replies()
    assert candidate.sitting.presented == whole
    assert len(candidate.sitting.answers) == 63


def _with_fixed_forms() -> Exam:
    release = an_exam().release
    forms = assemble(an_exam().plan.pool, PUBLISHED, 1, 1, nodes=10)
    return Exam(Plan.of(release, TRACK, PUBLISHED, selector=Selector.FORMS, forms=forms), release)


# With a pause


def test_a_pause_over_an_alert_counts_once():
    candidate = a_candidate_at_work()
    left = candidate.sitting.clock.time_left(candidate.now)
    candidate.raises_alert()
    candidate.waits(minutes=2)
    assert kinds(candidate.is_paused()) == [Paused]
    candidate.waits(minutes=3).is_resumed()
    candidate.waits(minutes=4)
    refused_without_a_trace(candidate, ItemBlocked, candidate.replies)
    candidate.is_refused_alert()
    assert candidate.sitting.clock.time_left(candidate.now) == left


@pytest.mark.parametrize("settle", [Candidate.is_refused_alert, Candidate.is_accepted_alert])
def test_an_alert_is_settled_in_a_pause_and_the_pause_goes_on(settle):
    candidate = a_candidate_at_work()
    left = candidate.sitting.clock.time_left(candidate.now)
    candidate.raises_alert()
    candidate.is_paused()
    candidate.waits(minutes=2)
    settle(candidate)
    assert candidate.state is State.PAUSED
    refused_without_a_trace(candidate, IsPaused, candidate.replies)
    candidate.waits(minutes=5).is_resumed()
    assert candidate.sitting.clock.time_left(candidate.now) == left
    assert kinds(candidate.replies()) == [Answered, Presented]


def test_the_last_question_is_taken_out_in_a_pause_and_the_test_is_over():
    candidate = a_candidate_at_work(answered=63)
    events = []
    while not candidate.state.is_over:
        candidate.raises_alert()
        candidate.is_paused()
        candidate.waits(minutes=3)
        events.append(kinds(candidate.is_accepted_alert()))
        if candidate.state is State.PAUSED:
            candidate.is_resumed()
    assert events[-1] == [AlertAccepted, Submitted]
    assert candidate.state is State.SUBMITTED
    assert not candidate.sitting.ended_by_choice
    assert candidate.sitting.clock.paused_at is None


def test_a_candidate_ends_no_test_during_a_pause():
    candidate = a_candidate_at_work(answered=2)
    candidate.is_paused()
    refused_without_a_trace(candidate, IsPaused, candidate.finishes)


def _on_another_machine(candidate: Candidate) -> None:
    candidate.checks_in()
    candidate.is_authorised()
    candidate.enters(f"desk-{candidate.sitting.version}")


def test_who_changes_the_device_finds_the_question_blocked_as_it_was():
    candidate = a_candidate_at_work(answered=2)
    candidate.raises_alert()
    candidate.checks_in()
    candidate.is_authorised()
    assert kinds(candidate.enters("desk-2")) == [Entered]
    refused_without_a_trace(candidate, ItemBlocked, lambda: candidate.replies(device="desk-2"))


DOINGS = {
    "pause": Candidate.is_paused,
    "resume": Candidate.is_resumed,
    "alert": Candidate.raises_alert,
    "refuse": Candidate.is_refused_alert,
    "accept": Candidate.is_accepted_alert,
    "answer": lambda candidate: candidate.replies(device=candidate.sitting.device),
    "machine": _on_another_machine,
    "ask to return": Candidate.checks_in,
}


@settings(max_examples=150, deadline=None)
@given(
    doings=st.lists(
        st.tuples(st.sampled_from([*DOINGS, "alert", "accept", "refuse"]) | st.integers(1, 600), st.integers(0, 900)),
        max_size=40,
    ),
    accommodation=st.builds(Accommodation, st.booleans(), st.integers(0, 60)),
)
def test_time_runs_only_while_the_test_runs_and_the_question_is_not_blocked(doings, accommodation):
    candidate = a_candidate(an_exam(), enrolled(SittingId("sitting-1"), 5, accommodation))
    candidate.checks_in()
    candidate.is_authorised()
    candidate.enters()
    candidate.starts()
    used = given_time = 0
    for doing, seconds in doings:
        if candidate.state is State.RUNNING and candidate.sitting.alert is None:
            used += seconds
        candidate.waits(seconds=seconds)
        try:
            if isinstance(doing, int):
                candidate.is_granted(doing)
                given_time += doing
            else:
                DOINGS[doing](candidate)
        except EngineError:
            pass  # refused: nothing happened
        if candidate.state.is_over:
            return
        left = accommodation.allowance + timedelta(seconds=given_time - used)
        assert candidate.sitting.clock.time_left(candidate.now) == max(timedelta(), left)


# What it counts for


def scored(candidate: Candidate) -> Scored:
    found = outcome(candidate.sitting, *candidate.exam, the_rules(), Level.EXPERT, (), ())
    assert isinstance(found, Scored)
    return found


@pytest.mark.parametrize("answered", [0, 20, 63])
def test_a_question_taken_out_counts_neither_as_put_nor_as_missed(answered):
    candidate = a_candidate_at_work(answered, roomy())
    candidate.raises_alert()
    candidate.is_accepted_alert()
    while candidate.state is State.RUNNING:
        candidate.replies()
    found = scored(candidate)
    assert (found.counts.edu, found.counts.crcn) == (Count(16, 16), Count(48, 48))
    assert found.neutralised == candidate.sitting.excluded


@pytest.mark.parametrize("answered", [3, 16, 50])
def test_an_early_end_after_a_replacement_misses_as_much_as_one_without(answered):
    plain, replaced = a_candidate_at_work(answered, roomy()), a_candidate_at_work(answered, roomy())
    replaced.raises_alert()
    replaced.is_accepted_alert()
    for candidate in (plain, replaced):
        candidate.finishes()
    assert scored(replaced).counts == scored(plain).counts
    assert scored(replaced).not_reached == scored(plain).not_reached


@pytest.mark.parametrize(("answered", "alerts"), [(3, 3), (50, 1)])  # as many as there are subjects left
def test_a_place_that_nothing_could_take_is_not_missed(answered, alerts):
    candidate = a_candidate_at_work(answered)
    for _ in range(alerts):
        candidate.raises_alert()
        candidate.is_accepted_alert()
    candidate.waits_for_the_bell().rings()
    counts = scored(candidate).counts
    assert (counts.edu + counts.crcn).counted == 63


@pytest.mark.parametrize("technical", [True, False])
def test_a_test_that_is_stopped_before_anybody_looked_does_not_hold_the_question_against_the_candidate(technical):
    candidate = a_candidate_at_work(answered=60)
    item = candidate.on_screen
    candidate.raises_alert()
    assert kinds(candidate.is_stopped(technical)) == [Terminated]
    assert (candidate.sitting.alert, candidate.sitting.excluded) == (None, (item,))
    counts = scored(candidate).counts
    assert (counts.edu + counts.crcn).correct == 60
    assert (counts.edu + counts.crcn).counted == (60 if technical else 63)
    refused_without_a_trace(candidate, NotOnScreen, lambda: candidate.replies(RIGHT, item))


def test_replacing_follows_the_seed():
    one, other = (a_candidate_at_work(20, sitting=a_sitting(seed=7)) for _ in range(2))
    for candidate in (one, other):
        candidate.raises_alert()
        candidate.is_accepted_alert()
    assert one.on_screen == other.on_screen
