"""A real gunicorn on a fresh database, and a real Chromium."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engine.items.release import Release
from tests.browser.chromium import HELP, find
from web.app import create_app
from web.config import ROOT, Settings
from web.now import wall_clock
from web.services import demo

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera, a microphone and a screen that are not there, granted without a question.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

expect.set_options(timeout=15_000)  # machines that run tests are busy


@dataclass(frozen=True)
class Site:
    """A running Palier with the demo's people and session."""

    url: str
    seats: demo.Demo
    release: Release
    folder: Path


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The Chromium that was found, with the flags that a closed network needs."""
    path = find()
    assert path, HELP
    return {"executable_path": path, "args": FLAGS, "headless": True}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The demo's people and session, which nobody serves: each test gets a copy."""
    folder = tmp_path_factory.mktemp("demo")
    house = create_app(Settings(data=folder, release="demo", exposure_warm_up=0)).extensions["palier"]
    house.db.upgrade()
    seats = demo.prepare(house, folder / "demo.json", wall_clock())
    house.db.close()
    return Site("", seats, house.catalogue.named_release, folder)


@pytest.fixture
def site(tmp_path: Path, prepared: Site) -> Iterator[Site]:
    """Palier served by gunicorn, two workers, on a free port."""
    shutil.copytree(prepared.folder, tmp_path, dirs_exist_ok=True)
    with serving(tmp_path) as url:
        yield replace(prepared, url=url, folder=tmp_path)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Gunicorn on what is in a folder, two workers, on a free port; nothing may go wrong in it."""
    port = _free_port()
    environment = os.environ | {
        "PALIER_DATA": str(folder),
        "PALIER_RELEASE": "demo",
        "PALIER_ENVIRONMENT": "demo",
        "PALIER_EXPOSURE_WARM_UP": "0",
        "PORT": str(port),
    }
    log = (folder / "gunicorn.log").open("w")
    command = [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "web.wsgi:app"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/", server, folder / "gunicorn.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
        log.close()
    assert '"bug"' not in (told := (folder / "gunicorn.log").read_text()), told
    assert "Traceback" not in told, told


class People:
    """Browser contexts, one a person; whatever a page's console says is an error of ours."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def somebody(self, **options: Any) -> Page:
        """A person with a browser of their own."""
        context = self._browser.new_context(base_url=self._url, locale="fr-FR", **options)
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type == "error" and "Failed to load resource" not in message.text
                else None
            ),
        )
        return page

    def staff(self, login: str, **options: Any) -> Page:
        """A person who is logged in."""
        page = self.somebody(**options)
        page.goto("/connexion")
        page.get_by_label("Identifiant").fill(login)
        page.get_by_label("Mot de passe").fill(demo.PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        return page

    def leave(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()


@pytest.fixture
def people(browser: Browser, site: Site) -> Iterator[People]:
    """The people at the site."""
    there = People(browser, site.url)
    yield there
    there.leave()
    assert not there.complaints, json.dumps(there.complaints, ensure_ascii=False, indent=1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"gunicorn does not answer: {log.read_text()}")
