"""`palier news`: tells thousands of consoles that something changed, and never what; reads and stores nothing.

A service of its own, so that a stream which is held open takes no thread from anybody who answers.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import structlog
from aiohttp import web

from engine.kernel import SessionId
from web.db.news import NotTold, listen
from web.services.news import BadTicket, read_ticket

APART = 1.0
"""Seconds between two pieces of news of one stream: what comes meanwhile is told together."""
ALIVE_EVERY = 5.0
"""Seconds; web/static/js/news.js takes a stream that is silent for longer as gone."""
PATIENCE = 10.0
"""Seconds for a browser to take what it is sent."""
MOST_OF_A_SESSION = 200
"""Streams: a page gone wild stops there, and pages that find no stream ask by themselves."""
AGAIN_AFTER = 2.0
HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}

log = structlog.get_logger()


class Desk:
    """Who waits for news of which session."""

    def __init__(self) -> None:
        self.is_told = False
        """Whether the database can be listened to: a stream that is told nothing must not look alive."""
        self._waiting: dict[SessionId, set[asyncio.Event]] = defaultdict(set)

    @property
    def streams(self) -> int:
        """How many are open."""
        return sum(map(len, self._waiting.values()))

    def is_full(self, session: SessionId) -> bool:
        """Whether a session has as many streams as it may."""
        return len(self._waiting.get(session, ())) >= MOST_OF_A_SESSION

    @contextmanager
    def waiting(self, session: SessionId) -> Iterator[asyncio.Event]:
        """An event that is set at each piece of news, and when there will be none any more."""
        event = asyncio.Event()
        self._waiting[session].add(event)
        try:
            yield event
        finally:
            self._waiting[session].discard(event)
            if not self._waiting[session]:
                del self._waiting[session]

    def tell(self, session: SessionId) -> None:
        """Something changed in a session."""
        for event in self._waiting.get(session, ()):
            event.set()

    def fall_silent(self) -> None:
        """End every stream: their pages ask by themselves."""
        self.is_told = False
        for session in list(self._waiting):
            self.tell(session)


def make_app(database_url: str, secret: str, now: Callable[[], datetime]) -> web.Application:
    """The service; `GET /nouvelles?billet=…` is a stream, `/sante/…` tells of its health."""
    desk = Desk()

    async def stream(request: web.Request) -> web.StreamResponse:
        try:
            ticket = read_ticket(secret, request.query.get("billet", ""), now())
        except BadTicket:
            raise web.HTTPForbidden from None
        if not desk.is_told or desk.is_full(ticket.session):
            raise web.HTTPServiceUnavailable
        response = web.StreamResponse(headers=HEADERS)
        with desk.waiting(ticket.session) as event:
            await response.prepare(request)
            with suppress(ConnectionResetError, TimeoutError):
                await _tell(response, desk, event, lambda: now() >= ticket.until)
        return response

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_: web.Request) -> web.Response:
        return web.json_response({"ready": desk.is_told}, status=200 if desk.is_told else 503)

    async def listening(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(_hear(desk, database_url))
        yield
        task.cancel()

    async def closing(_: web.Application) -> None:
        desk.fall_silent()

    app = web.Application()
    app.add_routes(
        [web.get("/nouvelles", stream), web.get("/sante/vivant", alive), web.get("/sante/pret", ready)],
    )
    app.cleanup_ctx.append(listening)
    app.on_shutdown.append(closing)
    return app


async def _tell(response: web.StreamResponse, desk: Desk, event: asyncio.Event, is_over: Callable[[], bool]) -> None:
    """The life of a stream. Raises `ConnectionResetError` and `TimeoutError` when the browser is gone."""
    await response.write(b"event: alive\ndata:\n\n")
    while not is_over():
        try:
            async with asyncio.timeout(ALIVE_EVERY):
                await event.wait()
        except TimeoutError:
            word = b"event: alive\ndata:\n\n"
        else:
            word = b"event: changed\ndata:\n\n"
        if not desk.is_told:
            return
        was_news = event.is_set()
        event.clear()
        async with asyncio.timeout(PATIENCE):
            await response.write(word)
        if was_news:
            await asyncio.sleep(APART)


async def _hear(desk: Desk, database_url: str) -> None:
    """Pass on what the database tells, for ever; without it every stream ends."""
    while True:
        try:
            async for session in listen(database_url):
                desk.is_told = True
                if session is not None:
                    desk.tell(session)
        except NotTold:
            log.warning("news_silent", streams=desk.streams)
            desk.fall_silent()
        await asyncio.sleep(AGAIN_AFTER)
