"""A node: one gunicorn with a data folder of its own, as a process that can be stopped, replaced and killed."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.nodes.nginx import free_port
from web.config import ROOT

SECRET = "the-same-secret-on-every-node-of-an-installation"


class Node:
    """Everything that differs between two nodes is here: folder and port."""

    def __init__(self, folder: Path, database_url: str, workers: int = 2, linger: float = 1, **more: str) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | {
            "PALIER_DATA": str(folder),
            "PALIER_DATABASE_URL": database_url,
            "PALIER_SECRET_KEY": SECRET,
            "PALIER_RELEASE": "demo",
            "PALIER_ENVIRONMENT": "demo",
            "PALIER_EXPOSURE_WARM_UP": "0",
            "PALIER_PROXIES": "1",
            "PALIER_NEWS": "1",
            "PORT": str(self.port),
            "WEB_LINGER": str(linger),
            "WEB_CONCURRENCY": str(workers),
            **more,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve, and be ready."""
        command = [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "web.wsgi:app"]
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        until(lambda: self._is_ready(), f"node {self.port} is not ready", 120)

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log").read_text()
        return self.says("/sante/pret") == 200

    @property
    def pid(self) -> int:
        """Of the process that looks after the workers."""
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[int]:
        """The processes that answer."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in found.read_text().split()]

    def replace_workers(self) -> None:
        """What `systemctl reload` does; returns when every worker is another one."""
        before = set(self.workers())
        os.kill(self.pid, signal.SIGHUP)
        until(lambda: not before & set(self.workers()), "old workers stay", 60)
        until(lambda: self.says("/sante/pret") == 200, "new workers are not ready", 120)

    def stop(self) -> int:
        """What `systemctl stop` does; what a balancer that asks is told meanwhile, before the door closes."""
        assert self._process is not None
        assert self.says("/sante/pret") == 200
        self._process.terminate()
        until(lambda: (told := self.says("/sante/pret")) != 200, "a node that stops says that it is ready", 10)
        told = self.says("/sante/pret")
        assert self._process.wait(40) == 0
        self._process = None
        return told

    def kill(self) -> None:
        """All its processes at once, with -9."""
        assert self._process is not None
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def end(self) -> None:
        """For the end of a test."""
        if self._process is not None:
            self.kill()

    def says(self, path: str) -> int:
        """The status of a reply; 0 for none."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except OSError:
            return 0


class News:
    """`palier news` as a process."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.port = free_port()
        environment = os.environ | {
            "PALIER_DATA": str(folder),
            "PALIER_DATABASE_URL": database_url,
            "PALIER_SECRET_KEY": SECRET,
        }
        command = [sys.executable, "-c", "from web.cli import main; main()", "news", "--port", str(self.port)]
        with (folder / "news.log").open("a") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            until(lambda: self.is_ready, "the news service is not ready", 60)
        except AssertionError:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Of its one process."""
        return self._process.pid

    @property
    def is_ready(self) -> bool:
        """Whether it listens to the database."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sante/pret", timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def stop(self) -> int:
        """End it in good order; its exit status."""
        self._process.terminate()
        return self._process.wait(15)


def until(reached: Callable[[], bool], otherwise: str, patience: float) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)
