"""What can be asked of a sitting, and every refusal by its name."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.delivery.clock import GRACE
from engine.delivery.commands import (
    AUTHORISATION_LASTS,
    AnswerConflict,
    IsPaused,
    NotAuthorised,
    NotOnScreen,
    OtherDevice,
)
from engine.delivery.events import Answered, Entered, Expired, Presented, Quarantined, Started, Submitted
from engine.delivery.states import ImpossibleTransition, State
from engine.items.release import UnknownItem
from engine.items.response import EmptyReply, MalformedReply
from engine.kernel import ItemId
from tests.builders import (
    DESK,
    RIGHT,
    WRONG,
    Candidate,
    a_candidate,
    a_candidate_at_work,
    a_candidate_who_went_through,
    a_sitting,
    an_exam,
    later,
)

OTHER_DESK = "desk-2"


def kinds(events: tuple[object, ...]) -> list[type]:
    return [type(e) for e in events]


def refused_without_a_trace(candidate: Candidate, refusal: type[Exception], ask: Callable[[], object]) -> Exception:
    """The refusal of `ask`, which left everything as it was."""
    before, log = candidate.sitting, list(candidate.log)
    with pytest.raises(refusal) as refused:
        ask()
    assert (candidate.sitting, candidate.log) == (before, log)
    return refused.value


# Coming in


def test_nobody_enters_whom_no_proctor_has_authorised():
    candidate = a_candidate()
    candidate.checks_in()
    refusal = refused_without_a_trace(candidate, NotAuthorised, candidate.enters)
    assert refusal.facts == {"authorised": None}


@pytest.mark.parametrize(("waited", "enters"), [(0, True), (899, True), (900, True), (901, False), (3600, False)])
def test_an_authorisation_lasts_fifteen_minutes(waited, enters):
    assert timedelta(minutes=15) == AUTHORISATION_LASTS
    candidate = a_candidate()
    candidate.checks_in()
    candidate.is_authorised()
    candidate.waits(seconds=waited)
    if enters:
        assert kinds(candidate.enters()) == [Entered]
    else:
        refused_without_a_trace(candidate, NotAuthorised, candidate.enters)


def test_an_authorisation_that_is_too_old_can_be_given_again():
    candidate = a_candidate()
    candidate.checks_in()
    candidate.is_authorised()
    candidate.waits(minutes=20)
    candidate.is_authorised()
    candidate.enters()
    assert candidate.state is State.ENTERED


@pytest.mark.parametrize("under_way", [False, True])
def test_an_authorisation_is_good_for_one_entry(under_way):
    candidate = a_candidate_at_work() if under_way else a_candidate()
    candidate.checks_in()
    candidate.is_authorised()
    candidate.enters()
    refused_without_a_trace(candidate, NotAuthorised, candidate.enters)


def test_checking_in_again_takes_nothing_away():
    """Who knows a name, a birth date and a session code could do it in somebody's place."""
    candidate = a_candidate()
    candidate.checks_in()
    candidate.is_authorised()
    candidate.checks_in()
    candidate.enters()
    candidate.checks_in()
    candidate.starts()


def test_the_clock_starts_with_the_first_item_and_not_before():
    candidate = a_candidate()
    candidate.checks_in()
    candidate.waits(minutes=30).is_authorised()
    candidate.waits(minutes=10).enters()
    assert candidate.sitting.clock is None
    events = candidate.waits(minutes=5).starts()
    assert kinds(events) == [Started, Presented]
    assert candidate.deadline == later(minutes=45 + 150)
    assert candidate.on_screen in {i.id for i in candidate.exam.release.items}


@pytest.mark.parametrize(
    ("sitting", "minutes"),
    [(a_sitting(), 150), (a_sitting(third=True), 200), (a_sitting(minutes=90), 240)],
)
def test_extra_time_belongs_to_the_enrolment(sitting, minutes):
    assert a_candidate_at_work(sitting=sitting).deadline == later(minutes=minutes)


def test_starting_twice_changes_nothing():
    candidate = a_candidate_at_work()
    assert candidate.starts() == ()


@pytest.mark.parametrize("state", ["enrolled", "checked in", "authorised"])
def test_nobody_starts_before_the_personal_code(state):
    candidate = a_candidate()
    if state != "enrolled":
        candidate.checks_in()
    if state == "authorised":
        candidate.is_authorised()
    refused_without_a_trace(candidate, OtherDevice, candidate.starts)


# The device


@pytest.mark.parametrize("ask", ["replies", "finishes", "rings", "starts"])
def test_another_device_is_refused_until_the_proctor_lets_it_in(ask):
    candidate = a_candidate_at_work()
    refused_without_a_trace(candidate, OtherDevice, lambda: getattr(candidate, ask)(device=OTHER_DESK))
    candidate.checks_in()
    assert candidate.sitting.asks_to_return
    candidate.is_authorised()
    candidate.enters(OTHER_DESK)
    assert not candidate.sitting.asks_to_return
    refused_without_a_trace(candidate, OtherDevice, lambda: getattr(candidate, ask)(device=DESK))
    getattr(candidate, ask)(device=OTHER_DESK)


def test_coming_back_on_another_device_keeps_the_item_and_the_time():
    candidate = a_candidate_at_work(answered=3)
    item, deadline = candidate.on_screen, candidate.deadline
    candidate.waits(minutes=4).checks_in()
    candidate.is_authorised()
    candidate.enters(OTHER_DESK)
    assert (candidate.on_screen, candidate.deadline) == (item, deadline)


# Answering


@pytest.mark.parametrize("raw", [RIGHT, WRONG, None])
def test_an_answer_is_recorded_and_the_next_item_presented(raw):
    candidate = a_candidate_at_work()
    item = candidate.on_screen
    recorded, presented = candidate.replies(raw, answer_id="1")
    assert recorded == Answered(candidate.now, item, raw, "1")
    assert isinstance(presented, Presented)
    assert presented.item != item
    assert candidate.sitting.answer_to(item).reply == raw  # type: ignore[union-attr]


def test_the_same_answer_sent_again_changes_nothing():
    candidate = a_candidate_at_work()
    item = candidate.on_screen
    candidate.replies(RIGHT, answer_id="1")
    assert candidate.replies(RIGHT, item, "1") == ()
    candidate.replies(WRONG, answer_id="2")
    assert candidate.waits(minutes=200).replies(RIGHT, item, "1") == ()


def test_the_same_answer_sent_again_is_known_from_another_device_during_a_pause_and_after_the_end():
    candidate = a_candidate_at_work()
    item = candidate.on_screen
    candidate.replies(RIGHT, answer_id="1")
    assert candidate.replies(RIGHT, item, "1", OTHER_DESK) == ()
    candidate.is_paused()
    assert candidate.replies(RIGHT, item, "1") == ()
    candidate.is_stopped(technical=True)
    assert candidate.replies(RIGHT, item, "1") == ()


def test_one_answer_id_with_another_reply_is_a_conflict():
    candidate = a_candidate_at_work()
    item = candidate.on_screen
    candidate.replies(RIGHT, answer_id="1")
    for raw in (WRONG, None):
        refusal = refused_without_a_trace(candidate, AnswerConflict, lambda raw=raw: candidate.replies(raw, item, "1"))
        assert refusal.facts == {"answer_id": "1", "item": item}


def test_one_answer_id_for_two_items_is_a_conflict():
    candidate = a_candidate_at_work()
    candidate.replies(RIGHT, answer_id="1")
    refused_without_a_trace(candidate, AnswerConflict, lambda: candidate.replies(RIGHT, answer_id="1"))


def test_there_is_no_way_back_and_no_way_ahead():
    candidate = a_candidate_at_work()
    past = candidate.on_screen
    candidate.replies()
    never_put = next(i.id for i in candidate.exam.release.items if i.id not in candidate.sitting.presented)
    for item in (past, never_put):
        refusal = refused_without_a_trace(candidate, NotOnScreen, lambda item=item: candidate.replies(WRONG, item))
        assert refusal.facts == {"item": item, "on_screen": candidate.on_screen}


def test_an_item_that_the_release_does_not_hold_is_refused():
    candidate = a_candidate_at_work()
    refused_without_a_trace(candidate, UnknownItem, lambda: candidate.replies(item=ItemId("nowhere")))


@pytest.mark.parametrize(("raw", "refusal"), [("z", MalformedReply), (3, MalformedReply), ("", EmptyReply)])
def test_a_reply_of_the_wrong_shape_leaves_the_item_on_screen(raw, refusal):
    candidate = a_candidate_at_work()
    refused_without_a_trace(candidate, refusal, lambda: candidate.replies(raw))


def test_nothing_is_answered_before_the_start_nor_when_the_candidate_was_not_let_in():
    candidate = a_candidate()
    item = candidate.exam.release.items[0].id
    refused_without_a_trace(candidate, OtherDevice, lambda: candidate.replies(item=item))
    candidate.checks_in()
    candidate.is_authorised()
    candidate.enters()
    refused_without_a_trace(candidate, NotOnScreen, lambda: candidate.replies(item=item))
    candidate.is_turned_away()
    refused_without_a_trace(candidate, NotOnScreen, lambda: candidate.replies(item=item))


def test_nothing_is_answered_during_a_pause_and_the_item_waits():
    candidate = a_candidate_at_work(answered=2)
    item, left = candidate.on_screen, candidate.deadline - candidate.now
    candidate.is_paused()
    candidate.waits(minutes=25)
    refused_without_a_trace(candidate, IsPaused, candidate.replies)
    refused_without_a_trace(candidate, IsPaused, candidate.finishes)
    candidate.is_resumed()
    assert (candidate.on_screen, candidate.deadline - candidate.now) == (item, left)
    candidate.replies()


def test_a_pause_is_not_paused_and_a_running_clock_not_resumed():
    candidate = a_candidate_at_work()
    refused_without_a_trace(candidate, ImpossibleTransition, candidate.is_resumed)
    candidate.is_paused()
    refused_without_a_trace(candidate, ImpossibleTransition, candidate.is_paused)


# The bell


def test_an_answer_a_moment_before_the_bell_is_in_time():
    candidate = a_candidate_at_work().waits_for_the_bell(and_seconds=-0.000001)
    assert kinds(candidate.replies()) == [Answered, Presented]
    assert not candidate.sitting.answers[-1].late


@pytest.mark.parametrize("seconds", [0, 1, 59.999999, 60])
def test_an_answer_within_the_grace_is_late_counts_and_ends_the_sitting(seconds):
    assert timedelta(seconds=60) == GRACE
    candidate = a_candidate_at_work(answered=2).waits_for_the_bell(and_seconds=seconds)
    assert kinds(candidate.replies()) == [Answered, Expired]
    assert candidate.state is State.EXPIRED
    assert candidate.sitting.answers[-1].late
    assert candidate.sitting.on_screen is None


@pytest.mark.parametrize("seconds", [60.000001, 61, 3600])
@pytest.mark.parametrize("swept", [False, True])
def test_an_answer_after_the_grace_is_kept_and_not_counted(seconds, swept):
    candidate = a_candidate_at_work(answered=2).waits_for_the_bell(and_seconds=seconds)
    item = candidate.on_screen
    if swept:
        candidate.is_swept()
    assert kinds(candidate.replies(RIGHT, item, "too late")) == ([Quarantined] if swept else [Expired, Quarantined])
    assert len(candidate.sitting.answers) == 2
    (kept,) = candidate.sitting.quarantined
    assert (kept.item, kept.reply, kept.answer_id) == (item, RIGHT, "too late")
    assert candidate.replies(RIGHT, item, "too late") == ()
    refused_without_a_trace(candidate, AnswerConflict, lambda: candidate.replies(WRONG, item, "too late"))
    refused_without_a_trace(candidate, NotOnScreen, lambda: candidate.replies(RIGHT, item, "and again"))


def test_after_the_grace_only_the_item_that_was_on_screen_is_kept():
    candidate = a_candidate_at_work(answered=2)
    past = candidate.sitting.presented[0]
    candidate.waits_for_the_bell(and_seconds=120).is_swept()
    refused_without_a_trace(candidate, NotOnScreen, lambda: candidate.replies(RIGHT, past, "late"))


@pytest.mark.parametrize("end", [lambda c: c.finishes(), lambda c: c.is_stopped(technical=True)])
def test_an_answer_that_crosses_the_end_on_its_way_is_kept(end):
    candidate = a_candidate_at_work(answered=2)
    item = candidate.on_screen
    end(candidate)
    assert kinds(candidate.replies(RIGHT, item)) == [Quarantined]


@pytest.mark.parametrize(("seconds", "closes"), [(-60, False), (0, False), (60, False), (60.000001, True), (999, True)])
def test_the_sweeper_waits_for_the_grace_and_closes_once(seconds, closes):
    candidate = a_candidate_at_work().waits_for_the_bell(and_seconds=seconds)
    assert kinds(candidate.is_swept()) == ([Expired] if closes else [])
    if closes:
        assert candidate.waits(minutes=1).is_swept() == ()


@pytest.mark.parametrize(("seconds", "closes"), [(-0.000001, False), (0, True), (30, True)])
def test_a_page_with_nothing_left_to_send_closes_at_the_bell(seconds, closes):
    candidate = a_candidate_at_work().waits_for_the_bell(and_seconds=seconds)
    assert kinds(candidate.rings()) == ([Expired] if closes else [])
    assert candidate.rings() == ()


def test_nothing_expires_during_a_pause_or_before_the_start():
    candidate = a_candidate_at_work()
    candidate.is_paused()
    candidate.waits(minutes=600)
    assert candidate.is_swept() == candidate.rings() == ()
    assert a_candidate().is_swept() == ()


def test_granted_time_is_time_to_answer():
    candidate = a_candidate_at_work().waits_for_the_bell(and_seconds=-1)
    candidate.is_granted(600)
    assert kinds(candidate.waits(minutes=9).replies()) == [Answered, Presented]


@pytest.mark.parametrize(
    "end",
    [
        lambda c: c.waits_for_the_bell(and_seconds=61).is_swept(),
        lambda c: c.finishes(),
        lambda c: c.is_stopped(technical=True),
        lambda c: c.is_stopped(technical=False),
    ],
)
def test_granted_time_never_reopens_a_closed_sitting(end):
    candidate = a_candidate_at_work()
    end(candidate)
    refused_without_a_trace(candidate, ImpossibleTransition, lambda: candidate.is_granted(3600))


@pytest.mark.parametrize("seconds", [0, -60])
def test_time_is_given_and_never_taken(seconds):
    candidate = a_candidate_at_work()
    with pytest.raises(ValueError, match="granted time must be positive"):
        candidate.is_granted(seconds)


# The end


def test_going_through_every_item_ends_the_sitting():
    candidate = a_candidate_who_went_through(exam=an_exam(lengths=(16, 16)))
    assert candidate.state is State.SUBMITTED
    assert candidate.log[-1] == Submitted(candidate.now)
    assert not candidate.sitting.ended_by_choice
    assert candidate.sitting.ended_at == candidate.now


def test_a_candidate_may_finish_early_and_finishing_twice_changes_nothing():
    candidate = a_candidate_at_work(answered=5)
    assert candidate.finishes() == (Submitted(candidate.now, early=True),)
    assert candidate.sitting.ended_by_choice
    assert candidate.waits(minutes=1).finishes() == ()


def test_who_ends_the_test_after_its_time_was_ended_by_the_time():
    candidate = a_candidate_at_work(answered=2).waits_for_the_bell(and_seconds=61)
    assert kinds(candidate.finishes()) == [Expired]
    assert not candidate.sitting.ended_by_choice


def test_a_proctor_can_end_a_sitting_that_runs_or_is_paused():
    for paused in (False, True):
        candidate = a_candidate_at_work()
        if paused:
            candidate.is_paused()
        candidate.is_stopped(technical=True)
        assert candidate.state is State.TERMINATED
        assert candidate.sitting.ended_for_technical_cause
        assert candidate.sitting.clock is not None
        assert candidate.sitting.clock.paused_at is None


@pytest.mark.parametrize("technical", [True, False])
def test_whether_the_cause_of_a_stop_was_technical_is_kept(technical):
    candidate = a_candidate_at_work()
    candidate.is_stopped(technical)
    assert candidate.sitting.ended_for_technical_cause == technical
    assert not candidate.sitting.ended_by_choice


def test_only_someone_who_has_not_started_is_refused_or_absent():
    candidate = a_candidate_at_work()
    refused_without_a_trace(candidate, ImpossibleTransition, candidate.is_turned_away)
    refused_without_a_trace(candidate, ImpossibleTransition, candidate.is_marked_absent)
    absent, refused = a_candidate(), a_candidate()
    absent.is_marked_absent()
    refused.is_turned_away()
    assert (absent.state, refused.state) == (State.ABSENT, State.REFUSED)
