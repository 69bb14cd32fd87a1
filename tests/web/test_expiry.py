"""Tests that nobody looks at are closed all the same, once, and what stood in the form is kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.delivery.events import Expired, Quarantined
from engine.delivery.states import State
from engine.items.item import Kind
from tests.web.browser import Browser
from tests.web.test_writing import DRAFT, _form, _send
from tests.web.world import World, pass_on, right_reply
from web.cli import main
from web.services import expiry


@pytest.fixture
def candidate(world: World) -> Browser:
    """Camille before an item with one choice."""
    browser = world.running(world.camille)
    while world.on_screen(world.camille).kind is not Kind.SINGLE_CHOICE:
        pass_on(browser)
    return browser


def _kept(world: World) -> list[Quarantined]:
    return [e for e in world.events(world.camille) if isinstance(e, Quarantined)]


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
    environment = {"PALIER_DATA": str(data), "PALIER_DATABASE_URL": f"sqlite:///{world.path}"}
    for closed in ("1 closed.\n", "0 closed.\n"):
        done = CliRunner().invoke(main, ["sittings", "close-expired"], env=environment)
        assert (done.exit_code, done.stdout.splitlines(keepends=True)[-1]) == (0, closed)
    assert world.sitting(world.camille).state is State.EXPIRED
    assert world.sitting(world.idriss).state is State.RUNNING


def test_the_command_says_when_the_database_does_not_answer(data: Path, tmp_path: Path):
    environment = {"PALIER_DATA": str(data), "PALIER_DATABASE_URL": f"sqlite:///{tmp_path}/none/palier.sqlite"}
    done = CliRunner().invoke(main, ["sittings", "close-expired"], env=environment)
    assert (done.exit_code, done.stderr) == (1, "Error: The database does not answer.\n")
