"""The console in a real browser beside the real news service: calm, told at once, and at ease without it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from engine.kernel import SessionId, SittingId
from tests.nodes.nginx import before
from tests.nodes.node import SECRET, News, Node
from tests.postgres import running
from web.app import create_app
from web.config import Settings
from web.db import sittings
from web.now import wall_clock
from web.services import demo, gate, messages
from web.services.house import House

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Site:
    """A node with news behind nginx."""

    url: str
    house: House
    news: News
    sitting: SittingId
    session: SessionId
    folder: Path
    database: str
    looks: list[float] = field(default_factory=list)

    def calm(self, seconds: float) -> int:
        """How often the console looked in the last seconds."""
        return sum(at > time.monotonic() - seconds for at in self.looks)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """As in production, but for the demo's people."""
    with running() as postgres, ExitStack() as ends:
        url = postgres.create("palier")
        node = Node(tmp_path / "node", url)
        settings = Settings(
            data=node.folder, database_url=url, release="demo", exposure_warm_up=0, secret_key=SecretStr(SECRET)
        )
        house: House = create_app(settings).extensions["palier"]
        ends.callback(house.db.close)
        house.db.upgrade()
        session = SessionId(demo.prepare(house, tmp_path / "demo.json", wall_clock()).session_id)
        with house.db.read() as connection:
            sitting = sittings.load_session(connection, session)[0].id
        told = News(node.folder, url)
        ends.callback(told.stop)
        ends.callback(node.end)
        node.start()
        proxy = ends.enter_context(before(tmp_path / "nginx", [(node.port, node.port, told.port)]))
        gate.check_in(house, sitting, wall_clock())
        yield Site(proxy.url, house, told, sitting, session, node.folder, url)


@pytest.fixture
def console(browser: Browser, site: Site) -> Iterator[Page]:
    """A proctor before it; a page may complain of nothing."""
    context = browser.new_context(base_url=site.url, ignore_https_errors=True, locale="fr-FR")
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: site.looks.append(time.monotonic()) if asked.url.endswith("/etat") else None)
    page.goto("/connexion")
    page.get_by_label("Identifiant").fill("surveillant")
    page.get_by_label("Mot de passe").fill(demo.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("link", name="Console").click()
    yield page
    context.close()
    assert complaints == []


def test_a_console_is_calm_until_something_happens_and_asks_by_itself_without_news(site: Site, console: Page) -> None:
    console.wait_for_timeout(8_000)
    assert site.calm(5) <= 1, "nothing happens, so it does not ask"
    expect(console.locator("[data-fresh=board]")).to_have_text("À jour")
    expect(console.locator("[data-age=board]")).to_have_text("données de l'instant", timeout=7_000)

    began = time.monotonic()
    messages.ask_for_help(site.house, site.sitting, "Je ne vois plus rien", wall_clock())
    expect(console.get_by_text("Je ne vois plus rien").first).to_be_visible()
    assert time.monotonic() - began < 5

    site.news.stop()
    console.wait_for_timeout(6_000)
    assert site.calm(4) >= 2, "it asks by itself"
    with site.house.db.write() as connection:
        connection.exec_driver_sql("UPDATE candidate SET last_name = 'Renommée'")
    expect(console.get_by_text("RENOMMÉE").first).to_be_visible(timeout=10_000)
    expect(console.locator("[data-fresh=board]")).to_have_text("À jour")
