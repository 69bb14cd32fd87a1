"""How long it takes from an event to the proctor's screen: `python -m tests.bench.console_delay [SIZES…]`.

A real server, a session of candidates in mid-exam whose pages give signs of life, and a console that asks as
`web/static/js/poll.js` does. Events come at random times; what is measured is the time from the moment at which an
event begins to be stored until the console has the page that shows it. Then, for sessions of several sizes, what an
unchanged console costs the server, beside a console that replays every log at every look.
"""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.web.browser import Browser
from tests.web.stores import Files
from tests.web.world import PASSWORD, Clock, Seat, World, prepare
from web.app import create_app
from web.config import ROOT, Settings
from web.db import sittings as sitting_rows
from web.now import wall_clock
from web.services import alert_settling, alerts, connectivity, exam, facts, messages

CANDIDATES = 30
EVENTS = 60
EVERY = 1.0
"""Seconds between two looks of a console, give or take a tenth: as poll.js."""


def a_world(folder: Path, candidates: int, answered: int) -> tuple[World, list[Seat]]:
    """A session of so many candidates who have answered so many questions."""
    clock = Clock()
    app = create_app(Settings(data=folder, release="demo", exposure_warm_up=0), now=clock)
    house = app.extensions["palier"]
    house.db.upgrade()
    template = prepare(house, folder)
    (folder / "world").mkdir()
    world = World(app, clock, template, Files(template.path), folder / "world")
    clock.now = wall_clock()
    seats = [world.enrolled(f"Candidat {n:03}") for n in range(candidates)]
    for seat in seats:
        world.start(seat)
        for n in range(answered):
            item = world.sitting(seat).on_screen
            assert item is not None
            exam.answer(house, seat.sitting, item, None, str(uuid.UUID(int=n)), "device", clock())
    return world, seats


def delays() -> list[float]:
    """Seconds from an event to the screen, sorted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world, seats = a_world(folder, CANDIDATES, 20)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = os.environ | {
            "PALIER_DATA": name,
            "PALIER_DATABASE_URL": world.url,
            "PALIER_RELEASE": "demo",
            "PALIER_EXPOSURE_WARM_UP": "0",
            "PORT": str(port),
        }
        command = [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "web.wsgi:app"]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            try:
                return _measured(world, seats, f"http://127.0.0.1:{port}")
            finally:
                server.terminate()
                server.wait(20)


def _measured(world: World, seats: list[Seat], base: str) -> list[float]:
    stop = threading.Event()
    log_in = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), _NoRedirect())
    _until_it_answers(base)
    page = log_in.open(f"{base}/connexion").read().decode()
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    fields = {"login": "surveillant", "password": PASSWORD, "csrf_token": token}
    try:
        log_in.open(f"{base}/connexion", urllib.parse.urlencode(fields).encode())
    except urllib.error.HTTPError as moved:
        if moved.code != 303:
            raise
    seen: list[tuple[float, str]] = []

    def console() -> None:
        etag = ""
        while not stop.is_set():
            request = urllib.request.Request(f"{base}/surveillance/{world.session}/etat")
            if etag:
                request.add_header("If-None-Match", etag)
            try:
                with log_in.open(request) as reply:
                    etag = reply.headers["ETag"]
                    seen.append((time.perf_counter(), reply.read().decode()))
            except urllib.error.HTTPError as same:
                if same.code != 304:
                    raise
            time.sleep(EVERY * (0.9 + 0.2 * random.random()))

    def pages() -> None:
        while not stop.is_set():
            for seat in seats:
                connectivity.sign_of_life(world.house, seat.sitting, wall_clock())
                time.sleep(10 / len(seats))

    threads = [threading.Thread(target=console), threading.Thread(target=pages)]
    for thread in threads:
        thread.start()
    time.sleep(12)  # everybody has been heard of
    found = []
    for n in range(EVENTS):
        time.sleep(random.uniform(0.2, 2.2))
        seat = seats[n % len(seats)]
        began = time.perf_counter()
        mark = _event(world, seat, n)
        while not (shown := [at for at, html in seen if at > began and mark(html)]):
            time.sleep(0.005)
            assert time.perf_counter() - began < 10, f"event {n} is not shown"
        found.append(shown[0] - began)
    stop.set()
    for thread in threads:
        thread.join()
    return sorted(found)


def _event(world: World, seat: Seat, n: int) -> Callable[[str], bool]:
    """Something happens; how to see it on the page."""
    now = wall_clock()
    match n % 4:
        case 0:
            word = f"mot-{n}"
            item = world.sitting(seat).on_screen
            assert item is not None
            alerts.raise_alert(world.house, seat.sitting, item, "file", word, "device", now)
            return lambda html: word in html
        case 1:
            word = f"aide-{n}"
            messages.ask_for_help(world.house, seat.sitting, word, now)
            return lambda html: word in html
        case 2:
            facts.tell(world.house, seat.sitting, "camera_lost", now)
            return lambda html: seat.sitting in html and "Caméra coupée" in _row(html, seat)
        case _:
            if world.sitting(seat).alert:
                alert_settling.refuse(world.house, world.person("surveillant"), seat.sitting, "x", now)
            item = world.sitting(seat).on_screen
            assert item is not None
            answered = len(world.sitting(seat).answers) + 1
            exam.answer(world.house, seat.sitting, item, None, str(uuid.uuid4()), "device", now)
            return lambda html: f"{answered} sur 64" in _row(html, seat).replace("\u00a0", " ")


def _row(html: str, seat: Seat) -> str:
    return html.split(f'<tr data-key="{seat.sitting}"')[1].split("</tr>")[0]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _until_it_answers(base: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(base, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def costs(candidates: int, answered: int = 12, times: int = 30) -> dict[str, float]:
    """Milliseconds of processor for a look at an unchanged console, and for reading every log instead."""
    with tempfile.TemporaryDirectory() as name:
        world, _ = a_world(Path(name), candidates, answered)
        browser: Browser = world.staff("surveillant")
        address = f"/surveillance/{world.session}/etat"
        reply = browser.client.get(address)
        headers = {"If-None-Match": reply.headers["ETag"]}

        def unchanged() -> None:
            assert browser.client.get(address, headers=headers).status_code == 304

        def rendered() -> None:
            assert browser.client.get(address).status_code == 200

        def every_log() -> None:
            with world.house.db.read() as connection:
                sitting_rows.load_session(connection, world.session)

        return {what.__name__: _milliseconds(what, times) for what in (unchanged, rendered, every_log)}


def _milliseconds(what: Callable[[], None], times: int) -> float:
    what()
    taken = []
    for _ in range(times):
        began = time.process_time()  # a busy machine makes others wait, not this count
        what()
        taken.append(time.process_time() - began)
    return round(1000 * float(np.median(taken)), 1)


def main() -> None:
    """Measure, and print as JSON."""
    sizes = [int(n) for n in sys.argv[1:]] or [9, 30, 200]
    found = delays()
    seconds = {f"p{p}": round(float(np.percentile(found, p)), 2) for p in (50, 95, 100)}
    print(json.dumps({"candidates": CANDIDATES, "events": EVENTS, "seconds": seconds}))
    for candidates in sizes:
        print(json.dumps({"candidates": candidates, "milliseconds": costs(candidates)}))


if __name__ == "__main__":
    main()
