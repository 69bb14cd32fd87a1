"""How an item stands on one candidate's screen: its choices in an order drawn once, the same at every reload."""

from dataclasses import replace
from typing import TypeVar

from engine.adaptive.dice import seeds_of, shuffle
from engine.items.item import Gaps, Interaction, Matching, MultipleChoice, Number, Ordering, ShortText, SingleChoice

T = TypeVar("T")

_SCREEN = 1 << 35
"""Streams from here on arrange screens: kept apart from those that choose items."""
_WIDTH = 64
"""Streams of one position: as many menus, or new tries of an ordering, as an item can need."""


def arranged(interaction: Interaction, seed: int, position: int) -> Interaction:
    """The interaction as it is shown at a position of a sitting: a function of the sitting's seed.

    An ordering is never shown in its right order.
    """
    stream = _SCREEN + _WIDTH * position
    match interaction:
        case ShortText() | Number():
            return interaction
        case SingleChoice() | MultipleChoice() | Matching():
            return (
                interaction
                if interaction.fixed_order
                else replace(interaction, choices=_drawn(interaction.choices, seed, stream))
            )
        case Gaps():
            gaps = tuple(
                replace(gap, choices=_drawn(gap.choices, seed, stream + n)) for n, gap in enumerate(interaction.gaps)
            )
            return replace(interaction, gaps=gaps)
        case Ordering():
            tries = (_drawn(interaction.choices, seed, stream + n) for n in range(_WIDTH))
            wrong = (choices for choices in tries if tuple(c.id for c in choices) != interaction.key)
            return replace(interaction, choices=next(wrong, interaction.choices[::-1]))


def _drawn(choices: tuple[T, ...], seed: int, stream: int) -> tuple[T, ...]:
    return tuple(choices[i] for i in shuffle(seeds_of(seed), stream, len(choices))[0])
