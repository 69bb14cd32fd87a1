"""What a candidate shows in the window of the view, and what comes to a proctor's wall: pictures, screens, sound."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

ENOUGH = {"frames": 10, "screenFrames": 2, "audioPackets": 20}  # that must come in anew
IN_TIME = 45_000  # machines that run tests are busy


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


def tile(wall: Page, name: str) -> Any:
    """The tile of a candidate."""
    return wall.locator(f".tile[data-name^='{name}']")


def sees(wall: Page, name: str) -> None:
    """Pictures of camera and screen and packets of sound go on coming in, and none of the pictures is blank."""
    there = tile(wall, name)
    expect(there.locator("[data-part=standing]")).to_have_text("En direct", timeout=IN_TIME)
    come = dict.fromkeys(ENOUGH, 0)
    before = counts(there)

    def enough() -> bool:
        now = counts(there)
        for what in ENOUGH:
            come[what] += max(0, now[what] - before[what])  # a new connection counts from nought
        before.update(now)
        return all(come[what] >= n for what, n in ENOUGH.items())

    until(wall, enough, lambda: f"{name}: too little came in: {come}")
    for what in ("camera", "screen"):
        until(wall, lambda what=what: _spread(there, what) > 20, lambda what=what: f"{name}: the {what} is blank")


def until(page: Page, holds: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Look again and again; the page goes on meanwhile."""
    end = time.monotonic() + IN_TIME / 1000
    while not holds():
        assert time.monotonic() < end, otherwise()
        page.wait_for_timeout(200)


def counts(there: Any) -> dict[str, int]:
    """What has come in to a tile so far."""
    found = there.evaluate("tile => [tile.dataset.frames, tile.dataset.screenFrames, tile.dataset.audioPackets]")
    return dict(zip(("frames", "screenFrames", "audioPackets"), map(int, found), strict=True))


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
