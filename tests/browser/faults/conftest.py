"""One server behind a network with faults, for all tests of this folder; a new candidate for each."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engine.delivery.events import Answered, Event, Quarantined
from engine.delivery.sitting import Sitting
from engine.items.frameworks import Level, Track
from engine.items.item import Item
from engine.kernel import SessionId, SittingId
from tests.browser.candidate import fill_in, item_on_screen
from tests.browser.conftest import _wait_for
from tests.browser.faults.network import Network
from web.app import create_app
from web.config import ROOT, Settings
from web.db import people, writing
from web.db.people import Person
from web.now import wall_clock
from web.services import connectivity, demo, enrolment, exam, gate, supervision
from web.services.connectivity import Gap
from web.services.enrolment import NewCandidate


class Server:
    """Gunicorn, two workers, that can be killed and started again; its clock can be moved."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = _free_port()
        self.shift = data / "shift"
        self.moved = 0.0
        self.move()
        self._process: subprocess.Popen[bytes] | None = None

    def now(self) -> datetime:
        """The server's time."""
        return wall_clock() + timedelta(seconds=self.moved)

    def move(self, **delta: float) -> None:
        """Let time pass on the server, at once."""
        self.moved += timedelta(**delta).total_seconds()
        new = self.shift.with_suffix(".new")
        new.write_text(str(self.moved))
        new.replace(self.shift)

    def start(self) -> None:
        """Serve, and wait until it answers."""
        environment = os.environ | {
            "PALIER_DATA": str(self.data),
            "PALIER_RELEASE": "demo",
            "PALIER_ENVIRONMENT": "demo",
            "PALIER_EXPOSURE_WARM_UP": "0",
            "PALIER_TEST_SHIFT": str(self.shift),
            "PORT": str(self.port),
        }
        log = self.data / "gunicorn.log"
        with log.open("a") as out:
            command = [
                sys.executable,
                "-m",
                "gunicorn",
                "-c",
                "web/gunicorn.conf.py",
                "tests.browser.faults.served:make()",
            ]
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
            )
        _wait_for(f"http://127.0.0.1:{self.port}/connexion", self._process, log)

    def kill(self) -> None:
        """As when the power goes: no worker finishes anything."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(20)

    def stop(self) -> None:
        """Stop as an administrator would; nothing may have gone wrong meanwhile."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(40)
        told = (self.data / "gunicorn.log").read_text()
        assert "Traceback" not in told, told
        assert '"bug"' not in told, told


@dataclass(frozen=True)
class Ground:
    """The server, the network before it, and the application that tests look into its database with."""

    server: Server
    network: Network
    app: Flask
    session: SessionId
    proctor: Person
    manager: Person

    @property
    def url(self) -> str:
        """Where browsers go."""
        return f"http://127.0.0.1:{self.network.port}"


@dataclass
class Candidate:
    """Somebody at the first item of a test, in a browser; more browsers can be theirs."""

    ground: Ground
    browser: Browser
    sitting: SittingId
    code: str
    name: str
    page: Page = field(init=False)
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def opens(self, device: str, path: str = "/candidat/test", **options: Any) -> Page:
        """A browser with the cookie of a candidate who was let in on `device`."""
        context = self.browser.new_context(base_url=self.ground.url, locale="fr-FR", **options)
        app = self.ground.app
        serializer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        cookie = serializer.dumps({"sitting": self.sitting, "device": device, "_permanent": True})
        context.add_cookies([{"name": "palier", "value": cookie, "url": self.ground.url}])
        self.contexts.append(context)
        return self.tab(context, path)

    def tab(self, context: BrowserContext, path: str = "/candidat/test") -> Page:
        """One more tab of a browser."""
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(path)
        return page

    @property
    def log(self) -> tuple[Event, ...]:
        """What is recorded of the test."""
        return gate.look(self.house, self.sitting)[1].events

    @property
    def now(self) -> Sitting:
        """Where the sitting stands."""
        return gate.look(self.house, self.sitting)[1].sitting

    @property
    def answered(self) -> list[Answered]:
        """The answers in the log."""
        return [e for e in self.log if isinstance(e, Answered)]

    @property
    def quarantined(self) -> list[Quarantined]:
        """What was kept for the jury."""
        return [e for e in self.log if isinstance(e, Quarantined)]

    @property
    def house(self) -> Any:
        """What use cases work with."""
        return self.ground.app.extensions["palier"]

    @property
    def item(self) -> Item:
        """The item that the page shows."""
        return item_on_screen(self.page, _release(self.ground))

    def stored_item(self) -> str:
        """The item that the server has on screen."""
        return str(self.now.on_screen)

    def fill_in(self, page: Page | None = None, right: bool = True) -> Item:
        """Reply to the item on a page, and do not validate."""
        where = page or self.page
        item = item_on_screen(where, _release(self.ground))
        fill_in(where, item.interaction, right)
        return item

    def fields(self, page: Page | None = None) -> list[list[str]]:
        """What stands in the form, whatever kind of item it is."""
        own = "(([name]) => !['csrf_token', 'answer_id', 'page', 'item'].includes(name))"
        return cast(
            "list[list[str]]",
            (page or self.page).evaluate(f"[...new FormData(document.getElementById('reply'))].filter{own}"),
        )

    def has(self, fields: list[list[str]], page: Page | None = None) -> None:
        """These stand in the form, sooner or later."""
        end = time.monotonic() + 15
        while (found := self.fields(page)) != fields:
            assert time.monotonic() < end, f"{found} instead of {fields}"
            (page or self.page).wait_for_timeout(50)

    def validate(self, page: Page | None = None) -> None:
        """Press the button."""
        (page or self.page).get_by_role("button", name="Valider et continuer").click()

    def goes_on(self, after: Item, page: Page | None = None, timeout: float = 15_000) -> None:
        """The next item is on screen, the one that is stored, and the answer was counted once."""
        where = page or self.page
        expect(where.locator(f"#reply:not([data-item='{after.id}'])")).to_be_visible(timeout=timeout)
        expect(where.locator(f"#reply[data-item='{self.stored_item()}']")).to_be_visible()
        assert [a.item for a in self.answered].count(after.id) == 1

    def saved(self, words: str, page: Page | None = None, timeout: float = 8000) -> None:
        """The line that says what is saved says so."""
        expect((page or self.page).locator("#saved")).to_contain_text(words, timeout=timeout)

    def drafted(self) -> None:
        """The newest draft of the page is with the server."""
        self.saved("Brouillon enregistré à")
        for _ in range(100):
            [kept] = self.in_browser("drafts")
            with self.house.db.read() as connection:
                draft = writing.draft(connection, self.sitting)
            if draft and draft.number == kept["number"]:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("the draft does not reach the server")

    def nothing_waits(self, page: Page | None = None) -> None:
        """The queue of a browser becomes empty."""
        for _ in range(100):
            if not self.in_browser("outbox", page):
                return
            (page or self.page).wait_for_timeout(100)
        raise AssertionError(f"still waiting: {self.in_browser('outbox', page)}")

    def silences(self) -> tuple[Gap, ...]:
        """The silences that have ended."""
        with self.house.db.read() as connection:
            return connectivity.silences(connection, [self.sitting]).get(self.sitting, ())

    def in_browser(self, store: str, page: Page | None = None) -> list[dict[str, Any]]:
        """What IndexedDB holds."""
        found: list[dict[str, Any]] = (page or self.page).evaluate(
            """name => new Promise(resolve => {
                const asked = indexedDB.open("palier", 1);
                asked.onsuccess = () => {
                    const all = asked.result.transaction(name).objectStore(name).getAll();
                    all.onsuccess = () => { asked.result.close(); resolve(all.result); };
                };
            })""",
            store,
        )
        return found


def _release(ground: Ground) -> Any:
    house = ground.app.extensions["palier"]
    return house.catalogue.named_release


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A server with the demo's session, behind a network."""
    data = tmp_path_factory.mktemp("faults")
    app = create_app(Settings(data=data, release="demo", exposure_warm_up=0))
    house = app.extensions["palier"]
    house.db.upgrade()
    seats = demo.prepare(house, data / "demo.json", wall_clock())
    with house.db.read() as connection:
        staff = {login: people.with_login(connection, login) for login in ("surveillant", "centre")}
    server = Server(data)
    server.start()
    network = Network(server.port)
    proctor, manager = staff["surveillant"], staff["centre"]
    assert proctor
    assert manager
    yield Ground(server, network, app, SessionId(seats.session_id), proctor, manager)
    network.close()
    server.stop()
    house.db.close()


@pytest.fixture
def candidate(ground: Ground, browser: Browser) -> Iterator[Candidate]:
    """A new candidate before the first item."""
    known = new_candidate(ground, browser)
    known.page = known.opens("first")
    expect(known.page.locator("#reply")).to_be_visible()
    yield known
    ground.network.faults.clear()
    for context in known.contexts:
        context.close()
    assert not known.complaints, known.complaints


def new_candidate(ground: Ground, browser: Browser, **about: object) -> Candidate:
    """Enrolled, let in on the device `first` and started."""
    house, now = ground.app.extensions["palier"], ground.server.now()
    name = f"Essai {uuid.uuid4().hex[:6]}"
    new = NewCandidate(name, "Alix", date(1988, 5, 17), "a@exemple.fr", Track.FIRST_DEGREE, Level.CONFIRME, False, 0)
    place = enrolment.enrol(house, ground.manager, ground.session, replace(new, **about), now)  # type: ignore[arg-type]
    known = Candidate(ground, browser, place.sitting, place.code, name.upper())
    let_in(known, "first")
    exam.start(house, known.sitting, "first", ground.server.now())
    return known


def let_in(candidate: Candidate, device: str) -> None:
    """The proctor authorises and the candidate gives the code on a device."""
    ground, house = candidate.ground, candidate.house
    gate.check_in(house, candidate.sitting, ground.server.now())
    supervision.authorise(house, ground.proctor, candidate.sitting, True, ground.server.now())
    gate.enter(house, candidate.sitting, candidate.code, device, ground.server.now())


@pytest.fixture(scope="session")
def proctor_cookies(ground: Ground, browser: Browser) -> list[Any]:
    """The cookies of the proctor, who logs in once."""
    context = browser.new_context(base_url=ground.url)
    page = context.new_page()
    page.goto("/connexion")
    page.get_by_label("Identifiant").fill("surveillant")
    page.get_by_label("Mot de passe").fill(demo.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    cookies: list[Any] = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def console(ground: Ground, browser: Browser, proctor_cookies: list[Any]) -> Iterator[Page]:
    """The proctor's console."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{ground.server.port}", locale="fr-FR")
    context.add_cookies([c | {"url": f"http://127.0.0.1:{ground.server.port}"} for c in _bare(proctor_cookies)])
    page = context.new_page()
    page.goto(f"/surveillance/{ground.session}")
    yield page
    context.close()


def _bare(cookies: list[Any]) -> list[Any]:
    return [{"name": c["name"], "value": c["value"]} for c in cookies]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
