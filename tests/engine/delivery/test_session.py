"""A session goes one way only."""

from itertools import pairwise, product

import pytest

from engine.delivery.session import SessionNotOpen, SessionRefusal, SessionState, moved, require_open

WAY = [SessionState.PLANNED, SessionState.OPEN, SessionState.CLOSED, SessionState.FINALISED, SessionState.PUBLISHED]


@pytest.mark.parametrize(("now", "to"), list(product(SessionState, repeat=2)))
def test_a_session_goes_to_the_next_state_and_nowhere_else(now, to):
    if (now, to) in {*pairwise(WAY), (SessionState.PLANNED, SessionState.CANCELLED)}:
        assert moved(now, to) is to
        return
    with pytest.raises(SessionRefusal) as refused:
        moved(now, to)
    assert refused.value.facts == {"state": now, "asked": to}


@pytest.mark.parametrize("state", SessionState)
def test_candidates_work_in_an_open_session_only(state):
    if state is SessionState.OPEN:
        require_open(state)
        return
    with pytest.raises(SessionNotOpen) as refused:
        require_open(state)
    assert refused.value.facts == {"state": state}
