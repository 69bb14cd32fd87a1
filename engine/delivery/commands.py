"""What can be asked of a sitting: each command returns the new sitting with its events, or refuses by name."""

from datetime import datetime, timedelta
from typing import TypeAlias

from engine.adaptive.cat import Observed, Plan, Present, decide
from engine.delivery.clock import GRACE
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
from engine.delivery.sitting import Alert, Answer, Sitting, step
from engine.delivery.states import State
from engine.items.release import Release
from engine.items.response import Reply, is_correct, parse
from engine.kernel import EngineError, ItemId, PersonId, Transition

Step: TypeAlias = Transition[Sitting, Event]

AUTHORISATION_LASTS = timedelta(minutes=15)  # docs/adr/0006


class NotOnScreen(EngineError):
    """An answer to an item that is not the one waiting for an answer."""

    code = "not_on_screen"


class AnswerConflict(EngineError):
    """The same answer id with another reply."""

    code = "answer_conflict"


class NotAuthorised(EngineError):
    """An entry that no proctor has authorised, or not in the last 15 minutes."""

    code = "not_authorised"


class OtherDevice(EngineError):
    """A device other than the one that the proctor let in."""

    code = "other_device"


class IsPaused(EngineError):
    """An answer while the clock stands still."""

    code = "is_paused"


class ItemBlocked(EngineError):
    """An answer to an item that waits for the proctor's look, or the end of the test while one does."""

    code = "item_blocked"


class NoAlert(EngineError):
    """An alert is settled that is not raised, or was settled by somebody else."""

    code = "no_alert"


def check_in(sitting: Sitting, now: datetime) -> Step:
    """The candidate is in the waiting room, or asks to come back in mid-exam."""
    return step(sitting, CheckedIn(now))


def authorise(sitting: Sitting, by: PersonId, now: datetime) -> Step:
    """A proctor lets the candidate in, once."""
    return step(sitting, Authorised(now, by))


def enter(sitting: Sitting, device: str, now: datetime) -> Step:
    """The personal code was right on this device. Raises `NotAuthorised` if no fresh authorisation waits."""
    authorised = sitting.authorised_at
    if authorised is None or now - authorised > AUTHORISATION_LASTS:
        raise NotAuthorised(f"Sitting {sitting.id} has no authorisation of the last 15 minutes.", authorised=authorised)
    return step(sitting, Entered(now, device))


def start(sitting: Sitting, plan: Plan, device: str, now: datetime) -> Step:
    """The clock starts with the first item. Asked twice, the second does nothing."""
    _same_device(sitting, device)
    if sitting.state is State.RUNNING:
        return step(sitting)
    match decide(plan, sitting.seed, ()):
        case Present(item=item):
            return step(sitting, Started(now), Presented(now, item))
        case _:
            raise ValueError("a plan without a first item")


def observed(sitting: Sitting, release: Release, without: frozenset[ItemId] = frozenset()) -> tuple[Observed, ...]:
    """The answers in order, each right or wrong; items put but not answered are not among them."""
    return tuple(
        Observed(a.item, is_correct(release.put(a.item, sitting.seed).interaction, a.reply))
        for a in sitting.answers
        if a.item not in without
    )


def answer(
    sitting: Sitting,
    plan: Plan,
    release: Release,
    item: ItemId,
    raw: object,
    answer_id: str,
    device: str,
    now: datetime,
) -> Step:
    """Record an answer (`None`: passed), then present the next item or finish.

    The same id with the same reply again returns the sitting as it is. Within the grace after the deadline the
    answer counts and the sitting ends; after it, the sitting ends and the reply goes to quarantine. Raises
    `AnswerConflict`, `OtherDevice`, `NotOnScreen`, `IsPaused`, `MalformedReply`, `EmptyReply`.
    """
    reply = parse(release.put(item, sitting.seed).interaction, raw)
    known = next((a for a in sitting.answers + sitting.quarantined if a.answer_id == answer_id), None)
    if known is not None:
        return _again(sitting, known, item, reply)
    _same_device(sitting, device)
    if sitting.state is State.PAUSED:
        raise IsPaused(f"Sitting {sitting.id} is paused.", sitting=sitting.id)
    _not_blocked(sitting)
    if sitting.on_screen != item and not _is_last_words(sitting, item):
        raise NotOnScreen(
            f"Item {item} is not on screen in sitting {sitting.id}.", item=item, on_screen=sitting.on_screen
        )
    clock = sitting.clock
    assert clock is not None  # an item is on screen
    deadline = clock.deadline(now)
    if now > deadline + GRACE or sitting.state.is_over:
        return _close_with_quarantine(sitting, item, reply, answer_id, now)
    recorded = step(sitting, Answered(now, item, reply, answer_id, late=now >= deadline))
    if now >= deadline:
        return _then(recorded, Expired(now))
    return _onwards(recorded, plan, release, now)


def finish(sitting: Sitting, device: str, now: datetime) -> Step:
    """The candidate ends the test before its last item. A sitting that is over stays as it is.

    After time and grace it is the time that has ended it, not they. Raises `OtherDevice`, `IsPaused`, `ItemBlocked`.
    """
    if sitting.state.was_taken:
        return step(sitting)
    _same_device(sitting, device)
    if sitting.state is State.PAUSED:
        raise IsPaused(f"Sitting {sitting.id} is paused.", sitting=sitting.id)
    _not_blocked(sitting)
    late = expire(sitting, now)
    return late if late.events else step(sitting, Submitted(now, early=True))


def raise_alert(sitting: Sitting, item: ItemId, text: str, device: str, now: datetime) -> Step:
    """The candidate says that something is wrong with the item on screen: it is blocked and the clock stands still.

    Raised again before it is settled, nothing happens; at the bell it is too late, or a stopped clock would stretch the
    grace. Raises `OtherDevice`, `IsPaused`, `NotOnScreen`.
    """
    _same_device(sitting, device)
    if sitting.state is State.PAUSED:
        raise IsPaused(f"Sitting {sitting.id} is paused.", sitting=sitting.id)
    if sitting.on_screen != item:
        raise NotOnScreen(
            f"Item {item} is not on screen in sitting {sitting.id}.", item=item, on_screen=sitting.on_screen
        )
    if sitting.alert:
        return step(sitting)
    if sitting.clock is None or sitting.clock.has_rung(now):
        raise NotOnScreen(f"The time of sitting {sitting.id} is over.", item=item, on_screen=sitting.on_screen)
    return step(sitting, AlertRaised(now, item, text))


def refuse_alert(sitting: Sitting, by: PersonId, reason: str, now: datetime) -> Step:
    """The item is in order: the candidate goes on with it, and has lost no time. Raises `NoAlert`."""
    _alert(sitting)
    return step(sitting, AlertRefused(now, by, reason))


def accept_alert(sitting: Sitting, plan: Plan, release: Release, by: PersonId, reason: str, now: datetime) -> Step:
    """The item is taken out and another of its competence takes its place. Raises `NoAlert`.

    Where the release has no other one that fits, or the form is fixed, the test goes on with what comes next, one
    question shorter; after the last question it is over.
    """
    _alert(sitting)
    return _onwards(step(sitting, AlertAccepted(now, by, reason)), plan, release, now)


def expire(sitting: Sitting, now: datetime) -> Step:
    """Close the sitting if its time and grace are over; otherwise, or if it is closed, nothing happens."""
    clock = sitting.clock
    if sitting.state is not State.RUNNING or clock is None or now <= clock.deadline(now) + GRACE:
        return step(sitting)
    return step(sitting, Expired(now))


def ring(sitting: Sitting, device: str, now: datetime) -> Step:
    """The page says that it has nothing more to send at the bell: close without waiting for the grace."""
    _same_device(sitting, device)
    if sitting.state is not State.RUNNING or sitting.clock is None or not sitting.clock.has_rung(now):
        return step(sitting)
    return step(sitting, Expired(now))


def may_draft(sitting: Sitting, item: ItemId, device: str) -> None:
    """Whether a draft may be kept, which is no step of the sitting. Raises `OtherDevice`, `NotOnScreen`."""
    _same_device(sitting, device)
    if sitting.on_screen != item:
        raise NotOnScreen(
            f"Item {item} is not on screen in sitting {sitting.id}.", item=item, on_screen=sitting.on_screen
        )


def keep_draft(sitting: Sitting, release: Release, item: ItemId, raw: object, draft_id: str, now: datetime) -> Step:
    """What stood in the form when the sitting was closed is kept for the jury; a reply that follows still is too.

    Nothing happens if the item was not the last one, or something of it is kept already. Raises `MalformedReply`,
    `EmptyReply`.
    """
    reply = parse(release.put(item, sitting.seed).interaction, raw)
    if not _is_last_words(sitting, item) or any(kept.item == item for kept in sitting.quarantined):
        return step(sitting)
    return step(sitting, Quarantined(now, item, reply, draft_id, draft=True))


def pause(sitting: Sitting, by: PersonId, reason: str, now: datetime) -> Step:
    """Stop the clock."""
    return step(sitting, Paused(now, by, reason))


def resume(sitting: Sitting, by: PersonId, now: datetime) -> Step:
    """Let the clock run again."""
    return step(sitting, Resumed(now, by))


def grant_time(sitting: Sitting, by: PersonId, seconds: int, reason: str, now: datetime) -> Step:
    """Give time, with a reason. A closed sitting is never reopened by it."""
    if seconds <= 0:
        raise ValueError(f"granted time must be positive, got {seconds} s")
    return step(sitting, TimeGranted(now, by, seconds, reason))


def terminate(sitting: Sitting, by: PersonId, reason: str, technical: bool, now: datetime) -> Step:
    """A proctor ends the sitting."""
    return step(sitting, Terminated(now, by, reason, technical))


def refuse(sitting: Sitting, by: PersonId, reason: str, now: datetime) -> Step:
    """A proctor does not let the candidate in."""
    return step(sitting, Refused(now, by, reason))


def mark_absent(sitting: Sitting, by: PersonId, now: datetime) -> Step:
    """The session closes without this candidate."""
    return step(sitting, Absent(now, by))


def cancel(sitting: Sitting, by: PersonId, reason: str, now: datetime) -> Step:
    """The enrolment is taken back before the test began."""
    return step(sitting, Cancelled(now, by, reason))


def reinstate(sitting: Sitting, by: PersonId, now: datetime) -> Step:
    """The enrolment that was taken back holds again, from its beginning."""
    return step(sitting, Reinstated(now, by))


def _onwards(done: Step, plan: Plan, release: Release, now: datetime) -> Step:
    """Present the next item, or finish."""
    sitting = done.state
    match decide(plan, sitting.seed, observed(sitting, release), frozenset(sitting.excluded)):
        case Present(item=following):
            return _then(done, Presented(now, following))
        case _:
            return _then(done, Submitted(now))


def _alert(sitting: Sitting) -> Alert:
    if sitting.alert is None:
        raise NoAlert(f"No alert is open in sitting {sitting.id}.", sitting=sitting.id)
    return sitting.alert


def _not_blocked(sitting: Sitting) -> None:
    if sitting.alert is not None:
        raise ItemBlocked(f"Item {sitting.alert.item} waits for the proctor.", item=sitting.alert.item)


def _again(sitting: Sitting, known: Answer, item: ItemId, reply: Reply) -> Step:
    if known.item != item or known.reply != reply:
        raise AnswerConflict(
            f"Answer {known.answer_id} was recorded with another reply.", answer_id=known.answer_id, item=known.item
        )
    return step(sitting)


def _same_device(sitting: Sitting, device: str) -> None:
    if sitting.device != device:
        raise OtherDevice(f"Sitting {sitting.id} is written from another device.", sitting=sitting.id)


def _is_last_words(sitting: Sitting, item: ItemId) -> bool:
    """Whether the item was on screen when the sitting was closed without its answer."""
    validated = sum(not kept.draft for kept in sitting.quarantined)
    unanswered = len(sitting.presented) > len(sitting.answers) + validated + len(sitting.excluded)
    return sitting.state.was_taken and unanswered and sitting.presented[-1] == item


def _close_with_quarantine(sitting: Sitting, item: ItemId, reply: Reply, answer_id: str, now: datetime) -> Step:
    closing: tuple[Event, ...] = () if sitting.state.is_over else (Expired(now),)
    return step(sitting, *closing, Quarantined(now, item, reply, answer_id))


def _then(done: Step, *events: Event) -> Step:
    more = step(done.state, *events)
    return Transition(more.state, done.events + more.events)
