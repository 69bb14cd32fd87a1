"""Nodes of a site: each is a gunicorn with workers of its own, that can be killed whole or worker by worker."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from web.config import ROOT, Settings

PATIENCE = 90.0
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
BUG = re.compile(r"\] bug\b|\"event\": ?\"bug\"|Exception in worker process|Error handling request")
"""What `web.errors` writes of a bug, and gunicorn of a worker that breaks."""


class Node:
    """One gunicorn."""

    def __init__(self, settings: Settings, shift: Path, workers: int, app: str, number: int) -> None:
        self.port = _free_port()
        self.log = settings.data / f"node-{number}.log"
        self._app = app
        self._environment = os.environ | {
            "PALIER_DATA": str(settings.data),
            "PALIER_DATABASE_URL": settings.database_url,
            "PALIER_RELEASE": settings.release,
            "PALIER_ENVIRONMENT": settings.environment.value,
            "PALIER_SECRET_KEY": settings.secret_key.get_secret_value(),
            "PALIER_EXPOSURE_WARM_UP": str(settings.exposure_warm_up),
            "PALIER_TEST_SHIFT": str(shift),
            "PORT": str(self.port),
            "WEB_CONCURRENCY": str(workers),
            "WEB_PRELOAD": "1",  # a worker is killed every two seconds; to start one costs as long
        }
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start, without waiting."""
        command = [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", self._app]
        with self.log.open("a") as out:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=out, stderr=out, start_new_session=True
            )

    def wait(self) -> None:
        """Until it answers."""
        assert self._process is not None
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"a node does not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def workers(self) -> list[int]:
        """The processes of its workers."""
        if self._process is None or self._process.poll() is not None:
            return []
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []

    def kill_worker(self, which: int) -> bool:
        """One worker is gone in the middle of whatever it does; whether there was one."""
        alive = self.workers()
        if not alive:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(alive[which % len(alive)], signal.SIGKILL)
        return True

    def kill(self) -> None:
        """As when a machine loses its power."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(20)

    def ask_to_stop(self) -> None:
        """As an administrator would, for an update: what was begun is finished."""
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """The same, and wait for it."""
        self.ask_to_stop()
        if self._process is None:
            return
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()

    def bugs(self) -> int:
        """How often its log has something that nobody has a name for."""
        told = COLOURS.sub("", self.log.read_text(errors="replace"))
        return len(BUG.findall(told))

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
            probe.settimeout(5)
            probe.sendall(b"GET /candidat HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return probe.recv(12).endswith(b"200")
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
