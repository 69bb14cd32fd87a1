"""A candidate's page without a browser: what exam.js, outbox.js, draft.js and presence.js do, and a person before them.

The browser itself, its storage and its worker are tested in `tests/browser/faults`.
"""

import asyncio
import contextlib
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Literal

import aiohttp

from engine.items.release import Release
from engine.kernel import ItemId
from tests.faults.record import Fields, Record
from tests.faults.replies import fields_of
from tests.web.world import Seat

ANSWER, DRAFT, BEAT = "/candidat/test/reponse", "/candidat/test/brouillon", "/candidat/presence"
FORM = {"empty_reply", "malformed_reply", "same_place_twice", "choice_used_twice"}
GONE = {"not_on_screen", "answer_conflict", "unknown_item"}
AGAIN = {"superseded", "too_many_attempts"}
PAGES = {
    "item": 'id="reply"',
    "over": "data-over",
    "ready": 'action="/candidat/test/commencer"',
    "code": 'action="/candidat/code"',
    "waiting": "Restez sur cette page",
    "finish": 'action="/candidat/test/terminer"',
    "instructions": "lu les consignes</button>",
    "identify": 'name="session_code"',
}
HIDDEN = re.compile(r'<input[^>]*\bname="(item|answer_id|page)"[^>]*\bvalue="([^"]*)"')
TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]*)"')
DRAFT_NUMBER = re.compile(r'data-draft-number="(\d+)"')


@dataclass(frozen=True)
class Pace:
    """The times of the page, divided by how much of a hurry the test is in; how long people think."""

    haste: float
    think: float
    """Seconds for one question, on average."""
    beat: float = 10
    """Seconds between two signs of life."""
    answer_patience: float = 20
    beat_patience: float = 8
    first_wait: float = 1
    longest_wait: float = 15

    def of(self, seconds: float) -> float:
        """A time of the page in this test."""
        return seconds / self.haste


@dataclass(frozen=True)
class Page:
    """A page that was loaded."""

    kind: str
    token: str
    fields: dict[str, str] = field(default_factory=dict)
    draft_number: int = 0


@dataclass(frozen=True)
class Entry:
    """A validated reply on its way, on the candidate's disk."""

    answer: str
    item: str
    fields: Fields


@dataclass(frozen=True)
class Ground:
    """What all candidates share."""

    http: aiohttp.ClientSession
    url: str
    release: Release
    record: Record
    pace: Pace
    items: int
    is_calm: Callable[[], bool]
    time_is_up: Callable[[], bool]
    authorise: Callable[[Seat], Awaitable[None]]
    terminate: Callable[[Seat], Awaitable[None]]


class Candidate:
    """One person, one browser, one test."""

    def __init__(self, number: int, seat: Seat, ground: Ground, seed: int, dies_at: int | None = None) -> None:
        self.number, self.seat, self.ground = number, seat, ground
        self.dies_at = dies_at
        self.outbox: list[Entry] = []
        self.answered = 0
        self.cookie = ""
        self.token = ""
        self.page = ""
        self._item = ""
        self._dice = random.Random(f"{seed}/{number}")
        self._leave = asyncio.Event()
        self._dead = False

    async def take_the_test(self) -> None:
        """From the door to the last page, whatever lies between."""
        async with asyncio.TaskGroup() as group:
            beats = group.create_task(self._give_signs_of_life())
            while not self._dead:
                page = await self._open(self._where_to_go())
                if page.kind == "over":
                    await self._send_all()
                    if not self.outbox:
                        self.ground.record.note(self.number, "over")
                        break
                await self._deal_with(page)
            beats.cancel()
        if self._dead:
            await self.ground.terminate(self.seat)

    def _where_to_go(self) -> str:
        if not self.cookie or not self.token:
            return "/candidat"
        enough = self.answered >= self.ground.items or self.ground.time_is_up()
        return "/candidat/test/terminer" if enough and not self.outbox and self.page else "/candidat/ici"

    async def _deal_with(self, page: Page) -> None:
        match page.kind:
            case "identify":
                seat = self.seat
                await self._submit("/candidat", page, {**seat.identity})
            case "instructions":
                await self._submit("/candidat/consignes", page)
            case "code":
                after = await self._submit("/candidat/code", page, {"code": self.seat.code})
                if after and after.kind == "code":  # the authorisation is too old by the server's clock
                    self._note("not_let_in")
                    await self.ground.authorise(self.seat)
            case "waiting":  # let in once, but the page that said so was lost: the console shows who asks again
                self._note("let_in_again")
                await asyncio.sleep(self.ground.pace.of(1))
                await self.ground.authorise(self.seat)
            case "ready":
                await self._submit("/candidat/test/commencer", page)
            case "finish":
                await self._submit("/candidat/test/terminer", page)
            case "item":
                await self._at_item(page)
            case _:
                await asyncio.sleep(self.ground.pace.of(1))

    async def _at_item(self, page: Page) -> None:
        """Until the page is left: fill in, validate, send until the server has it."""
        self._leave.clear()
        self.page = page.fields["page"]
        item = self._item = page.fields["item"]
        if self.outbox:
            own = any(entry.item == item for entry in self.outbox)
            await self._send_all()  # what another page of this browser left
            if own or self._leave.is_set():
                return
        if self.answered >= self.ground.items or self.ground.time_is_up():
            return
        fields, right = fields_of(self.ground.release.put(ItemId(item), self.seat.seed), self._dice)
        await self._think(self._dice.expovariate(1 / (self.ground.pace.think + 1e-6)))
        if self._dice.random() < 0.3 and not self._leave.is_set():
            await self._draft(page, fields)
        if self._leave.is_set():
            return
        entry = Entry(page.fields["answer_id"], item, fields)
        self.outbox.append(entry)
        self.ground.record.note(
            self.number,
            "made",
            answer=entry.answer,
            item=item,
            fields=fields,
            right=right,
            calm=self.ground.is_calm(),
        )
        await self._send_all(dies=self.dies_at is not None and self.answered >= self.dies_at)

    async def _send_all(self, dies: bool = False) -> None:
        """The outbox: again and again, calmly, until it is empty, or the page is left."""
        wait = self.ground.pace.first_wait
        while self.outbox and not self._leave.is_set():
            heard = True
            for entry in list(self.outbox):
                if dies:
                    await self._die_while_sending(entry)
                    return
                heard = await self._send(entry) and heard
            if heard:
                return
            await self._think(self.ground.pace.of(wait * (0.5 + self._dice.random() / 2)))
            wait = min(2 * wait, self.ground.pace.longest_wait)
            if self._dice.random() < 0.1:
                self._note("reloaded")
                return

    async def _send(self, entry: Entry) -> bool:
        """Whether the server was heard, so that nothing has to be tried again."""
        self._show(entry, "sending")
        self._note("tried", answer=entry.answer)
        fields = [*entry.fields, ("item", entry.item), ("answer_id", entry.answer), ("page", self.page)]
        reply = await self._ask(ANSWER, fields, self.ground.pace.answer_patience)
        if reply is None:
            self._show(entry, "kept")
            self._note("unheard", answer=entry.answer)
            return False
        ok, said = reply
        code = str(said.get("code", ""))
        if ok and said.get("recorded") == entry.answer:
            self.outbox.remove(entry)
            self.answered += 1
            self._show(entry, "saved")
            self._note("recorded", answer=entry.answer, calm=self.ground.is_calm())
            return True
        self._show(entry, "kept")
        if ok or code in AGAIN:
            self._note("unheard", answer=entry.answer)
            return False
        if code in FORM or code in GONE:
            self.outbox.remove(entry)
            self._note("dropped", answer=entry.answer, code=code)
            return True
        self._note("held", answer=entry.answer, code=code or "no code")
        await asyncio.sleep(self.ground.pace.of(1))  # the person reads, and presses “Continuer ici”
        self._leave.set()
        return True

    async def _die_while_sending(self, entry: Entry) -> None:
        """The machine loses its power while an answer is on its way."""
        self._dead = True
        sending = asyncio.create_task(self._send(entry))
        await asyncio.wait([sending], timeout=self._dice.uniform(0, 0.2))
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending
        self._note("died")

    async def _draft(self, page: Page, fields: Fields) -> None:
        number = page.draft_number + 1
        sent = [*fields, ("item", page.fields["item"]), ("page", self.page), ("number", str(number))]
        reply = await self._ask(DRAFT, sent, self.ground.pace.answer_patience)
        self._note("drafted" if reply and reply[1].get("drafted") == number else "draft_unheard")

    async def _give_signs_of_life(self) -> None:
        """As presence.js: what the server says may end the page."""
        await asyncio.sleep(self._dice.uniform(0, self.ground.pace.of(self.ground.pace.beat)))
        while True:
            if self.page:
                reply = await self._ask(BEAT, [("page", self.page)], self.ground.pace.beat_patience)
                self._note("beat" if reply else "beat_unheard")
                if reply and reply[0] and reply[1].get("page") == "other":
                    self._note("told_of_another_page")
                    self._leave.set()
                elif reply and reply[0] and not self.outbox and reply[1].get("item") != self._item:
                    self._leave.set()
            await asyncio.sleep(self.ground.pace.of(self.ground.pace.beat))

    async def _think(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._leave.wait(), seconds)

    async def _open(self, path: str) -> Page:
        """A page, however often it has to be asked for."""
        wait = self.ground.pace.first_wait
        while (page := await self._go("GET", path)) is None:
            await asyncio.sleep(self.ground.pace.of(wait * (0.5 + self._dice.random() / 2)))
            wait = min(2 * wait, self.ground.pace.longest_wait)
            path = self._where_to_go()
        return page

    async def _submit(self, path: str, page: Page, fields: dict[str, str] | None = None) -> Page | None:
        """Send a form of a page as a browser without scripts does."""
        return await self._go("POST", path, {"csrf_token": page.token, **(fields or {})})

    async def _go(self, method: Literal["GET", "POST"], path: str, fields: dict[str, str] | None = None) -> Page | None:
        """A page and where it leads; `None` where none came."""
        try:
            for _ in range(6):
                timeout = aiohttp.ClientTimeout(total=self.ground.pace.of(self.ground.pace.answer_patience) + 5)
                async with self.ground.http.request(
                    method,
                    self.ground.url + path,
                    data=fields,
                    headers={"Cookie": self.cookie, "Referer": self.ground.url + "/candidat"},
                    timeout=timeout,
                    allow_redirects=False,
                ) as reply:
                    self._keep_cookie(reply)
                    if reply.status in (302, 303):
                        method, path, fields = "GET", reply.headers["Location"], None
                        await reply.read()
                        continue
                    html = await reply.text()
                    if reply.status >= 500:
                        return None
                    if reply.status == 403 or (reply.status == 400 and path != "/candidat/code"):
                        self.token = ""  # not known here, or with an older form: from the door
                        return None
                    return self._read(html)
        except (aiohttp.ClientError, OSError, TimeoutError):
            pass
        return None

    async def _ask(self, path: str, fields: Fields, patience: float) -> tuple[bool, dict[str, Any]] | None:
        """As server.js: what is not the JSON that is expected was not heard."""
        headers = {"Accept": "application/json", "X-CSRFToken": self.token, "Cookie": self.cookie}
        try:
            async with self.ground.http.post(
                self.ground.url + path,
                data=fields,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=self.ground.pace.of(patience)),
                allow_redirects=False,
            ) as reply:
                if reply.content_type != "application/json":
                    return None
                said = await reply.json()
                if not isinstance(said, dict) or reply.status >= 500:
                    self._note("told_to_wait" if reply.status == 503 else "failed")
                    return None
                return reply.ok, said
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return None

    def _read(self, html: str) -> Page:
        token = TOKEN.search(html)
        self.token = unescape(token.group(1)) if token else ""
        kind = next((kind for kind, sign in PAGES.items() if sign in html), "other")
        if kind != "item":
            return Page(kind, self.token)
        number = DRAFT_NUMBER.search(html)
        assert number is not None
        return Page(kind, self.token, dict(HIDDEN.findall(html)), int(number.group(1)))

    def _keep_cookie(self, reply: aiohttp.ClientResponse) -> None:
        if "palier" in reply.cookies:
            self.cookie = f"palier={reply.cookies['palier'].value}"

    def _show(self, entry: Entry, shown: str) -> None:
        self.ground.record.note(self.number, "shown", answer=entry.answer, shown=shown)

    def _note(self, what: str, **facts: Any) -> None:
        if facts or what in ("died", "reloaded"):
            self.ground.record.note(self.number, what, **facts)
        else:
            self.ground.record.counts[what] += 1
