"""A whole calibration: parameters with their errors, and everything that a person should look at."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.calibration.ability import Abilities
from engine.calibration.coverage import Coverage, coverage
from engine.calibration.em import Estimation, Fitted
from engine.calibration.file import Calibration, PopulationRow, rounded
from engine.calibration.heldout import calibration_error, heldout_probabilities
from engine.calibration.responses import Responses
from engine.calibration.verdict import Evidence, estimates, evidence
from engine.calibration.wish import Wish, abilities_for, estimation_for, usable
from engine.items.frameworks import Framework
from engine.items.release import Release


@dataclass(frozen=True, eq=False)
class Outcome:
    """A calibration with what was found beside it; rows of `evidence` are rows of `calibration.items`."""

    calibration: Calibration
    evidence: Evidence
    objectives: tuple[float, ...]
    """Log-likelihood, or log-posterior with priors, of every round."""
    coverage: tuple[Coverage, ...]
    """What the release could be used for; empty without a release."""


def calibrate(responses: Responses, wish: Wish) -> Outcome:
    """Estimate, then judge. Raises `NotEstimable`, and `UnknownItem` for an item that the release does not hold."""
    kept, aside = usable(responses, wish)
    abilities_of = abilities_for(wish, kept.items)
    estimation, start = estimation_for(wish, kept, abilities_of(kept))
    fitted = estimation.run(start)
    found = evidence(kept, estimation, fitted, abilities_of, wish.anchor is not None, wish.earlier)
    calibration = Calibration(
        model=wish.model,
        scale=estimation.scale,
        priors=wish.priors,
        release=wish.release.name if wish.release else None,
        anchor=wish.anchor.data if wish.anchor else None,
        data=responses.digest,
        persons=len(responses.persons),
        answers=len(responses.item),
        log_likelihood=rounded(fitted.loglik),
        iterations=len(fitted.objectives),
        converged=fitted.converged,
        population=PopulationRow(
            mean=rounded(fitted.population.mean), variances=tuple(map(rounded, fitted.population.variances))
        ),
        heldout_error=_heldout(kept, estimation, fitted, abilities_of, wish.release) if wish.release else {},
        items=estimates(kept, fitted.items, found, wish.anchor),
        set_aside=aside,
    )
    told = coverage(wish.release, calibration) if wish.release else ()
    return Outcome(calibration, found, fitted.objectives, told)


def _heldout(
    responses: Responses,
    estimation: Estimation,
    fitted: Fitted,
    abilities_of: Callable[[Responses], Abilities],
    release: Release,
) -> dict[Framework, float]:
    """The calibration error of each framework on people left out."""
    chance = heldout_probabilities(responses, estimation, fitted, abilities_of)
    of = np.array([list(Framework).index(release.item(item).framework) for item in responses.items])[responses.item]
    return {
        framework: rounded(calibration_error(chance[of == k], responses.correct[of == k]))
        for k, framework in enumerate(Framework)
        if (of == k).any()
    }
