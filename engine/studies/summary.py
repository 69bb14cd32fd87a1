"""From the sums of a study to its figures; docs/studies.md defines each.

Shares are fractions of the conclusive sittings unless said otherwise, and `None` where there is nothing to divide by.
"""

from itertools import combinations
from math import sqrt
from typing import Any, TypeAlias

import numpy as np

from engine.adaptive.model import COMPETENCES_EACH, DOMAINS_EACH, FRAMEWORKS, GRID, FloatArray, IntArray
from engine.adaptive.monitor import exposure, overlap
from engine.adaptive.plan import Plan
from engine.items.frameworks import DOMAINS
from engine.scoring.rules import RuleSet
from engine.studies.study import Found, Run, Study
from engine.studies.tally import BINS, MARGINS, RULES, Calibration, Paired, Tally

Json: TypeAlias = dict[str, Any]

FORMAT = "palier-study/1"
LEVEL_NAMES = ("none", "confirme", "avance", "expert")

TOLERANCE = 0.02
"""How far above its ceiling an item's exposure may lie before it is counted: chance moves it about the ceiling."""

DIGITS = 6


def report(study: Study, found: Found, provenance: str) -> Json:
    """All figures as plain values; `provenance` is that of the release's parameters."""
    pool, rules, who, trouble = study.truth, study.rules, study.population, study.trouble
    names = [run.name for run in study.runs]
    return {
        "format": FORMAT,
        "partial": found.candidates < study.candidates,
        "candidates": found.candidates,
        "asked": study.candidates,
        "seed": study.seed,
        "track": pool.track.value,
        "release": {"name": pool.release, "digest": pool.digest, "provenance": provenance},
        "rules": {
            "name": rules.name,
            "title": rules.title,
            "digest": rules.digest,
            "decides": rules.decides.value,
        },
        "options": {
            "shift": who.shift,
            "within": who.within,
            "between": who.between,
            "guessing_share": study.guessing_share,
            "noise": study.noise,
            "incident_rate": trouble.incident_rate,
            "incident_items": trouble.incident_items,
            "timeout_rate": trouble.timeout_rate,
            "timeout_items": trouble.timeout_items,
        },
        "runs": [_run(run, tally, rules) for run, tally in zip(study.runs, found.runs, strict=True)],
        "paired": [_pair(*two, sums) for two, sums in zip(combinations(names, 2), found.pairs, strict=True)],
    }


def kappa(table: IntArray) -> float | None:
    """Cohen's kappa of true (rows) and awarded (columns) levels, unweighted (Cohen 1960); None if it is undefined.

    >>> kappa(np.array([[20, 5], [10, 15]]))
    0.4
    """
    n = int(table.sum())
    if n == 0:
        return None
    agreed = int(np.trace(table)) / n
    by_chance = float(table.sum(axis=0) @ table.sum(axis=1)) / n**2
    return None if by_chance == 1 else _rounded((agreed - by_chance) / (1 - by_chance))


def calibration_error(calibration: Calibration) -> list[float | None]:
    """ECE of each level: mean distance of predicted and observed share over the bins, weighted by their sittings."""
    distance = np.abs(calibration.predicted - calibration.observed).sum(axis=1)
    return [_share(d, n) for d, n in zip(distance.tolist(), calibration.n.sum(axis=1).tolist(), strict=True)]


def agreement(table: IntArray, sittings: int, inconclusive: int) -> Json:
    """The figures of one rule, from its table of true (rows) and awarded (columns) levels, shape (4, 4)."""
    n, right = int(table.sum()), int(np.trace(table))
    over, under, awards = int(np.triu(table, 1).sum()), int(np.tril(table, -1).sum()), int(table[:, 1:].sum())
    return {
        **_with_error("accuracy", right, n),
        **_with_error("over", over, n),
        **_with_error("under", under, n),
        "kappa": kappa(table),
        "awards_above": _share(over, awards),
        "inconclusive": _share(inconclusive, sittings),
        "table": table.tolist(),
    }


def _run(run: Run, tally: Tally, rules: RuleSet) -> Json:
    """The figures of one run."""
    told = [r for r in RULES if run.plan.reports_posterior or not r.needs_posterior]
    deciding = tally.table[RULES.index(rules.decides)]
    conclusive = tally.sittings - tally.inconclusive
    return {
        "selector": run.name,
        "decides": rules.decides.value,
        "rules": {r.value: agreement(tally.table[RULES.index(r)], tally.sittings, tally.inconclusive) for r in told},
        "per_level": [_of_level(deciding, k) for k in range(len(LEVEL_NAMES))],
        "margin": [
            _of_margin(*row)
            for row in zip(MARGINS[:-1].tolist(), MARGINS[1:].tolist(), tally.margin.tolist(), strict=True)
        ],
        "calibration": _calibration(tally.calibration) if run.plan.reports_posterior else None,
        "length": _length(tally.lengths),
        "exposure": _exposure(run, tally, rules.ceilings),
        "domain_failures": [
            {"framework": d.framework.value, "number": d.number, "title": d.title, "refused": _share(n, conclusive)}
            for d, n in zip(DOMAINS[:DOMAINS_EACH], tally.minimum_alone.tolist(), strict=True)
        ],
        "information": _information(run.plan, tally),
        "flags": {
            "fragile": _share(tally.fragile, conclusive),
            "reexamine": _share(tally.reexamine, conclusive),
        },
    }


def _of_level(table: IntArray, k: int) -> Json:
    """What became of those who deserve level k."""
    row, n = table[k], int(table[k].sum())
    return {
        "level": LEVEL_NAMES[k],
        "n": n,
        "accuracy": _share(int(row[k]), n),
        "over": _share(int(row[k + 1 :].sum()), n),
        "under": _share(int(row[:k].sum()), n),
    }


def _of_margin(low: float, high: float, counts: list[int]) -> Json:
    n, right, over = counts
    return {"from": low, "to": high, "n": n, "accuracy": _share(right, n), "over": _share(over, n)}


def _calibration(sums: Calibration) -> Json:
    """Predicted and observed shares bin by bin, and how far they are apart."""
    names, edges = LEVEL_NAMES[1:], np.linspace(0, 1, BINS + 1).round(DIGITS).tolist()
    columns = (sums.n.tolist(), sums.predicted.tolist(), sums.observed.tolist())
    bins = {
        name: [
            {"from": low, "to": high, "n": n, "predicted": _share(p, n), "observed": _share(x, n)}
            for low, high, n, p, x in zip(edges[:-1], edges[1:], *(c[k] for c in columns), strict=True)
        ]
        for k, name in enumerate(names)
    }
    return {"ece": dict(zip(names, calibration_error(sums), strict=True)), "bins": bins}


def _length(lengths: IntArray) -> Json:
    """Items put in a sitting."""
    seen = np.flatnonzero(lengths)
    mean = float(lengths @ np.arange(len(lengths))) / int(lengths.sum())
    return {"mean": _rounded(mean), "min": int(seen[0]), "max": int(seen[-1])}


def _exposure(run: Run, tally: Tally, ceilings: tuple[float, float]) -> Json:
    """How often items were put, each framework by itself, and what two sittings share."""
    rate = exposure(tally.put, tally.sittings)
    of = [rate[part] for part in _frameworks(run.plan)]
    shared = overlap(tally.put, tally.sittings)
    return {
        "warm_up": run.warm_up,
        "ceilings": list(ceilings),
        "largest": [_rounded(float(r.max())) for r in of],
        "over_ceiling": sum(int((r > ceiling + TOLERANCE).sum()) for r, ceiling in zip(of, ceilings, strict=True)),
        "sorted": {
            f.value: [_rounded(x) for x in np.sort(r)[::-1].tolist()] for f, r in zip(FRAMEWORKS, of, strict=True)
        },
        "overlap": None if shared is None else _rounded(shared),
    }


def _information(plan: Plan, tally: Tally) -> list[Json]:
    """Mean information of a form along ability, per squared logit, under the operational parameters."""
    rate = exposure(tally.put, tally.sittings)
    curves: list[FloatArray] = [rate[part] @ plan.pool.information[part] for part in _frameworks(plan)]
    return [
        {"theta": theta, FRAMEWORKS[0].value: _rounded(edu), FRAMEWORKS[1].value: _rounded(crcn)}
        for theta, edu, crcn in zip(GRID.tolist(), curves[0].tolist(), curves[1].tolist(), strict=True)
    ]


def _frameworks(plan: Plan) -> tuple[IntArray, IntArray]:
    """The rows of each framework's items."""
    in_crcn = plan.pool.competence >= COMPETENCES_EACH
    return np.flatnonzero(~in_crcn), np.flatnonzero(in_crcn)


def _pair(one: str, other: str, sums: Paired) -> Json:
    """How much better one run is than another on the same candidates."""
    right, right_se = _difference(sums.right, sums.right_squared, sums.n)
    over, over_se = _difference(sums.over, sums.over_squared, sums.n)
    return {
        "one": one,
        "other": other,
        "accuracy": right,
        "accuracy_se": right_se,
        "over": over,
        "over_se": over_se,
    }


def _difference(total: int, squares: int, n: int) -> tuple[float | None, float | None]:
    """The mean of n differences and its standard error."""
    if n == 0:
        return None, None
    mean = total / n
    return _rounded(mean), _rounded(sqrt(max(squares / n - mean**2, 0.0) / n))


def _with_error(name: str, hits: int, n: int) -> Json:
    """A share and its standard error."""
    if n == 0:
        return {name: None, f"{name}_se": None}
    p = hits / n
    return {name: _rounded(p), f"{name}_se": _rounded(sqrt(p * (1 - p) / n))}


def _share(part: float, whole: int) -> float | None:
    return _rounded(part / whole) if whole else None


def _rounded(x: float) -> float:
    return round(x, DIGITS)
