"""What is asked of a calibration, and how the estimation is set up from it."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from math import sqrt

import numpy as np

from engine.adaptive.model import BoolArray, FloatArray
from engine.calibration.ability import Abilities, Line
from engine.calibration.em import Estimation, Scale, first_guess
from engine.calibration.file import Calibration, Model, SetAside
from engine.calibration.items import Beliefs, Items, Slopes
from engine.calibration.responses import Responses
from engine.calibration.tree import Tree
from engine.items.frameworks import COMPETENCE_INDEX, COMPETENCES, DOMAIN_INDEX
from engine.items.item import Item, SingleChoice
from engine.items.release import Release, tag_difficulty
from engine.kernel import EngineError, ItemId


class NotEstimable(EngineError):
    """Answers from which nothing can be estimated, or a wish that contradicts itself."""

    code = "not_estimable"


LEAST_FOR_GUESSING = 500
"""Answers from which an item's fixed guessing is used; below, c = 0 (docs/calibration.md)."""
LEAST_PERSONS = 10
WIDE = 2.0
"""Spread of difficulties, logits, believed of items whose level is not known."""


@dataclass(frozen=True)
class Wish:
    """What is asked of a calibration."""

    model: Model = Model.TWO
    priors: bool = False
    guessing: float | None = None
    """One lower asymptote for all items of the 3PL; None: one over the number of choices."""
    release: Release | None = None
    anchor: Calibration | None = None
    """Its items are held at their parameters; the others are brought onto its scale (Kim 2006)."""
    earlier: Calibration | None = None
    """Its difficulties are compared with the new ones."""
    tolerance: float = 1e-4

    @property
    def scale(self) -> Scale:
        """Anchors and level tags hold the scale; without them the candidates do."""
        return Scale.ITEMS if self.anchor or (self.priors and self.release) else Scale.CANDIDATES


def usable(responses: Responses, wish: Wish) -> tuple[Responses, tuple[SetAside, ...]]:
    """The answers to items that can be estimated, in the order of the release or of names, and the items left out."""
    held = {row.item for row in wish.anchor.items} if wish.anchor else set()
    order = wish.release.row_of if wish.release else {}
    kept: list[ItemId] = []
    aside: list[SetAside] = []
    asked = dict(
        zip(responses.items, zip(responses.asked.tolist(), responses.right.tolist(), strict=True), strict=True)
    )
    for item in sorted(asked, key=lambda i: (order.get(i, 0), i)):
        n, right = asked[item]
        if 0 < right < n or wish.priors or item in held:
            kept.append(item)
        else:
            aside.append(SetAside(item=item, n=n, reason="all_right" if right else "all_wrong"))
    _refuse(wish, responses, kept, held)
    return responses.of_items(kept), tuple(aside)


def _refuse(wish: Wish, responses: Responses, kept: list[ItemId], held: Set[str]) -> None:
    """Raise `NotEstimable` when nothing can come of it."""
    if wish.model is Model.TREE and wish.release is None:
        raise NotEstimable("The tree model needs a release: it tells the domain of each item.")
    if wish.model is Model.THREE and wish.guessing is None and wish.release is None:
        raise NotEstimable("The 3PL needs a fixed c, or a release that tells how many choices each item has.")
    if len(kept) < 2:
        raise NotEstimable("Fewer than two items have both right and wrong answers: nothing can be estimated.")
    if len(responses.persons) < LEAST_PERSONS:
        raise NotEstimable(f"Answers of {len(responses.persons)} people: nothing can be estimated from so few.")
    if wish.anchor and not held & set(kept):
        raise NotEstimable("No item of the anchor calibration was answered: the scales cannot be linked.")


def abilities_for(wish: Wish, items: tuple[ItemId, ...]) -> Callable[[Responses], Abilities]:
    """How the abilities behind answers to these items are modelled."""
    if wish.model is Model.TREE:
        domain = np.array([_domain(item) for item in _about(wish, items)], dtype=np.int64)
        return lambda some: Tree.of(some, domain)
    bound = 6.0 if wish.scale is Scale.ITEMS else 5.0  # a population that is not standard needs room
    return lambda some: Line.of(some, bound)


def estimation_for(wish: Wish, responses: Responses, abilities: Abilities) -> tuple[Estimation, Items]:
    """The estimation of usable answers, and where it starts."""
    n = len(responses.items)
    guessing = _guessing(wish, responses)
    about = _about(wish, responses.items)
    tags = np.array([tag_difficulty(item.framework, item.tag) for item in about])
    # Adaptive tests keep everybody's share near one half, so that shares say little of difficulty: tags say more.
    start = Items.of(np.ones(n), tags, guessing) if about else first_guess(responses.right, responses.asked, guessing)
    beliefs = None
    if wish.priors:
        beliefs = Beliefs(tags) if about else Beliefs(np.zeros(n), WIDE)
    slopes, free = Slopes.FREE, np.ones(n, dtype=bool)
    if wish.model is Model.ONE:
        slopes = Slopes.COMMON
        if beliefs:  # one slope, so its prior counts once and not for every item
            beliefs = Beliefs(beliefs.difficulty, beliefs.spread, log_slope_spread=beliefs.log_slope_spread * sqrt(n))
    if wish.anchor:
        start, free = _anchored(start, responses, wish.anchor)
        if wish.model is Model.ONE:
            slopes = Slopes.HELD
            start.slope[free] = np.exp(np.log(start.slope[~free]).mean())
    return Estimation(abilities, free, wish.scale, beliefs, slopes, wish.tolerance), start


def _anchored(start: Items, responses: Responses, anchor: Calibration) -> tuple[Items, BoolArray]:
    """The start with the anchors at their parameters, and which items are free, (n_items,)."""
    held = {row.item: row for row in anchor.items}
    free = np.array([item not in held for item in responses.items])
    rows = [held[item] for item in responses.items if item in held]
    a, b, c = start.slope.copy(), start.difficulty.copy(), start.guessing.copy()
    a[~free], b[~free], c[~free] = [r.a for r in rows], [r.b for r in rows], [r.c for r in rows]
    return Items.of(a, b, c), free


def _guessing(wish: Wish, responses: Responses) -> FloatArray:
    """The lower asymptote of each item, shape (n_items,)."""
    n = len(responses.items)
    if wish.model is not Model.THREE:
        return np.zeros(n)
    if wish.guessing is not None:
        of = np.full(n, wish.guessing)
    else:
        of = np.array([_chance(item) for item in _about(wish, responses.items)])
    return np.where(responses.asked >= LEAST_FOR_GUESSING, of, 0.0)


def _chance(item: Item) -> float:
    """The chance of a blind guess: one over the choices of a single choice; nobody guesses a text or a number."""
    return 1 / len(item.interaction.choices) if isinstance(item.interaction, SingleChoice) else 0.0


def _about(wish: Wish, items: tuple[ItemId, ...]) -> list[Item]:
    """The items of the release, or none without a release. Raises `UnknownItem`."""
    return [wish.release.item(item) for item in items] if wish.release else []


def _domain(item: Item) -> int:
    """The place of an item's domain in DOMAINS."""
    competence = COMPETENCES[COMPETENCE_INDEX[item.framework, item.competence]]
    return DOMAIN_INDEX[item.framework, competence.domain]
