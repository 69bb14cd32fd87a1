"""Taking the test: one transaction for an answer, its score and the choice of the next item."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from engine.adaptive.cat import Plan
from engine.delivery import commands
from engine.delivery.commands import Step
from engine.delivery.screen import arranged
from engine.delivery.session import require_open
from engine.items.frameworks import Framework
from engine.items.item import Interaction, Item
from engine.items.release import Release
from engine.kernel import ItemId, SittingId
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.db.tables import SignOfLife
from web.services import needs
from web.services.exposure import plan_of
from web.services.house import House

ADVISED_PARTS = (Framework.CRCN_EDU, Framework.CRCN)


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


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole situation of a candidate in the test."""

    session: Session
    enrolment: Enrolment
    screen: Screen | None
    deadline: datetime | None
    time_left: timedelta | None


def desk(house: House, sitting: SittingId, now: datetime) -> Desk:
    """What to show now; a sitting whose time is over is closed first. Raises `NoSuchSitting`."""
    with house.db.read() as connection:
        session, enrolment = _load(connection, sitting)
    step = commands.expire(enrolment.sitting, now)
    if step.events:
        with house.db.write() as connection:
            session, enrolment = _load(connection, sitting)
            sitting_rows.save(connection, commands.expire(enrolment.sitting, now))
            session, enrolment = _load(connection, sitting)
    return _desk(house, session, enrolment, now)


def start(house: House, sitting: SittingId, device: str, now: datetime) -> None:
    """The first item: from now on the clock runs. Raises what `commands.start` raises."""
    with house.db.write() as connection:
        session, enrolment = _load(connection, sitting)
        require_open(session.state)
        step = commands.start(
            enrolment.sitting,
            plan_of(house.catalogue, connection, session, enrolment.track, enrolment.needs),
            device,
            now,
        )
        sitting_rows.save(connection, step)


def answer(
    house: House, sitting: SittingId, item: ItemId, raw: object, answer_id: str, device: str, now: datetime
) -> Step:
    """Record an answer and choose what comes next. Raises what `commands.answer` raises, and `Superseded`."""
    with house.db.write() as connection:
        session, enrolment = _load(connection, sitting)
        step = commands.answer(
            enrolment.sitting,
            plan_of(house.catalogue, connection, session, enrolment.track, enrolment.needs),
            _release(house, session),
            item,
            raw,
            answer_id,
            device,
            now,
        )
        sitting_rows.save(connection, step)
    return step


def finish(house: House, sitting: SittingId, device: str, now: datetime) -> None:
    """The candidate ends the test before its last item."""
    with house.db.write() as connection:
        _, enrolment = _load(connection, sitting)
        sitting_rows.save(connection, commands.finish(enrolment.sitting, device, now))


def ring(house: House, sitting: SittingId, device: str, now: datetime) -> None:
    """The page says at the bell that it has nothing more to send."""
    with house.db.write() as connection:
        _, enrolment = _load(connection, sitting)
        sitting_rows.save(connection, commands.ring(enrolment.sitting, device, now))


def sign_of_life(house: House, sitting: SittingId, now: datetime) -> None:
    """The candidate's page is there. Raises `NoSuchSitting`."""
    with house.db.write() as connection:
        changed = connection.execute(update(SignOfLife).where(SignOfLife.sitting_id == sitting).values(at=now))
        if changed.rowcount == 0:
            try:
                with connection.begin_nested():
                    connection.execute(insert(SignOfLife).values(sitting_id=sitting, at=now))
            except IntegrityError:  # its first two signs at once, or no such sitting: the load tells
                sitting_rows.load(connection, sitting)


def screen_of(sitting_items: tuple[ItemId, ...], item: ItemId, release: Release, plan: Plan, seed: int) -> Screen:
    """How an item stands on the screen of a sitting: a function of its seed and of the items put so far."""
    found = release.item(item)
    position = sitting_items.index(item) + 1
    of_part = [i for i in sitting_items[:position] if release.item(i).framework is found.framework]
    part = ADVISED_PARTS.index(found.framework) + 1
    return Screen(
        found, arranged(found.interaction, seed, position), position, part, len(of_part), plan.asked[part - 1]
    )


def _desk(house: House, session: Session, enrolment: Enrolment, now: datetime) -> Desk:
    sitting = enrolment.sitting
    screen = None
    if sitting.on_screen is not None:
        screen = screen_of(
            sitting.presented,
            sitting.on_screen,
            _release(house, session),
            # Nothing is chosen here, so it need not be the plan under the pinned exposure.
            needs.plan_for(house.catalogue, session, enrolment),
            sitting.seed,
        )
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


def _release(house: House, session: Session) -> Release:
    return house.catalogue.release(session.release_digest)
