"""A log that could have come about, and logs that could not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from engine.adaptive.retrace import misfits
from engine.delivery.events import Answered, Event, Expired, Presented, Submitted
from engine.delivery.recheck import walk
from engine.delivery.sitting import enrolled
from tests.builders import (
    RIGHT,
    WRONG,
    Candidate,
    a_candidate_at_work,
    a_candidate_who_went_through,
    an_exam_with_items_to_try,
)
from tests.engine.delivery.test_replay import lives

Log = list[Event]


def rechecked(candidate: Candidate, log: Log) -> tuple[int, str] | None:
    """The first event that is not as the engine has it, from 1, and what was expected."""
    sitting = candidate.sitting
    walked = walk(enrolled(sitting.id, sitting.seed, sitting.accommodation), log, candidate.exam.release)
    [misfit] = misfits(candidate.exam.plan, [walked.course])
    found = [] if misfit is None else [(walked.choices[misfit.turn], misfit.expected)]
    if walked.impossible is not None:
        found.append((walked.impossible.seq, walked.impossible.expected))
    return min(found, default=None)


@settings(max_examples=150, deadline=None)
@given(candidate=lives)
def test_whatever_was_asked_of_a_sitting_its_log_could_have_come_about(candidate):
    assert rechecked(candidate, candidate.log) is None


def test_a_log_with_items_that_are_tried_could_have_come_about():
    exam = an_exam_with_items_to_try()
    candidate = a_candidate_at_work(20, exam)
    candidate.raises_alert()
    candidate.is_accepted_alert()
    while candidate.sitting.on_screen:
        candidate.replies()
    assert rechecked(candidate, candidate.log) is None


def answered(log: Log) -> list[int]:
    return [n for n, e in enumerate(log) if isinstance(e, Answered)]


def late(log: Log) -> Log:
    at = answered(log)[3]
    return [*log[:at], replace(log[at], late=True), *log[at + 1 :]]


def graded_otherwise(log: Log) -> Log:
    """One reply turned from wrong to right: the items that follow were chosen for the wrong one."""
    at = next(n for n in answered(log) if getattr(log[n], "reply", None) == WRONG)
    return [*log[:at], replace(log[at], reply=RIGHT), *log[at + 1 :]]


def other_item(log: Log) -> Log:
    at = answered(log)[7]
    put = {e.item for e in log if isinstance(e, Presented)}
    other = next(
        e.item for e in a_candidate_who_went_through(seed=99).log if isinstance(e, Presented) and e.item not in put
    )
    return [*log[: at - 1], replace(log[at - 1], item=other), replace(log[at], item=other), *log[at + 1 :]]


def after_the_bell(log: Log) -> Log:
    at = answered(log)[-1]
    end = log[-1].at + timedelta(hours=3)
    return [*log[:at], replace(log[at], at=end), replace(log[-1], at=end)]


CHANGES: dict[str, tuple[Callable[[Log], Log], str]] = {
    "late": (late, "in time"),
    "a reply turned right": (graded_otherwise, "item"),
    "another item": (other_item, "item"),
    "an answer after the bell": (after_the_bell, "after time and grace"),
    "an answer gone": (lambda log: [e for n, e in enumerate(log) if n != 12], ""),
    "two rows swapped": (lambda log: [*log[:10], log[11], log[10], *log[12:]], ""),
    "the last row gone": (lambda log: log[:-1], "presented"),
    "the end too early": (lambda log: [*log[:42], replace(log[-1], at=log[41].at)], "item"),
    "an item for nothing": (lambda log: [*log[:4], *log[3:]], ""),
    "a start without an item": (lambda log: log[:4], "presented"),
    "an early end that was none": (lambda log: [*log[:-1], Submitted(log[-1].at, early=True)], "gone through"),
    "an expiry before time": (lambda log: [*log[:-2], Expired(log[-1].at)], "before the deadline"),
    "a reply of another form": (lambda log: [*log[:5], replace(log[5], reply=["r1"]), *log[6:]], ""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_log_that_could_not_have_come_about_is_found_with_its_row(change):
    candidate = a_candidate_who_went_through(lambda item: int(item.id[-1]) % 2 == 0)
    make, told = CHANGES[change]
    log = make(list(candidate.log))
    found = rechecked(candidate, log)
    assert found is not None
    seq, expected = found
    assert told in expected
    first = next((n for n, (a, b) in enumerate(zip(log, candidate.log, strict=False)) if a != b), len(log))
    assert seq >= first + 1
