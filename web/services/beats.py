"""A page of a running test says that it is there, and is told how the test stands: one statement."""

from datetime import datetime

from engine.delivery import commands
from engine.kernel import SittingId
from web.db import seats
from web.db.seats import Seat
from web.services import connectivity, expiry
from web.services.house import House


def beat(house: House, sitting: SittingId, device: str, now: datetime) -> Seat:
    """The seat as it is now; a sitting whose time is over is closed first. Raises `NoSuchSitting`.

    A browser that nobody let in is no sign of the candidate.
    """
    seat = _look(house, sitting)
    if commands.expire(seat.sitting, now).events:
        expiry.expire(house, sitting, now)
        seat = _look(house, sitting)
    if seat.sitting.device == device:
        connectivity.heard(house, sitting, seat.last_sign, now)
    return seat


def _look(house: House, sitting: SittingId) -> Seat:
    with house.db.glance() as connection:
        return seats.look(connection, sitting)
