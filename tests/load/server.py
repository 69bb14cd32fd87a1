"""The server under load: real gunicorn workers on a real database, and the processor time that they take."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.load.crowd import settings_of

WORKERS = 2


@dataclass(frozen=True)
class Server:
    """Where it listens, and whose processor time counts."""

    port: int
    processes: tuple[psutil.Process, ...]
    """The masters of gunicorn and, if there is one, of the database."""

    def cpu(self) -> float:
        """Seconds of processor time of all their processes so far."""
        spent = 0.0
        for master in self.processes:
            for process in (master, *master.children(recursive=True)):
                try:
                    times = process.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                # Children that have ended are in the books of their parent.
                spent += times.user + times.system + times.children_user + times.children_system
        return spent


@contextmanager
def serving(data: Path, database: str, postmaster: int | None) -> Iterator[Server]:
    """Workers for as long as the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = settings_of(data, database)
    environment = {
        **os.environ,
        "PALIER_DATA": str(data),
        "PALIER_DATABASE_URL": database,
        "PALIER_RELEASE": settings.release,
        "PALIER_EXPOSURE_WARM_UP": "0",
        "PALIER_SECRET_KEY": settings.secret_key.get_secret_value(),
        "PORT": str(port),
        "WEB_CONCURRENCY": str(WORKERS),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    gunicorn = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "tests.load.app:make()"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        masters = [psutil.Process(gunicorn.pid)] + ([psutil.Process(postmaster)] if postmaster else [])
        yield Server(port, tuple(masters))
    finally:
        gunicorn.terminate()
        gunicorn.wait(60)


def _wait_for(port: int, patience: float = 120) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/connexion", timeout=5):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
