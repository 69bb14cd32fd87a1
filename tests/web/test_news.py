"""News: the database tells at the commit, the service passes it on, and a stranger hears nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest
from aiohttp import ClientResponse, ClientSession
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import delete, insert, make_url, select, update

from engine.kernel import SessionId
from tests.postgres import Postgres
from tests.web.stores import Clones, name_of
from tests.web.world import Clock, Seat, World
from web import news
from web.config import Settings
from web.db import signs
from web.db.day_tables import ConsoleSign, Message, ViewSign
from web.db.herald import EVERY
from web.services import (
    alerts,
    connectivity,
    enrolment,
    exam,
    facts,
    gate,
    messages,
    presence,
    supervision,
)
from web.services.news import VALID_FOR, BadTicket, read_ticket, ticket

PAGE = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def store(clones: Clones) -> Clones:
    """News come from PostgreSQL."""
    return clones


@pytest.fixture
def told(world: World) -> Iterator[Callable[[], list[str]]]:
    """What somebody who listens was told since the last time."""
    where = make_url(world.house.db.url)
    with psycopg.connect(host=where.query["host"], user="postgres", dbname=where.database, autocommit=True) as listener:
        listener.execute("LISTEN palier_news")

        def since() -> list[str]:
            listener.execute("SELECT 1")
            return [one.payload for one in listener.notifies(timeout=2 * EVERY)]

        yield since


def sign(world: World, seat: Seat) -> None:
    connectivity.sign_of_life(world.house, seat.sitting, world.clock())


def answered(world: World, seat: Seat) -> None:
    exam.answer(world.house, seat.sitting, world.on_screen(seat).id, None, PAGE, "device", world.clock())


def alerted(world: World, seat: Seat) -> None:
    alerts.raise_alert(world.house, seat.sitting, world.on_screen(seat).id, "file", "x", "device", world.clock())


def read_one(world: World, seat: Seat) -> None:
    with world.house.db.read() as connection:
        written = connection.execute(select(Message.id)).scalars().first()
    assert written is not None
    messages.acknowledge(world.house, seat.sitting, messages.MessageId(written), world.clock())


def heard_again(world: World, seat: Seat) -> None:
    world.clock.forward(seconds=60)
    sign(world, seat)


def proctor_says(world: World, seat: Seat) -> None:
    messages.send(world.house, world.person("surveillant"), world.session, seat.sitting, "Bonjour", world.clock())


DAY: list[tuple[str, Callable[[World, Seat], object]]] = [
    ("checks in", lambda w, s: gate.check_in(w.house, s.sitting, w.clock())),
    ("is let in", lambda w, s: supervision.authorise(w.house, w.person("surveillant"), s.sitting, True, w.clock())),
    ("enters", lambda w, s: gate.enter(w.house, s.sitting, s.code, "device", w.clock())),
    ("starts", lambda w, s: exam.start(w.house, s.sitting, "device", w.clock())),
    ("is heard of for the first time", sign),
    ("answers", answered),
    ("is written to", proctor_says),
    ("has read it", read_one),
    ("asks for help", lambda w, s: messages.ask_for_help(w.house, s.sitting, "", w.clock())),
    ("leaves the page", lambda w, s: facts.tell(w.house, s.sitting, "camera_lost", w.clock())),
    ("is heard of again after a silence", heard_again),
    ("cannot answer", alerted),
]


def test_each_thing_that_a_console_shows_is_told_to_its_session_once_and_to_no_other(
    world: World, told: Callable[[], list[str]]
) -> None:
    seat = world.enrolled("Nouvel")
    assert set(told()) == {world.session}
    for what, happens in DAY:
        happens(world, seat)
        heard = told()
        assert heard, what
        assert set(heard) <= {world.session}, what
    enrolment.close_session(world.house, world.person("centre-lyon"), world.foreign_session, world.clock())
    assert set(told()) == {world.foreign_session}


def test_signs_of_life_drafts_and_what_is_rolled_back_tell_nothing(world: World, told: Callable[[], list[str]]) -> None:
    world.start(world.camille)
    sign(world, world.camille)
    told()
    world.clock.forward(seconds=10)
    sign(world, world.camille)
    assert told() == []
    with world.house.db.write() as connection:
        signs.add_silence(connection, world.camille.sitting, world.clock(), world.clock())
        connection.rollback()
    assert told() == []


def test_two_consoles_do_not_keep_each_other_looking(world: World, told: Callable[[], list[str]]) -> None:
    proctors = [world.person("surveillant").id, world.person("voisin").id]
    for proctor in proctors:
        presence.console_seen(world.house, world.session, proctor, world.clock())
        assert told() == [world.session], "that somebody came is news"
    for _ in range(5):
        world.clock.forward(seconds=15)
        for proctor in proctors:
            presence.console_seen(world.house, world.session, proctor, world.clock())
    assert told() == []
    world.clock.forward(minutes=2)
    presence.console_seen(world.house, world.session, proctors[0], world.clock())
    assert told() == [world.session], "and that somebody came back"
    with world.house.db.read() as connection:
        assert len(connection.execute(select(ConsoleSign)).all()) == 2


def test_a_window_is_news_when_it_shows_something_else(world: World, told: Callable[[], list[str]]) -> None:
    row = {"sitting_id": world.camille.sitting, "device": "d", "screen": "monitor", "page": PAGE}
    steps = [
        (insert(ViewSign).values(**row, camera=True, microphone=True, at=world.clock()), 1),
        (update(ViewSign).values(at=world.clock() + timedelta(seconds=8)), 0),
        (update(ViewSign).values(camera=False), 1),
        (delete(ViewSign), 1),
    ]
    for step, news_of_it in steps:
        with world.house.db.write() as connection:
            connection.execute(step)
        assert told() == [world.session] * news_of_it


# Tickets


def test_a_ticket_is_good_for_one_session_and_some_minutes(world: World) -> None:
    house, proctor, now = world.house, world.person("surveillant"), world.clock()
    made = ticket(house, proctor, world.session, now)
    assert read_ticket(house.secret, made, now).session == world.session
    assert read_ticket(house.secret, made, now + VALID_FOR - timedelta(seconds=2)).session == world.session
    forged = made[:-6] + made[-6:].swapcase()
    for shown, at in ((made, now + VALID_FOR), (forged, now), ("", now), ("é", now), (made + made, now)):
        with pytest.raises(BadTicket):
            read_ticket(house.secret, shown, at)
    with pytest.raises(BadTicket):
        read_ticket("another secret", made, now)


def test_only_who_watches_a_session_gets_a_ticket_to_its_news(world: World) -> None:
    mine = f"/surveillance/{world.session}/nouvelles"
    assert b"/nouvelles?billet=" in world.staff("surveillant").client.get(mine).data
    assert world.staff("surveillant-lyon").client.get(mine).status_code == 404
    assert world.staff("centre").client.get(mine).status_code == 403
    assert world.browser().client.get(mine).status_code == 303


# The service


@asynccontextmanager
async def service(world: World, secret: str = "") -> AsyncIterator[ClientSession]:
    """The service itself on the database of the test, and somebody who asks it."""
    app = news.make_app(world.house.db.url, secret or world.house.secret, world.clock)
    async with TestClient(TestServer(app)) as client:
        for _ in range(100):
            if (await client.get("/sante/pret")).status == 200:
                break
            await asyncio.sleep(0.05)
        yield client  # type: ignore[misc]


async def heard(stream: ClientResponse, kind: str, within: float = 3) -> bool:
    """Whether an event of a kind comes in time."""
    try:
        async with asyncio.timeout(within):
            async for line in stream.content:
                if line == f"event: {kind}\n".encode():
                    return True
    except TimeoutError:
        pass
    return False


def lived(scenario: Coroutine[object, object, None]) -> None:
    # In a thread of its own: a browser of other tests may have its loop in this one.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, scenario).result()


def address(world: World, login: str = "surveillant", session: SessionId | None = None) -> str:
    made = ticket(world.house, world.person(login), session or world.session, world.clock())
    return f"/nouvelles?billet={made}"


def test_what_is_committed_reaches_the_streams_of_its_session_and_no_other(world: World) -> None:
    async def scenario() -> None:
        async with service(world) as client:
            mine, other = [
                await client.get(where)
                for where in (address(world), address(world, "surveillant-lyon", world.foreign_session))
            ]
            assert mine.headers["Content-Type"] == "text/event-stream"
            assert mine.headers["Cache-Control"] == "no-store"
            assert await heard(mine, "alive")
            await asyncio.to_thread(world.start, world.camille)
            assert await heard(mine, "changed")
            assert not await heard(other, "changed", within=1)

    lived(scenario())


def test_news_that_come_thick_are_told_together(world: World) -> None:
    async def scenario() -> None:
        async with service(world) as client:
            stream = await client.get(address(world))
            assert await heard(stream, "alive")
            seats = [await asyncio.to_thread(world.enrolled, f"Dupont {n}") for n in range(6)]
            count = 0
            while await heard(stream, "changed", within=1.5):
                count += 1
            assert 1 <= count < len(seats)

    lived(scenario())


def test_a_stranger_and_a_late_ticket_hear_nothing(world: World) -> None:
    async def scenario() -> None:
        async with service(world) as client:
            late = address(world)
            for where in ("/nouvelles", "/nouvelles?billet=x"):
                assert (await client.get(where)).status == 403
            stream = await client.get(late)
            assert await heard(stream, "alive")
            world.clock.now += VALID_FOR
            assert not await heard(stream, "changed", within=7), "it ends with its ticket"
            assert stream.content.at_eof()
            assert (await client.get(late)).status == 403

    lived(scenario())


def test_a_stream_ends_when_the_database_is_gone_and_comes_back_with_it(world: World, postgres: Postgres) -> None:
    async def scenario() -> None:
        async with service(world) as client:
            stream = await client.get(address(world))
            assert await heard(stream, "alive")
            await asyncio.to_thread(cut, postgres, name_of(world.house.db.url))
            assert not await heard(stream, "changed", within=8)
            assert stream.content.at_eof(), "a stream that is told nothing must not look alive"
            for _ in range(100):
                if (await client.get("/sante/pret")).status == 200:
                    break
                await asyncio.sleep(0.1)
            again = await client.get(address(world))
            await asyncio.to_thread(world.enrolled, "Revenue")
            assert await heard(again, "changed")

    lived(scenario())


def cut(postgres: Postgres, database: str) -> None:
    """End the connection of whoever listens."""
    with psycopg.connect(f"host={postgres.folder} user=postgres dbname=postgres", autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND application_name = 'palier news'",
            (database,),
        ).fetchall()
    assert ended == [(True,)]


def test_a_session_has_so_many_streams_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "MOST_OF_A_SESSION", 3)

    async def scenario() -> None:
        async with service(world) as client:
            streams = [await client.get(address(world)) for _ in range(4)]
            assert [s.status for s in streams] == [200, 200, 200, 503]
            streams[0].close()
            await asyncio.sleep(0.1)
            world.house.db.close()

    lived(scenario())


# The pages


def test_pages_hear_of_news_only_where_there_are_any(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    proctor = world.staff("surveillant")
    path = f"/surveillance/{world.session}"
    assert "data-news" not in proctor.get(path).html
    settings: Settings = world.app.extensions["palier.settings"]
    monkeypatch.setitem(world.app.extensions, "palier.settings", settings.model_copy(update={"news": True}))
    page = proctor.client.get(path).get_data(as_text=True)
    assert page.count(f'data-news="{path}/nouvelles"') == page.count("data-poll=") > 1


def test_a_look_says_when_time_alone_may_change_what_is_shown(world: World, clock: Clock) -> None:
    proctor = world.staff("surveillant")
    state = f"/surveillance/{world.session}/etat"

    def due() -> float:
        return float(proctor.client.get(state).headers["Palier-Due"])

    assert due() == 25
    world.start(world.camille)
    sign(world, world.camille)
    assert due() == 15
    clock.forward(seconds=37)
    assert due() == supervision.SILENT_AFTER.total_seconds() - 37
    clock.forward(seconds=20)
    assert due() == 15, "it is silent already"
    clock.forward(minutes=149, seconds=-3)
    sign(world, world.camille)
    assert due() == 6
