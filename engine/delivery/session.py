"""A supervised slot at a centre, and the states it goes through."""

from enum import StrEnum

from engine.kernel import EngineError


class Mode(StrEnum):
    """How the session is supervised."""

    ON_SITE = "on_site"
    REMOTE = "remote"


REMOTE_CAPACITY = 9
"""Candidates that one remote proctor can watch (jury report, 4.1: seven to nine per session)."""


class SessionState(StrEnum):
    """Where a session stands."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    FINALISED = "finalised"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


SESSION_TRANSITIONS: frozenset[tuple[SessionState, SessionState]] = frozenset(
    {
        (SessionState.PLANNED, SessionState.OPEN),
        (SessionState.PLANNED, SessionState.CANCELLED),
        (SessionState.OPEN, SessionState.CLOSED),
        (SessionState.CLOSED, SessionState.FINALISED),
        (SessionState.FINALISED, SessionState.PUBLISHED),
    }
)


class SessionRefusal(EngineError):
    """A session that cannot go from one state to another."""

    code = "session_state"


def moved(now: SessionState, to: SessionState) -> SessionState:
    """The new state of a session. Raises `SessionRefusal` with both states."""
    if (now, to) not in SESSION_TRANSITIONS:
        raise SessionRefusal(f"A session that is {now} cannot become {to}.", state=now, asked=to)
    return to


class SessionNotOpen(EngineError):
    """Something that needs an open session."""

    code = "session_not_open"


def require_open(state: SessionState) -> None:
    """Raise `SessionNotOpen` unless candidates may enter and answer."""
    if state is not SessionState.OPEN:
        raise SessionNotOpen(f"The session is {state}, not open.", state=state)


class SessionIsFinalised(EngineError):
    """A report on a session whose minutes are signed: from then on only the jury acts."""

    code = "session_is_finalised"


def require_not_finalised(state: SessionState) -> None:
    """Raise `SessionIsFinalised` if the minutes of the session are signed."""
    if state is SessionState.FINALISED:
        raise SessionIsFinalised("The session is finalised: only the jury acts now.", state=state)
