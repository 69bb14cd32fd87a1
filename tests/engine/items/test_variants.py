"""Which of its files an item shows to whom."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from engine.items.check import problems_of
from engine.items.item import Attachment, Item, Kind, Number, ShortText, Variant
from engine.items.variants import LARGEST, PLACES, as_put, every_variant, seed_at
from tests.builders import an_item


def a_file_task(variants: int, item: str = "crcn-1.3-01") -> Item:
    others = [
        Variant(f"v{n}", Number(n), (Attachment(f"{item}-v{n}.csv", "Un tableau"),)) for n in range(2, variants + 1)
    ]
    return replace(
        an_item(item),
        kind=Kind.FILE_TASK,
        interaction=Number(1),
        attachments=(Attachment(f"{item}.csv", "Un tableau"),),
        variants=tuple(others),
        rationale="Pour tous.",
    )


@pytest.mark.parametrize("variants", range(2, LARGEST + 1))
def test_neighbours_never_share_an_answer_and_all_variants_are_used_alike(variants):
    item = every_variant(a_file_task(variants))
    seeds = [seed_at(place, chance=987_654_321 * place % 2**31) for place in range(PLACES * 2)]
    got = [as_put(item, seed).interaction for seed in seeds]
    assert all(a != b for a, b in pairwise(got))
    assert set(Counter(map(str, got)).values()) == {PLACES * 2 // variants}


def test_a_variant_has_its_own_file_and_key_and_those_of_no_other():
    first, second, third = every_variant(a_file_task(3))
    assert [one.files for one in (first, second, third)] == [
        ("crcn-1.3-01.csv",),
        ("crcn-1.3-01-v2.csv",),
        ("crcn-1.3-01-v3.csv",),
    ]
    assert [one.interaction for one in (first, second, third)] == [Number(1), Number(2), Number(3)]
    assert second.rationale == "Pour tous."


def test_two_neighbours_do_not_meet_the_same_pair_at_every_file():
    items = [every_variant(a_file_task(3, f"crcn-1.3-{n:02}")) for n in range(1, 12)]
    assert len({(as_put(i, 0).interaction, as_put(i, 1).interaction) for i in items}) > 1


def test_the_seed_of_a_place_is_chance_but_for_its_remainder():
    assert seed_at(61, 1000) == 961
    assert len({seed_at(3, chance) for chance in range(0, 6000, 100)}) == 60


def test_a_key_that_two_variants_accept_is_a_problem():
    item = replace(a_file_task(1), interaction=ShortText(("Le chat",)))
    twin = Variant("v2", ShortText(("le chat",)), (Attachment("crcn-1.3-01-v2.csv", "Un tableau"),))
    told = {sentence for _, sentence in problems_of(replace(item, variants=(twin,)))}
    assert told == {
        "'Le chat' is right in two variants: two neighbours could share it",
        "'le chat' is right in two variants: two neighbours could share it",
    }


def test_a_file_that_two_variants_show_is_a_problem():
    item = a_file_task(2)
    same = replace(item.variants[0], attachments=item.attachments)
    assert [s for _, s in problems_of(replace(item, variants=(same,)))] == [
        "crcn-1.3-01.csv is named by 2 variants: give each variant its own file"
    ]
