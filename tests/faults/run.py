"""One run: candidates take their tests while things break; then everything is counted."""

import asyncio
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import aiohttp
from pydantic import SecretStr

from engine.kernel import EngineError
from tests.faults.candidate import Candidate, Ground, Pace
from tests.faults.chaos import Chaos
from tests.faults.check import Verdict, judge
from tests.faults.network import Network
from tests.faults.place import People, populate, small_disk
from tests.faults.record import Record, Told, read
from tests.faults.servers import Node
from tests.postgres import DURABLE, Postgres, running
from tests.web.world import Seat
from web.app import create_app
from web.config import Settings
from web.db import grants
from web.db.database import StorageAway
from web.now import wall_clock
from web.services import supervision
from web.services.house import House

WEB = "palier_web"
DRAIN, PATIENCE = 120.0, 60.0
"""Seconds, after the faults, in which at least one more candidate must end; in which enough answers must come."""


@dataclass(frozen=True)
class Plan:
    """What is asked of a run."""

    candidates: int = 1000
    items: int = 64
    minutes: float = 9.5
    """Of faults; when they are over, whoever is still at it ends early."""
    enough: int = 0
    """Acknowledged answers that the faults wait for, however slow the machine is."""
    calm: float = 30
    """Seconds without faults before them, for comparison."""
    seed: int = 1
    haste: float = 1
    """How much faster than the page of a real test all waiting is."""
    think: float = 1.0
    beat: float = 10
    hold: float = 20
    """Seconds for which somebody holds a lock."""
    worker_every: float = 2
    """Seconds between the deaths of two workers."""
    nodes: int = 2
    workers: int = 2
    deaths: float = 0.02
    """The share of candidates whose machine dies while an answer is on its way."""
    app: str = "tests.faults.app:make()"
    without: frozenset[str] = frozenset()
    """Kinds of faults that are left out on purpose; the report names them."""
    megabytes: int = 512
    """Of the disk that can be full."""


@dataclass
class Outcome:
    """What came of a run."""

    plan: Plan
    verdict: Verdict
    told: Told
    injected: dict[str, int]
    events: dict[str, int]
    """How often each thing happened to a candidate's page."""
    bugs: int
    still_late: int
    """Requests that were still on their way when every test was over, and came then."""
    longest_delay: float
    seconds: dict[str, float]
    load: list[float]
    requests: int

    @property
    def never_injected(self) -> list[str]:
        """Faults that the run is to show and has not."""
        return sorted(kind for kind, n in self.injected.items() if not n and kind not in self.plan.without)

    @property
    def holds(self) -> bool:
        """Whether the claim holds, and was put to the test."""
        return not self.verdict.broken and not self.bugs and not self.never_injected


def run(plan: Plan, folder: Path | None = None, postgres: Postgres | None = None) -> Outcome:
    """Set up, break, heal, count. `folder` keeps the logs and the candidates' record.

    On a server that is there already no disk can be full.
    """
    work = Path(tempfile.mkdtemp(prefix="palier-faults-"))
    work.chmod(0o711)
    try:
        if postgres is not None:
            return _run_on(plan, work, postgres, None)
        with running(DURABLE) as own, small_disk(own, own.folder / "disk", plan.megabytes) as disk:
            return _run_on(plan, work, own, disk)
    finally:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for file in work.glob("*.log"):
                shutil.copy(file, folder)
            if (work / "record.jsonl").exists():
                shutil.copy(work / "record.jsonl", folder)
        shutil.rmtree(work, ignore_errors=True)


def _run_on(plan: Plan, work: Path, postgres: Postgres, disk: Path | None) -> Outcome:
    began = time.monotonic()
    name = f"palier-{uuid.uuid4().hex[:8]}"
    url = postgres.create_at(name, disk / "tables") if disk else postgres.create(name)
    settings = Settings(
        data=work,
        database_url=url,
        release="demo",
        exposure_warm_up=0,
        secret_key=SecretStr("a secret of the test, long enough for anybody"),
    )
    house: House = create_app(settings).extensions["palier"]
    house.db.upgrade()
    people = populate(house, plan.candidates, plan.seed, wall_clock())
    postgres.create_role(WEB)
    with house.db.write() as connection:
        grants.grant(connection, WEB)
    of_web = settings.model_copy(update={"database_url": postgres.url(name, WEB)})
    shift = work / "shift"
    shift.write_text("0")
    nodes = [Node(of_web, shift, plan.workers, plan.app, n) for n in range(plan.nodes)]
    chaos = Chaos(nodes, postgres, name, disk, shift, plan.hold, plan.seed)
    try:
        for node in nodes:
            node.launch()
        for node in nodes:
            node.wait()
        ready = time.monotonic()
        # In a thread of its own: a browser test before it may have left a loop running in this one.
        with Record(work / "record.jsonl") as record, ThreadPoolExecutor(1) as apart:
            network = apart.submit(lambda: asyncio.run(_take_tests(plan, house, people, nodes, chaos, record))).result()
        ended = time.monotonic()
    finally:
        chaos.heal()
        for node in nodes:
            node.ask_to_stop()
        for node in nodes:
            node.stop()
    postgres.kill()  # once more: what is counted now is what is on the disk
    postgres.start()
    told = read(work / "record.jsonl")
    verdict = judge(house, people.seats, told)
    house.db.close()
    return Outcome(
        plan,
        verdict,
        told,
        {**network.injected, **chaos.injected},
        dict(record.counts),
        sum(node.bugs() for node in nodes),
        network.came_after_all,
        network.longest_delay,
        {
            "setting_up": ready - began,
            "tests": ended - ready,
            "counting": time.monotonic() - ended,
            "all": time.monotonic() - began,
        },
        list(os.getloadavg()),
        network.carried,
    )


async def _take_tests(
    plan: Plan, house: House, people: People, nodes: list[Node], chaos: Chaos, record: Record
) -> Network:
    network = Network([node.port for node in nodes], plan.haste, plan.seed, plan.without)
    port = await network.start()
    time_is_up = asyncio.Event()
    pace = Pace(plan.haste, plan.think, plan.beat)
    connector = aiohttp.TCPConnector(limit=0, force_close=False)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as http:
        ground = Ground(
            http,
            f"http://127.0.0.1:{port}",
            house.catalogue.named_release,
            record,
            pace,
            plan.items,
            lambda: not network.is_broken,
            time_is_up.is_set,
            _by_proctor(house, people, _authorise),
            _by_proctor(house, people, _terminate),
        )
        dying = range(0, plan.candidates, max(1, round(1 / plan.deaths)) if plan.deaths else plan.candidates + 1)
        candidates = [
            Candidate(n, seat, ground, plan.seed, _death(n, plan) if plan.deaths and n in dying else None)
            for n, seat in enumerate(people.seats)
        ]
        tests = [asyncio.create_task(_arrive(candidate, plan)) for candidate in candidates]
        await asyncio.sleep(plan.calm)
        await _until(lambda: record.counts["recorded"] >= plan.candidates / 2, plan.calm)
        network.is_broken = True
        breaking = [
            Thread(target=chaos.break_things, args=(plan.minutes * 60, plan.without), daemon=True),
            Thread(target=chaos.kill_workers, args=(plan.worker_every,), daemon=True),
        ]
        for thread in breaking[: 1 if "worker_killed" in plan.without else 2]:
            thread.start()
        await asyncio.wait(tests, timeout=plan.minutes * 60)
        await asyncio.to_thread(breaking[0].join)
        await _until(lambda: record.counts["recorded"] >= plan.enough or all(t.done() for t in tests), PATIENCE)
        network.is_broken = False
        chaos.heal()
        time_is_up.set()
        unfinished = await _drained(tests)
        network.came_after_all = await network.deliver_what_is_late()
        for task in unfinished:
            task.cancel()
        for ended in await asyncio.gather(*tests, return_exceptions=True):
            if isinstance(ended, BaseException) and not isinstance(ended, asyncio.CancelledError):
                raise ended
    await network.stop()
    return network


async def _drained(tests: list[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Wait for the tests to end as long as some do; those that do not."""
    unfinished = {task for task in tests if not task.done()}
    while unfinished:
        done, unfinished = await asyncio.wait(unfinished, timeout=DRAIN, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            break
    return unfinished


async def _until(reached: Callable[[], bool], patience: float) -> None:
    """A machine that is busy takes longer."""
    end = time.monotonic() + patience
    while not reached() and time.monotonic() < end:
        await asyncio.sleep(0.1)


async def _arrive(candidate: Candidate, plan: Plan) -> None:
    """Not all at once: over the first half of the calm."""
    await asyncio.sleep(plan.calm / 2 * candidate.number / plan.candidates)
    await candidate.take_the_test()


def _death(number: int, plan: Plan) -> int:
    """After how many answers a machine dies: early or late in the test."""
    return 1 + (number * 7) % max(1, plan.items // 2)


def _by_proctor(
    house: House, people: People, act: Callable[[House, People, Seat], Any]
) -> Callable[[Seat], Awaitable[None]]:
    """Something that the proctor does, again until the database has it."""

    async def done(seat: Seat) -> None:
        for _ in range(120):
            try:
                await asyncio.to_thread(act, house, people, seat)
                return
            except StorageAway:
                await asyncio.sleep(0.5)
            except EngineError:
                return

    return done


def _authorise(house: House, people: People, seat: Seat) -> None:
    supervision.authorise(house, people.proctor, seat.sitting, True, wall_clock() + timedelta(seconds=1))


def _terminate(house: House, people: People, seat: Seat) -> None:
    supervision.terminate(house, people.proctor, seat.sitting, "Le poste est tombé en panne", True, wall_clock())
