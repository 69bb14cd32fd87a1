"""The official rule R1: counts against thresholds, as integers."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.items.frameworks import Level
from engine.scoring.award import Count, Counts, award, meets
from tests.builders import the_rules

CONFIRME, AVANCE, EXPERT = the_rules().levels
ASKED = {1: 5, 2: 3, 3: 3, 4: 3, 5: 2}
FULL = Count(48, 48)


def counts(edu: Mapping[int, int] | None = None, crcn: int = 48) -> Counts:
    """A whole form with so many right answers; everything right unless said."""
    right = ASKED | dict(edu or {})
    return Counts({d: Count(right[d], n) for d, n in ASKED.items()}, Count(crcn, 48))


def spread(right: int) -> dict[int, int]:
    """So many of 16, no domain worse than need be: the wrong ones go where the share is highest."""
    found = dict(ASKED)
    for _ in range(16 - right):
        best = max(found, key=lambda d: Fraction(found[d], ASKED[d]))
        found[best] -= 1
    return found


EDU = {n: {1: 3 + n - 11, 2: 2, 3: 2, 4: 2, 5: 2} for n in (11, 12, 13)} | {10: {1: 3, 2: 2, 3: 2, 4: 2, 5: 1}}
"""So many of 16; with 11, every domain has just what Avancé and Expert need."""


def without_domains(level):
    return level.model_copy(update={"crcn_edu_per_domain": 0})


@pytest.mark.parametrize(("level", "right"), [(CONFIRME, 8), (AVANCE, 11), (EXPERT, 13)])
def test_of_sixteen_so_many_meet_the_crcn_edu_and_one_less_does_not(level, right):
    row = without_domains(level)
    assert meets(counts(spread(right)), row)
    assert not meets(counts(spread(right - 1)), row)


@pytest.mark.parametrize(("level", "right"), [(CONFIRME, 29), (AVANCE, 36), (EXPERT, 41)])
def test_of_forty_eight_so_many_meet_the_crcn_and_one_less_does_not(level, right):
    assert meets(counts(crcn=right), level)
    assert not meets(counts(crcn=right - 1), level)


@pytest.mark.parametrize(
    ("asked", "least"),
    [(1, (1, 1, 1)), (2, (1, 2, 2)), (3, (2, 2, 2)), (4, (2, 3, 3)), (5, (3, 3, 3))],
)
def test_a_domain_of_so_many_items_needs_so_many_right(asked, least):
    for level, needed in zip((CONFIRME, AVANCE, EXPERT), least, strict=True):
        for right in range(asked + 1):
            domain = Counts({1: Count(right, asked), 2: Count(100, 100)}, FULL)
            assert meets(domain, level) == (right >= needed)


def test_one_of_two_refuses_avance_and_expert_and_allows_confirme():
    one_of_two = counts({5: 1})
    assert meets(one_of_two, CONFIRME)
    assert not meets(one_of_two, AVANCE)
    assert not meets(one_of_two, EXPERT)
    assert award(one_of_two, the_rules().levels) is Level.CONFIRME


def test_twenty_eight_of_forty_seven_is_below_sixty_percent():
    assert not Count(28, 47).reaches(60)
    assert round(Count(28, 47).percent) == 60
    assert not meets(replace(counts(), crcn=Count(28, 47)), CONFIRME)
    assert meets(replace(counts(), crcn=Count(29, 47)), CONFIRME)


@pytest.mark.parametrize(
    ("correct", "counted", "percent", "reached"),
    [
        (28, 47, 60, False),  # 59.57, rounds to 60
        (35, 47, 75, False),  # 74.47
        (1, 3, 33, True),  # 33.33
        (2, 3, 67, False),  # 66.67, rounds to 67
        (9, 14, 65, False),  # 64.29
        (10, 15, 67, False),
        (7, 14, 50, True),
        (0, 5, 0, True),
        (0, 0, 0, False),  # nothing counted reaches nothing
        (0, 0, 50, False),
        (29, 50, 58, True),  # a share that a binary fraction misses: 100 × .58 is 57.99…
        (57, 100, 57, True),
    ],
)
def test_integers_decide_and_not_rounded_percentages(correct, counted, percent, reached):
    assert Count(correct, counted).reaches(percent) == reached


@given(counted=st.integers(1, 100), percent=st.integers(0, 100), data=st.data())
def test_reaching_a_percentage_is_exact(counted, percent, data):
    correct = data.draw(st.integers(0, counted))
    assert Count(correct, counted).reaches(percent) == (Fraction(correct, counted) >= Fraction(percent, 100))


@pytest.mark.parametrize(
    ("edu", "crcn", "level"),
    [
        ({}, 48, Level.EXPERT),
        (EDU[13], 41, Level.EXPERT),
        (EDU[13], 40, Level.AVANCE),
        (EDU[12], 41, Level.AVANCE),
        (EDU[11], 36, Level.AVANCE),
        (EDU[11], 35, Level.CONFIRME),
        (EDU[10], 36, Level.CONFIRME),
        (EDU[10], 29, Level.CONFIRME),
        ({}, 28, None),
        ({4: 1}, 48, None),  # 1 of 3 in one domain bars every level
        ({1: 2}, 48, None),
        ({5: 0}, 48, None),
        (dict.fromkeys(ASKED, 0), 0, None),
    ],
)
def test_the_level_awarded_is_the_highest_that_is_met(edu, crcn, level):
    assert award(counts(edu, crcn), the_rules().levels) is level


tallies = st.fixed_dictionaries(
    {d: st.integers(1, n).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))) for d, n in ASKED.items()}
)
crcn_tally = st.integers(1, 48).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def rank(level: Level | None) -> int:
    return -1 if level is None else level


@pytest.mark.slow
@given(edu=tallies, crcn=crcn_tally, data=st.data())
def test_one_more_right_answer_never_lowers_the_level(edu, crcn, data):
    before = Counts({d: Count(*t) for d, t in edu.items()}, Count(*crcn))
    where = data.draw(st.sampled_from([*edu, "crcn"]))
    right, asked = crcn if where == "crcn" else edu[where]
    more = Count(min(right + 1, asked), asked)
    after = (
        replace(before, crcn=more)
        if where == "crcn"
        else replace(before, edu_domains={**before.edu_domains, where: more})
    )
    levels = the_rules().levels
    assert rank(award(after, levels)) >= rank(award(before, levels))


@pytest.mark.slow
@given(edu=tallies, crcn=crcn_tally)
def test_who_meets_a_level_meets_the_lower_ones(edu, crcn):
    found = Counts({d: Count(*t) for d, t in edu.items()}, Count(*crcn))
    met = [meets(found, level) for level in the_rules().levels]
    assert met == sorted(met, reverse=True)


@given(st.integers(-3, 5), st.integers(-3, 5))
def test_no_more_is_right_than_was_counted(correct, counted):
    if 0 <= correct <= counted:
        assert Count(correct, counted) + Count() == Count(correct, counted)
    else:
        with pytest.raises(ValueError, match="correct of"):
            Count(correct, counted)
