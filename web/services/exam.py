"""Taking the test: one transaction for an answer, its score and the choice of the next item."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from engine.adaptive.cat import Plan
from engine.delivery import commands
from engine.delivery.clock import ADVISED, TEST_TIME
from engine.delivery.commands import NotOnScreen, Step
from engine.delivery.screen import arranged
from engine.delivery.session import require_open
from engine.delivery.sitting import Sitting
from engine.delivery.states import State
from engine.items.frameworks import Framework, Track
from engine.items.item import Interaction, Item
from engine.items.release import Release
from engine.items.response import EmptyReply, MalformedReply
from engine.kernel import EngineError, ItemId, SittingId
from web.db import seats, writing
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.seats import Seat
from web.db.sessions import Pins, Session
from web.db.sittings import Enrolment, NoSuchSitting
from web.db.writing import Draft
from web.services import expiry, needs
from web.services.exposure import plan_of
from web.services.house import House

ADVISED_PARTS = (Framework.CRCN_EDU, Framework.CRCN)


class OtherPage(EngineError):
    """A page of the test that is not the last one that was opened: only the last one writes."""

    code = "other_page"


@dataclass(frozen=True, slots=True)
class Screen:
    """What stands before the candidate: an item, and where in the test it comes."""

    item: Item
    interaction: Interaction
    position: int
    """Among all items, from 1."""
    part: int
    """1 or 2."""
    number: int
    """Inside its part, from 1."""
    of: int
    """Items in this part, at most."""
    advised: timedelta
    """For this part, extra time included; a pace to keep, which closes nothing."""
    advised_after: timedelta
    """For the part that follows."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An item that waits for its answer, on the page that writes."""

    seat: Seat
    screen: Screen
    time_left: timedelta


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole situation of a candidate in the test."""

    session: Session
    enrolment: Enrolment
    screen: Screen | None
    deadline: datetime | None
    time_left: timedelta | None


def turn(house: House, sitting: SittingId, device: str, page: str, now: datetime) -> Turn | None:
    """The item on screen for the device that takes the test; `page` writes from now on.

    `None`, and nothing is touched, where no item waits for this device: `desk` tells what stands there instead.
    """
    try:
        with house.db.write() as connection:
            # The lease first: a draft that an older page saves meanwhile is there when it is taken, or is refused.
            writing.take_lease(connection, sitting, page, now)
            found = _turn(house, seats.look(connection, sitting), device, now)
            if found is None:
                raise _NoTurn
    except (_NoTurn, NoSuchSitting, IntegrityError):
        return None
    return found


class _NoTurn(Exception):
    """What was written is taken back."""


def _turn(house: House, seat: Seat, device: str, now: datetime) -> Turn | None:
    sitting = seat.sitting
    over = commands.expire(sitting, now).events
    if sitting.state is not State.RUNNING or sitting.on_screen is None or over or sitting.alert is not None:
        return None
    if sitting.device != device or sitting.clock is None:
        return None
    screen = _screen(house, sitting, sitting.on_screen, seat.pins, seat.track, seat.needs)
    return Turn(seat, screen, sitting.clock.time_left(now))


def desk(house: House, sitting: SittingId, now: datetime) -> Desk:
    """What to show now; a sitting whose time is over is closed first. Raises `NoSuchSitting`."""
    with house.db.read() as connection:
        session, enrolment = _load(connection, sitting)
    if commands.expire(enrolment.sitting, now).events:
        expiry.expire(house, sitting, now)
        with house.db.read() as connection:
            session, enrolment = _load(connection, sitting)
    return _desk(house, session, enrolment, now)


def open_page(house: House, sitting: SittingId, page: str, now: datetime) -> Draft | None:
    """A page of the test was opened: it writes from now on. The draft that it begins with, if there is one."""
    with house.db.write() as connection:
        writing.take_lease(connection, sitting, page, now)
        return writing.draft(connection, sitting)


def save_draft(
    house: House, sitting: SittingId, item: ItemId, written: Callable[[Interaction], Draft], device: str, page: str
) -> None:
    """Keep what stands in the form of the item on screen; it is no answer. `written` reads the form.

    Raises `NoSuchSitting`, `OtherDevice`, `NotOnScreen`, `OtherPage`.
    """
    with house.db.write() as connection:
        seat = seats.take(connection, sitting)
        commands.may_draft(seat.sitting, item, device)
        _require_writer(seat, page)
        draft = written(_interaction(house, seat, item))
        if seat.draft is None or _follows(draft, seat.draft):
            writing.put_draft(connection, sitting, draft)


def start(house: House, sitting: SittingId, device: str, now: datetime) -> None:
    """The first item: from now on the clock runs. Raises what `commands.start` raises."""
    with house.db.write() as connection:
        seat = seats.take(connection, sitting)
        require_open(seat.session_state)
        plan = plan_of(house.catalogue, connection, seat.pins, seat.track, seat.needs)
        sitting_rows.save(connection, commands.start(seat.sitting, plan, device, now))


def answer(
    house: House,
    sitting: SittingId,
    item: ItemId,
    raw: object,
    answer_id: str,
    device: str,
    now: datetime,
    page: str | None = None,
) -> Step:
    """Record an answer (`None`: passed) and choose what comes next. Raises what `answer_form` raises."""
    return answer_form(house, sitting, item, lambda _: raw, answer_id, device, now, page)


def answer_form(
    house: House,
    sitting: SittingId,
    item: ItemId,
    reply: Callable[[Interaction], object],
    answer_id: str,
    device: str,
    now: datetime,
    page: str | None = None,
) -> Step:
    """Record an answer and choose what comes next; its draft has served. `reply` reads it from what was sent.

    `page` must be the one that writes, if given. At most three statements, and one more to lock on PostgreSQL.
    Raises what `commands.answer` raises, `OtherPage`, `NoSuchSitting` and `Superseded`.
    """
    with house.db.write() as connection:
        seat = seats.take(connection, sitting)
        try:
            step = commands.answer(
                seat.sitting,
                plan_of(house.catalogue, connection, seat.pins, seat.track, seat.needs),
                house.catalogue.release(seat.pins.release_digest),
                item,
                reply(_interaction(house, seat, item)),
                answer_id,
                device,
                now,
            )
        except (EmptyReply, MalformedReply):
            if seat.sitting.on_screen != item:
                raise NotOnScreen(f"Item {item} is not on screen in sitting {sitting}.", item=item) from None
            raise
        if step.events:
            # After the engine has looked: an answer sent again has its reply, whichever page sends it.
            if page is not None and not seat.sitting.state.is_over:
                _require_writer(seat, page)
            if seat.draft is not None:
                writing.drop_draft(connection, sitting)
        sitting_rows.save(connection, step)
    return step


def finish(house: House, sitting: SittingId, device: str, now: datetime) -> None:
    """The candidate ends the test before its last item."""
    with house.db.write() as connection:
        session, enrolment = _load(connection, sitting)
        step = commands.finish(enrolment.sitting, device, now)
        if not step.state.ended_by_choice:  # the time was over before: what stood in the form is for the jury
            step = expiry.with_draft(connection, house, session.pins, step, now)
        sitting_rows.save(connection, step)
        writing.drop_draft(connection, sitting)  # they were asked, and chose to leave it


def ring(house: House, sitting: SittingId, device: str, now: datetime) -> None:
    """The page says at the bell that it has nothing more to send."""
    with house.db.write() as connection:
        session, enrolment = _load(connection, sitting)
        step = commands.ring(enrolment.sitting, device, now)
        sitting_rows.save(
            connection, expiry.with_draft(connection, house, session.pins, step, now) if step.events else step
        )


def screen_of(
    sitting_items: tuple[ItemId, ...],
    item: ItemId,
    release: Release,
    plan: Plan,
    seed: int,
    allowance: timedelta = TEST_TIME,
    excluded: tuple[ItemId, ...] = (),
) -> Screen:
    """How an item stands on the screen of a sitting: a function of its seed and of the items put so far.

    An item that took the place of one that was taken out has its number too.
    """
    found = release.put(item, seed)
    position = sitting_items.index(item) + 1
    before = (i for i in sitting_items[:position] if i not in excluded)
    of_part = [i for i in before if release.item(i).framework is found.framework]
    part = ADVISED_PARTS.index(found.framework) + 1
    scale = allowance / TEST_TIME
    advised = [ADVISED[framework.value] * scale for framework in ADVISED_PARTS]
    return Screen(
        found,
        arranged(found.interaction, seed, position),
        position,
        part,
        len(of_part),
        plan.asked[part - 1],
        advised[part - 1],
        sum(advised[part:], timedelta()),
    )


def _screen(
    house: House, sitting: Sitting, item: ItemId, pins: Pins, track: Track, own_needs: tuple[str, ...]
) -> Screen:
    return screen_of(
        sitting.presented,
        item,
        house.catalogue.release(pins.release_digest),
        # Nothing is chosen here, so it need not be the plan under the pinned exposure.
        needs.content_plan(house.catalogue, pins, track, own_needs),
        sitting.seed,
        sitting.accommodation.allowance,
        sitting.excluded,
    )


def _desk(house: House, session: Session, enrolment: Enrolment, now: datetime) -> Desk:
    sitting = enrolment.sitting
    screen = None
    if sitting.on_screen is not None:
        screen = _screen(house, sitting, sitting.on_screen, session.pins, enrolment.track, enrolment.needs)
    clock = sitting.clock
    return Desk(
        session,
        enrolment,
        screen,
        clock.deadline(now) if clock else None,
        clock.time_left(now) if clock else None,
    )


def _load(connection: Connection, sitting: SittingId) -> tuple[Session, Enrolment]:
    enrolment = sitting_rows.load(connection, sitting)
    return session_rows.load(connection, enrolment.session_id), enrolment


def _follows(draft: Draft, before: Draft) -> bool:
    """Whether a draft is newer: of one browser and item, by its number, whatever arrived first."""
    same = (draft.item, draft.device) == (before.item, before.device)
    return not same or draft.number >= before.number


def _require_writer(seat: Seat, page: str) -> None:
    if seat.page != page:
        raise OtherPage(f"Another page writes sitting {seat.sitting.id}.", sitting=seat.sitting.id)


def _interaction(house: House, seat: Seat, item: ItemId) -> Interaction:
    return house.catalogue.release(seat.pins.release_digest).put(item, seat.sitting.seed).interaction
