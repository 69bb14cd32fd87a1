"""The server's clock is set while tests run: what that costs, and how it is done so that it costs nobody anything."""

from datetime import timedelta

import pytest

from engine.delivery.clock import TEST_TIME
from engine.delivery.states import State
from tests.web.world import Seat, World, right_reply
from web.services import exam, supervision

FIVE, SEVEN = timedelta(minutes=5), timedelta(minutes=7)


def time_left(world: World, seat: Seat) -> timedelta:
    left = exam.desk(world.house, seat.sitting, world.clock()).time_left
    assert left is not None
    return left


@pytest.mark.parametrize("step", [SEVEN, -FIVE, timedelta(seconds=1), -timedelta(hours=1)])
def test_a_step_moves_every_deadline_by_as_much_and_stops_nobody(world: World, step: timedelta):
    browser = world.running(world.camille)
    world.clock.now += step
    assert time_left(world, world.camille) == TEST_TIME - step
    for _ in range(3):
        browser.get("/candidat/test")
        reply = right_reply(world.on_screen(world.camille))
        browser.submit("/candidat/test/reponse", {"action": "valider", **reply})
    assert len(world.answers(world.camille)) == 3


@pytest.mark.parametrize("step", [SEVEN, -FIVE, timedelta(hours=4), -timedelta(hours=4)])
def test_a_step_while_all_are_paused_costs_nobody_anything(world: World, step: timedelta):
    proctor = world.person("surveillant")
    world.start(world.camille)
    world.clock.forward(minutes=20)
    before = time_left(world, world.camille)
    supervision.pause_all(world.house, proctor, world.session, "L'horloge est remise à l'heure", world.clock())
    world.clock.now += step
    supervision.resume_all(world.house, proctor, world.session, world.clock())
    assert time_left(world, world.camille) >= before
    assert world.sitting(world.camille).state is State.RUNNING


def test_the_minutes_that_a_step_took_are_given_back(world: World):
    world.start(world.camille)
    world.clock.now += SEVEN
    supervision.grant_time(
        world.house, world.person("surveillant"), world.camille.sitting, 7, "Horloge du serveur", world.clock()
    )
    assert time_left(world, world.camille) == TEST_TIME


def test_a_step_past_the_end_closes_a_test_that_no_step_back_opens_again(world: World):
    world.start(world.camille)
    world.clock.now += TEST_TIME + SEVEN
    assert exam.desk(world.house, world.camille.sitting, world.clock()).enrolment.sitting.state is State.EXPIRED
    world.clock.now -= TEST_TIME
    assert world.sitting(world.camille).state is State.EXPIRED
