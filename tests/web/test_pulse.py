"""Signs of life are gathered, written soon, and never go back in time."""

import threading
import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel import SittingId
from tests.web.world import MORNING, World
from web.db import signs
from web.services.pulse import Pulse


def stored(world: World) -> dict[SittingId, datetime]:
    with world.house.db.read() as connection:
        return signs.last_of(connection, [seat.sitting for seat in world.seats])


@pytest.fixture
def pulse(world: World) -> Pulse:
    return Pulse(world.house.db, 0.2)


def test_the_first_sign_is_written_at_once_and_the_next_ones_soon(world: World, pulse: Pulse):
    camille, idriss, anne_lise = (seat.sitting for seat in world.seats)
    pulse.note(camille, MORNING)
    assert stored(world) == {camille: MORNING}
    later = MORNING + timedelta(seconds=10)
    for sitting in (camille, idriss, anne_lise):
        pulse.note(sitting, later)
    end = time.monotonic() + 10
    while stored(world) != dict.fromkeys((camille, idriss, anne_lise), later):
        assert time.monotonic() < end, stored(world)
        time.sleep(0.02)


def test_a_sign_that_comes_late_does_not_turn_time_back(world: World):
    sitting = world.camille.sitting
    with world.house.db.write() as connection:
        for seconds in (10, 0, 5):
            signs.note_all(connection, {sitting: MORNING + timedelta(seconds=seconds)})
    assert stored(world) == {sitting: MORNING + timedelta(seconds=10)}


def test_signs_of_many_threads_are_all_written(world: World, pulse: Pulse):
    def give(seat: int) -> None:
        for n in range(50):
            pulse.note(world.seats[seat % 3].sitting, MORNING + timedelta(seconds=n))

    threads = [threading.Thread(target=give, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    end = time.monotonic() + 10
    while set(stored(world).values()) != {MORNING + timedelta(seconds=49)} or len(stored(world)) != 3:
        assert time.monotonic() < end, stored(world)
        time.sleep(0.02)


@given(offsets=st.lists(st.integers(-1000, 1000), min_size=1))
def test_of_what_is_gathered_the_newest_is_written(offsets: list[int]):
    pulse = Pulse(None, 1000)  # type: ignore[arg-type]
    pulse._is_waiting = True
    for offset in offsets:
        pulse.note(SittingId("s"), MORNING + timedelta(seconds=offset))
    assert pulse._heard == {"s": MORNING + timedelta(seconds=max(offsets))}
