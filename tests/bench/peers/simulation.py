"""Adaptive tests of one ability simulated here, by `mirt` and by `catsim`: the same bank and people, one thread each.

A 2PL bank of 640 items, 40 items for each simulee, maximum information at the estimate, EAP under a standard normal
prior with 41 nodes (equally spaced here, Gauss-Hermite in mirt; catsim has maximum likelihood only). That nobody wins
by doing something easier shows in the root mean square of estimate minus truth.
"""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from engine.adaptive.unidimensional import simulate_unidimensional
from tests.bench.peers.beside import Rival
from tests.engine.calibration.answers import some_items

ITEMS, LENGTH, NODES, PEOPLE, TURNS = 640, 40, 41, 10_000, 3
FEW = 200
"""Simulees of catsim, which takes milliseconds for each item."""
ALIKE = 1.05
"""How far the errors of two programs that compute an EAP may stand apart."""
CAPTION = f"Simulation: {LENGTH} of {ITEMS} items (2PL), {PEOPLE:,} simulees, best of {TURNS} alternated turns"


def compare(python: Path, present: set[str]) -> list[dict[str, Any]]:
    """One row for each program, the fastest turn of each."""
    a, b = some_items(ITEMS)
    theta = np.random.default_rng(1).normal(size=PEOPLE)
    turns: dict[tuple[str, str], list[tuple[float, float]]] = {}

    def note(program: str, does: str, people: int, seconds: float, rmse: float, items: int = LENGTH) -> None:
        if items != LENGTH:
            raise RuntimeError(f"{program} stopped after {items} items instead of {LENGTH}")
        turns.setdefault((program, does), []).append((people * LENGTH / seconds, rmse))

    with ExitStack() as stack:
        mirt = catsim = None
        if "mirt" in present:
            mirt = stack.enter_context(Rival(python, "mirt", "simulation", LENGTH, NODES, a=a, b=b, theta=theta))
        if "catsim" in present:
            catsim = stack.enter_context(Rival(python, "catsim", "simulation", LENGTH, a=a, b=b, theta=theta[:FEW]))
        for turn in range(TURNS):
            note("palier", "EAP, bins of .02 logit (numpy)", PEOPLE, *_ours(a, b, theta, turn, exact=False))
            note("palier", "EAP, information of every item (numpy)", PEOPLE, *_ours(a, b, theta, turn, exact=True))
            if mirt is not None:
                told, name = mirt.turn(), f"mirt {mirt.version}"
                note(name, "EAP, compiled loop alone (Rust)", PEOPLE, told["loop"], told["loop_rmse"], told["items"][0])
                note(name, "EAP, run_batch_simulation (Rust)", PEOPLE, told["seconds"], told["rmse"], told["items"][1])
            if catsim is not None:
                told = catsim.turn()
                does = f"maximum likelihood, {FEW} simulees (Python)"
                note(f"catsim {catsim.version}", does, FEW, told["seconds"], told["rmse"], told["items"][0])
    rows = [
        {
            "program": program,
            "does": does,
            "per second": max(t[0] for t in found),
            "rmse": float(np.mean([t[1] for t in found])),
        }
        for (program, does), found in turns.items()
    ]
    errors = [row["rmse"] for row in rows if row["does"].startswith("EAP")]
    if max(errors) > ALIKE * min(errors):
        raise RuntimeError(f"these do not measure equally well, so their speeds do not compare: {rows}")
    ours = rows[0]["per second"]
    return [row | {"palier is faster by": ours / row["per second"]} for row in rows]


def _ours(a: Any, b: Any, theta: Any, seed: int, exact: bool) -> tuple[float, float]:
    """Seconds, and root mean square error."""
    start = time.perf_counter()
    found = simulate_unidimensional(a, b, np.zeros(len(a)), theta, LENGTH, seed, nodes=NODES, exact=exact)
    return time.perf_counter() - start, float(np.sqrt(np.mean((found.eap - theta) ** 2)))
