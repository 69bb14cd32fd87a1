"""A network with the faults of real ones, between candidates and servers: it knows where a request begins and ends."""

import asyncio
import contextlib
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CONNECTION = re.compile(rb"\r\nconnection: *[^\r]*", re.IGNORECASE)
WHOSE = re.compile(rb"\r\ncookie: *[^\r]*", re.IGNORECASE)
LONGEST_DELAY = 90.0
SERVER_PATIENCE = 60.0
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 11\r\n\r\nBad Gateway"

KINDS = (
    "request_dropped",
    "request_swallowed",
    "request_cut",
    "request_delayed",
    "request_reordered",
    "request_duplicated",
    "request_duplicated_late",
    "reply_dropped",
    "reply_cut",
)


@dataclass(frozen=True)
class Rates:
    """How often each fault comes, of all requests and of all replies."""

    dropped: float = 0.18
    swallowed: float = 0.02
    """Dropped too, but the connection stays open and nobody ever answers."""
    cut: float = 0.02
    delayed: float = 0.04
    reordered: float = 0.03
    duplicated: float = 0.05
    duplicated_late: float = 0.03
    reply_dropped: float = 0.20
    reply_cut: float = 0.02


@dataclass(frozen=True)
class Message:
    """A request or a reply."""

    head: bytes
    body: bytes

    @property
    def whose(self) -> bytes:
        """Which browser sent it, by its cookies."""
        found = WHOSE.search(self.head)
        return found.group() if found else b""

    def with_connection(self, kind: bytes) -> "Message":
        """The same on a connection that is kept, or closed after it."""
        head = CONNECTION.sub(b"", self.head)
        return Message(head[:-2] + b"Connection: " + kind + b"\r\n\r\n", self.body)

    def __bytes__(self) -> bytes:
        return self.head + self.body


class Network:
    """Where candidates reach the servers; while `is_broken`, what they send suffers."""

    def __init__(self, ports: Sequence[int], haste: float, seed: int, without: frozenset[str] = frozenset()) -> None:
        self.ports = list(ports)
        self.rates = Rates()
        self.injected: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
        self.longest_delay = 0.0
        self.carried = 0
        self.came_after_all = 0
        self.is_broken = False
        self._haste = haste
        self._without = without
        self._dice = random.Random(seed)
        self._late: set[asyncio.Task[None]] = set()
        self._hurry = asyncio.Event()
        self._answered: dict[bytes, asyncio.Event] = {}
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=2048, limit=2**20)
        return int(self._server.sockets[0].getsockname()[1])

    async def deliver_what_is_late(self) -> int:
        """Everything that is still on its way arrives now; how many requests that were."""
        waiting = len(self._late)
        self._hurry.set()
        await asyncio.gather(*self._late, return_exceptions=True)
        return waiting

    async def stop(self) -> None:
        """Take the network down."""
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while (request := await _message(reader)) is not None:
                if not await self._carry(request, writer):
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two is gone
        finally:
            self._open.discard(task)
            writer.close()

    async def _carry(self, request: Message, writer: asyncio.StreamWriter) -> bool:
        """One request to a server and its reply back; whether the connection goes on."""
        self.carried += 1
        if not await self._gets_through(request):
            return False
        reply = await self._forward(request)
        if request.whose in self._answered:
            self._answered.pop(request.whose).set()
        if reply is None:
            return False
        if self._falls("reply_dropped", self.rates.reply_dropped):
            return False
        sent = bytes(reply.with_connection(b"keep-alive"))
        if self._falls("reply_cut", self.rates.reply_cut):
            writer.write(sent[: max(1, len(sent) - max(1, len(reply.body) // 2))])
            await writer.drain()
            return False
        writer.write(sent)
        await writer.drain()
        return True

    async def _gets_through(self, request: Message) -> bool:
        """What happens to a request on its way; whether it goes on to a server from here."""
        rates = self.rates
        if self._falls("request_dropped", rates.dropped):
            return False
        if self._falls("request_swallowed", rates.swallowed):
            await self._wait(25 / self._haste)
            return False
        if self._falls("request_cut", rates.cut):
            whole = bytes(request)
            await self._leave_off(whole[: len(whole) - max(2, len(request.body) // 2)])
            return False
        if self._falls("request_duplicated", rates.duplicated):
            self._send_later(request, 0.0)
        if self._falls("request_duplicated_late", rates.duplicated_late):
            self._send_later(request, self._dice.uniform(5, LONGEST_DELAY) / self._haste)
        if self._falls("request_delayed", rates.delayed):
            await self._wait(LONGEST_DELAY / self._haste * self._dice.random() ** 4)
        elif self._happens("request_reordered", rates.reordered):
            overtaken = self._answered.setdefault(request.whose, asyncio.Event())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(overtaken.wait(), 12 / self._haste)
                self.injected["request_reordered"] += 1
        return True

    def _falls(self, kind: str, rate: float) -> bool:
        falls = self._happens(kind, rate)
        self.injected[kind] += falls
        return falls

    def _happens(self, kind: str, rate: float) -> bool:
        return self.is_broken and kind not in self._without and self._dice.random() < rate

    async def _wait(self, seconds: float) -> None:
        self.longest_delay = max(self.longest_delay, seconds)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)

    def _send_later(self, request: Message, seconds: float) -> None:
        async def send() -> None:
            if seconds:
                await self._wait(seconds)
            await self._forward(request)

        task = asyncio.create_task(send())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _forward(self, request: Message) -> Message | None:
        """The reply of a server; 502 if none listens, nothing if the one that was asked is gone."""
        for port in self._dice.sample(self.ports, len(self.ports)):
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
            except OSError:
                continue
            try:
                writer.write(bytes(request.with_connection(b"close")))
                async with asyncio.timeout(SERVER_PATIENCE):
                    return await _message(reader)
            except (OSError, asyncio.IncompleteReadError, TimeoutError):
                return None
            finally:
                writer.close()
        return Message(BAD_GATEWAY[:-11], BAD_GATEWAY[-11:])

    async def _leave_off(self, part: bytes) -> None:
        """A server gets a part of a request, and then nothing."""
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self._dice.choice(self.ports))
            writer.write(part)
            await writer.drain()
            writer.close()


async def _message(reader: asyncio.StreamReader) -> Message | None:
    """The next request or reply of a connection; `None` at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    length = LENGTH.search(head)
    return Message(head, await reader.readexactly(int(length.group(1))) if length else b"")
