"""A node is stopped at any moment, the first ones too."""

import os
import subprocess
import sys
import time
from pathlib import Path

from web.config import ROOT

SLOW_TO_LOAD = """
import os, pathlib, time
pathlib.Path({folder!r}, f"begun-{{os.getpid()}}").touch()
time.sleep(2)
pathlib.Path({folder!r}, f"loaded-{{os.getpid()}}").touch()

def app(environ, start_response):
    start_response("204 No Content", [])
    return []
"""


def test_a_node_that_is_stopped_while_its_workers_load_stops_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW_TO_LOAD.format(folder=str(tmp_path)))
    environment = os.environ | {"PORT": "0", "PYTHONPATH": f"{tmp_path}:{ROOT}", "WEB_CONCURRENCY": "2"}
    log = tmp_path / "log"
    command = [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "slow:app"]
    with log.open("w") as told:
        node = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=told, stderr=told)
    try:
        while len(list(tmp_path.glob("begun-*"))) < 2:
            assert node.poll() is None, log.read_text()
            time.sleep(0.05)
        node.terminate()
        assert node.wait(30) == 0, log.read_text()
    finally:
        node.kill()
    assert len(list(tmp_path.glob("loaded-*"))) == 2, "they were told to go while they were loading"
    assert log.read_text() == ""
