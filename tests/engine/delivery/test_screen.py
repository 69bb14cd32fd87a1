"""How an item stands on one candidate's screen."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.delivery.screen import arranged
from engine.items.item import Gap, Gaps, Interaction, Kind, Matching, Number, Ordering, ShortText, SingleChoice
from engine.items.response import is_correct, parse
from tests.builders import INTERACTIONS, choices

seeds, places = st.integers(0, 2**63 - 1), st.integers(0, 63)
kinds = st.sampled_from(list(INTERACTIONS))
WITH_CHOICES = [k for k in INTERACTIONS if k not in (Kind.SHORT_TEXT, Kind.NUMBER)]


def lists_of(interaction: Interaction) -> list[tuple[Any, ...]]:
    """Each list of choices that is shown."""
    match interaction:
        case ShortText() | Number():
            return []
        case Gaps(gaps=gaps):
            return [gap.choices for gap in gaps]
        case _:
            return [interaction.choices]


@given(kind=kinds, seed=seeds, place=places)
def test_the_arrangement_is_the_same_at_every_reload(kind, seed, place):
    assert arranged(INTERACTIONS[kind], seed, place) == arranged(INTERACTIONS[kind], seed, place)


@given(kind=kinds, seed=seeds, place=places)
def test_no_choice_is_lost_and_nothing_but_the_order_changes(kind, seed, place):
    before = INTERACTIONS[kind]
    shown = arranged(before, seed, place)
    for one, other in zip(lists_of(before), lists_of(shown), strict=True):
        assert sorted(one, key=lambda c: c.id) == sorted(other, key=lambda c: c.id)
    assert type(shown) is type(before)
    assert shown.key == before.key
    match before:
        case Matching(prompts=prompts):
            assert isinstance(shown, Matching)
            assert shown.prompts == prompts
        case Gaps(gaps=gaps):
            assert isinstance(shown, Gaps)
            assert [g.id for g in shown.gaps] == [g.id for g in gaps]
        case ShortText() | Number():
            assert shown == before


@given(seed=seeds, place=places, key=st.permutations("abc"))
def test_an_ordering_is_never_shown_in_its_right_order(seed, place, key):
    shown = arranged(Ordering(choices("abc"), tuple(key)), seed, place)
    assert isinstance(shown, Ordering)
    assert [c.id for c in shown.choices] != key
    assert not is_correct(shown, parse(shown, [c.id for c in shown.choices]))


@pytest.mark.parametrize("kind", [Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.MATCHING])
def test_a_fixed_order_is_kept(kind):
    fixed = replace(INTERACTIONS[kind], fixed_order=True)  # type: ignore[call-arg]
    assert all(arranged(fixed, seed, 1) == fixed for seed in range(20))


@pytest.mark.parametrize("kind", WITH_CHOICES)
def test_candidates_and_places_see_different_orders(kind):
    by_seed = {repr(arranged(INTERACTIONS[kind], seed, 1)) for seed in range(30)}
    by_place = {repr(arranged(INTERACTIONS[kind], 1, place)) for place in range(30)}
    assert min(len(by_seed), len(by_place)) > 2


def test_every_choice_comes_first_about_as_often_as_any_other():
    interaction = SingleChoice(choices("abcd"), "a")
    first = [lists_of(arranged(interaction, seed, place))[0][0].id for seed in range(50) for place in range(16)]
    assert all(150 < first.count(letter) < 250 for letter in "abcd")


def test_two_gaps_of_one_item_are_shuffled_apart():
    twins = Gaps((Gap("g1", choices("abcdef")), Gap("g2", choices("abcdef"))), (("g1", "a"), ("g2", "a")))
    assert any(len(set(lists_of(arranged(twins, seed, 0)))) == 2 for seed in range(3))
