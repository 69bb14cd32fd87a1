"""What the answers say of each item beside its parameters, and what a person should look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.adaptive.model import FloatArray
from engine.calibration.ability import Abilities
from engine.calibration.dif import Differences, differences
from engine.calibration.drift import CHANGED, LEAST_CHANGE, Cusum, change, cusum
from engine.calibration.em import Estimation, Fitted, Scale
from engine.calibration.errors import standard_errors
from engine.calibration.file import Calibration, Flag, ItemEstimate, known, rounded
from engine.calibration.fit import MISFIT, Fit, item_fit
from engine.calibration.items import GREATEST_SLOPE, LEAST_SLOPE, Items, Slopes
from engine.calibration.residuals import predicted
from engine.calibration.responses import Responses

UNSURE = 0.5
"""Standard error of a difficulty, logits, from which an item is flagged."""
PROMOTED_ANSWERS, PROMOTED_SE_B = 100, 0.30
"""What a new item needs before it counts, beside fit and no large differential functioning (docs/calibration.md)."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """All of shape (n_items,), or by group column, or by item."""

    se_a: FloatArray
    se_b: FloatArray
    fit: Fit
    differences: Mapping[str, Differences]
    cusum: Cusum | None
    moved: Mapping[str, tuple[float, float]]
    """For each item of an earlier calibration: change of difficulty in logits, and its z."""


def evidence(
    responses: Responses,
    estimation: Estimation,
    fitted: Fitted,
    abilities_of: Callable[[Responses], Abilities],
    anchored: bool,
    earlier: Calibration | None,
) -> Evidence:
    """Standard errors, fit, differential functioning and drift of estimated items."""
    abilities, items, free = estimation.abilities, fitted.items, estimation.free
    posterior = abilities.posterior(items, fitted.population)
    se_a, se_b = standard_errors(
        responses, items, abilities.nodes, posterior, abilities.dimension, free, estimation.beliefs, estimation.slopes
    )
    told = predicted(responses, items, abilities.nodes, posterior, abilities.dimension)
    each = 2 if estimation.slopes is Slopes.FREE else 1
    return Evidence(
        se_a=se_a,
        se_b=se_b,
        fit=item_fit(responses, told, np.where(free, each, 0)),
        differences={
            column: _by_group(responses, labels, estimation, fitted, abilities_of, posterior)
            for column, labels in responses.groups.items()
        },
        cusum=cusum(responses, told) if anchored else None,
        moved=_moved(responses, items, se_b, earlier) if earlier else {},
    )


def _by_group(
    responses: Responses,
    labels: tuple[str, ...],
    estimation: Estimation,
    fitted: Fitted,
    abilities_of: Callable[[Responses], Abilities],
    posterior: FloatArray,
) -> Differences:
    """Differential functioning by one column, each group under a mean and variance of its own."""
    of_groups = posterior.copy()
    for label in sorted({label for label in labels if label}):
        members = np.array([one == label for one in labels])
        abilities = abilities_of(responses.of_persons(members))
        nobody = np.zeros(len(responses.items), dtype=bool)
        own = replace(estimation, abilities=abilities, free=nobody, scale=Scale.ITEMS, beliefs=None, tolerance=1e-3)
        population = own.run(fitted.items, fitted.population).population
        of_groups[members] = abilities.posterior(fitted.items, population)
    nodes, dimension = estimation.abilities.nodes, estimation.abilities.dimension
    return differences(responses, labels, predicted(responses, fitted.items, nodes, of_groups, dimension).ability)


def _moved(
    responses: Responses, items: Items, se_b: FloatArray, earlier: Calibration
) -> Mapping[str, tuple[float, float]]:
    """Change of difficulty and its z since an earlier calibration, of the items that both estimated."""
    then = {row.item: row for row in earlier.items if row.se_b is not None}
    both = [i for i, item in enumerate(responses.items) if item in then and np.isfinite(se_b[i])]
    if len(both) < 3:
        return {}
    rows = [then[responses.items[i]] for i in both]
    old = (np.array([r.a for r in rows]), np.array([r.b for r in rows]), np.array([r.se_b or 0.0 for r in rows]))
    found = change(old, (items.slope[both], items.difficulty[both], se_b[both]))
    return {responses.items[i]: (float(d), float(z)) for i, d, z in zip(both, found.difficulty, found.z, strict=True)}


def estimates(
    responses: Responses, items: Items, found: Evidence, anchor: Calibration | None
) -> tuple[ItemEstimate, ...]:
    """One row an item; an anchor keeps its parameters to the last digit."""
    held = {row.item: row for row in anchor.items} if anchor else {}
    dif = [d for column in found.differences.values() for d in column]
    some, large = {d.item for d in dif if d.flagged}, {d.item for d in dif if d.large}
    rows = []
    for i, item in enumerate(responses.items):
        old, n = held.get(item), int(responses.asked[i])
        fit, se_b = known(found.fit.z[i]), known(found.se_b[i])
        flags = _flags(i, item, found, float(items.slope[i]), some, old is not None)
        rows.append(
            ItemEstimate(
                item=item,
                a=old.a if old else rounded(items.slope[i]),
                b=old.b if old else rounded(items.difficulty[i]),
                c=old.c if old else rounded(items.guessing[i]),
                se_a=old.se_a if old else known(found.se_a[i]),
                se_b=old.se_b if old else se_b,
                n=old.n if old else n,
                answers=n,
                right=rounded(responses.right[i] / n) if n else None,
                fit=fit,
                outfit=known(found.fit.outfit[i]),
                anchor=old is not None,
                promoted=_promoted(n, se_b, fit, i in large) if anchor and old is None else None,
                flags=flags,
            )
        )
    return tuple(rows)


def _promoted(n: int, se_b: float | None, fit: float | None, large: bool) -> bool:
    """Whether a new item is ready to count."""
    sure = se_b is not None and se_b <= PROMOTED_SE_B
    return n >= PROMOTED_ANSWERS and sure and fit is not None and abs(fit) < MISFIT and not large


def _flags(i: int, item: str, found: Evidence, slope: float, dif: set[int], anchor: bool) -> tuple[Flag, ...]:
    """Everything about item `i` that a person should look at."""
    se_b, (moved, z) = found.se_b[i], found.moved.get(item, (0.0, 0.0))
    drifted = abs(z) >= CHANGED and abs(moved) >= LEAST_CHANGE
    drifted |= anchor and found.cusum is not None and bool(found.cusum.flagged[i])
    held = {
        Flag.MISFIT: abs(found.fit.z[i]) >= MISFIT,
        Flag.FLAT: not anchor and not LEAST_SLOPE * 1.01 < slope < GREATEST_SLOPE * 0.99,
        Flag.UNSURE: not anchor and not se_b <= UNSURE,
        Flag.DIF: i in dif,
        Flag.DRIFT: drifted,
    }
    return tuple(flag for flag, holds in held.items() if holds)
