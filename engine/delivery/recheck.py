"""Could this log have come about? Every row against the rows before it, by the rules of `commands.py`.

What the log says of choices comes back as a course, to be retraced together with those of other sittings.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.adaptive.cat import Observed
from engine.adaptive.retrace import Course, Seen, TakenOut, Turn
from engine.delivery.clock import GRACE
from engine.delivery.events import (
    AlertAccepted,
    AlertRaised,
    Answered,
    Event,
    Expired,
    Presented,
    Quarantined,
    Started,
    Submitted,
)
from engine.delivery.sitting import Sitting, apply
from engine.items.release import Release
from engine.items.response import is_correct, parse
from engine.kernel import EngineError


@dataclass(frozen=True, slots=True)
class Impossible:
    """The first event that could not follow, counted from 1, and what was expected in its place."""

    seq: int
    expected: str


@dataclass(slots=True)
class Walked:
    """A log as far as it could have come about."""

    sitting: Sitting
    course: Course
    choices: tuple[int, ...]
    """The event that each turn of the course is told by, from 1."""
    impossible: Impossible | None


_Due: TypeAlias = type[Event] | tuple[type[Event], ...] | None
_CHOICE = (Presented, Submitted)


@dataclass(slots=True)
class _Walk:
    release: Release
    sitting: Sitting
    seen: Seen = None
    due: _Due = None
    """What must follow in the same transaction."""
    turns: list[Turn] = field(default_factory=list)
    choices: list[int] = field(default_factory=list)


def walk(start: Sitting, events: Iterable[Event], release: Release) -> Walked:
    """Follow a whole log from `start`, which nothing has happened in. Choices are not checked here."""
    on = _Walk(release, start)
    impossible = None
    for seq, event in enumerate(events, start=1):
        try:
            expected = _expected(on, event)
            moved = apply(on.sitting, event)
        except EngineError as error:
            expected = str(error)
        if expected is not None:
            impossible = Impossible(seq, expected)
            break
        _go_on(on, event, seq)
        on.sitting = moved
    if impossible is None and on.due is not None:
        impossible = Impossible(on.sitting.version + 1, _names(on.due))
    return Walked(on.sitting, Course(start.seed, tuple(on.turns)), tuple(on.choices), impossible)


def _expected(on: _Walk, event: Event) -> str | None:
    """What was expected instead of an event; `None` if it may come. Raises `EngineError` for a reply of no form."""
    sitting, clock = on.sitting, on.sitting.clock
    if on.due is not None and not isinstance(event, on.due):
        return _names(on.due)
    match event:
        case Presented() if on.due is None:
            return "no item: nothing asks for one here"
        case Answered(at, item, reply, _, late):
            if sitting.on_screen != item or sitting.alert is not None:
                return f"an answer to {sitting.on_screen}"
            if parse(on.release.put(item, on.sitting.seed).interaction, reply) != reply:
                return "a reply in its canonical form"
            if clock is None or at > clock.deadline(at) + GRACE:
                return "no answer after time and grace"
            if late != (at >= clock.deadline(at)):
                return f"an answer that is {'late' if not late else 'in time'}"
        case Expired(at=at) if clock is None or at < clock.deadline(at):
            return "no expiry before the deadline"
        case Submitted(at=at, early=early):
            if early != (on.due is None):
                return "an early end" if on.due is None else "the end of a form that was gone through"
            if early and (clock is None or at > clock.deadline(at) + GRACE):
                return "an expiry: time and grace were over"
        case Quarantined(item=item) if sitting.presented[-1:] != (item,) or not sitting.state.was_taken:
            return "a late reply to the last item of a test that is over"
        case AlertRaised(item=item) if sitting.on_screen != item:
            return f"an alert about {sitting.on_screen}"
        case _:
            pass
    return None


def _go_on(on: _Walk, event: Event, seq: int) -> None:
    """Note what an event asks for, and the choice that it tells of."""
    if on.due == _CHOICE or on.due is Presented:
        on.turns.append(Turn(on.seen, event.item if isinstance(event, Presented) else None))
        on.choices.append(seq)
    on.due = None
    match event:
        case Started():
            on.due = Presented
        case Answered(item=item, reply=reply, late=late):
            on.seen = Observed(item, is_correct(on.release.put(item, on.sitting.seed).interaction, reply))
            on.due = Expired if late else _CHOICE
        case AlertAccepted() if on.sitting.alert is not None:
            on.seen = TakenOut(on.sitting.alert.item)
            on.due = _CHOICE
        case _:
            pass


def _names(due: _Due) -> str:
    kinds = due if isinstance(due, tuple) else (due,)
    return " or ".join(f"an event `{kind.kind}`" for kind in kinds if kind is not None)
