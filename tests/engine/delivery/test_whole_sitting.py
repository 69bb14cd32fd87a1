"""A whole sitting on the real bank: sixteen questions of the CRCN-Édu, then forty-eight of the CRCN."""

from collections import Counter
from functools import cache

import pytest

from engine.adaptive.cat import Plan
from engine.delivery.clock import EXPECTED_TIME
from engine.delivery.commands import observed
from engine.delivery.screen import arranged
from engine.delivery.states import State
from engine.items.frameworks import Framework, Track, competences_of
from engine.items.item import (
    Gaps,
    Interaction,
    Item,
    Matching,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
)
from engine.items.read import read_release
from engine.items.release import Release
from engine.items.response import Reply
from tests.builders import ITEM_BANK, Candidate, Exam, a_candidate_at_work, a_sitting, the_rules

RIGHT_OFTEN = {"always": lambda _: True, "never": lambda _: False, "by turns": lambda n: n % 3 > 0}


@cache
def demo() -> Release:
    return read_release(ITEM_BANK, "demo")


@cache
def the_exam(track: Track) -> Exam:
    return Exam(Plan.of(demo(), track, the_rules().cuts, time_budget=EXPECTED_TIME.total_seconds()), demo())


def the_key(interaction: Interaction) -> Reply:
    """What a candidate who knows everything replies."""
    match interaction:
        case SingleChoice(key=key):
            return key
        case MultipleChoice(key=keys):
            return list(keys)
        case ShortText(key=texts):
            return texts[0]
        case Number(key=number, unit=unit):
            return f"{number} {unit}".replace(".", ",")
        case Ordering(key=order):
            return list(order)
        case Matching(key=pairs) | Gaps(key=pairs):
            return dict(pairs)


@cache
def went_through(track: Track, seed: int, how: str) -> Candidate:
    candidate = a_candidate_at_work(exam=the_exam(track), sitting=a_sitting(seed=seed))
    for n in range(64):
        candidate.waits(minutes=2)
        shown = arranged(candidate.the_item.interaction, seed, n)
        candidate.replies(the_key(shown) if RIGHT_OFTEN[how](n) else None)
    return candidate


sittings = pytest.mark.parametrize(
    ("track", "seed", "how"), [(t, s, h) for t in Track for s, h in enumerate(RIGHT_OFTEN, start=1)]
)


def items_of(candidate: Candidate) -> list[Item]:
    return [demo().item(i) for i in candidate.sitting.presented]


@sittings
def test_a_sitting_ends_after_sixteen_and_forty_eight(track, seed, how):
    candidate = went_through(track, seed, how)
    assert candidate.state is State.SUBMITTED
    assert not candidate.sitting.ended_by_choice
    frameworks = [i.framework for i in items_of(candidate)]
    assert frameworks == [Framework.CRCN_EDU] * 16 + [Framework.CRCN] * 48
    assert the_exam(track).plan.lengths == (16, 48)


@sittings
def test_each_competence_of_the_crcn_edu_is_asked_once_and_of_the_crcn_thrice(track, seed, how):
    asked = Counter((i.framework, i.competence) for i in items_of(went_through(track, seed, how)))
    assert asked == Counter({(f, c.code): n for f, n in zip(Framework, (1, 3), strict=True) for c in competences_of(f)})


@sittings
def test_no_subject_comes_twice_nor_an_item_of_another_track_nor_an_enemy(track, seed, how):
    items = items_of(went_through(track, seed, how))
    assert len({(i.framework, i.competence, i.subject) for i in items}) == len(items)
    assert all(track in i.tracks for i in items)
    assert not frozenset(i.id for i in items) & frozenset(e for i in items for e in i.enemies)


@sittings
def test_every_key_of_the_bank_that_is_met_can_be_given_and_is_right(track, seed, how):
    rightly = [o.correct for o in observed(went_through(track, seed, how).sitting, demo())]
    assert rightly == [RIGHT_OFTEN[how](n) for n in range(64)]


@sittings
def test_a_form_can_be_expected_to_fit_into_the_time(track, seed, how):
    assert sum(i.expected_seconds for i in items_of(went_through(track, seed, how))) <= EXPECTED_TIME.total_seconds()
