"""What every room of the engine shares: identifiers, a step, a refusal."""

from dataclasses import dataclass
from typing import Generic, NewType, TypeVar

ItemId = NewType("ItemId", str)
SittingId = NewType("SittingId", str)
SessionId = NewType("SessionId", str)
PersonId = NewType("PersonId", str)
IncidentId = NewType("IncidentId", str)
RulingId = NewType("RulingId", str)

State = TypeVar("State")
Event = TypeVar("Event")


@dataclass(frozen=True, slots=True)
class Transition(Generic[State, Event]):
    """A new state with the events that explain it; the caller saves both or neither."""

    state: State
    events: tuple[Event, ...]


class EngineError(Exception):
    """A refusal: its class names it, its sentence says why, its facts say what holds.

    >>> class NotOnScreen(EngineError):
    ...     code = "not_on_screen"
    >>> NotOnScreen("Item a is not on screen.", item="a").facts
    {'item': 'a'}
    """

    code: str = "refused"

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.facts = facts
