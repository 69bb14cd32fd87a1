"""Whether a candidate's page was heard of, and how much of the test's time was lost to silence.

A lost ping never ends or blocks anything: what is kept is when the page was heard, the rest is derived.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.delivery.events import Event
from engine.delivery.sitting import Sitting, apply, enrolled
from engine.delivery.states import State
from engine.kernel import SittingId
from web.db import signs
from web.db import sittings as sitting_rows
from web.db.sittings import Enrolment
from web.services.house import House

SILENCE = timedelta(seconds=20)
"""Two signs of life further apart than this are a silence: the page gives one every ten seconds."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which the page was not heard of."""

    began_at: datetime
    ended_at: datetime

    @property
    def length(self) -> timedelta:
        """How long it was.

        >>> from datetime import UTC
        >>> str(Gap(datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 23, 9, 3, tzinfo=UTC)).length)
        '0:03:00'
        """
        return self.ended_at - self.began_at


def heard(house: House, sitting: SittingId, last: datetime | None, now: datetime) -> None:
    """The candidate's page is there, whose last sign is known. Raises `NoSuchSitting`."""
    if house.pulse is None or last is None or now - last > SILENCE:
        sign_of_life(house, sitting, now)
    else:
        house.pulse.note(sitting, now)


def sign_of_life(house: House, sitting: SittingId, now: datetime) -> None:
    """The candidate's page is there; a silence of a test that had begun ends with it. Raises `NoSuchSitting`."""
    with house.db.write() as connection:
        before = signs.last(connection, sitting)
        if before is not None and now <= before:
            return  # another worker's clock is a little ahead
        if before is not None and now - before > SILENCE:
            _end_silence(connection, sitting_rows.load(connection, sitting).sitting, before, now)
        if not signs.note(connection, sitting, now):
            sitting_rows.load(connection, sitting)  # no such sitting: the load tells


def silences(connection: Connection, sittings: Sequence[SittingId]) -> dict[SittingId, tuple[Gap, ...]]:
    """The silences that have ended, of many sittings in one statement; who has none is left out."""
    found = signs.silences_of(connection, sittings)
    return {sitting: tuple(Gap(*ends) for ends in of_it) for sitting, of_it in found.items()}


def with_running(gaps: Iterable[Gap], last_sign: datetime | None, sitting: Sitting, now: datetime) -> tuple[Gap, ...]:
    """The silences of a sitting, with the one that lasts still, if there is one.

    A test that was over before its page came back has been silent until its end.
    """
    until = min(now, sitting.ended_at) if sitting.ended_at else now
    begun = _begun(sitting, last_sign)
    lasts = () if begun is None or until - begun <= SILENCE else (Gap(begun, until),)
    return (*gaps, *lasts)


def lost_time(gaps: Iterable[Gap], enrolment: Enrolment, now: datetime) -> timedelta:
    """How much of the candidate's time went by in silence: pauses, and what lies before the start, cost nothing."""
    running = clock_ran(enrolment.sitting, enrolment.events, now)
    return sum(
        (max(timedelta(), min(gap.ended_at, to) - max(gap.began_at, since)) for gap in gaps for since, to in running),
        timedelta(),
    )


def clock_ran(sitting: Sitting, events: Iterable[Event], now: datetime) -> list[tuple[datetime, datetime]]:
    """From when to when the clock of a sitting ran, by its log; `now` ends what still runs."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    at_point = enrolled(sitting.id, sitting.seed, sitting.accommodation)
    for event in events:
        at_point = apply(at_point, event)
        runs = at_point.state is State.RUNNING and at_point.clock is not None and at_point.clock.paused_at is None
        if runs and since is None:
            since = event.at
        elif not runs and since is not None:
            found.append((since, event.at))
            since = None
    return found if since is None else [*found, (since, max(since, now))]


def _end_silence(connection: Connection, sitting: Sitting, before: datetime, now: datetime) -> None:
    began_at = _begun(sitting, before)
    if began_at is not None and now - began_at > SILENCE:
        signs.add_silence(connection, sitting.id, began_at, now)


def _begun(sitting: Sitting, last_sign: datetime | None) -> datetime | None:
    """When a silence began that follows a sign: not before the test did."""
    if sitting.clock is None or last_sign is None:
        return None
    return max(last_sign, sitting.clock.started_at)
