"""The 2PL calibrated here, by `mirt` and by `girth`, the same answers, in one run, one thread each.

The data sets: 2 000 people who answered all of 100 items, and 5 000 who answered a tenth of 600. The log-likelihood
of all estimates is computed afterwards by the same fine quadrature (241 nodes within ± 6): what each program tells of
itself depends on its own. mirt runs as it comes, with 21 Gauss-Hermite nodes, and with 61, which it needs to come
within a tenth of the maximum. girth takes seconds, so it has one turn, and the first data set only.
"""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from engine.calibration.ability import Line, Population
from engine.calibration.em import Estimation, Fitted, first_guess
from engine.calibration.errors import standard_errors
from engine.calibration.items import Items
from engine.calibration.responses import Responses
from tests.bench.peers.beside import Rival
from tests.engine.calibration.answers import answered, some_items

TURNS = 5
SETS = {"2 000 × 100 complete": (2000, 100, None), "5 000 × 600 at 10 %": (5000, 600, 60)}
CAPTION = f"2PL calibration, best of {TURNS} alternated turns (girth: one)"


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


def compare(python: Path, present: set[str]) -> list[dict[str, Any]]:
    """One row for each data set and program: its fastest turn."""
    return [row for name, sizes in SETS.items() for row in _of_set(python, present, name, *sizes)]


def _of_set(
    python: Path, present: set[str], name: str, persons: int, items: int, each: int | None
) -> list[dict[str, Any]]:
    answers = answered(*some_items(items), persons=persons, each=each).responses
    table = np.full((len(answers.persons), len(answers.items)), -1)
    table[answers.person, answers.item] = answers.correct
    turns: dict[str, list[dict[str, Any]]] = {"palier": []}
    with ExitStack() as stack:
        rivals = []
        for points in (21, 61) if "mirt" in present else ():
            rival = stack.enter_context(Rival(python, "mirt", "calibration", points, answers=table))
            rivals.append((f"mirt {rival.version}, {points} nodes", rival, TURNS))
        if "girth" in present and each is None:
            rival = stack.enter_context(Rival(python, "girth", "calibration", answers=table))
            rivals.append((f"girth {rival.version}", rival, 1))
        for turn in range(TURNS):
            turns["palier"].append(_ours(answers))
            for program, rival, most in rivals:
                if turn < most:
                    turns.setdefault(program, []).append(rival.turn())
    best = turns["palier"][0]
    rows = []
    for program, told in turns.items():
        loglik = fine_loglik(answers, told[0]["a"], told[0]["b"])
        rows.append(
            {
                "data": name,
                "program": program,
                "seconds": min(t["seconds"] for t in told),
                "with errors": min(
                    (t["seconds_with_errors"] for t in told if "seconds_with_errors" in t), default=None
                ),
                "rounds": told[0].get("rounds"),
                "below our log-likelihood": fine_loglik(answers, best["a"], best["b"]) - loglik,
            }
        )
    return [row | {"palier is faster by": row["seconds"] / rows[0]["seconds"]} for row in rows]


def _ours(answers: Responses) -> dict[str, Any]:
    start = time.perf_counter()
    found = fit(answers)
    seconds = time.perf_counter() - start
    errors(answers, found)
    return {
        "seconds": seconds,
        "seconds_with_errors": time.perf_counter() - start,
        "rounds": len(found.objectives),
        "a": found.items.slope,
        "b": found.items.difficulty,
    }
