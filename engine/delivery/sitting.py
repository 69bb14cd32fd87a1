"""One candidate's test: a projection of its log."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby

from engine.delivery.clock import Accommodation, Clock
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
from engine.delivery.states import State, after
from engine.items.response import Reply
from engine.kernel import ItemId, SittingId, Transition


@dataclass(frozen=True, slots=True)
class Answer:
    """What was replied to an item, and when."""

    item: ItemId
    reply: Reply
    answer_id: str
    at: datetime
    late: bool = False
    draft: bool = False
    """Whether it stood in the form and was never validated; only in quarantine."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What the candidate says is wrong with the item on screen."""

    item: ItemId
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sitting:
    """The state of a sitting after its events; `version` counts them, and two writers cannot both be the next."""

    id: SittingId
    seed: int
    accommodation: Accommodation
    state: State = State.ENROLLED
    version: int = 0
    clock: Clock | None = None
    authorised_at: datetime | None = None
    device: str | None = None
    presented: tuple[ItemId, ...] = ()
    answers: tuple[Answer, ...] = ()
    quarantined: tuple[Answer, ...] = ()
    alert: Alert | None = None
    """Raised and not settled yet: the item is blocked and the clock stands still."""
    excluded: tuple[ItemId, ...] = ()
    """Items that were taken out during the test: they count neither as asked nor as answered."""
    ended_at: datetime | None = None
    ended_by_choice: bool = False
    ended_for_technical_cause: bool = False
    asks_to_return: bool = False

    @property
    def on_screen(self) -> ItemId | None:
        """The item that waits for an answer, if there is one."""
        waiting = not self.state.is_over and len(self.presented) > len(self.answers) + len(self.excluded)
        return self.presented[-1] if waiting else None

    def answer_to(self, item: ItemId) -> Answer | None:
        """The answer that was recorded for an item."""
        return next((a for a in self.answers if a.item == item), None)


def enrolled(sitting: SittingId, seed: int, accommodation: Accommodation) -> Sitting:
    """A sitting in which nothing has happened yet."""
    return Sitting(sitting, seed, accommodation)


def apply(sitting: Sitting, event: Event) -> Sitting:
    """The sitting after an event. Raises `ImpossibleTransition`."""
    moved = replace(sitting, state=after(sitting.state, type(event)), version=sitting.version + 1)
    clock = sitting.clock
    match event:
        case CheckedIn():
            return replace(moved, asks_to_return=sitting.device is not None)
        case Authorised(at=at):
            return replace(moved, authorised_at=at)
        case Entered(device=device):
            return replace(moved, authorised_at=None, device=device, asks_to_return=False)
        case Started(at=at):
            return replace(moved, clock=Clock(at, sitting.accommodation.allowance))
        case Presented(item=item):
            return replace(moved, presented=(*sitting.presented, item))
        case Answered(at, item, reply, answer_id, late):
            return replace(moved, answers=(*sitting.answers, Answer(item, reply, answer_id, at, late)))
        case Quarantined(at, item, reply, answer_id, draft):
            kept = Answer(item, reply, answer_id, at, late=True, draft=draft)
            return replace(moved, quarantined=(*sitting.quarantined, kept))
        case Paused(at=at):
            return replace(moved, clock=clock and clock.pause(at))
        case Resumed(at=at):
            return moved if sitting.alert else replace(moved, clock=clock and clock.resume(at))
        case AlertRaised(at, item, text):
            return replace(moved, alert=Alert(item, text, at), clock=clock and clock.pause(at))
        case AlertRefused(at=at):
            return replace(moved, alert=None, clock=_unless_paused(sitting, at))
        case AlertAccepted(at=at):
            return replace(moved, alert=None, excluded=_with_alert(sitting), clock=_unless_paused(sitting, at))
        case TimeGranted(seconds=seconds):
            return replace(moved, clock=clock and clock.grant(timedelta(seconds=seconds)))
        case Submitted(at=at, early=early):
            return replace(moved, clock=clock and clock.resume(at), ended_at=at, ended_by_choice=early)
        case Terminated(at=at, technical=technical):
            stopped = clock.resume(at) if clock else None
            ended = replace(moved, alert=None, clock=stopped, ended_at=at, ended_for_technical_cause=technical)
            # Nobody has looked at what the candidate said of this item: it is not held against them.
            return replace(ended, excluded=_with_alert(sitting))
        case Expired(at=at) | Refused(at=at) | Absent(at=at) | Cancelled(at=at):
            return replace(moved, ended_at=at)
        case Reinstated():
            return replace(moved, ended_at=None, authorised_at=None, device=None, asks_to_return=False)


def _with_alert(sitting: Sitting) -> tuple[ItemId, ...]:
    """The items taken out, the one of the open alert too."""
    return (*sitting.excluded, sitting.alert.item) if sitting.alert else sitting.excluded


def _unless_paused(sitting: Sitting, at: datetime) -> Clock | None:
    """The clock once an alert is settled: it runs again, unless the sitting is paused as well."""
    return sitting.clock if sitting.clock is None or sitting.state is State.PAUSED else sitting.clock.resume(at)


def replay(start: Sitting, events: Iterable[Event]) -> Sitting:
    """The sitting after a whole log: as `apply` one after the other, and several times as fast."""
    for is_question, run in groupby(events, key=lambda event: isinstance(event, Presented | Answered)):
        advance = _after_questions if is_question else _one_by_one
        start = advance(start, run)
    return start


def _one_by_one(sitting: Sitting, run: Iterable[Event]) -> Sitting:
    return reduce(apply, run, sitting)


def _after_questions(sitting: Sitting, run: Iterable[Event]) -> Sitting:
    """The sitting after events that are nothing but items put and answered, which most of a log is."""
    state, version = sitting.state, sitting.version
    presented, answers = list(sitting.presented), list(sitting.answers)
    for event in run:
        state, version = after(state, type(event)), version + 1
        match event:
            case Presented(item=item):
                presented.append(item)
            case Answered(at, item, reply, answer_id, late):
                answers.append(Answer(item, reply, answer_id, at, late))
    return replace(sitting, state=state, version=version, presented=tuple(presented), answers=tuple(answers))


def step(sitting: Sitting, *events: Event) -> Transition[Sitting, Event]:
    """The transition that some events make."""
    return Transition(replay(sitting, events), events)
