"""Silences between signs of life: what a console and a jury can read of a lost network."""

from datetime import datetime, timedelta

import pytest

from tests.web.browser import Browser
from tests.web.test_statements import statements
from tests.web.world import World
from web.services import connectivity, gate, supervision
from web.services.connectivity import Gap

BEAT = "/candidat/presence"


@pytest.fixture
def candidate(world: World) -> Browser:
    """Camille before the first item, with a first sign of life."""
    browser = world.running(world.camille)
    browser.post(BEAT, expect=200)
    return browser


def _gaps(world: World) -> tuple[Gap, ...]:
    with world.house.db.read() as connection:
        return connectivity.silences(connection, [world.camille.sitting]).get(world.camille.sitting, ())


def _lost(world: World, last_sign: datetime | None = None) -> timedelta:
    _, enrolment = gate.look(world.house, world.camille.sitting)
    gaps = connectivity.with_running(_gaps(world), last_sign, enrolment.sitting, world.clock())
    return connectivity.lost_time(gaps, enrolment, world.clock())


@pytest.mark.parametrize(("seconds", "silent"), [(10, False), (20, False), (20.001, True), (180, True)])
def test_two_signs_far_apart_are_a_silence(world: World, candidate: Browser, seconds: float, silent: bool):
    began = world.clock()
    world.clock.forward(seconds=seconds)
    candidate.post(BEAT, expect=200)
    assert _gaps(world) == ((Gap(began, world.clock()),) if silent else ())
    assert _lost(world) == (timedelta(seconds=seconds) if silent else timedelta())


def test_signs_of_another_browser_end_no_silence(world: World, candidate: Browser):
    world.clock.forward(minutes=3)
    world.recognised(world.camille, "192.0.2.8").post(BEAT, expect=200)
    assert _gaps(world) == ()
    candidate.post(BEAT, expect=200)
    assert [gap.length for gap in _gaps(world)] == [timedelta(minutes=3)]


def test_a_pause_in_a_silence_is_no_lost_time(world: World, candidate: Browser):
    """One minute lost, five minutes of pause, two minutes lost: three minutes."""
    proctor = world.person("surveillant")
    world.clock.forward(minutes=1)
    supervision.pause(world.house, proctor, world.camille.sitting, "Réseau", world.clock())
    world.clock.forward(minutes=5)
    supervision.resume(world.house, proctor, world.camille.sitting, world.clock())
    world.clock.forward(minutes=2)
    candidate.post(BEAT, expect=200)
    assert [gap.length for gap in _gaps(world)] == [timedelta(minutes=8)]
    assert _lost(world) == timedelta(minutes=3)


def test_waiting_before_the_start_is_no_silence(world: World):
    browser = world.entered(world.camille)
    browser.post(BEAT, expect=200)
    world.clock.forward(minutes=4)
    browser.submit("/candidat/test/commencer")
    browser.follow()
    world.clock.forward(seconds=5)
    browser.post(BEAT, expect=200)
    assert _gaps(world) == ()


def test_a_silence_that_lasts_counts_already(world: World, candidate: Browser):
    del candidate
    last = world.clock()
    world.clock.forward(seconds=90)
    assert _gaps(world) == ()
    assert _lost(world, last) == timedelta(seconds=90)


def test_a_silence_at_the_end_lasts_until_the_end(world: World, candidate: Browser):
    world.clock.forward(hours=2)
    candidate.post(BEAT, expect=200)
    last = world.clock()
    world.clock.forward(minutes=2)
    world.finish(world.camille)
    world.clock.forward(hours=5)
    assert _lost(world, last) == timedelta(hours=2, minutes=2)


def test_a_sign_that_comes_before_the_last_one_changes_nothing(world: World, candidate: Browser):
    world.clock.forward(minutes=1)
    candidate.post(BEAT, expect=200)
    gaps = _gaps(world)
    world.clock.forward(seconds=-30)
    candidate.post(BEAT, expect=200)
    world.clock.forward(seconds=40)
    candidate.post(BEAT, expect=200)
    assert _gaps(world) == gaps


def test_silences_of_many_sittings_are_one_statement(world: World, candidate: Browser):
    world.clock.forward(minutes=1)
    candidate.post(BEAT, expect=200)
    ids = [seat.sitting for seat in world.seats]
    with world.house.db.read() as connection, statements(world) as sent:
        found = connectivity.silences(connection, ids)
    assert (list(found), len(sent)) == ([world.camille.sitting], 1)
