"""What open consoles cost, and what answers notice of them: `python -m tests.bench.consoles [CONSOLES] [SECONDS]`.

The services as deploy/ has them, without the proxy: a pool for candidates, one for desks with lower priority, and
`palier news`; PostgreSQL that writes through to the disk. Ten consoles each look at a session of five candidates, of
whom one waits; answers come from another. Measured:

- from the moment at which an event begins to be stored until a console has the page that shows it;
- what the news service costs: memory and processor per open stream;
- answers' latency while all consoles look as `web/static/js/poll.js` does, and while there are none.
"""

import asyncio
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from pydantic import SecretStr

from engine.delivery.session import Mode
from engine.items.frameworks import Level, Track
from engine.kernel import SessionId, SittingId
from tests.nodes.node import SECRET, News, Node
from tests.nodes.person import HIDDEN, TOKEN
from tests.postgres import DURABLE, running
from web.app import create_app
from web.config import Settings
from web.db import people, sittings
from web.db.people import Person
from web.now import wall_clock
from web.services import demo, enrolment, exam, gate, messages, news, supervision
from web.services.enrolment import NewCandidate, NewSession
from web.services.house import House

EVENTS = 40
ANSWERS_EVERY = 0.5
"""Seconds between two answers that are measured."""
LOOK_AT_LEAST_EVERY = 15.0
AT_A_TIME = 100
OF_A_SESSION = 10
"""Consoles."""


class Bench:
    """Everything that runs, and who is there."""

    def __init__(self, house: House, session: SessionId, desks: str, candidates: str, told: News) -> None:
        self.house, self.session, self.told = house, session, told
        self.desks, self.candidates = desks, candidates
        self.proctor = self._person("surveillant")
        with house.db.read() as connection:
            self.sittings = [e.id for e in sittings.load_session(connection, session)]
        self.looks = 0
        self.stop = asyncio.Event()

    def _person(self, login: str) -> Person:
        with self.house.db.read() as connection:
            found = people.with_login(connection, login)
        assert found is not None
        return found

    def stream_address(self, session: SessionId) -> str:
        """Of a stream of news, with a ticket."""
        made = news.ticket(self.house, self.proctor, session, wall_clock())
        return f"http://127.0.0.1:{self.told.port}/nouvelles?billet={made}"


async def console(
    bench: Bench, http: aiohttp.ClientSession, session: SessionId, cookie: str, seen: list[Any] | None
) -> None:
    """One console as poll.js has it: it looks when told, and otherwise when it is due."""
    etag, changed = "", asyncio.Event()
    address = await asyncio.to_thread(bench.stream_address, session)

    async def listen() -> None:
        async with http.get(address) as stream:
            assert stream.status == 200, stream.status
            async for line in stream.content:
                if line == b"event: changed\n":
                    changed.set()

    listening = asyncio.create_task(listen())
    try:
        await asyncio.sleep(random.random() * LOOK_AT_LEAST_EVERY if seen is None else 0)
        while not bench.stop.is_set():
            changed.clear()
            headers = {"Cookie": f"palier={cookie}"} | ({"If-None-Match": etag} if etag else {})
            due = LOOK_AT_LEAST_EVERY
            try:
                async with http.get(f"{bench.desks}/surveillance/{session}/etat", headers=headers) as reply:
                    bench.looks += 1
                    due = float(reply.headers.get("Palier-Due", due))
                    if reply.status == 200:
                        etag = reply.headers["ETag"]
                        if seen is not None:
                            seen.append((time.perf_counter(), await reply.text()))
            except (aiohttp.ClientError, TimeoutError):
                due = 1.0
            try:
                async with asyncio.timeout(max(1.0, due) * (0.95 + 0.1 * random.random())):
                    await changed.wait()
            except TimeoutError:
                pass
    finally:
        listening.cancel()


async def delays(bench: Bench, http: aiohttp.ClientSession, cookie: str) -> list[float]:
    """Seconds from an event to the page of one console."""
    seen: list[tuple[float, str]] = []
    watching = asyncio.create_task(console(bench, http, bench.session, cookie, seen))
    await asyncio.sleep(2)
    found = []
    for n in range(EVENTS):
        await asyncio.sleep(random.uniform(0.2, 2.2))
        word = f"aide-{n}"
        sitting = bench.sittings[n % len(bench.sittings)]
        began = time.perf_counter()
        asked = await asyncio.to_thread(messages.ask_for_help, bench.house, sitting, word, wall_clock())
        while not (shown := [at for at, html in seen if word in html]):
            await asyncio.sleep(0.002)
            assert time.perf_counter() - began < 20, word
        found.append(shown[0] - began)
        await asyncio.to_thread(messages.see, bench.house, bench.proctor, asked, wall_clock())
    watching.cancel()
    return found


def answers(url: str, cookies: list[str], seconds: float) -> list[float]:
    """Seconds that answers take, each from its sending to its acknowledgement; run in a process of its own."""
    return asyncio.run(_answers(url, cookies, seconds))


async def _answers(url: str, cookies: list[str], seconds: float) -> list[float]:
    async with aiohttp.ClientSession() as http:
        return [each async for each in _each_answer(http, url, cookies, seconds)]


async def _each_answer(
    http: aiohttp.ClientSession, url: str, cookies: list[str], seconds: float
) -> AsyncIterator[float]:
    end = time.monotonic() + seconds
    n = 0
    while time.monotonic() < end:
        cookie = cookies[n % len(cookies)]
        async with http.get(f"{url}/candidat/test", headers={"Cookie": f"palier={cookie}"}) as reply:
            page = await reply.text()
            morsel = reply.cookies.get("palier")
            cookie = morsel.value if morsel is not None else cookie
        fields = {name: unescape(value) for name, value in HIDDEN.findall(page)}
        token = TOKEN.search(page)
        assert token is not None
        fields |= {"answer_id": str(uuid.uuid4()), "action": "passer", "csrf_token": unescape(token[1])}
        headers = {"Cookie": f"palier={cookie}", "Accept": "application/json"}
        began = time.perf_counter()
        async with http.post(f"{url}/candidat/test/reponse", data=fields, headers=headers) as reply:
            assert (await reply.json())["recorded"] == fields["answer_id"]
        yield time.perf_counter() - began
        n += 1
        await asyncio.sleep(ANSWERS_EVERY)


def spent(pid: int) -> float:
    """Seconds of processor that a process and its children have had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(spent(int(child)) for child in children)


def memory(pid: int) -> float:
    """Resident MB of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def percentiles(found: list[float]) -> dict[str, int]:
    """Milliseconds."""
    return {f"p{p}": round(1000 * float(np.percentile(found, p))) for p in (50, 95, 99)}


async def measure(bench: Bench, consoles: int, seconds: float, desks: Node, cookies: dict[str, Any]) -> dict[str, Any]:
    """All of it, one after the other."""
    aside = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    limit = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=limit, timeout=aiohttp.ClientTimeout(total=None, sock_connect=30)
    ) as http:
        loop = asyncio.get_running_loop()
        alone = await loop.run_in_executor(aside, answers, bench.candidates, cookies["candidates"], seconds)
        one = await delays(bench, http, cookies["proctor"])
        before = memory(bench.told.pid)
        crowded = await asyncio.to_thread(crowded_sessions, bench, max(1, consoles // OF_A_SESSION))
        crowd = []
        for n in range(consoles):
            crowd.append(asyncio.create_task(console(bench, http, crowded[n % len(crowded)], cookies["proctor"], None)))
            if n % AT_A_TIME == AT_A_TIME - 1:
                await asyncio.sleep(0.2)
        await asyncio.sleep(LOOK_AT_LEAST_EVERY)
        held = memory(bench.told.pid)
        news_began, desks_began, looks_began = spent(bench.told.pid), spent(desks.pid), bench.looks
        began = time.monotonic()
        beside = await loop.run_in_executor(aside, answers, bench.candidates, cookies["candidates"], seconds)
        elapsed = time.monotonic() - began
        each = 1000 / elapsed / consoles
        result = {
            "consoles": consoles,
            "streams_open": sum(not task.done() for task in crowd),
            "event_to_console_ms": percentiles(one),
            "answer_ms_without_consoles": percentiles(alone),
            "answer_ms_beside_them": percentiles(beside),
            "looks_per_second": round((bench.looks - looks_began) / elapsed, 1),
            "desks_cpu_ms_per_console_and_second": round((spent(desks.pid) - desks_began) * each, 3),
            "news_cpu_ms_per_stream_and_second": round((spent(bench.told.pid) - news_began) * each, 3),
            "news_memory_mb": round(held, 1),
            "news_kb_per_stream": round(1024 * (held - before) / consoles, 1),
            "load_of_the_machine": os.getloadavg(),
        }
        bench.stop.set()
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        aside.shutdown()
        return result


def main() -> None:
    """Measure, and print as JSON."""
    consoles = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 30
    with tempfile.TemporaryDirectory() as name, running(DURABLE) as postgres, ExitStack() as ends:
        folder = Path(name)
        url = postgres.create("palier")
        pools = [Node(folder / pool, url, **more) for pool, more in (("candidates", {}), ("desks", {}))]
        settings = Settings(
            data=pools[0].folder, database_url=url, release="demo", exposure_warm_up=0, secret_key=SecretStr(SECRET)
        )
        app = create_app(settings)
        house: House = app.extensions["palier"]
        ends.callback(house.db.close)
        house.db.upgrade()
        made = demo.prepare(house, folder / "demo.json", wall_clock())
        for node in pools:
            ends.callback(node.end)
        with ThreadPoolExecutor() as together:
            list(together.map(Node.start, pools))
        for pid in (pools[1].pid, *pools[1].workers()):
            os.setpriority(os.PRIO_PROCESS, pid, 10)  # as the unit of the desks has it
        told = News(folder, url)
        ends.callback(told.stop)
        bench = Bench(house, SessionId(made.session_id), pools[1].url, pools[0].url, told)
        cookies = {"candidates": begun(app, bench, made), "proctor": logged_in(app)}
        print(json.dumps(asyncio.run(measure(bench, consoles, seconds, pools[1], cookies)), indent=1))


def crowded_sessions(bench: Bench, count: int) -> list[SessionId]:
    """Sessions that are open, with five candidates each, of whom one waits."""
    with bench.house.db.read() as connection:
        manager = people.with_login(connection, "centre")
    assert manager is not None
    made = []
    for n in range(count):
        new = NewSession(f"Session {n}", Mode.ON_SITE, "Salle", wall_clock(), (bench.proctor.id,))
        first = None
        session = enrolment.create_session(bench.house, manager, new, wall_clock())
        for number in range(5):
            who = NewCandidate(
                f"Nom {n}-{number}",
                "Alix",
                date(1988, 5, 17),
                "x@exemple.fr",
                Track.FIRST_DEGREE,
                Level.CONFIRME,
                False,
                0,
            )
            place = enrolment.enrol(bench.house, manager, session, who, wall_clock())
            first = first or place.sitting
        enrolment.open_session(bench.house, manager, session, wall_clock())
        assert first is not None
        gate.check_in(bench.house, first, wall_clock())  # somebody is under way: what time changes is shown
        made.append(session)
    return made


def begun(app: Any, bench: Bench, made: demo.Demo) -> list[str]:
    """Every candidate in mid-exam; their cookies."""
    codes = {c.last_name.upper(): c.code for c in made.candidates}
    with bench.house.db.read() as connection:
        there = sittings.load_session(connection, bench.session)
    signer = app.session_interface.get_signing_serializer(app)
    for who in there:
        gate.check_in(bench.house, who.id, wall_clock())
        supervision.authorise(bench.house, bench.proctor, who.id, True, wall_clock())
        gate.enter(bench.house, who.id, codes[who.last_name.upper()], "device", "192.0.2.9", wall_clock())
        exam.start(bench.house, who.id, "device", wall_clock())
        for _ in range(10):
            on_screen = _on_screen(bench.house, who.id)
            exam.answer(bench.house, who.id, on_screen, None, str(uuid.uuid4()), "device", wall_clock())
    return [signer.dumps({"sitting": who.id, "device": "device"}) for who in there]


def _on_screen(house: House, sitting: SittingId) -> Any:
    with house.db.read() as connection:
        return sittings.load(connection, sitting).sitting.on_screen


def logged_in(app: Any) -> str:
    """The cookie of the proctor."""
    client = app.test_client()
    page = client.get("/connexion").get_data(as_text=True)
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    client.post("/connexion", data={"login": "surveillant", "password": demo.PASSWORD, "csrf_token": token})
    cookie = client.get_cookie("palier")
    assert cookie is not None
    return str(cookie.value)


if __name__ == "__main__":
    main()
