"""How much the database is asked: counted, so that nothing grows unseen."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from engine.items.item import Interaction
from engine.kernel import ItemId
from tests.web.browser import Browser
from tests.web.world import World
from web.db.database import Database
from web.db.writing import Draft
from web.services import beats, exam, gate


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """What is sent to the database meanwhile by this thread; consoles are told of it by another."""
    sent: list[str] = []
    me = threading.get_ident()

    def note(*args: object) -> None:
        if threading.get_ident() == me:
            sent.append(str(args[2]))

    event.listen(world.house.db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(world.house.db.engine, "before_cursor_execute", note)


@pytest.mark.slow
def test_an_answer_asks_as_much_at_the_end_of_a_test_as_at_its_beginning(world: World):
    """BEGIN or the lock, the look at the seat, the new events."""
    world.start(world.camille)
    counts = []
    for _ in range(60):
        item = world.on_screen(world.camille).id
        with statements(world) as sent:
            exam.answer(world.house, world.camille.sitting, item, None, str(uuid.uuid4()), "device", world.clock())
        counts.append(len(sent))
    assert counts == [3] * 60


def test_an_answer_asks_as_much_of_a_process_that_has_just_begun_at_the_end_as_at_the_beginning(world: World):
    world.start(world.camille)
    counts = []
    for _ in range(2):
        world.house.db.close()
        vars(world.house.db).update(vars(Database(world.url)))
        item = world.on_screen(world.camille).id
        with statements(world) as sent:
            exam.answer(world.house, world.camille.sitting, item, None, str(uuid.uuid4()), "device", world.clock())
        counts.append(len(sent))
        while len(world.answers(world.camille)) < 41:
            item = world.on_screen(world.camille).id
            exam.answer(world.house, world.camille.sitting, item, None, str(uuid.uuid4()), "device", world.clock())
    assert counts == [4, 4]


def test_drafts_and_signs_of_life_ask_as_much_at_the_end_as_at_the_beginning(world: World):
    world.start(world.camille)
    seat = world.camille.sitting
    exam.open_page(world.house, seat, "page", world.clock())
    counts = []
    for _ in range(41):
        item = world.on_screen(world.camille).id

        def written(_: Interaction, item: ItemId = item) -> Draft:
            return Draft(item, {"reply": ["x"]}, None, 1, "device", world.clock())

        with statements(world) as drafted:
            exam.save_draft(world.house, seat, item, written, "device", "page")
        with statements(world) as beaten:
            beats.beat(world.house, seat, "device", world.clock())
        counts.append((len(drafted), len(beaten)))
        exam.answer(world.house, seat, item, None, str(uuid.uuid4()), "device", world.clock())
        world.clock.forward(seconds=10)
    assert len(set(counts[2:])) == 1, counts
    assert counts[-1][0] == 3, "BEGIN or the lock, the look, the draft"


def test_the_chain_of_a_log_costs_an_answer_no_statement(world: World):
    world.start(world.camille)
    for _ in range(3):
        item = world.on_screen(world.camille).id
        with statements(world) as sent:
            exam.answer(world.house, world.camille.sitting, item, None, str(uuid.uuid4()), "device", world.clock())
        assert not [one for one in sent if one.startswith("SELECT sitting_event.digest") or "audit_" in one]


def test_who_identifies_is_found_by_one_look_that_reads_no_log(world: World):
    for n in range(9):
        world.start(world.enrolled(f"Candidat {chr(65 + n)}"))
    with statements(world) as sent:
        found = gate.identify(
            world.house,
            gate.Identity("le goff", "ANNE LISE", world.anne_lise.birth_date, world.anne_lise.session_code),
            "192.0.2.7",
            world.clock(),
        )
    assert found == world.anne_lise.sitting
    assert sum("sitting" in one for one in sent) == 1
    assert not [one for one in sent if "sitting_event" in one]


def test_the_console_asks_as_much_for_nine_candidates_as_for_one(world: World):
    proctor = world.staff("surveillant")
    _console(world, proctor)  # the first look of a console is written down
    world.start(world.camille)
    world.flag(world.camille)
    one = _console(world, proctor)
    for n in range(9):
        seat = world.enrolled(f"Candidat {chr(65 + n)}")
        world.start(seat)
        world.flag(seat)
    assert _console(world, proctor) == one


def test_the_pages_of_manager_and_jury_ask_as_much_for_nine_candidates_as_for_one(world: World):
    manager, jury = world.staff("centre"), world.staff("jury")
    paths = [
        (manager, f"/centre/sessions/{world.session}"),
        (jury, f"/jury/sessions/{world.session}"),
        (jury, f"/jury/sessions/{world.session}/journal"),
    ]
    world.start(world.camille)
    world.flag(world.camille)
    few = [_asked(world, *path) for path in paths]
    for n in range(9):
        seat = world.enrolled(f"Candidat {chr(65 + n)}")
        world.start(seat)
        world.flag(seat)
    assert [_asked(world, *path) for path in paths] == few


def test_the_page_of_an_item_asks_as_much_at_the_end_as_at_the_beginning(world: World):
    browser = world.running(world.camille)
    _asked(world, browser, "/candidat/test")
    first = _asked(world, browser, "/candidat/test")
    begin = world.url.startswith("sqlite")
    assert first == 2 * begin + 3, "the lease, the look, how the candidate reads"
    for _ in range(40):
        item = world.on_screen(world.camille).id
        device = world.sitting(world.camille).device or ""
        exam.answer(world.house, world.camille.sitting, item, None, str(uuid.uuid4()), device, world.clock())
    assert _asked(world, browser, "/candidat/test") == first


def _console(world: World, proctor: Browser) -> tuple[int, int]:
    there = f"/surveillance/{world.session}"
    return _asked(world, proctor, there), _asked(world, proctor, f"{there}/etat")


def _asked(world: World, browser: Browser, path: str) -> int:
    with statements(world) as sent:
        browser.get(path)
    return len(sent)
