"""The remote view with real pictures: Chromium's fake camera and screen travel from browser to browser."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import People, _free_port, _wait_for
from web.app import create_app
from web.config import ROOT, Settings
from web.now import wall_clock
from web.services import demo

pytestmark = pytest.mark.browser

SEEN = 10  # pictures that must have come in
IN_TIME = 20_000


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


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Far]:
    """The demo, at a distance."""
    house = create_app(Settings(data=tmp_path, release="demo", exposure_warm_up=0)).extensions["palier"]
    house.db.upgrade()
    seats = demo.prepare(house, tmp_path / "demo.json", wall_clock())
    with house.db.write() as connection:
        connection.exec_driver_sql("UPDATE exam_session SET mode = 'remote'")
    house.db.close()
    made = Far(tmp_path, seats, _free_port())
    made.start()
    try:
        yield made
    finally:
        made.stop()
    told = (tmp_path / "gunicorn.log").read_text()
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


def show_oneself(page: Page) -> Page:
    """Open the window, look at oneself, share the screen, agree; the window comes back."""
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Ouvrir la fenêtre").click()
    window = opened.value
    window.on("dialog", lambda dialog: dialog.accept())  # the window asks before it goes
    expect(window.locator("[data-part=camera-state]")).to_have_text("Visible")
    window.get_by_role("button", name="Partager mon écran").click()
    expect(window.locator("[data-part=screen-state]")).to_have_text("Visible")
    window.get_by_role("button", name="Montrer à mon surveillant").click()
    expect(window.get_by_text("Gardez cette fenêtre ouverte")).to_be_visible()
    return window


def open_wall(crowd: People, far: Far, login: str = "surveillant") -> Page:
    """A proctor before the wall."""
    proctor = crowd.staff(login, viewport={"width": 1366, "height": 768})
    proctor.goto(f"/surveillance/{far.seats.session_id}/vue")
    return proctor


def tile(wall: Page, name: str) -> Any:
    """The tile of a candidate."""
    return wall.locator(f".tile[data-name^='{name}']")


def sees(wall: Page, name: str) -> None:
    """Pictures of camera and screen and packets of sound go on coming in, and the camera's picture is not blank."""
    there = tile(wall, name)
    expect(there.locator("[data-part=standing]")).to_have_text("En direct", timeout=IN_TIME)
    before = _counts(there)
    for what in ("frames", "screenFrames", "audioPackets"):
        there.evaluate(
            """(tile, [what, more]) => new Promise((done) => {
                const look = () => Number(tile.dataset[what]) > more ? done() : setTimeout(look, 50);
                look();
            })""",
            [what, before[what] + (SEEN if what != "screenFrames" else 1)],
        )
    for what in ("camera", "screen"):
        assert _spread(there, what) > 20, f"{name}: the {what} is blank"


def _counts(there: Any) -> dict[str, int]:
    counts = there.evaluate("tile => [tile.dataset.frames, tile.dataset.screenFrames, tile.dataset.audioPackets]")
    return dict(zip(("frames", "screenFrames", "audioPackets"), map(int, counts), strict=True))


def _spread(there: Any, what: str) -> float:
    """The variance of grey of what a video shows."""
    return float(
        there.locator(f"video[data-part={what}]").evaluate(
            """(video) => {
                const canvas = document.createElement("canvas");
                canvas.width = 64; canvas.height = 48;
                const pen = canvas.getContext("2d");
                pen.drawImage(video, 0, 0, 64, 48);
                const grey = [];
                const { data } = pen.getImageData(0, 0, 64, 48);
                for (let i = 0; i < data.length; i += 4) grey.push((data[i] + data[i + 1] + data[i + 2]) / 3);
                const mean = grey.reduce((a, b) => a + b, 0) / grey.length;
                return grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length;
            }"""
        )
    )


def test_two_consoles_see_and_hear_two_candidates(far: Far, crowd: People) -> None:
    walls = [open_wall(crowd, far), open_wall(crowd, far)]
    camille = arrive(crowd, far)
    window = show_oneself(camille)
    for wall in walls:
        sees(wall, "MOREAU")
    expect(window.locator("[data-part=seen]")).to_have_text("Paul Keller vous voit en ce moment")
