"""The 2PL calibrated here and by `mirt`, the same answers, in one run, one thread each.

    python -m tests.bench.peers.calibration [PYTHON_THAT_HAS_MIRT]

The data sets: 2 000 people who answered all of 100 items, and 5 000 who answered a tenth of 600. The log-likelihood
of both sets of estimates is computed afterwards by the same fine quadrature (241 nodes within ± 6): what each program
tells of itself depends on its own. mirt runs as it comes, with 21 Gauss-Hermite nodes, and with 61, which it needs to
come within a tenth of the maximum.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from engine.calibration.ability import Line, Population
from engine.calibration.em import Estimation, Fitted, first_guess
from engine.calibration.errors import standard_errors
from engine.calibration.items import Items
from engine.calibration.responses import Responses
from tests.engine.calibration.answers import answered, some_items

ROOT = Path(__file__).parents[3]
PEER = ROOT / "var" / "peers" / "bin" / "python"
TURNS = 5
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}
SETS = {"2 000 × 100 complete": (2000, 100, None), "5 000 × 600 at 10 %": (5000, 600, 60)}


def fit(answers: Responses) -> Fitted:
    """Estimates from index arrays, everything included."""
    n = len(answers.items)
    start = first_guess(answers.right, answers.asked, np.zeros(n))
    return Estimation(Line.of(answers), np.ones(n, dtype=bool)).run(start)


def errors(answers: Responses, found: Fitted) -> None:
    """Standard errors from the full observed information."""
    model, free = Line.of(answers), np.ones(len(answers.items), dtype=bool)
    posterior = model.posterior(found.items, found.population)
    standard_errors(answers, found.items, model.nodes, posterior, model.dimension, free)


def fine_loglik(answers: Responses, a: Any, b: Any) -> float:
    """Marginal log-likelihood under a standard normal ability, by a quadrature that leaves no doubt."""
    model = Line.of(answers)
    fine = Line(np.linspace(-6, 6, 241), model.dimension, model.blocks)
    return fine.expect(Items.of(np.asarray(a), np.asarray(b)), Population()).loglik


def peer(python: Path, answers: Responses, points: int) -> dict[str, Any]:
    """What mirt makes of the same answers."""
    table = np.full((len(answers.persons), len(answers.items)), -1)
    table[answers.person, answers.item] = answers.correct
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.npz"
        np.savez(file, answers=table)
        script = Path(__file__).with_name("mirt_calibration.py")
        done = subprocess.run(
            [python, script, file, str(points), str(TURNS)],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | ONE_THREAD,
        )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main(python: Path) -> None:
    """Print one line for each program and data set."""
    if not python.exists():
        sys.exit(f"There is no {python}: run make bench-peers, or name a Python that has mirt.")
    for name, (persons, items, each) in SETS.items():
        answers = answered(*some_items(items), persons=persons, each=each).responses
        seconds, with_errors = [], []
        for _ in range(TURNS):
            start = time.perf_counter()
            found = fit(answers)
            seconds.append(time.perf_counter() - start)
            errors(answers, found)
            with_errors.append(time.perf_counter() - start)
        best = fine_loglik(answers, found.items.slope, found.items.difficulty)
        print(f"{name}: numpy {np.__version__}, one thread, best of {TURNS}")
        print(
            f"  palier            {min(seconds):7.3f} s   with errors {min(with_errors):7.3f} s   "
            f"{len(found.objectives):3} rounds   log-likelihood {best:.3f}"
        )
        for points in (21, 61):
            other = peer(python, answers, points)
            loglik = fine_loglik(answers, other["a"], other["b"])
            print(
                f"  mirt {other['version']}, {points} nodes {other['seconds']:5.3f} s   "
                f"with errors {other['seconds_with_errors']:7.3f} s   {other['rounds']:3} rounds   "
                f"log-likelihood {loglik:.3f} (difference {best - loglik:+.3f})   "
                f"{other['seconds'] / min(seconds):.1f} × as long, "
                f"with errors {other['seconds_with_errors'] / min(with_errors):.1f} ×"
            )


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):  # numpy reads them when it is imported
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.bench.peers.calibration", *sys.argv[1:]],
            os.environ | ONE_THREAD,
        )
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PEER)
