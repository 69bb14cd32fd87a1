"""Answers drawn from known items and abilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from engine.calibration.responses import Responses
from engine.items.frameworks import DOMAIN_INDEX
from engine.items.release import Release
from engine.kernel import ItemId

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Responses with the truth behind them."""

    responses: Responses
    a: Floats
    b: Floats
    c: Floats
    theta: Floats
    """Ability that each answer came from, shape (n_answers,)."""


def some_items(n: int, seed: int = 1) -> tuple[Floats, Floats]:
    """Discriminations and difficulties as banks have them."""
    rng = np.random.default_rng([seed, n])
    return np.exp(rng.normal(0.1, 0.3, n)), rng.normal(0.0, 1.0, n)


def answered(
    a: Floats,
    b: Floats,
    persons: int,
    seed: int = 1,
    each: int | None = None,
    c: float = 0.0,
    mean: float | Floats = 0.0,
    shift: Floats | None = None,
    groups: dict[str, tuple[str, ...]] | None = None,
) -> Drawn:
    """Answers of normal candidates, each to `each` items drawn at random, in random order.

    `mean` may be one for each person; `shift` adds to the difficulty, (n_persons, n_items).
    """
    rng = np.random.default_rng([seed, persons])
    n = len(a)
    theta = rng.normal(0.0, 1.0, persons) + mean
    item = np.argsort(rng.random((persons, n)), axis=1)[:, : each or n].ravel()
    person = np.repeat(np.arange(persons), each or n)
    at = theta[person]
    hardness = b[item] + (shift[person, item] if shift is not None else 0.0)
    p = c + (1 - c) * expit(a[item] * (at - hardness))
    names = tuple(ItemId(f"i{k:04}") for k in range(n))
    people = tuple(f"p{k}" for k in range(persons))
    found = Responses(people, names, person, item, rng.random(len(item)) < p, groups or {})
    return Drawn(found, a, b, np.full(n, c), at)


def of_release(
    release: Release,
    persons: int,
    each: int,
    seed: int = 1,
    variances: tuple[float, float, float] = (0.7, 0.1, 0.2),
    mean: float = 0.0,
) -> Drawn:
    """Answers of candidates drawn from the tree of abilities to random items of a release."""
    rng = np.random.default_rng([seed, persons])
    g, f, s = np.sqrt(variances)
    framework = mean + g * rng.normal(size=(persons, 1)) + f * rng.normal(size=(persons, 2))
    theta = np.repeat(framework, 5, axis=1) + s * rng.normal(size=(persons, 10))
    domain = np.array([DOMAIN_INDEX[i.framework, int(i.competence[0])] for i in release.items])
    a, b = np.array([p.a for p in release.parameters]), np.array([p.b for p in release.parameters])
    item = np.argsort(rng.random((persons, len(a))), axis=1)[:, :each].ravel()
    person = np.repeat(np.arange(persons), each)
    at = theta[person, domain[item]]
    correct = rng.random(len(item)) < expit(a[item] * (at - b[item]))
    people = tuple(f"p{k}" for k in range(persons))
    return Drawn(Responses(people, tuple(i.id for i in release.items), person, item, correct), a, b, 0 * a, at)
