"""`make load`: what one machine carries, beside the ceiling of what it stands on, in one run."""

import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from tests.load.client import Client, Tally, closed, paced
from tests.load.crowd import Crowd, Taker, gather
from tests.load.server import Server, serving
from tests.postgres import DURABLE, running

KINDS = ("postgresql", "sqlite")
LOOPS = 16
WARM = 400
"""Candidates whom each worker knows before anything is measured in turn."""
DRAFTS_BY_ANSWER = 2.0
"""A person who types is saved every two seconds; most items are chosen from, not typed."""
BEAT_EVERY = 10.0
SECONDS_BY_ITEM = 9000 / 64
"""Two and a half hours for 64 items."""


@dataclass
class Line:
    """What is told of one kind of request."""

    what: str
    replies: int
    by_second: float
    p50: float
    p95: float
    p99: float
    cpu_ms: float | None
    """Of the servers and the database, by reply; of all kinds of a mixture together, none."""


class Person:
    """What the page of a candidate does, once each."""

    def __init__(self, client: Client, crowd: Crowd, tally: Tally) -> None:
        self.client, self.crowd, self.tally = client, crowd, tally

    async def answer(self, taker: Taker) -> None:
        """Validate the reply on screen."""
        body = f"item={taker.on_screen}&answer_id={random.getrandbits(128):032x}&page={taker.page}&action=valider"
        said = await self._timed(
            "answer", self.client.post(taker, "/candidat/test/reponse", f"{body}&{self._reply(taker)}")
        )
        following = json.loads(said).get("next") if said else None
        taker.on_screen = following or ""

    async def page(self, taker: Taker) -> None:
        """Fetch the page of the next item, which is the one that writes from then on."""
        html = await self._timed("page of an item", self.client.get(taker, "/candidat/test"))
        found = html.partition(b'name="page" value="')[2].partition(b'"')[0]
        taker.page = found.decode() or taker.page

    async def draft(self, taker: Taker) -> None:
        """Save what stands in the form."""
        taker.drafts += 1
        body = f"item={taker.on_screen}&number={taker.drafts}&page={taker.page}&{self._reply(taker)}"
        await self._timed("draft", self.client.post(taker, "/candidat/test/brouillon", body))

    async def beat(self, taker: Taker) -> None:
        """Give a sign of life."""
        await self._timed("sign of life", self.client.post(taker, "/candidat/presence", f"page={taker.page}"))

    async def start(self, taker: Taker) -> None:
        """Begin the test, as everybody does at nine o'clock, and fetch the first item."""
        begun = time.perf_counter()
        status, _ = await self.client.post(taker, "/candidat/test/commencer", "")
        self.tally.add("start", time.perf_counter() - begun, 200 if status == 303 else status)
        await self.page(taker)

    async def ceiling(self, taker: Taker, what: str) -> None:
        """Ask for nothing, or for one row."""
        await self._timed(what, self.client.post(taker, f"/ceiling/{what}", f"item={taker.on_screen}"))

    def _reply(self, taker: Taker) -> str:
        return self.crowd.bodies.get(taker.on_screen, "")

    async def _timed(self, kind: str, asked: Awaitable[tuple[int, bytes]]) -> bytes:
        begun = time.perf_counter()
        status, body = await asked
        self.tally.add(kind, time.perf_counter() - begun, status)
        return body if status == 200 else b""


def _lines(tally: Tally, seconds: float, cpu: float | None = None) -> list[Line]:
    found = []
    for kind, took in tally.took.items():
        p50, p95, p99 = (1000 * float(np.percentile(took, q)) for q in (50, 95, 99))
        found.append(Line(kind, len(took), len(took) / seconds, p50, p95, p99, cpu and 1000 * cpu / len(took)))
    return found


class Run:
    """One database, one crowd, one server."""

    def __init__(self, server: Server, crowd: Crowd) -> None:
        self.server, self.crowd = server, crowd
        self.wrong: dict[str, int] = {}

    def in_turn(self, what: str, seconds: float, each: Callable[[Person, Taker], Awaitable[None]]) -> Line:
        """So many at once, each after its reply: throughput, and processor time by reply."""
        tally = Tally()

        async def all_of_them() -> None:
            client = Client(self.server.port, self.crowd)
            person = Person(client, self.crowd, tally)
            turn = cycle(self.crowd.takers[:WARM])
            await closed(LOOPS, seconds, lambda _: each(person, next(turn)))
            client.close()

        before, begun = self.server.cpu(), time.perf_counter()
        asyncio.run(all_of_them())
        spent, lasted = self.server.cpu() - before, time.perf_counter() - begun
        self._note(tally)
        return next(line for line in _lines(tally, lasted, spent) if line.what == what)

    def start_together(self, within: float) -> list[Line]:
        """Everybody who waits begins within seconds."""
        tally = Tally()

        async def all_of_them() -> None:
            client = Client(self.server.port, self.crowd)
            person = Person(client, self.crowd, tally)
            starters = self.crowd.starters
            await paced(len(starters) / within, within, lambda n: person.start(starters[n]))
            client.close()

        begun = time.perf_counter()
        asyncio.run(all_of_them())
        self._note(tally)
        return _lines(tally, time.perf_counter() - begun)

    def as_in_an_exam(self, seconds: float) -> tuple[list[Line], dict[str, float]]:
        """All candidates at the pace of people: answers with the page that follows, drafts, signs of life."""
        tally = Tally()
        takers = self.crowd.takers
        rate = len(takers) / SECONDS_BY_ITEM

        async def all_of_them() -> None:
            client = Client(self.server.port, self.crowd)
            person = Person(client, self.crowd, tally)
            order = random.sample(takers, len(takers))

            async def on(n: int) -> None:
                taker = order[n % len(order)]
                await person.answer(taker)
                await person.page(taker)

            # Those who draft are not those who answer at that moment: a page sends one thing after the other.
            half = len(order) // 2
            await asyncio.gather(
                paced(rate, seconds, on),
                paced(rate * DRAFTS_BY_ANSWER, seconds, lambda n: person.draft(order[-1 - n % half])),
                paced(len(takers) / BEAT_EVERY, seconds, lambda n: person.beat(takers[n % len(takers)])),
            )
            client.close()

        before, own, begun = self.server.cpu(), time.process_time(), time.perf_counter()
        asyncio.run(all_of_them())
        lasted = time.perf_counter() - begun
        use = {
            "seconds": lasted,
            "cores of the servers": (self.server.cpu() - before) / lasted,
            "cores of the load": (time.process_time() - own) / lasted,
        }
        self._note(tally)
        return _lines(tally, lasted), use

    def _note(self, tally: Tally) -> None:
        for name, count in tally.wrong.items():
            self.wrong[name] = self.wrong.get(name, 0) + count


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, int | None]]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'palier.sqlite'}", None
        return
    with running(DURABLE) as server:
        yield server.create("load"), int((server.data / "postmaster.pid").read_text().split()[0])


def measure(kind: str, candidates: int, starters: int, seconds: float) -> dict[str, Any]:
    """All that is measured on one database."""
    with tempfile.TemporaryDirectory(prefix="palier-load-") as name, _database(kind, Path(name)) as (url, postmaster):
        crowd = gather(Path(name), url, candidates, starters)
        with serving(Path(name), url, postmaster) as server:
            run = Run(server, crowd)
            run.in_turn("sign of life", seconds / 2, lambda p, t: p.beat(t))  # what a day of work has loaded
            alone = [
                run.in_turn("nothing", seconds, lambda p, t: p.ceiling(t, "nothing")),
                run.in_turn("row", seconds, lambda p, t: p.ceiling(t, "row")),
                run.in_turn("answer", seconds, lambda p, t: p.answer(t)),
                run.in_turn("page of an item", seconds, lambda p, t: p.page(t)),
                run.in_turn("draft", seconds, lambda p, t: p.draft(t)),
                run.in_turn("sign of life", seconds, lambda p, t: p.beat(t)),
                run.in_turn("row", seconds, lambda p, t: p.ceiling(t, "row")),
            ]
            together = run.start_together(5)
            run.as_in_an_exam(2 * BEAT_EVERY)  # every worker has heard of nearly everybody
            exam, use = run.as_in_an_exam(6 * seconds)
    return {
        "database": kind,
        "candidates": candidates,
        "starters": starters,
        "in turn": [vars(line) for line in alone],
        "start within 5 s": [vars(line) for line in together],
        "exam": [vars(line) for line in exam],
        "use": use,
        "wrong": run.wrong,
    }


def show(found: dict[str, Any], console: Console) -> None:
    """Tables for people."""
    for part in ("in turn", "start within 5 s", "exam"):
        table = Table(title=f"{found['database']}: {part}")
        for column in ("request", "replies", "by second", "p50 ms", "p95 ms", "p99 ms", "CPU ms"):
            table.add_column(column, justify="left" if column == "request" else "right")
        for line in found[part]:
            cpu = "" if line["cpu_ms"] is None else f"{line['cpu_ms']:.2f}"
            table.add_row(
                line["what"],
                str(line["replies"]),
                f"{line['by_second']:.0f}",
                *(f"{line[p]:.1f}" for p in ("p50", "p95", "p99")),
                cpu,
            )
        console.print(table)
    costs = {line["what"]: line["cpu_ms"] for line in found["in turn"]}
    rows = [line["cpu_ms"] for line in found["in turn"] if line["what"] == "row"]
    console.print(
        f"An answer costs {costs['answer'] / np.mean(rows):.2f} times the CPU of a route that commits one row."
    )
    console.print(f"{found['candidates']} candidates: {found['use']}; load of the machine {os.getloadavg()}")
    console.print(f"Replies that are not what they should be: {found['wrong'] or 'none'}")


@click.command()
@click.option(
    "--database", type=click.Choice(["postgresql", "sqlite"]), multiple=True, default=("postgresql", "sqlite")
)
@click.option("--candidates", default=10_000, show_default=True, help="Whose tests run.")
@click.option("--starters", default=1_000, show_default=True, help="Who begin together.")
@click.option("--seconds", default=10.0, show_default=True, help="By part; the exam lasts six times as long.")
@click.option("--json", "out", type=click.Path(path_type=Path), help="Keep the figures in this file too.")
def main(database: tuple[str, ...], candidates: int, starters: int, seconds: float, out: Path | None) -> None:
    """Measure what one machine carries; it is shared with the one who asks."""
    console = Console()
    found = [measure(kind, candidates, starters, seconds) for kind in database]
    for one in found:
        show(one, console)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
