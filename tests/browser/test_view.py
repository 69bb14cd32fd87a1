"""The remote view with real pictures: Chromium's fake camera and screen travel from browser to browser."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Cookie, Page, Route, expect

from engine.items.frameworks import Level, Track
from engine.kernel import SessionId
from tests.browser.axe import axe
from tests.browser.conftest import People, _free_port, _wait_for
from tests.browser.viewing import IN_TIME, counts, sees, show_oneself, tile, until
from tests.web.sql import sql
from web.app import create_app
from web.config import ROOT, Settings
from web.db import people as people_rows
from web.now import wall_clock
from web.services import demo, enrolment
from web.services.enrolment import NewCandidate

pytestmark = pytest.mark.browser


@dataclass
class Far:
    """A running Palier whose demo session is remote; it can be stopped and started again."""

    folder: Path
    seats: demo.Demo
    port: int
    server: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve with gunicorn, two workers."""
        environment = os.environ | {
            "PALIER_DATA": str(self.folder),
            "PALIER_RELEASE": "demo",
            "PALIER_ENVIRONMENT": "demo",
            "PALIER_EXPOSURE_WARM_UP": "0",
            "PORT": str(self.port),
        }
        with (self.folder / "gunicorn.log").open("a") as log:
            command = [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "web.wsgi:app"]
            self.server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        _wait_for(self.url, self.server, self.folder / "gunicorn.log")

    def stop(self) -> None:
        """No more answers."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(20)
            self.server = None


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    """The demo, at a distance, with a fourth candidate: served once, each test has candidates of its own."""
    folder = tmp_path_factory.mktemp("far")
    house = create_app(Settings(data=folder, release="demo", exposure_warm_up=0)).extensions["palier"]
    house.db.upgrade()
    seats = demo.prepare(house, folder / "demo.json", wall_clock())
    with house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET mode = 'remote'")
    with house.db.read() as connection:
        manager = people_rows.with_login(connection, "centre")
    assert manager is not None
    more = NewCandidate(
        "Dubois", "Maëlle", date(1988, 5, 9), "m@exemple.fr", Track.FIRST_DEGREE, Level.EXPERT, False, 0
    )
    code = enrolment.enrol(house, manager, SessionId(seats.session_id), more, wall_clock()).code
    house.db.close()
    maelle = demo.DemoCandidate(more.last_name, more.first_name, "09/05/1988", code)
    made = Far(folder, replace(seats, candidates=(*seats.candidates, maelle)), _free_port())
    made.start()
    try:
        yield made
    finally:
        made.stop()
    told = (folder / "gunicorn.log").read_text()
    assert '"bug"' not in told, told
    assert "Traceback" not in told, told


@pytest.fixture
def crowd(browser: Browser, far: Far) -> Iterator[People]:
    """The people of the session."""
    there = People(browser, far.url)
    yield there
    there.leave()
    assert not there.complaints, there.complaints


def arrive(crowd: People, far: Far, number: int = 0) -> Page:
    """A candidate who has read the instructions, before the page that asks for the view."""
    seat = far.seats.candidates[number]
    page = crowd.somebody()
    page.goto("/candidat")
    page.get_by_label("Nom", exact=True).fill(seat.last_name)
    page.get_by_label("Prénom").fill(seat.first_name)
    page.get_by_label("Date de naissance").fill(seat.birth_date)
    page.get_by_label("Code de session").fill(far.seats.session_code)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="J'ai lu les consignes").click()
    expect(page.get_by_role("heading", name="Votre surveillant vous voit à distance")).to_be_visible()
    return page


def open_wall(crowd: People, far: Far, login: str = "surveillant") -> Page:
    """A proctor before the wall."""
    proctor = crowd.staff(login, viewport={"width": 1366, "height": 768})
    proctor.goto(f"/surveillance/{far.seats.session_id}/vue")
    return proctor


def test_two_consoles_see_and_hear_two_candidates(far: Far, crowd: People) -> None:
    camille, idriss, anne_lise = (arrive(crowd, far, number) for number in range(3))
    windows = [show_oneself(camille), show_oneself(idriss)]
    anne_lise.get_by_text("Je ne peux pas ou ne veux pas être vu").click()
    anne_lise.get_by_role("button", name="Continuer sans la vue").click()
    expect(anne_lise.get_by_role("heading", name="Salle d'attente")).to_be_visible()

    walls = [open_wall(crowd, far), open_wall(crowd, far)]
    for wall in walls:
        for name in ("MOREAU", "BENALI"):
            sees(wall, name)
        expect(tile(wall, "LE GOFF").locator("[data-part=standing]")).to_have_text("Vue refusée")
    for window in windows:
        expect(window.locator("[data-part=seen]")).to_have_text("Paul Keller vous voit en ce moment")

    # One candidate is heard at a time, and there is something to hear.
    wall = walls[0]
    assert all(muted(wall))
    for name in ("BENALI", "MOREAU"):
        tile(wall, name).get_by_role("button", name="Écouter").click()
        assert muted(wall).count(False) == 1
        expect(tile(wall, name).locator("video[data-part=camera]")).to_have_js_property("muted", False)
    level = tile(wall, "MOREAU").locator("meter")
    until(wall, lambda: level.evaluate("meter => meter.value") > 0, lambda: "nothing is heard")
    tile(wall, "MOREAU").get_by_role("button", name="Couper").click()
    assert all(muted(wall))

    # Enlarged, the screen comes sharper; the keyboard is enough.
    pane = tile(wall, "MOREAU").get_by_role("button", name="Agrandir l'écran")
    small = tile(wall, "MOREAU").locator("video[data-part=screen]").evaluate("video => video.videoWidth")
    pane.press("Enter")
    large = wall.get_by_role("dialog")
    expect(large.get_by_role("heading")).to_have_text("MOREAU Camille")
    sharp = large.locator("video")
    until(wall, lambda: sharp.evaluate("video => video.videoWidth") >= 2 * small, lambda: "the screen is not sharper")
    wall.keyboard.press("ArrowLeft")
    expect(large.get_by_role("heading")).to_have_text("LE GOFF Anne-Lise")
    wall.keyboard.press("Escape")
    expect(large).to_be_hidden()
    is_accessible(wall)
    is_accessible(windows[0])

    # A track that ends is told on the wall as what it is; taken up again, it is there again.
    windows[0].locator("video[data-part=screen]").evaluate("video => video.srcObject.getTracks()[0].stop()")
    expect(tile(wall, "MOREAU").get_by_text("Partage d'écran arrêté").first).to_be_visible(timeout=IN_TIME)
    windows[1].locator("video[data-part=camera]").evaluate("video => video.srcObject.getTracks()[0].stop()")
    expect(tile(wall, "BENALI").get_by_text("Caméra coupée").first).to_be_visible(timeout=IN_TIME)
    expect(tile(wall, "BENALI").locator("video[data-part=camera]")).to_be_hidden()
    expect(camille.get_by_text("mais il manque : l'écran")).to_be_visible()
    windows[0].get_by_role("button", name="Partager mon écran").click()
    windows[1].get_by_role("button", name="Réessayer la caméra").click()
    for name in ("MOREAU", "BENALI"):
        expect(tile(wall, name).locator("[data-part=troubles] .tag")).to_have_count(0, timeout=IN_TIME)
        sees(wall, name)

    # The page on which a proctor acts for a candidate shows them too.
    walls[1].get_by_role("link", name="MOREAU Camille").click()
    expect(walls[1].get_by_role("heading", level=1)).to_have_text("MOREAU Camille")
    sees(walls[1], "MOREAU")

    # Stopped by the candidate, it is over at once.
    windows[1].get_by_text("Arrêter la vue").first.click()
    windows[1].get_by_role("button", name="Arrêter la vue").click()
    expect(windows[1].get_by_role("heading", name="La vue est arrêtée")).to_be_visible()
    expect(tile(wall, "BENALI").locator("[data-part=standing]")).to_have_text("Vue refusée", timeout=IN_TIME)

    # Declined on another page, the window goes dark by itself.
    camille.evaluate(
        """() => {
            const form = new FormData(document.querySelector("form[action='/candidat/vue/accord']"));
            return fetch("/candidat/vue/accord", { method: "POST", body: form });
        }"""
    )
    expect(windows[0].get_by_role("heading", name="La vue est arrêtée")).to_be_visible(timeout=IN_TIME)
    assert windows[0].locator("video").evaluate_all("videos => videos.every(video => !video.srcObject)")
    expect(tile(wall, "MOREAU").locator("[data-part=standing]")).to_have_text("Vue refusée", timeout=IN_TIME)


def test_the_view_comes_back_after_any_cut_and_outlives_the_pages_of_the_test(far: Far, crowd: People) -> None:
    page = arrive(crowd, far, 3)
    page.context.add_init_script(KEEP_CONNECTIONS)
    window = show_oneself(page)
    page.get_by_role("link", name="Continuer vers la salle d'attente").click()
    wall = open_wall(crowd, far)
    sees(wall, "DUBOIS")

    # The connection breaks on one side without a word to the other.
    window.evaluate("connections.at(-1).close()")
    expect(tile(wall, "DUBOIS").locator("[data-part=standing]")).not_to_have_text("En direct", timeout=IN_TIME)
    sees(wall, "DUBOIS")

    # Pictures stop coming although the window says that its camera runs: that is told, and mended.
    window.evaluate("connections.at(-1).getSenders()[0].replaceTrack(null)")
    expect(tile(wall, "DUBOIS").locator("[data-part=standing]")).to_have_text("Image figée", timeout=IN_TIME)
    sees(wall, "DUBOIS")

    # The server goes away and comes back: who is seen stays seen, and a new console finds them afterwards.
    far.stop()
    before = counts(tile(wall, "DUBOIS"))["frames"]
    expect(window.get_by_text("La connexion avec le serveur est coupée")).to_be_visible(timeout=IN_TIME)
    sees(wall, "DUBOIS")
    assert counts(tile(wall, "DUBOIS"))["frames"] > before
    far.start()
    wall.reload()
    sees(wall, "DUBOIS")

    # The candidate goes through pages; the pictures do not stop, and the connection is the same.
    connections = window.evaluate("connections.length")
    before_the_code = page.context.cookies()
    take_the_test(page, wall, far)

    # A trip of the window set out before the code gave the browser its new name, and comes in after it: nothing stops.
    with under_an_old_name(window, before_the_code) as refused:
        until(window, lambda: len(refused) >= 2, lambda: f"{refused}: no trip of the window was made to come late")
    assert set(refused) == {403}
    expect(window.get_by_text("Gardez cette fenêtre ouverte")).to_be_visible()
    for _ in range(3):
        number = page.locator(".count").inner_text()
        page.get_by_role("button", name="Je passe").click()
        expect(page.locator(".count")).not_to_have_text(number)
    page.reload()
    wall.goto(f"/surveillance/{far.seats.session_id}/vue")
    sees(wall, "DUBOIS")
    assert window.evaluate("connections.length") == connections + 1, "one more, for the new page of the wall"
    expect(page.locator(".view-watch .message:visible")).to_have_count(0)

    # The test goes on under another name for good: the window shows nothing any longer, until the person wants to.
    with under_an_old_name(window, before_the_code):
        expect(window.get_by_role("heading", name="La vue est arrêtée")).to_be_visible(timeout=IN_TIME)
    assert window.locator("video").evaluate_all("videos => videos.every(video => !video.srcObject)")
    window.get_by_role("button", name="Reprendre").click()
    expect(window.locator("[data-part=camera-state]")).to_have_text("Visible")
    window.get_by_role("button", name="Partager mon écran").click()
    expect(window.locator("[data-part=screen-state]")).to_have_text("Visible")
    window.get_by_role("button", name="Montrer à mon surveillant").click()
    sees(wall, "DUBOIS")

    # The window is reloaded: camera and sound return by themselves, the screen with one click.
    window.reload()
    expect(tile(wall, "DUBOIS").get_by_text("Partage d'écran arrêté").first).to_be_visible(timeout=IN_TIME)
    expect(page.get_by_text("Votre surveillant ne reçoit plus : l'écran")).to_be_visible()
    window.get_by_role("button", name="Partager mon écran").click()
    sees(wall, "DUBOIS")

    # The window is closed: the page of the test says so, calmly, with a button; so does the wall.
    window.close(run_before_unload=True)
    expect(tile(wall, "DUBOIS").locator("[data-part=standing]")).to_have_text("Fenêtre fermée", timeout=IN_TIME)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="La rouvrir").click(timeout=IN_TIME)
    window = opened.value
    window.get_by_role("button", name="Partager mon écran").click()
    sees(wall, "DUBOIS")
    expect(page.locator(".view-watch .message:visible")).to_have_count(0, timeout=IN_TIME)

    # With the test everything goes out.
    page.get_by_role("link", name="Terminer le test").click()
    page.get_by_role("button", name="Terminer").click()
    expect(window.get_by_role("heading", name="C'est terminé")).to_be_visible(timeout=IN_TIME)
    assert window.locator("video").evaluate_all("videos => videos.every(video => !video.srcObject)")
    expect(tile(wall, "DUBOIS").locator("[data-part=standing]")).to_have_text("Terminé", timeout=IN_TIME)
    expect(tile(wall, "DUBOIS").locator("video[data-part=camera]")).to_be_hidden()
    assert letters(far) == set(), "every description and every address was fetched and deleted"


KEEP_CONNECTIONS = """
    window.connections = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...how) { super(...how); connections.push(this); }
    };
"""


@contextlib.contextmanager
def under_an_old_name(window: Page, cookies: list[Cookie]) -> Iterator[list[int]]:
    """Trips of the window reach the server with cookies that it had before; how each was answered."""
    old = "; ".join(f"{cookie.get('name')}={cookie.get('value')}" for cookie in cookies)
    statuses: list[int] = []

    def late(route: Route) -> None:
        reply = route.fetch(headers={**route.request.headers, "cookie": old})
        statuses.append(reply.status)
        route.fulfill(response=reply)

    window.route("**/vue/echange", late)
    try:
        yield statuses
    finally:
        window.unroute("**/vue/echange", late)


def take_the_test(page: Page, wall: Page, far: Far) -> None:
    """The proctor lets the candidate in, and the test begins."""
    wall.goto(f"/surveillance/{far.seats.session_id}")
    row = wall.locator("tr", has_text="DUBOIS")
    row.get_by_label("Identité vérifiée").check()
    row.get_by_role("button", name="Autoriser").click()
    page.get_by_label("Code personnel").fill(far.seats.candidates[3].code)
    page.get_by_role("button", name="Entrer").click()
    page.get_by_role("button", name="Commencer le test").click()
    expect(page.locator("#reply")).to_be_visible()


def muted(wall: Page) -> list[bool]:
    """Which tiles are silent."""
    return list(wall.locator("video[data-part=camera]").evaluate_all("videos => videos.map(video => video.muted)"))


def letters(far: Far) -> set[str]:
    """What the server still has of descriptions and addresses; greetings to pages that are gone carry none."""
    with contextlib.closing(sqlite3.connect(far.folder / "palier.sqlite")) as database:
        return {
            row[0]
            for row in database.execute("SELECT data FROM signal WHERE data LIKE '%sdp%' OR data LIKE '%candidate%'")
        }


def is_accessible(page: Page) -> None:
    """Axe finds nothing."""
    found = axe(page)
    assert found.violations_count == 0, found.generate_report()
