"""When a console that was told nothing must look again, since time alone may change what it shows."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from engine.delivery.states import State
from web.services.board import Row
from web.services.supervision import SILENT_AFTER

AT_MOST = timedelta(seconds=15)
"""Times, ages and ribbons are as old as this then."""
QUIET = timedelta(seconds=25)
"""The same where nobody is under way: a proctor counts as there for half a minute after each look."""
AT_LEAST = timedelta(seconds=1)


def wait(rows: Iterable[Row], now: datetime) -> timedelta:
    """How long at most; sooner where a page falls silent or the time of a test runs out until then."""
    under_way = [row for row in rows if _is_under_way(row)]
    if not under_way:
        return QUIET
    ends = [end - now for row in under_way for end in _ends(row, now)]
    return max(AT_LEAST, min([AT_MOST, *(left for left in ends if left > timedelta())]))


def _is_under_way(row: Row) -> bool:
    state = row.enrolment.sitting.state
    return state is not State.ENROLLED and not state.is_over


def _ends(row: Row, now: datetime) -> list[datetime]:
    clock = row.enrolment.sitting.clock
    if row.enrolment.sitting.state is not State.RUNNING or clock is None:
        return []
    return [now + clock.time_left(now), *([row.last_seen + SILENT_AFTER] if row.last_seen else [])]
