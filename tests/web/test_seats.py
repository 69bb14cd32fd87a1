"""What a process remembers of a sitting is never what is not so."""

import contextlib
import uuid

import pytest

from engine.delivery import commands
from tests.web.sql import sql
from tests.web.world import World
from web.db import seats
from web.db import sittings as sitting_rows
from web.services import exam, supervision


def looked(world: World) -> seats.Seat:
    with world.house.db.glance() as connection:
        return seats.look(connection, world.camille.sitting)


def passed(world: World) -> None:
    item = world.on_screen(world.camille).id
    exam.answer(world.house, world.camille.sitting, item, None, str(uuid.uuid4()), "device", world.clock())


def test_what_is_remembered_and_what_came_after_is_what_the_whole_log_says(world: World):
    world.start(world.camille)
    for n in range(12):
        if n % 3 == 0:
            assert looked(world).sitting == world.sitting(world.camille)
        passed(world)
    assert looked(world).sitting == world.sitting(world.camille)


def test_what_was_rolled_back_is_not_remembered(world: World):
    world.start(world.camille)
    looked(world)
    before = world.sitting(world.camille)
    with contextlib.suppress(RuntimeError), world.house.db.write() as connection:
        seat = seats.take(connection, world.camille.sitting)
        sitting_rows.save(connection, commands.finish(seat.sitting, "device", world.clock()))
        raise RuntimeError
    assert looked(world).sitting == before == world.sitting(world.camille)
    passed(world)
    assert looked(world).sitting == world.sitting(world.camille)


@pytest.mark.parametrize("how", ["shortened", "another last event"])
def test_a_log_that_is_not_what_it_was_is_read_anew(world: World, how: str):
    """A backup that was restored below running workers, or a hand in the database."""
    world.start(world.camille)
    for _ in range(4):
        passed(world)
    version = looked(world).sitting.version
    with world.house.db.write() as connection:
        sql(
            connection,
            "DELETE FROM sitting_event WHERE sitting_id = ? AND seq > ?",
            (world.camille.sitting, version - 2),
        )
    if how == "another last event":
        passed(world)
    assert looked(world).sitting == world.sitting(world.camille)


def test_what_happened_since_the_last_answer_is_remembered_and_no_more(world: World):
    world.start(world.camille)
    proctor = world.person("surveillant")
    for pauses in (0, 1, 2):
        passed(world)
        for _ in range(pauses):
            looked(world)  # so that what follows comes after what is known
            supervision.pause(world.house, proctor, world.camille.sitting, "Alerte", world.clock())
            supervision.resume(world.house, proctor, world.camille.sitting, world.clock())
        kinds = [event.kind for event in looked(world).since_answer]
        assert kinds == ["answered", "presented", *["paused", "resumed"] * pauses]
        other = type(world.house.db)(world.url)  # a process that has just begun
        with other.glance() as connection:
            assert [e.kind for e in seats.look(connection, world.camille.sitting).since_answer] == kinds
        other.close()


def test_only_a_page_with_an_item_that_waits_for_this_device_begins_to_write(world: World):
    world.start(world.camille)
    proctor = world.person("surveillant")

    def turn(device: str, page: str) -> exam.Turn | None:
        return exam.turn(world.house, world.camille.sitting, device, page, world.clock())

    first = turn("device", "first")
    assert first is not None
    assert first.seat.page == "first"
    assert turn("another", "stranger's") is None
    supervision.pause(world.house, proctor, world.camille.sitting, "Alerte", world.clock())
    assert turn("device", "paused") is None
    supervision.resume(world.house, proctor, world.camille.sitting, world.clock())
    world.clock.forward(hours=3)
    assert turn("device", "too late") is None
    assert looked(world).page == "first"
    assert exam.turn(world.house, sitting_rows.SittingId("nobody"), "device", "x", world.clock()) is None


def test_two_processes_see_each_others_answers(world: World):
    world.start(world.camille)
    other = type(world.house.db)(world.url)
    for _ in range(3):
        passed(world)
        with other.glance() as connection:
            assert seats.look(connection, world.camille.sitting).sitting == world.sitting(world.camille)
    other.close()


def test_a_sitting_that_is_not_there_is_refused(world: World):
    with pytest.raises(sitting_rows.NoSuchSitting), world.house.db.glance() as connection:
        seats.look(connection, sitting_rows.SittingId("nobody"))
