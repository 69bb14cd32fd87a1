"""A rival in an interpreter of its own, which takes its turns when it is told to; and what a run was made under.

Turns alternate within one run, so that whatever else the machine does slows all of them down alike.
"""

import json
import os
import platform
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1"}
HERE = Path(__file__).parent


class Rival:
    """A script `<package>_<task>.py` that waits: each turn is one line to it and one line of JSON back."""

    def __init__(self, python: Path, package: str, task: str, *settings: object, **arrays: Any) -> None:
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "given.npz"
        np.savez(file, **arrays)
        self._process = subprocess.Popen(
            [python, HERE / f"{package}_{task}.py", file, *map(str, settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | ONE_THREAD,
        )
        self.version: str = self._told()["version"]

    def turn(self) -> dict[str, Any]:
        """Do it once more, and tell."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._told()

    def _told(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # some packages print remarks of their own
                told: dict[str, Any] = json.loads(line)
                return told
        raise RuntimeError(f"{self._process.args} ended with {self._process.wait()}")

    def __enter__(self) -> "Rival":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._folder.cleanup()


def has(python: Path, package: str) -> bool:
    """Whether an interpreter can import a package."""
    done = subprocess.run([python, "-c", f"import {package}"], capture_output=True, check=False)
    return done.returncode == 0


def circumstances() -> dict[str, Any]:
    """What a reader needs to know of a run: versions, threads, processor, how busy the machine was when it began."""
    return {
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "scipy": version("scipy"),
        "threads": {name: os.environ.get(name) for name in ONE_THREAD},
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": [round(x, 2) for x in os.getloadavg()],
    }


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
