"""The day of the installation: it says what the consoles say, in figures, with as many statements as ever."""

import uuid
from collections import Counter

import pytest

from tests.web.sql import sql
from tests.web.test_statements import statements
from tests.web.world import World
from web.services import board, exam, today
from web.services.board import Attention


def of_console(world: World) -> dict[str, int]:
    """What the proctor of the world's session sees, counted."""
    rows = board.console(world.house, world.person("surveillant"), world.session, world.clock()).rows
    states = Counter(row.enrolment.sitting.state for row in rows)
    return {
        "lost": sum(row.attention is Attention.SILENT for row in rows),
        "alerts": sum(row.alert is not None for row in rows),
        "waiting": sum(states[s] for s in today.WAITING),
        "running": sum(states[s] for s in today.GOING),
        "incidents": sum(row.incidents for row in rows),
    }


def of_day(world: World) -> dict[str, int]:
    """The same of the day."""
    (line,) = [a for a in today.look(world.house, world.clock()).lines if a.session.id == world.session]
    return {name: int(getattr(line, name)) for name in of_console(world)}


def test_the_day_counts_what_the_console_shows(world: World):
    assert of_day(world) == of_console(world)
    world.start(world.camille)
    world.start(world.idriss)
    world.flag(world.camille)
    assert of_day(world) == of_console(world)
    world.clock.forward(seconds=44)
    assert of_day(world)["lost"] == 0
    world.clock.forward(seconds=2)
    assert of_day(world) == of_console(world)
    assert of_day(world)["lost"] == 2
    world.clock.forward(hours=4)  # their time is over: they are not lost any more
    assert of_day(world)["lost"] == 0


def test_answers_of_the_last_five_minutes_are_counted(world: World):
    world.start(world.camille)
    for _ in range(3):
        item, device = world.on_screen(world.camille).id, world.sitting(world.camille).device or ""
        exam.answer(world.house, world.camille.sitting, item, None, str(uuid.uuid4()), device, world.clock())
    assert today.look(world.house, world.clock()).total("answers") == 3
    world.clock.forward(minutes=6)
    assert today.look(world.house, world.clock()).total("answers") == 0


def test_the_day_asks_as_much_for_many_sessions_and_candidates_as_for_one(world: World):
    world.start(world.camille)
    world.clock.forward(minutes=1)
    few = _asked(world)
    for n in range(9):
        world.start(world.enrolled(f"Candidat {chr(65 + n)}"))
    world.clock.forward(minutes=1)
    assert _asked(world) == few <= 12
    assert today.look(world.house, world.clock()).total("lost") == 10


def _asked(world: World) -> int:
    with statements(world) as sent:
        today.look(world.house, world.clock())
    return len(sent)


def test_the_page_of_the_day_names_no_candidate(world: World):
    world.start(world.camille)
    world.flag(world.camille)
    page = world.staff("admin").get("/administration/jour")
    assert "Session de Lyon" in page.text
    for seat in (world.camille, world.anne_lise, world.idriss):
        assert seat.last_name not in page.text
        assert seat.sitting not in page.body.decode()


@pytest.mark.parametrize("login", ["centre", "surveillant", "jury"])
def test_the_day_is_for_administrators(world: World, login: str):
    for path in ("/administration/jour", "/administration/jour/etat"):
        world.staff(login).get(path, expect=403)


def test_the_page_renews_itself_and_is_not_sent_again_while_nothing_changed(world: World):
    browser = world.staff("admin")
    page = browser.get("/administration/jour/etat")
    world.clock.forward(seconds=1)
    again = browser.get("/administration/jour/etat", headers={"If-None-Match": page.headers["ETag"]}, expect=304)
    assert not again.body
    world.start(world.camille)
    browser.get("/administration/jour/etat", headers={"If-None-Match": page.headers["ETag"]})


def test_a_day_without_sessions_says_so(world: World):
    with world.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET state = 'closed'")
    world.clock.forward(days=3)
    page = world.staff("admin").get("/administration/jour")
    assert "Aucune session aujourd'hui, et aucune n'est restée ouverte." in page.text
