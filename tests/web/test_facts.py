"""What a candidate's page tells of itself."""

import pytest

from tests.web.world import World
from web.services import facts
from web.services.facts import FactKind, Standing


def told(world: World) -> list[FactKind]:
    with world.house.db.read() as connection:
        return [f.kind for f in facts.of_sittings(connection, [world.camille.sitting])]


def standing(world: World) -> Standing:
    with world.house.db.read() as connection:
        return facts.standing(connection, [world.camille.sitting, world.idriss.sitting])[world.camille.sitting]


def test_a_thing_is_lost_until_it_is_back(world: World):
    candidate = world.running(world.camille)
    assert standing(world) == Standing()
    for kind in ("camera_lost", "page_left", "page_back", "page_left", "screen_lost", "screen_back"):
        world.clock.forward(seconds=10)
        candidate.post("/candidat/fait", {"kind": kind}, expect=204)
    now = standing(world)
    assert [t.kind for t in now.lost] == [FactKind.CAMERA_LOST, FactKind.PAGE_LEFT]
    assert now.times_left == 2


def test_what_was_said_last_is_not_kept_twice_and_nothing_comes_back_that_was_not_lost(world: World):
    candidate = world.running(world.camille)
    for kind in ("page_back", "page_left", "page_left", "camera_lost", "page_left", "page_back", "page_back"):
        world.clock.forward(seconds=1)
        candidate.post("/candidat/fait", {"kind": kind}, expect=204)
    assert told(world) == ["page_left", "camera_lost", "page_back"]


@pytest.mark.parametrize("kind", ["", "cheating", "page_left; DROP"])
def test_only_the_closed_list_is_taken(world: World, kind: str):
    world.running(world.camille).post("/candidat/fait", {"kind": kind}, expect=400)
    assert told(world) == []


def test_a_browser_that_nobody_let_in_is_not_believed(world: World):
    world.running(world.camille)
    stranger = world.recognised(world.camille)
    stranger.post("/candidat/fait", {"kind": "camera_lost"}, expect=204)
    assert told(world) == []


def test_nothing_is_told_once_the_test_is_over(world: World):
    candidate = world.taken_early(world.camille)
    candidate.post("/candidat/fait", {"kind": "page_left"}, expect=204)
    assert told(world) == []


def test_a_page_gone_wild_fills_no_disk(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(facts, "MOST", 5)
    candidate = world.running(world.camille)
    for n in range(12):
        candidate.post("/candidat/fait", {"kind": ("page_left", "page_back")[n % 2]}, expect=204)
    assert len(told(world)) == 5
