"""File tasks in several variants: the same question over another file, so that neighbours do not share an answer.

Which one a sitting gets is a function of its seed. Seeds of places that follow one another differ by one modulo
`PLACES`, so any two neighbours on a list get different variants, however many an item has (docs/adr/0034).
"""

import zlib
from collections.abc import Sequence
from dataclasses import replace

from engine.items.item import Item

LARGEST = 6
"""How many variants an item has at most, its first one counted."""
PLACES = 60
"""The least common multiple of 1 … `LARGEST`."""


def as_put(variants: Sequence[Item], seed: int) -> Item:
    """The variant that a sitting of this seed gets, of those that `every_variant` gives."""
    # An offset for each item: the same two neighbours do not meet the same pair of variants each time.
    return variants[(seed % PLACES + zlib.crc32(variants[0].id.encode())) % len(variants)]


def every_variant(item: Item) -> tuple[Item, ...]:
    """The item in each of its variants, its own file and key first; each has those of no other."""
    first = replace(item, variants=())
    others = (
        replace(
            item,
            variants=(),
            interaction=v.interaction,
            attachments=v.attachments,
            rationale=v.rationale or item.rationale,
        )
        for v in item.variants
    )
    return (first, *others)


def seed_at(place: int, chance: int) -> int:
    """A seed for the place of that number in a session, from a random number of at least 0.

    >>> seed_at(7, 1_000_000) % PLACES, seed_at(8, 2_000_003) % PLACES
    (7, 8)
    """
    return chance - chance % PLACES + place % PLACES
