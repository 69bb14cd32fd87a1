"""One live step after 30 answers, here, by `mirt` and by `catsim`: from the answer to the next item, bank of 640.

They do not do the same. `decide` here replays the whole sitting from its log: ten abilities under a tree, probabilities
of the levels, content, subjects, enemies and time, score steering. The others keep one ability and take the most
informative item. mirt answers on its own path; catsim is given the items that were asked here.
"""

import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from engine.adaptive.cat import decide
from tests.bench.peers.beside import Rival
from tests.engine.adaptive.bank import a_plan, sit

ANSWERS, NODES, TURNS = 30, 41, 60
CAPTION = f"One live step after {ANSWERS} answers, bank of 640 items, median of {TURNS} alternated turns"


def compare(python: Path, present: set[str]) -> list[dict[str, Any]]:
    """One row for each program: the median in milliseconds."""
    plan = a_plan(20, 8)
    observed = sit(plan, 1, [True, False, True])[:ANSWERS]
    pool = plan.pool
    rows, right = [pool.row(o.item) for o in observed], [o.correct for o in observed]
    bank = {"a": pool.a, "b": pool.b, "rows": rows, "right": np.array(right)}
    seconds: dict[tuple[str, str], list[float]] = {}
    with ExitStack() as stack:
        rivals = []
        if "mirt" in present:
            rival = stack.enter_context(Rival(python, "mirt", "decision", ANSWERS, NODES, **bank))
            rivals.append((f"mirt {rival.version}", "one ability (EAP), maximum information", rival))
        if "catsim" in present:
            rival = stack.enter_context(Rival(python, "catsim", "decision", **bank))
            rivals.append((f"catsim {rival.version}", "one ability (maximum likelihood), maximum information", rival))
        for _ in range(TURNS):
            start = time.perf_counter()
            decide(plan, 1, observed)
            took = time.perf_counter() - start
            seconds.setdefault(("palier", "ten abilities, levels, content, steering"), []).append(took)
            for name, does, rival in rivals:
                seconds.setdefault((name, does), []).append(rival.turn()["seconds"])
    found = [{"program": name, "does": does, "ms": 1000 * median(took)} for (name, does), took in seconds.items()]
    return [row | {"palier is faster by": row["ms"] / found[0]["ms"]} for row in found]
