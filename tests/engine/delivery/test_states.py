"""Which event may happen in which state: every pair."""

from dataclasses import replace
from datetime import datetime

import pytest

from engine.delivery.events import EVENTS, Event
from engine.delivery.sitting import Sitting, apply, replay
from engine.delivery.states import ImpossibleTransition, State, after
from engine.kernel import ItemId
from tests.builders import DESK, NOON, PROCTOR, a_sitting

BY_KIND = {event.kind: event for event in EVENTS}

# ruff: noqa: E501

# A dot: impossible. A letter: the state that follows, as at the head of the rows.
LETTERS = dict(zip("ecandpsxtrbk", State, strict=True))
TABLE = """
              enrolled checked_in authorised entered running paused submitted expired terminated refused absent cancelled
checked_in    c        c          a          n       d       p      .         .       .          .       .      .
authorised    .        a          a          n       d       p      .         .       .          .       .      .
entered       .        .          n          n       d       p      .         .       .          .       .      .
started       .        .          .          d       .       .      .         .       .          .       .      .
presented     .        .          .          .       d       p      .         .       .          .       .      .
answered      .        .          .          .       d       .      .         .       .          .       .      .
quarantined   .        .          .          .       .       .      s         x       t          .       .      .
paused        .        .          .          .       p       .      .         .       .          .       .      .
resumed       .        .          .          .       .       d      .         .       .          .       .      .
time_granted  .        .          .          .       d       p      .         .       .          .       .      .
submitted     .        .          .          .       s       s      .         .       .          .       .      .
expired       .        .          .          .       x       .      .         .       .          .       .      .
terminated    .        .          .          .       t       t      .         .       .          .       .      .
refused       r        r          r          r       .       .      .         .       .          .       .      .
absent        b        b          b          b       .       .      .         .       .          .       .      .
alert_raised  .        .          .          .       d       .      .         .       .          .       .      .
alert_refused .        .          .          .       d       p      .         .       .          .       .      .
alert_accepted .       .          .          .       d       p      .         .       .          .       .      .
cancelled     k        k          k          k       .       .      .         .       .          .       .      .
reinstated    .        .          .          .       .       .      .         .       .          .       .      e
"""
HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
PAIRS = [
    (State(state), kind, LETTERS.get(letter)) for kind, *row in ROWS for state, letter in zip(HEAD, row, strict=True)
]


def test_the_table_speaks_of_every_pair():
    assert [State(name) for name in HEAD] == list(State)
    assert [row[0] for row in ROWS] == list(BY_KIND)
    assert len(PAIRS) == len(State) * len(EVENTS) == 240


@pytest.mark.parametrize(("state", "kind", "follows"), PAIRS)
def test_an_event_leads_where_the_table_says_or_is_refused_with_both_facts(state, kind, follows):
    if follows is not None:
        assert after(state, BY_KIND[kind]) is follows
        return
    with pytest.raises(ImpossibleTransition) as refused:
        after(state, BY_KIND[kind])
    assert refused.value.facts == {"state": state, "event": kind}
    assert str(refused.value) == f"A sitting that is {state} cannot be {kind}."


def an_event(kind: str, at: datetime = NOON) -> Event:
    """An event of that kind."""
    more: dict[str, dict[str, object]] = {
        "authorised": {"by": PROCTOR},
        "entered": {"device": DESK},
        "presented": {"item": ItemId("i")},
        "answered": {"item": ItemId("i"), "reply": "a", "answer_id": "1"},
        "quarantined": {"item": ItemId("i"), "reply": "a", "answer_id": "2"},
        "paused": {"by": PROCTOR, "reason": "Fire drill"},
        "resumed": {"by": PROCTOR},
        "time_granted": {"by": PROCTOR, "seconds": 60, "reason": "Network lost"},
        "terminated": {"by": PROCTOR, "reason": "Power cut", "technical": True},
        "refused": {"by": PROCTOR, "reason": "No document"},
        "absent": {"by": PROCTOR},
        "alert_raised": {"item": ItemId("i"), "text": "The image is missing"},
        "alert_refused": {"by": PROCTOR, "reason": "The image is there"},
        "alert_accepted": {"by": PROCTOR, "reason": "The image is missing"},
        "cancelled": {"by": PROCTOR, "reason": "Wrong session"},
        "reinstated": {"by": PROCTOR},
    }
    return BY_KIND[kind](at=at, **more.get(kind, {}))  # type: ignore[arg-type]


WAYS = {
    State.ENROLLED: "",
    State.CHECKED_IN: "checked_in",
    State.AUTHORISED: "checked_in authorised",
    State.ENTERED: "checked_in authorised entered",
    State.RUNNING: "checked_in authorised entered started presented",
    State.PAUSED: "checked_in authorised entered started presented paused",
    State.SUBMITTED: "checked_in authorised entered started presented answered submitted",
    State.EXPIRED: "checked_in authorised entered started presented expired",
    State.TERMINATED: "checked_in authorised entered started presented terminated",
    State.REFUSED: "checked_in refused",
    State.ABSENT: "absent",
    State.CANCELLED: "cancelled",
}


def a_sitting_that_is(state: State) -> Sitting:
    return replay(a_sitting(), [an_event(kind) for kind in WAYS[state].split()])


@pytest.mark.parametrize("before", ["", "checked_in", "checked_in authorised", "checked_in authorised entered"])
def test_an_enrolment_that_holds_again_begins_anew(before: str):
    sitting = replay(a_sitting(), [an_event(kind) for kind in [*before.split(), "cancelled", "reinstated"]])
    assert replace(sitting, version=0) == a_sitting()


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_reached(state):
    assert a_sitting_that_is(state).state is state


@pytest.mark.parametrize(("state", "kind", "follows"), PAIRS)
def test_a_sitting_moves_as_its_state_does_and_counts_its_events(state, kind, follows):
    sitting = a_sitting_that_is(state)
    if follows is None:
        with pytest.raises(ImpossibleTransition):
            apply(sitting, an_event(kind))
    else:
        moved = apply(sitting, an_event(kind))
        assert (moved.state, moved.version) == (follows, sitting.version + 1)


@pytest.mark.parametrize("state", State)
def test_every_state_is_before_the_start_under_way_or_over(state):
    under_way = state in (State.RUNNING, State.PAUSED)
    assert [state.is_before_start, under_way, state.is_over].count(True) == 1
    assert state.was_taken <= state.is_over


@pytest.mark.parametrize("state", [s for s in State if s.is_over])
def test_nothing_leads_out_of_the_end_but_an_enrolment_that_holds_again(state):
    back = {State.ENROLLED} if state is State.CANCELLED else set()
    assert {follows for before, _, follows in PAIRS if before is state} <= {None, state} | back
    assert a_sitting_that_is(state).ended_at == NOON
    assert a_sitting_that_is(state).on_screen is None
