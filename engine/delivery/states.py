"""Which event may happen in which state: one table, everything else is refused by name."""

from enum import StrEnum

from engine.delivery.events import (
    Absent,
    AlertAccepted,
    AlertRaised,
    AlertRefused,
    Answered,
    Authorised,
    Cancelled,
    CheckedIn,
    Entered,
    Event,
    Expired,
    Paused,
    Presented,
    Quarantined,
    Refused,
    Reinstated,
    Resumed,
    Started,
    Submitted,
    Terminated,
    TimeGranted,
)
from engine.kernel import EngineError


class State(StrEnum):
    """Where a sitting stands."""

    ENROLLED = "enrolled"
    CHECKED_IN = "checked_in"
    AUTHORISED = "authorised"
    ENTERED = "entered"
    RUNNING = "running"
    PAUSED = "paused"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    TERMINATED = "terminated"
    REFUSED = "refused"
    ABSENT = "absent"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be answered."""
        return self in _OVER

    @property
    def was_taken(self) -> bool:
        """Whether there is a test to score."""
        return self in (State.SUBMITTED, State.EXPIRED, State.TERMINATED)

    @property
    def is_before_start(self) -> bool:
        """Whether the clock has not run yet and may still."""
        return self in _BEFORE


_OVER = frozenset({State.SUBMITTED, State.EXPIRED, State.TERMINATED, State.REFUSED, State.ABSENT, State.CANCELLED})
_BEFORE = frozenset({State.ENROLLED, State.CHECKED_IN, State.AUTHORISED, State.ENTERED})

_RUN, _PAUSE = State.RUNNING, State.PAUSED
TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    (State.ENROLLED, CheckedIn): State.CHECKED_IN,
    (State.CHECKED_IN, CheckedIn): State.CHECKED_IN,
    # Asking again takes nothing away: somebody else who knows the name could do it too.
    (State.AUTHORISED, CheckedIn): State.AUTHORISED,
    (State.CHECKED_IN, Authorised): State.AUTHORISED,
    (State.AUTHORISED, Authorised): State.AUTHORISED,
    (State.AUTHORISED, Entered): State.ENTERED,
    (State.ENTERED, Started): _RUN,
    # Re-entry: the state does not move, the device does.
    (State.ENTERED, CheckedIn): State.ENTERED,
    (State.ENTERED, Authorised): State.ENTERED,
    (State.ENTERED, Entered): State.ENTERED,
    (_RUN, CheckedIn): _RUN,
    (_PAUSE, CheckedIn): _PAUSE,
    (_RUN, Authorised): _RUN,
    (_PAUSE, Authorised): _PAUSE,
    (_RUN, Entered): _RUN,
    (_PAUSE, Entered): _PAUSE,
    (_RUN, Presented): _RUN,
    (_RUN, Answered): _RUN,
    (_RUN, Paused): _PAUSE,
    (_PAUSE, Resumed): _RUN,
    (_RUN, TimeGranted): _RUN,
    (_PAUSE, TimeGranted): _PAUSE,
    (_RUN, AlertRaised): _RUN,
    (_RUN, AlertRefused): _RUN,
    (_RUN, AlertAccepted): _RUN,
    # A proctor settles alerts during a pause too; the item that takes a place is stored and waits.
    (_PAUSE, AlertRefused): _PAUSE,
    (_PAUSE, AlertAccepted): _PAUSE,
    (_PAUSE, Presented): _PAUSE,
    (_RUN, Submitted): State.SUBMITTED,
    # Only by a proctor who takes the last question out; a candidate ends nothing during a pause.
    (_PAUSE, Submitted): State.SUBMITTED,
    (_RUN, Expired): State.EXPIRED,
    (_RUN, Terminated): State.TERMINATED,
    (_PAUSE, Terminated): State.TERMINATED,
    (State.SUBMITTED, Quarantined): State.SUBMITTED,
    (State.EXPIRED, Quarantined): State.EXPIRED,
    (State.TERMINATED, Quarantined): State.TERMINATED,
    **{(before, Refused): State.REFUSED for before in _BEFORE},
    **{(before, Absent): State.ABSENT for before in _BEFORE},
    **{(before, Cancelled): State.CANCELLED for before in _BEFORE},
    (State.CANCELLED, Reinstated): State.ENROLLED,
}


class ImpossibleTransition(EngineError):
    """An event that cannot happen in the state of the sitting."""

    code = "impossible_transition"


def after(state: State, event: type[Event]) -> State:
    """The state that follows. Raises `ImpossibleTransition`."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise ImpossibleTransition(
            f"A sitting that is {state} cannot be {event.kind}.", state=state, event=event.kind
        ) from None
