"""How far predicted chances are from what happened, for people who took no part in the estimates."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.adaptive.model import BoolArray, FloatArray
from engine.calibration.ability import Abilities
from engine.calibration.em import Estimation, Fitted
from engine.calibration.residuals import predicted
from engine.calibration.responses import Responses

FOLDS = 5
BINS = 10


def heldout_probabilities(
    responses: Responses, estimation: Estimation, fitted: Fitted, abilities_of: Callable[[Responses], Abilities]
) -> FloatArray:
    """The chance of each answer to be right, shape (n_answers,), from items estimated without its person's fold.

    Each person in turn is left out with a fifth of all; the prediction uses the person's *other* answers.
    """
    fold = np.arange(len(responses.persons)) % FOLDS
    chance = np.empty(len(responses.item))
    for k in range(FOLDS):
        learnt = replace(
            estimation, abilities=abilities_of(responses.of_persons(fold != k)), tolerance=0.01, most=100
        ).run(fitted.items, fitted.population)
        left_out = responses.of_persons(fold == k)
        if not len(left_out.item):
            continue
        abilities = abilities_of(left_out)
        posterior = abilities.posterior(learnt.items, learnt.population)
        told = predicted(left_out, learnt.items, abilities.nodes, posterior, abilities.dimension)
        chance[fold[responses.person] == k] = told.probability
    return chance


def calibration_error(probability: FloatArray, correct: BoolArray) -> float:
    """Mean distance of predicted from observed shares over ten bins of equal size, both (n_answers,).

    >>> calibration_error(np.array([0.2] * 5 + [0.8] * 5), np.array([1, 0, 0, 0, 0, 1, 1, 1, 1, 0]) == 1)
    0.0
    """
    order = np.argsort(probability, kind="stable")
    _, tied = np.unique(probability[order], return_inverse=True)
    # Equal predictions share a bin, so that the order of people does not matter.
    first = np.searchsorted(tied, tied)
    place = first * BINS // max(1, len(order))
    surplus = np.bincount(place, correct[order] - probability[order])
    return float(round(np.abs(surplus).sum() / max(1, len(order)), 12))
