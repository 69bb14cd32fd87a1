"""How an item stands on one candidate's screen: its choices in an order drawn once, the same at every reload."""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from engine.items.item import Gaps, Interaction, Matching, MultipleChoice, Number, Ordering, ShortText, SingleChoice

T = TypeVar("T")

_DICE = 7  # keeps these draws apart from those that choose items


def arranged(interaction: Interaction, seed: int, position: int) -> Interaction:
    """The interaction as it is shown at a position of a sitting: a function of the sitting's seed.

    An ordering is never shown in its right order.
    """
    rng = np.random.default_rng([seed, position, _DICE])
    match interaction:
        case ShortText() | Number():
            return interaction
        case SingleChoice() | MultipleChoice() | Matching():
            return (
                interaction
                if interaction.fixed_order
                else replace(interaction, choices=_drawn(interaction.choices, rng))
            )
        case Gaps():
            gaps = tuple(replace(gap, choices=_drawn(gap.choices, rng)) for gap in interaction.gaps)
            return replace(interaction, gaps=gaps)
        case Ordering():
            choices = _drawn(interaction.choices, rng)
            while tuple(c.id for c in choices) == interaction.key:
                choices = _drawn(interaction.choices, rng)
            return replace(interaction, choices=choices)


def _drawn(choices: tuple[T, ...], rng: np.random.Generator) -> tuple[T, ...]:
    return tuple(choices[i] for i in rng.permutation(len(choices)))
