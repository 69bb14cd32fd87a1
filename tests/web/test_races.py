"""Two at once: one is written down, the other is refused by name."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from engine.delivery import commands
from engine.delivery.commands import NotOnScreen
from engine.delivery.events import Answered
from engine.delivery.session import SessionRefusal
from engine.delivery.sitting import step as append
from engine.proctoring.ruling import AlreadyRuled, Decision
from tests.web.sql import sql
from tests.web.world import World, raw_reply
from web.db import sittings
from web.db.database import Database
from web.db.sittings import Superseded
from web.services import adjudication, closing, enrolment, exam, gate, supervision
from web.services.adjudication import Verdict
from web.services.house import House

DEVICE = "device"


@pytest.fixture(params=["threads of one process", "two processes"])
def houses(request: pytest.FixtureRequest, world: World) -> Iterator[tuple[House, House]]:
    """Two workers on one database: two threads that share connections, or two that share nothing but the database."""
    if request.param == "threads of one process":
        yield world.house, world.house
        return
    other = Database(world.url)
    yield world.house, House(other, world.house.catalogue, world.house.secret)
    other.close()


def at_once(*calls: Callable[[], object]) -> Counter[str]:
    """Start all of them at the same moment; count how they ended, by the name of the refusal."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
        barrier.wait()
        try:
            call()
        except Exception as refusal:
            return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))


@pytest.mark.parametrize("round_", range(5))
def test_of_two_racing_answers_one_is_recorded_and_one_is_refused(
    world: World, houses: tuple[House, House], round_: int
):
    del round_
    world.start(world.camille)
    item = world.on_screen(world.camille)
    known = (world.camille.sitting, item.id)
    ended = at_once(
        lambda: exam.answer(houses[0], *known, None, str(uuid.uuid4()), DEVICE, world.clock()),
        lambda: exam.answer(houses[1], *known, raw_reply(item), str(uuid.uuid4()), DEVICE, world.clock()),
    )
    assert ended["done"] == 1
    assert ended[NotOnScreen.__name__] + ended[Superseded.__name__] == 1
    assert len(world.answers(world.camille)) == 1
    assert len(world.sitting(world.camille).presented) == 2


def test_one_answer_sent_eight_times_at_once_is_recorded_once(world: World, houses: tuple[House, House]):
    world.start(world.camille)
    item = world.on_screen(world.camille)
    known = (world.camille.sitting, item.id, raw_reply(item), str(uuid.uuid4()), DEVICE)

    def send(house: House) -> Callable[[], object]:
        return lambda: exam.answer(house, *known, world.clock())

    ended = at_once(*[send(houses[n % 2]) for n in range(8)])
    assert ended == {"done": 8}
    assert len(world.answers(world.camille)) == 1


def test_candidates_do_not_get_in_each_others_way(world: World, houses: tuple[House, House]):
    for seat in world.seats:
        world.start(seat)

    def take(house: House, seat: int) -> Callable[[], object]:
        def answer_ten() -> None:
            for _ in range(10):
                sitting = gate.look(house, world.seats[seat].sitting)[1].sitting
                assert sitting.on_screen
                known = (sitting.id, sitting.on_screen, None, str(uuid.uuid4()), DEVICE)
                exam.answer(house, *known, world.clock())

        return answer_ten

    assert at_once(*[take(houses[n % 2], n) for n in range(3)]) == {"done": 3}
    assert [len(world.answers(seat)) for seat in world.seats] == [10, 10, 10]


def test_who_saves_on_top_of_somebody_elses_step_is_superseded(world: World):
    world.start(world.camille)
    sitting = world.sitting(world.camille)
    first = commands.pause(sitting, world.person("surveillant").id, "Un", world.clock())
    second = commands.finish(sitting, DEVICE, world.clock())
    with world.house.db.write() as connection:
        sittings.save(connection, first)
    with pytest.raises(Superseded), world.house.db.write() as connection:
        sittings.save(connection, second)
    assert world.events(world.camille)[-1] == first.events[-1]


def test_a_log_holds_an_answer_id_once_even_for_a_writer_with_a_bug(world: World):
    world.start(world.camille)
    item = world.on_screen(world.camille).id
    known = str(uuid.uuid4())
    step = exam.answer(world.house, world.camille.sitting, item, None, known, DEVICE, world.clock())
    again = Answered(world.clock(), step.state.on_screen or item, None, known)
    with pytest.raises(Superseded), world.house.db.write() as connection:
        sittings.save(connection, append(step.state, again))


def test_of_two_racing_rulings_one_stands(world: World, houses: tuple[House, House]):
    world.start(world.camille)
    incident = world.flag(world.camille)
    one = Verdict(Decision.NO_EFFECT, (), "Rien vu", 0)
    two = Verdict(Decision.VOID, (), "Tout vu", 0)
    jury, colleague = world.person("jury"), world.person("collegue")
    ended = at_once(
        lambda: adjudication.adjudicate(houses[0], jury, incident, one, world.clock()),
        lambda: adjudication.adjudicate(houses[1], colleague, incident, two, world.clock()),
    )
    assert ended == {"done": 1, AlreadyRuled.__name__: 1}
    assert len(adjudication.case(world.house, jury, incident).rulings) == 1


def test_of_two_racing_publications_one_publishes(world: World, houses: tuple[House, House]):
    world.close_day()
    world.finalise()
    jury, colleague = world.person("jury"), world.person("collegue")
    ended = at_once(
        lambda: adjudication.publish(houses[0], jury, world.session, world.clock()),
        lambda: adjudication.publish(houses[1], colleague, world.session, world.clock()),
    )
    assert ended == {"done": 1, SessionRefusal.__name__: 1}
    with world.house.db.read() as connection:
        assert sql(connection, "SELECT count(*) FROM result").scalar_one() == len(world.seats)


def test_of_two_racing_signatures_one_stands(world: World, houses: tuple[House, House]):
    world.close_day()
    manager, proctor = world.person("centre"), world.person("surveillant")
    answers = {p.key: closing.YES for p in closing.missing(world.house, manager, world.session)}
    ended = at_once(
        lambda: closing.finalise(houses[0], manager, world.session, answers, "", world.clock()),
        lambda: closing.finalise(houses[1], proctor, world.session, answers, "", world.clock()),
    )
    assert ended == {"done": 1, SessionRefusal.__name__: 1}


def test_of_two_racing_closings_one_closes(world: World, houses: tuple[House, House]):
    manager, proctor = world.person("centre"), world.person("surveillant")
    ended = at_once(
        lambda: enrolment.close_session(houses[0], manager, world.session, world.clock()),
        lambda: enrolment.close_session(houses[1], proctor, world.session, world.clock()),
    )
    assert ended == {"done": 1, SessionRefusal.__name__: 1}


def test_of_two_devices_that_enter_at_once_one_enters(world: World, houses: tuple[House, House]):
    gate.check_in(world.house, world.camille.sitting, world.clock())
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())

    def enter(house: House, device: str) -> Callable[[], object]:
        known = (world.camille.sitting, world.camille.code, device, "192.0.2.1")
        return lambda: gate.enter(house, *known, world.clock())

    ended = at_once(enter(houses[0], "one"), enter(houses[1], "two"))
    assert ended == {"done": 1, "NotAuthorised": 1}
