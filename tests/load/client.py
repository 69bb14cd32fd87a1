"""A client as lean as can be: it shares the machine with what it measures."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.load.crowd import Crowd, Taker


@dataclass
class Tally:
    """What came back, by kind of request: latencies in seconds, and answers that are not what they should be."""

    took: dict[str, list[float]] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, seconds: float, status: int) -> None:
        """One reply."""
        self.took.setdefault(kind, []).append(seconds)
        if status != 200:
            name = f"{kind} {status}"
            self.wrong[name] = self.wrong.get(name, 0) + 1


CONNECTIONS = 64
"""To the servers, as from a reverse proxy that keeps them alive."""


class Client:
    """Connections that are kept alive, each used by one request at a time."""

    def __init__(self, port: int, crowd: Crowd) -> None:
        self._port = port
        self._crowd = crowd
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, taker: Taker, path: str, body: str) -> tuple[int, bytes]:
        """Send a form as the page's script does."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nCookie: palier={taker.cookie}\r\n"
            f"X-CSRFToken: {self._crowd.token}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return await self._ask((head + body).encode())

    async def get(self, taker: Taker, path: str) -> tuple[int, bytes]:
        """Fetch a page."""
        return await self._ask(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: palier={taker.cookie}\r\n\r\n".encode()
        )

    def close(self) -> None:
        """Let the connections go."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        async with self._free:  # whoever waits here waits, and is counted as waiting
            return await self._ask_now(request)

    async def _ask_now(self, request: bytes) -> tuple[int, bytes]:
        for attempt in range(2):
            kept = bool(self._idle)
            reader, writer = (
                self._idle.pop() if kept else await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
            )
            try:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                break
            except (OSError, asyncio.IncompleteReadError):
                writer.close()
                if not kept or attempt:  # one that was kept alive may have been closed meanwhile
                    return 0, b""
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        body = await reader.readexactly(length)
        if b"connection: close" in lines:
            writer.close()
        else:
            self._idle.append((reader, writer))
        return int(head[9:12]), body


Work: TypeAlias = Callable[[int], Awaitable[None]]
"""What a loop, by its number, does once."""


async def closed(loops: int, seconds: float, work: Work) -> int:
    """So many loops that go on as soon as they have their reply, for a time; how often they went round."""
    end = time.perf_counter() + seconds
    rounds = [0] * loops

    async def run(n: int) -> None:
        while time.perf_counter() < end:
            await work(n)
            rounds[n] += 1

    await asyncio.gather(*(run(n) for n in range(loops)))
    return sum(rounds)


async def paced(rate: float, seconds: float, work: Work) -> None:
    """So many pieces of work a second, evenly, whatever is not done yet: people do not wait for each other."""
    begun = time.perf_counter()
    running = set()
    for n in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + n / rate - time.perf_counter()))
        task = asyncio.ensure_future(work(n))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
