"""Two real nodes behind a real nginx, sharing PostgreSQL and nothing else: no answer is lost and no error is shown."""

import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from engine.delivery.events import Answered
from engine.kernel import SessionId, SittingId
from tests.nodes.nginx import Nginx, before
from tests.nodes.node import SECRET, News, Node
from tests.nodes.person import Person
from tests.postgres import running
from web.app import create_app
from web.config import Settings
from web.db import people, sittings
from web.db.tables import SittingEvent
from web.now import wall_clock
from web.services import demo, gate, news, supervision
from web.services import exam as exams
from web.services.house import House

pytestmark = pytest.mark.slow

ITEMS = 64
PACE = 0.4
"""Seconds to think, so that a test lasts as long as what is done to the nodes."""


@dataclass
class Site:
    """Two nodes, a proxy before them, the news, and who is there."""

    first: Node
    second: Node
    proxy: Nginx
    house: House
    session: SessionId
    sittings: list[SittingId]
    cookies: list[str]

    def candidate(self, number: int, url: str = "") -> Person:
        """Somebody in mid-exam."""
        return Person(url or self.proxy.url, self.cookies[number])

    def stored(self, number: int) -> list[str]:
        """The ids of the answers that count, as the log has them."""
        answers = (
            select(SittingEvent.answer_id)
            .where(SittingEvent.sitting_id == self.sittings[number], SittingEvent.kind == Answered.kind)
            .order_by(SittingEvent.seq)
        )
        with self.house.db.read() as connection:
            return [str(found) for found in connection.execute(answers).scalars()]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Everything started once for these tests."""
    folder = tmp_path_factory.mktemp("nodes")
    with running() as postgres:
        url = postgres.create("palier")
        first, second = Node(folder / "first", url, linger=12), Node(folder / "second", url)
        settings = Settings(
            data=first.folder, database_url=url, release="demo", exposure_warm_up=0, secret_key=SecretStr(SECRET)
        )
        app = create_app(settings)
        house: House = app.extensions["palier"]
        house.db.upgrade()
        made = demo.prepare(house, folder / "demo.json", wall_clock())
        session = SessionId(made.session_id)
        with house.db.read() as connection:
            there = sittings.load_session(connection, session)
            proctor = people.with_login(connection, "surveillant")
        assert proctor is not None
        codes = {c.last_name.upper(): c.code for c in made.candidates}
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        for who in there:
            gate.check_in(house, who.id, wall_clock())
            supervision.authorise(house, proctor, who.id, True, wall_clock())
            gate.enter(house, who.id, codes[who.last_name.upper()], "device", wall_clock())
            exams.start(house, who.id, "device", wall_clock())
        cookies = [signer.dumps({"sitting": who.id, "device": "device"}) for who in there]
        with ExitStack() as ends:
            ends.callback(house.db.close)
            for node in (first, second):
                ends.callback(node.end)
            told = News(first.folder, url)
            ends.callback(told.stop)
            with ThreadPoolExecutor() as together:
                list(together.map(Node.start, (first, second)))
            ports = [(node.port, node.port, told.port) for node in (first, second)]
            proxy = ends.enter_context(before(folder / "nginx", ports))
            yield Site(first, second, proxy, house, session, [who.id for who in there], cookies)


@contextmanager
def answering(candidate: Person) -> Iterator[None]:
    """A candidate who goes on answering meanwhile."""
    enough = threading.Event()

    def go_on() -> None:
        while not enough.is_set() and len(candidate.recorded) < ITEMS - 1:
            candidate.answer()
            time.sleep(PACE)

    with ThreadPoolExecutor(1) as aside:
        going = aside.submit(go_on)
        try:
            yield
        finally:
            enough.set()
        going.result()


def told(site: Site) -> urllib.request.Request:
    with site.house.db.read() as connection:
        proctor = people.with_login(connection, "surveillant")
    assert proctor is not None
    return urllib.request.Request(
        f"{site.proxy.url}/nouvelles?billet={news.ticket(site.house, proctor, site.session, wall_clock())}"
    )


def test_a_candidate_answers_through_both_nodes_and_a_console_at_the_other_is_told_and_sees_it(site: Site) -> None:
    candidate = site.candidate(0)
    for n in range(4):
        if n % 2:
            candidate.get("/candidat/test")  # so that pages and answers do not take turns
        candidate.answer()
    posts = [line for line in site.proxy.log.splitlines() if '"/candidat/test/reponse"' in line]
    for node in (site.first, site.second):
        assert any(f"127.0.0.1:{node.port}" in line for line in posts), "both took answers"
    assert site.stored(0) == candidate.recorded
    console = Person(site.second.url)
    console.log_in("surveillant", demo.PASSWORD)
    state = f"/surveillance/{site.session}/etat"
    assert "4 sur 64" in console.get(state)[1].replace("\u00a0", " ")
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with urllib.request.urlopen(told(site), timeout=10, context=trusting) as stream:
        assert stream.readline() == b"event: alive\n"
        at_the_first = site.candidate(0, site.first.url)
        began = time.monotonic()
        at_the_first.answer()
        assert b"event: changed\n" in (stream.readline() for _ in range(8))
        assert time.monotonic() - began < 5
    assert "5 sur 64" in console.get(state)[1].replace("\u00a0", " ")
    assert candidate.faults == at_the_first.faults == []
    assert "billet" not in site.proxy.log, "a ticket is in no log"


def test_new_code_is_brought_in_without_a_candidate_noticing(site: Site) -> None:
    candidate = site.candidate(1)
    before = site.first.workers()
    with answering(candidate):
        time.sleep(0.5)
        site.first.replace_workers()
    assert not set(before) & set(site.first.workers())
    assert candidate.faults == []
    assert site.stored(1) == candidate.recorded
    assert len(candidate.recorded) > 5


def test_a_node_that_stops_says_so_first_and_one_that_is_killed_says_nothing_and_no_answer_is_lost(site: Site) -> None:
    candidate = site.candidate(2)
    with answering(candidate):
        time.sleep(0.5)
        told = site.second.stop()
        assert told == 503, "while it still answers"
        alone = len(candidate.recorded)
        site.second.start()
        site.second.kill()
        assert len(candidate.recorded) > alone, "the other node goes on"
        alone = len(candidate.recorded)
        time.sleep(1.5)
        assert len(candidate.recorded) > alone
    assert site.stored(2) == candidate.recorded, "each acknowledged answer once, and no other"
    assert candidate.faults == [], "nginx asked the other node, since an answer may be sent twice"
    site.second.start()


def test_styles_come_from_the_proxy_with_what_guards_them(site: Site) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with urllib.request.urlopen(f"{site.proxy.url}/static/palier.css", timeout=5, context=trusting) as style:
        assert style.headers["Content-Type"].startswith("text/css")
        assert style.headers["X-Content-Type-Options"] == "nosniff"
        assert style.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    with urllib.request.urlopen(f"{site.proxy.url}/candidat", timeout=5, context=trusting) as page:
        assert page.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
