"""Tests that nobody looks at are closed all the same, once, and what stood in the form is kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.delivery.events import Expired, Quarantined
from engine.delivery.states import ImpossibleTransition, State
from engine.items.item import Kind
from tests.web.browser import Browser
from tests.web.test_writing import DRAFT, _form, _send
from tests.web.world import World, pass_on, right_reply
from web.cli import main
from web.services import exam, expiry, supervision


@pytest.fixture
def candidate(world: World) -> Browser:
    """Camille before an item with one choice."""
    browser = world.running(world.camille)
    while world.on_screen(world.camille).kind is not Kind.SINGLE_CHOICE:
        pass_on(browser)
    return browser


def _kept(world: World) -> list[Quarantined]:
    return [e for e in world.events(world.camille) if isinstance(e, Quarantined)]


@pytest.mark.parametrize(
    "act",
    [
        lambda *who: supervision.grant_time(*who[:3], 20, "Coupure", who[3]),
        lambda *who: supervision.pause(*who[:3], "Alarme", who[3]),
        lambda *who: supervision.terminate(*who[:3], "Triche", False, who[3]),
    ],
)
def test_nothing_that_a_proctor_does_opens_a_test_again_whose_time_was_over_before_anybody_looked(world: World, act):
    world.start(world.camille)
    world.clock.forward(hours=2, minutes=31, seconds=1)
    with pytest.raises(ImpossibleTransition):
        act(world.house, world.person("surveillant"), world.camille.sitting, world.clock())
    assert expiry.expire_all(world.house, world.clock()) == [world.camille.sitting]
    assert world.sitting(world.camille).state is State.EXPIRED


def test_a_pause_of_all_leaves_out_whose_time_was_over_before_anybody_looked(world: World):
    world.start(world.camille)
    world.start(world.idriss)  # a third more time
    world.clock.forward(hours=2, minutes=31, seconds=1)
    paused = supervision.pause_all(world.house, world.person("surveillant"), world.session, "Alarme", world.clock())
    assert paused == [world.idriss.full_name]


def test_who_ends_the_test_after_its_time_leaves_the_jury_what_stood_in_the_form(world: World, candidate: Browser):
    fields = _form(candidate) | right_reply(world.on_screen(world.camille))
    assert _send(candidate, DRAFT, fields)[0] == 200
    world.clock.forward(hours=2, minutes=31, seconds=1)
    exam.finish(world.house, world.camille.sitting, world.sitting(world.camille).device or "", world.clock())
    assert world.sitting(world.camille).state is State.EXPIRED
    assert [e.draft for e in _kept(world)] == [True]


def test_the_sweeper_closes_what_is_over_and_nothing_else_and_only_once(world: World, candidate: Browser):
    del candidate
    world.start(world.idriss)  # a third more time
    world.clock.forward(hours=2, minutes=31)
    assert expiry.expire_all(world.house, world.clock()) == []
    world.clock.forward(seconds=1)
    assert expiry.expire_all(world.house, world.clock()) == [world.camille.sitting]
    assert expiry.expire_all(world.house, world.clock()) == []
    assert [isinstance(e, Expired) for e in world.events(world.camille)].count(True) == 1
    assert world.sitting(world.idriss).state is State.RUNNING


@pytest.mark.parametrize("who", ["the sweeper", "the candidate"])
def test_a_draft_that_is_a_reply_is_kept_for_the_jury_and_told(world: World, candidate: Browser, who: str):
    item = world.on_screen(world.camille)
    _send(candidate, DRAFT, _form(candidate) | right_reply(item))
    world.clock.forward(hours=2, minutes=32)
    if who == "the sweeper":
        expiry.expire_all(world.house, world.clock())
    page = candidate.get("/candidat/test")
    assert "que vous n'aviez pas validée, est conservée pour le jury" in page.text
    [kept] = _kept(world)
    assert (kept.item, kept.draft) == (item.id, True)
    assert all(answer.item != item.id for answer in world.answers(world.camille))
    world.close_day()
    assert "brouillon non validé" in world.staff("jury").get(f"/jury/sessions/{world.session}/journal").text


@pytest.mark.parametrize("who", ["the console", "the manager", "a proctor who stops it"])
def test_whoever_closes_a_test_keeps_its_draft(world: World, candidate: Browser, who: str):
    _send(candidate, DRAFT, _form(candidate) | right_reply(world.on_screen(world.camille)))
    if who == "a proctor who stops it":
        world.finish(world.camille)
    else:
        world.clock.forward(hours=2, minutes=32)
        if who == "the console":
            world.staff("surveillant").get(f"/surveillance/{world.session}")
        else:
            world.close_day()
    assert [kept.draft for kept in _kept(world)] == [True]


def test_a_draft_that_is_no_reply_is_not_kept(world: World, candidate: Browser):
    _send(candidate, DRAFT, _form(candidate) | {"reply": ""})
    world.clock.forward(hours=2, minutes=32)
    assert expiry.expire(world.house, world.camille.sitting, world.clock())
    assert _kept(world) == []


def test_a_validated_reply_that_comes_after_the_draft_is_kept_beside_it_once(world: World, candidate: Browser):
    item = world.on_screen(world.camille)
    fields = _form(candidate) | right_reply(item)
    _send(candidate, DRAFT, fields)
    world.clock.forward(hours=2, minutes=32)
    expiry.expire_all(world.house, world.clock())
    for answer_id in (fields["answer_id"], fields["answer_id"], "0" * 32):
        _send(candidate, "/candidat/test/reponse", fields | {"answer_id": answer_id})
    assert [kept.draft for kept in _kept(world)] == [True, False]


def test_the_command_closes_expired_tests(world: World, data: Path):
    world.clock.now = datetime.now(UTC) - timedelta(hours=2, minutes=35)  # the command looks at the real clock
    world.start(world.camille)
    world.start(world.idriss)
    world.house.db.close()
    environment = {"PALIER_DATA": str(data), "PALIER_DATABASE_URL": world.url}
    for closed in ("1 closed.\n", "0 closed.\n"):
        done = CliRunner().invoke(main, ["sittings", "close-expired"], env=environment)
        assert (done.exit_code, done.stdout.splitlines(keepends=True)[-1]) == (0, closed)
    assert world.sitting(world.camille).state is State.EXPIRED
    assert world.sitting(world.idriss).state is State.RUNNING


def test_the_command_says_when_the_database_does_not_answer(data: Path, tmp_path: Path):
    environment = {"PALIER_DATA": str(data), "PALIER_DATABASE_URL": f"sqlite:///{tmp_path}/none/palier.sqlite"}
    done = CliRunner().invoke(main, ["sittings", "close-expired"], env=environment)
    assert (done.exit_code, done.stderr) == (1, "Error: The database does not answer.\n")
