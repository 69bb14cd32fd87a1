"""A countdown that is told the time.

The deadline is never stored: it follows from the start, the time allowed, and a ledger whose rows never change.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

TEST_TIME = timedelta(hours=2, minutes=30)  # jury report, 4.1
ADVISED = {"crcn_edu": timedelta(minutes=45), "crcn": timedelta(hours=1, minutes=45)}  # jury report, 4.1; close nothing
EXPECTED_TIME = timedelta(minutes=140)  # of a form, by its items' expected seconds: ten minutes are left over
GRACE = timedelta(seconds=60)  # for answers on their way at the bell; see docs/adr/0006


@dataclass(frozen=True, slots=True)
class Accommodation:
    """Extra time of an enrolment: a third more (tiers temps), or minutes set by hand."""

    third: bool = False
    minutes: int = 0

    def __post_init__(self) -> None:
        if self.minutes < 0:
            raise ValueError(f"extra time must not be negative, got {self.minutes} min")

    @property
    def allowance(self) -> timedelta:
        """The whole time allowed.

        >>> str(Accommodation(third=True).allowance), str(Accommodation(minutes=20).allowance)
        ('3:20:00', '2:50:00')
        """
        return TEST_TIME + (TEST_TIME / 3 if self.third else timedelta()) + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Clock:
    """Started at an instant, allowed a time, granted more or less since; stopped while paused."""

    started_at: datetime
    allowance: timedelta
    granted: timedelta = timedelta()
    paused_at: datetime | None = None

    def deadline(self, now: datetime) -> datetime:
        """When the test ends, as it looks `now`: a running pause moves it on."""
        waiting = max(timedelta(), now - self.paused_at) if self.paused_at else timedelta()
        return self.started_at + self.allowance + self.granted + waiting

    def time_left(self, now: datetime) -> timedelta:
        """What is left, never negative."""
        return max(timedelta(), self.deadline(now) - now)

    def has_rung(self, now: datetime) -> bool:
        """Whether the time is over; it never is during a pause."""
        return self.paused_at is None and now >= self.deadline(now)

    def pause(self, now: datetime) -> "Clock":
        """Stop counting; a clock that stands still already stands since then."""
        return self if self.paused_at else replace(self, paused_at=now)

    def resume(self, now: datetime) -> "Clock":
        """Count again; the pause has cost the candidate nothing."""
        if self.paused_at is None:
            return self
        return replace(self, granted=self.granted + max(timedelta(), now - self.paused_at), paused_at=None)

    def grant(self, time: timedelta) -> "Clock":
        """Give time."""
        return replace(self, granted=self.granted + time)
