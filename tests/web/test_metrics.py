"""The figures for Prometheus: they add up over real workers, and name nobody."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families as parsed

from tests.house.test_routes import routes
from tests.web.test_statements import statements
from tests.web.world import World
from web.app import create_app
from web.config import Settings
from web.db.database import Database
from web.errors import REFUSALS
from web.scrape import Day, Version
from web.services.house import House

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]
TOKEN = "a-token-for-the-test"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def run(*command: str, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, *command], env=environment, stdout=out, stderr=out)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def fetched(url: str, token: str = "") -> str:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return str(reply.read().decode())


def until(url: str, token: str = "") -> str:
    for _ in range(300):
        try:
            return fetched(url, token)
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {url}")


def figures(text: str) -> Figures:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in parsed(text)
        for sample in family.samples
    }


def count(found: Figures, name: str, **labels: str) -> float:
    wanted = set(labels.items())
    return sum(value for (known, of_it), value in found.items() if known == name and wanted <= of_it)


@pytest.mark.slow
def test_figures_add_up_over_real_workers_and_outlive_one_that_is_killed(tmp_path: Path):
    made = create_app(Settings(data=tmp_path, database_url="", release="demo", exposure_warm_up=0))
    made.extensions["palier"].db.upgrade()
    made.extensions["palier"].db.close()
    port, exporter = free_port(), free_port()
    environment = os.environ | {
        "PALIER_DATA": str(tmp_path),
        "PALIER_RELEASE": "demo",
        "PALIER_EXPOSURE_WARM_UP": "0",
        "PALIER_METRICS_DIR": str(tmp_path / "figures"),
        "PALIER_METRICS_TOKEN": TOKEN,
        "PORT": str(port),
        "WEB_CONCURRENCY": "2",
    }
    left = tmp_path / "figures" / f"gunicorn-{port}"
    left.mkdir(parents=True)
    (left / "counter_1.db").write_bytes(b"of a process that is long gone")
    gunicorn = ("-m", "gunicorn", "-c", "web/gunicorn.conf.py", "web.wsgi:app")
    metrics = ("-c", "from web.cli import main; main()", "metrics", "--port", str(exporter))
    site, scrape = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{exporter}/metrics"
    with (
        run(*gunicorn, environment=environment, log=tmp_path / "gunicorn.log"),
        run(*metrics, environment=environment, log=tmp_path / "metrics.log"),
    ):
        until(f"{site}/connexion")
        until(scrape, TOKEN)
        with pytest.raises(urllib.error.HTTPError, match="401"):
            fetched(scrape)
        with pytest.raises(urllib.error.HTTPError, match="401"):
            fetched(scrape, "another")
        asked = {"route": "/connexion", "method": "GET", "status": "2xx"}
        before = count(figures(fetched(scrape, TOKEN)), "palier_request_seconds_count", **asked)
        workers = set()
        for _ in range(200):
            fetched(f"{site}/connexion")
            workers = {p.stem.split("_")[1] for p in left.glob("histogram_*.db")}
        assert len(workers) == 2, "both workers have answered"
        found = figures(fetched(scrape, TOKEN))
        assert count(found, "palier_request_seconds_count", **asked) == before + 200
        assert count(found, "palier_request_seconds_bucket", le="+Inf", **asked) == before + 200

        victim = int(min(workers))
        assert list(left.glob(f"gauge_live*_{victim}.db"))
        os.kill(victim, signal.SIGKILL)
        for _ in range(200):
            if not list(left.glob(f"gauge_live*_{victim}.db")):
                break
            time.sleep(0.1)
        assert not list(left.glob(f"gauge_live*_{victim}.db")), "the hook of gunicorn cleans up"
        for _ in range(50):
            until(f"{site}/connexion")
        found = figures(fetched(scrape, TOKEN))
        assert count(found, "palier_request_seconds_count", **asked) == before + 250
        assert count(found, "palier_requests_in_flight") == 0
        assert count(found, "palier_database_up") == 1
        names(found)


def test_no_label_tells_who_or_where(app: Flask, world: World):
    world.start(world.camille)
    browser = world.running(world.anne_lise)
    with app.test_request_context():
        build = app.url_map.bind("localhost").build
        paths = [build(rule.endpoint, dict.fromkeys(rule.arguments, world.session)) for rule in routes(app)]
    for path in paths:
        browser.get(path, expect=0)
    world.staff("surveillant").get(f"/surveillance/{world.session}")
    browser.post("/candidat/test/reponse", {"item": world.session, "answer_id": world.camille.sitting}, expect=0)
    collectors = (REGISTRY, Day(world.house, world.clock), Version("1", "demo", "2023"))
    found = figures("\n".join(generate_latest(c).decode() for c in collectors))  # type: ignore[arg-type]
    found = {key: value for key, value in found.items() if key[0].startswith("palier_")}
    names(found)
    known = {rule.rule for rule in routes(app)} | {"none"}
    assert {value for _, labels in found for name, value in labels if name == "route"} <= known
    assert {value for _, labels in found for name, value in labels if name == "code"} <= set(REFUSALS)
    everything = repr(found)
    for seat in (world.camille, world.anne_lise):
        for secret in (seat.last_name, seat.first_name, seat.sitting, world.session, seat.session_code):
            assert secret not in everything


def test_answers_are_counted_by_what_became_of_them(world: World):
    def so_far(outcome: str) -> float:
        return REGISTRY.get_sample_value("palier_answers_total", {"outcome": outcome}) or 0.0

    browser = world.running(world.camille)
    before = {outcome: so_far(outcome) for outcome in ("recorded", "replayed", "not_on_screen")}
    page = browser.get("/candidat/test")
    writer = next(e.get("value") for e in page.root.all("input") if e.get("name") == "page")
    item, once, again = world.on_screen(world.camille).id, str(uuid.uuid4()), str(uuid.uuid4())
    for answer_id in (once, once, again):
        fields = {"item": item, "answer_id": answer_id, "action": "passer", "page": writer}
        browser.post("/candidat/test/reponse", fields, expect=0, token=page.token)
    assert {outcome: so_far(outcome) - n for outcome, n in before.items()} == dict.fromkeys(before, 1.0)


def test_figures_of_the_day_are_asked_of_the_database_once_in_five_seconds(world: World):
    day = Day(world.house, world.clock)
    with statements(world) as sent:
        list(day.collect())
        once = len(sent)
        list(day.collect())
        assert len(sent) == once <= 12
        world.clock.forward(seconds=6)
        list(day.collect())
    assert len(sent) == 2 * once


def test_without_a_database_the_figures_say_so(tmp_path: Path, world: World):
    gone = House(Database(f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite'}"), world.house.catalogue, "")
    (up,) = Day(gone, world.clock).collect()
    assert [(s.name, s.value) for s in up.samples] == [("palier_database_up", 0)]
    gone.db.close()


def names(found: Figures) -> None:
    """Nothing that is told of a figure can name a person, a sitting, a session or an address."""
    allowed = {
        "route", "method", "status", "le", "outcome", "code", "exception", "state", "blocking", "version", "release",
        "rules",
    }  # fmt: skip
    assert len(found) > 40
    for _, labels in found:
        assert {name for name, _ in labels} <= allowed
        for _, value in labels:
            assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|@|\?", value), value
