"""How well selectors and rules classify: fresh banks, the same simulees for every selector, in one paired run.

`python -m tests.bench.quality [BANKS] [SIMULEES] [SEED]` prints the table of docs/psychometrics.md. Banks: 800 items
of `tests.engine.adaptive.bank.a_release(25, 8, seed)`; abilities from the tree prior; parameters known without error.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from engine.adaptive.exposure import administered
from engine.adaptive.levels import joint_probabilities
from engine.adaptive.monitor import overlap
from engine.adaptive.plan import Plan
from engine.adaptive.posterior import loglik, posterior
from engine.adaptive.select import Selector
from engine.adaptive.simulate import draw_abilities, simulate, true_percentages
from engine.adaptive.warm_up import THOROUGH, needs_control, warmed
from tests.engine.adaptive.bank import a_plan, counts, deserved_level, official_level

SELECTORS = (Selector.STEER, Selector.STRATIFIED, Selector.MAXIMUM_INFORMATION)
GAMMAS = (0.7, 0.75)
CHUNK = 1000


@dataclass(frozen=True)
class Shares:
    """Levels awarded rightly, above and below the true one."""

    right: float
    over: float
    under: float

    @classmethod
    def of(cls, awarded: NDArray[np.int64], true: NDArray[np.int64]) -> "Shares":
        return cls(*(float(x.mean()) for x in (awarded == true, awarded > true, awarded < true)))


@dataclass(frozen=True)
class Quality:
    """One selector on one bank."""

    selector: Selector
    official: Shares
    """R1."""
    posterior: dict[float, Shares]
    """R3, by γ."""
    ece: float
    """Expected calibration error of P(L ≥ k), the largest over k."""
    exposure: tuple[float, float]
    """The largest of an item of each framework."""
    overlap: float


def calibration_error(p: NDArray[np.float64], happened: NDArray[np.bool_]) -> float:
    """Mean distance of predicted from observed shares over ten bins of equal width."""
    at = np.minimum((10 * p).astype(np.int64), 9)
    gap = np.bincount(at, p - happened, 10)
    return float(np.abs(gap).sum() / len(p))


def levels(plan: Plan, rows: NDArray[np.int64], correct: NDArray[np.bool_]) -> NDArray[np.float64]:
    """P(L ≥ k), shape (n, 3)."""
    found = []
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        post = posterior(plan.prior, loglik(plan.pool, rows[part], correct[part]))
        found.append(joint_probabilities(plan.pool, plan.prior, post, plan.cuts))
    return np.concatenate(found)


def paired(bank: int, simulees: int, subjects: int = 8) -> Iterator[Quality]:
    """Every selector on one bank, with the same simulees, seeds and luck; items held below their ceilings."""
    base = a_plan(25, subjects, bank)
    theta = draw_abilities(base.prior, simulees, np.random.default_rng([bank, 1]))
    true = deserved_level(true_percentages(base, theta))
    in_edu = base.pool.domain < 5
    for selector in SELECTORS:
        plan = replace(base, selectors=(selector, selector))
        if needs_control(plan):
            plan = replace(plan, eligibility=warmed(plan, THOROUGH, bank))
        rows, correct = simulate(plan, theta, bank)
        p = levels(plan, rows, correct)
        given = administered(rows, len(plan.pool.ids)).sum(axis=0)
        shared = overlap(given, simulees)
        assert shared is not None
        yield Quality(
            selector,
            Shares.of(official_level(*counts(plan.pool, rows, correct)), true),
            {g: Shares.of((p >= g).sum(axis=1), true) for g in GAMMAS},
            max(calibration_error(p[:, k], true > k) for k in range(3)),
            (float(given[in_edu].max() / simulees), float(given[~in_edu].max() / simulees)),
            shared,
        )


def main(banks: int = 3, simulees: int = 4000, first: int = 20261) -> None:
    """Print one row a bank and selector."""
    table = Table(title=f"{banks} banks of 800 items, {simulees} simulees each, seeds from {first}")
    heads = ("bank", "selector", "R1 accuracy", "over", "under", *(f"R3 γ={g}: acc/over/under" for g in GAMMAS))
    for head in (*heads, "ECE", "exposure Édu/CRCN", "overlap"):
        table.add_column(head)
    for bank in range(first, first + banks):
        for q in paired(bank, simulees):
            r3 = (f"{s.right:.3f} / {s.over:.3f} / {s.under:.3f}" for s in q.posterior.values())
            r1 = (f"{x:.3f}" for x in (q.official.right, q.official.over, q.official.under))
            spread = f"{q.exposure[0]:.3f} / {q.exposure[1]:.3f}"
            table.add_row(str(bank), q.selector, *r1, *r3, f"{q.ece:.3f}", spread, f"{q.overlap:.2f}")
    Console(width=150).print(table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
