"""What a whole bank lacks."""

from dataclasses import replace

import pytest

from engine.items.frameworks import Framework, Track
from engine.items.item import Choice, Kind, SingleChoice
from engine.items.targets import BrokenTargets, Targets, chance_of, key_places, missed, read_targets
from tests.builders import an_item


def told(held, /, **asked) -> list[str]:
    return [s for s in missed(held, Targets.model_validate(asked)) if s.startswith("crcn 1.1") or "crcn" not in s]


def with_key(place: int, texts=("un", "de", "tr", "qu"), n: int = 1):
    choices = tuple(Choice(i, text) for i, text in zip("abcd", texts, strict=True))
    return replace(
        an_item(f"crcn-1.1-{n:02}"), kind=Kind.SINGLE_CHOICE, interaction=SingleChoice(choices, "abcd"[place])
    )


def test_each_competence_is_asked_for_items_tracks_levels_and_repeated_subjects():
    one = replace(an_item("crcn-1.1-01", tag=3), subject="tri")
    two = replace(an_item("crcn-1.1-02", tag=3), subject="tri", tracks=frozenset({Track.FIRST_DEGREE}))
    assert told([one, two], items=3) == ["crcn 1.1: 2 items, 3 are asked for"]
    assert told([one, two], items_of_a_track=2) == ["crcn 1.1: 1 items for second_degree, 2 are asked for"]
    assert len(told([one, two], items_of_a_level=1)) == 7
    assert not told([one, two], repeated_subjects=1)
    [sentence] = told([one], repeated_subjects=1)
    assert sentence == "crcn 1.1: 0 subjects can be asked again in another form, 1 are asked for"


def test_shares_have_a_floor_and_a_ceiling():
    items = [with_key(0, n=1), with_key(1, n=2), replace(an_item("crcn-1.1-03"), kind=Kind.GAPS)]
    assert told(items, least={"gaps": 0.3}, most={"single_choice": 0.7}) == []
    assert told(items, least={"gaps": 0.4}, most={"single_choice": 0.6}) == [
        "gaps: 1 items of 3, at least 40% are asked for",
        "single_choice: 2 items of 3, at most 60% are asked for",
    ]


def test_keys_that_are_long_or_stand_at_one_place_are_a_habit():
    habit = [with_key(0, ("longue clef", "de", "tr", "qu"), n) for n in range(1, 41)]
    told_of = told(habit, longest_is_key=0.35, places_by_chance=0.01)
    length, place = told_of
    assert length.startswith("the one longest choice is the key of 40 single choices of 40, at most 35% are allowed")
    assert place.startswith(
        "the keys of single choices with 4 choices stand at [40, 0, 0, 0], which chance would hardly"
    )
    assert key_places(habit) == {4: [40, 0, 0, 0]}
    assert not told([with_key(n % 4, n=n) for n in range(1, 41)], longest_is_key=0.35, places_by_chance=0.01)
    assert chance_of([3, 0, 0, 0]) == 1


def test_a_file_of_targets_that_says_something_else_is_refused_with_every_fault():
    assert read_targets("items = 15\n[least]\ngaps = 0.05").items == 15
    with pytest.raises(BrokenTargets, match=r"least\.gapz.*; itmes: "):
        read_targets("itmes = 15\n[least]\ngapz = 0.05")
    with pytest.raises(BrokenTargets, match="not TOML"):
        read_targets("items = ")


def test_all_competences_of_both_frameworks_are_looked_at():
    assert len(list(missed([], Targets(items=1)))) == 16 * len(Framework)
