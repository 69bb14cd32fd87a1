"""What stood in the form when a sitting was closed: kept for the jury, never counted."""

from dataclasses import replace

import pytest

from engine.delivery import commands
from engine.delivery.commands import NotOnScreen, OtherDevice
from engine.delivery.events import Quarantined
from engine.items.response import EmptyReply, MalformedReply
from tests.builders import DESK, RIGHT, WRONG, Candidate, a_candidate_at_work


def keep(candidate: Candidate, item, raw=RIGHT, name="draft"):
    """Keep a draft, as closing does."""
    step = commands.keep_draft(candidate.sitting, candidate.exam.release, item, raw, name, candidate.now)
    candidate.sitting = step.state
    candidate.log += step.events
    return step.events


def test_a_draft_of_the_last_item_is_kept_once_and_counts_nothing():
    candidate = a_candidate_at_work(answered=2)
    item = candidate.on_screen
    candidate.waits_for_the_bell(and_seconds=61).is_swept()
    answers = candidate.sitting.answers
    [kept] = keep(candidate, item)
    assert kept == Quarantined(candidate.now, item, RIGHT, "draft", draft=True)
    assert keep(candidate, item, WRONG, "another") == ()
    assert candidate.sitting.answers == answers


def test_a_reply_that_still_comes_is_kept_beside_the_draft_and_no_second_one():
    candidate = a_candidate_at_work(answered=2)
    item = candidate.on_screen
    candidate.waits_for_the_bell(and_seconds=61).is_swept()
    keep(candidate, item)
    candidate.replies(WRONG, item, "validated")
    assert [(a.reply, a.draft) for a in candidate.sitting.quarantined] == [(RIGHT, True), (WRONG, False)]
    assert candidate.replies(WRONG, item, "validated") == ()
    with pytest.raises(NotOnScreen):
        candidate.replies(WRONG, item, "and again")


def test_a_reply_that_came_first_leaves_nothing_to_keep():
    candidate = a_candidate_at_work(answered=2)
    item = candidate.on_screen
    candidate.waits_for_the_bell(and_seconds=61)
    candidate.replies(RIGHT, item, "late")
    assert keep(candidate, item, WRONG) == ()


def test_a_draft_of_a_sitting_that_runs_or_of_another_item_is_not_kept():
    candidate = a_candidate_at_work(answered=2)
    assert keep(candidate, candidate.on_screen) == ()
    past = candidate.sitting.presented[0]
    candidate.waits_for_the_bell(and_seconds=61).is_swept()
    assert keep(candidate, past) == ()


@pytest.mark.parametrize(
    ("raw", "refusal"), [("", EmptyReply), ("no such choice", MalformedReply), ([], MalformedReply)]
)
def test_a_draft_that_is_no_reply_is_refused(raw, refusal):
    candidate = a_candidate_at_work(answered=2)
    item = candidate.on_screen
    candidate.waits_for_the_bell(and_seconds=61).is_swept()
    with pytest.raises(refusal):
        keep(candidate, item, raw)


def test_a_draft_is_taken_of_the_item_on_screen_from_the_device_that_writes():
    candidate = a_candidate_at_work(answered=2)
    commands.may_draft(candidate.sitting, candidate.on_screen, DESK)
    with pytest.raises(OtherDevice):
        commands.may_draft(candidate.sitting, candidate.on_screen, "desk-2")
    with pytest.raises(NotOnScreen):
        commands.may_draft(candidate.sitting, candidate.sitting.presented[0], DESK)


def test_a_log_from_before_drafts_were_kept_reads_as_it_did():
    kept = Quarantined(a_candidate_at_work().now, "item", RIGHT, "1")
    assert kept == replace(kept, draft=False)
