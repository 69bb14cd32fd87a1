"""The four decision rules, over many sittings and for one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adaptive.cat import Assessment, Percentage
from engine.items.frameworks import Level
from engine.scoring.award import Count, Counts, award, awards, meets
from engine.scoring.decision import (
    Bars,
    Beliefs,
    Tallies,
    double_key,
    highest,
    levels_by_rule,
    minima_hold,
    official,
    posterior_rule,
    probable_minima,
    totals_hold,
)
from engine.scoring.rules import Rule, RuleSet, read_rules
from tests.builders import ITEM_BANK, the_rules

TEXT = (ITEM_BANK / "rules" / "2023.toml").read_text(encoding="utf-8")
ASKED = (5, 3, 3, 3, 2)
BARS = Bars.of(the_rules().levels)
NONE, CONFIRME, AVANCE, EXPERT = range(4)
SURE, NEVER = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


def tallies(*edu: int, crcn: int) -> Tallies:
    """One whole form with so many right in each domain."""
    return Tallies(np.array([edu]), np.array([ASKED]), np.array([crcn]), np.array([48]))


def beliefs(level: tuple[float, ...], minimum: tuple[float, ...] = SURE) -> Beliefs:
    """P(L ≥ k), and the same P(π_d ≥ m_k) in every domain."""
    return Beliefs(np.array([level]), np.array([[minimum] * 5]))


EXPERT_COUNTS = tallies(5, 3, 3, 3, 2, crcn=48)
AVANCE_COUNTS = tallies(3, 2, 2, 2, 2, crcn=36)
NO_COUNTS = tallies(0, 0, 0, 0, 0, crcn=0)
A_DOMAIN_SHORT = tallies(5, 3, 3, 1, 2, crcn=48)
TABLE = {
    "everything right and believed": (EXPERT_COUNTS, beliefs(SURE), (3, 3, 3, 3)),
    "everything right and nothing believed": (EXPERT_COUNTS, beliefs(NEVER, NEVER), (3, 0, 0, 0)),
    "everything wrong and believed": (NO_COUNTS, beliefs(SURE), (0, 0, 3, 0)),
    "the key turns at one half": (EXPERT_COUNTS, beliefs((0.9, 0.5, 0.49)), (3, 2, 1, 3)),
    "R3 turns at γ": (EXPERT_COUNTS, beliefs((0.9, 0.7, 0.69)), (3, 3, 2, 3)),
    "below the counts the key opens no door": (AVANCE_COUNTS, beliefs(SURE), (2, 2, 3, 2)),
    "a domain short that is believed": (A_DOMAIN_SHORT, beliefs(SURE), (0, 0, 3, 3)),
    "a minimum turns at four in five": (A_DOMAIN_SHORT, beliefs(SURE, (0.9, 0.8, 0.79)), (0, 0, 3, 2)),
    "totals by counts whatever is believed": (AVANCE_COUNTS, beliefs(NEVER), (2, 0, 0, 2)),
}


@pytest.mark.parametrize("case", TABLE)
def test_each_rule_awards_what_the_table_says(case):
    counted, believed, expected = TABLE[case]
    found = levels_by_rule(counted, believed, the_rules())
    assert tuple(int(found[rule][0]) for rule in Rule) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("gamma = 0.6", (3, 3, 2, 3)),
        ("cost_over = 3\ncost_under = 2", (3, 3, 2, 3)),
        ("gamma = 0.5\ndouble_key = 0.9", (3, 1, 3, 3)),
        ("minimum = 1.0", (3, 3, 1, 0)),
    ],
)
def test_what_a_rule_requires_stands_in_the_rule_set(table, expected):
    rules = read_rules(TEXT + f'\n[posterior]\n{table}\nsource = "x"\n')
    found = levels_by_rule(EXPERT_COUNTS, beliefs((0.9, 0.6, 0.55), (0.99, 0.99, 0.99)), rules)
    assert tuple(int(found[rule][0]) for rule in Rule) == expected


def test_without_beliefs_only_the_official_rule_speaks():
    found = levels_by_rule(EXPERT_COUNTS, None, the_rules())
    assert {rule: level.tolist() for rule, level in found.items()} == {Rule.R1: [EXPERT]}


# Laws, over any number of sittings


@st.composite
def counted(draw: Any, n: int) -> Tallies:
    asked = [[draw(st.integers(0, most)) for most in ASKED] for _ in range(n)]
    right = [[draw(st.integers(0, c)) for c in row] for row in asked]
    crcn = [draw(st.integers(0, 48)) for _ in range(n)]
    crcn_right = [draw(st.integers(0, c)) for c in crcn]
    return Tallies(np.array(right), np.array(asked), np.array(crcn_right), np.array(crcn))


probabilities = st.floats(0, 1)
falling = st.lists(probabilities, min_size=3, max_size=3).map(lambda p: sorted(p, reverse=True))


@st.composite
def sittings(draw: Any) -> tuple[Tallies, Beliefs]:
    n = draw(st.integers(1, 4))
    level = [draw(falling) for _ in range(n)]
    minimum = [[draw(falling) for _ in range(5)] for _ in range(n)]
    return draw(counted(n)), Beliefs(np.array(level), np.array(minimum))


@given(sittings())
def test_the_double_key_awards_no_more_than_either_of_its_keys(many):
    counts, believed = many
    both = double_key(counts, BARS, believed, 0.5)
    assert (both <= official(counts, BARS)).all()
    assert (both <= posterior_rule(believed, 0.5)).all()
    assert (both == np.minimum(official(counts, BARS), posterior_rule(believed, 0.5))).all()


@given(sittings(), probabilities, probabilities)
def test_who_asks_for_more_awards_no_more(many, one, other):
    counts, believed = many
    low, high = sorted((one, other))
    assert (posterior_rule(believed, high) <= posterior_rule(believed, low)).all()
    assert (double_key(counts, BARS, believed, high) <= double_key(counts, BARS, believed, low)).all()
    assert (probable_minima(counts, BARS, believed, high) <= probable_minima(counts, BARS, believed, low)).all()


@given(sittings())
def test_certain_minima_leave_the_totals_to_decide(many):
    counts, believed = many
    certain = Beliefs(believed.level, np.ones_like(believed.minimum))
    assert (probable_minima(counts, BARS, certain, 0.8) == highest(totals_hold(counts, BARS))).all()


@given(sittings())
def test_minima_as_counted_make_the_fourth_rule_the_first(many):
    counts, believed = many
    held = minima_hold(counts, BARS)[:, None, :].repeat(5, axis=1).astype(float)
    as_counted = Beliefs(believed.level, held)
    assert (probable_minima(counts, BARS, as_counted, 0.8) == official(counts, BARS)).all()


@given(sittings(), st.data())
def test_one_more_right_answer_lowers_no_level_by_counts(many, data):
    counts, believed = many
    row = data.draw(st.integers(0, len(counts.crcn_right) - 1))
    domain = data.draw(st.integers(0, 4))
    edu, crcn = counts.edu_right.copy(), counts.crcn_right.copy()
    edu[row, domain] = min(edu[row, domain] + 1, counts.edu_counted[row, domain])
    crcn[row] = min(crcn[row] + 1, counts.crcn_counted[row])
    better = Tallies(edu, counts.edu_counted, crcn, counts.crcn_counted)
    for rule, level in levels_by_rule(better, believed, the_rules()).items():
        assert (level >= levels_by_rule(counts, believed, the_rules())[rule]).all()


@given(sittings(), st.floats(0, 0.5))
def test_more_belief_lowers_no_level(many, more):
    counts, believed = many
    raised = Beliefs(np.minimum(believed.level + more, 1), np.minimum(believed.minimum + more, 1))
    before, after = (levels_by_rule(counts, b, the_rules()) for b in (believed, raised))
    assert all((after[rule] >= before[rule]).all() for rule in Rule)


# One sitting and many


def assessment(level: list[float], minimum: list[list[float]]) -> Assessment:
    """An assessment of which a decision reads two fields."""
    none = Percentage(0, 0, 0, 0)
    three = tuple(level)
    return Assessment(three, three, three, (none, none), (none,) * 10, tuple(map(tuple, minimum)))  # type: ignore[arg-type]


def one_of(counts: Tallies, row: int) -> Counts:
    """One sitting of many, as `result` counts it."""
    edu = zip(counts.edu_right[row].tolist(), counts.edu_counted[row].tolist(), strict=True)
    return Counts(
        {d: Count(*c) for d, c in enumerate(edu, start=1)},
        Count(int(counts.crcn_right[row]), int(counts.crcn_counted[row])),
    )


def by_hand(counts: Counts, rules: RuleSet) -> Level | None:
    """R1 as the jury report words it, in plain integers."""
    best = None
    for t in rules.levels:
        edu, crcn = counts.edu, counts.crcn
        rows = [(edu, t.crcn_edu), (crcn, t.crcn), *((d, t.crcn_edu_per_domain) for d in counts.edu_domains.values())]
        if all(c.counted > 0 and 100 * c.correct >= percent * c.counted for c, percent in rows):
            best = t.value
    return best


@given(sittings())
def test_one_sitting_is_decided_as_it_is_among_many(many):
    counts, believed = many
    together = levels_by_rule(counts, believed, the_rules())
    for row in range(len(counts.crcn_right)):
        alone = one_of(counts, row)
        own = assessment(believed.level[row].tolist(), believed.minimum[row].tolist())
        found = awards(alone, own, the_rules())
        assert found == {rule: Level(int(level[row])) if level[row] else None for rule, level in together.items()}
        assert found[Rule.R1] is award(alone, the_rules().levels) is by_hand(alone, the_rules())


INITIE = '[[levels]]\nlevel = "initie"\ncrcn_edu = 30\ncrcn_edu_per_domain = 0\ncrcn = 40\nsource = "x"\n\n'


@given(sittings())
def test_initie_is_awarded_by_counts_under_every_rule(many):
    counts, believed = many
    with_initie = read_rules(TEXT.replace("[[levels]]", INITIE + "[[levels]]", 1))
    for row in range(len(counts.crcn_right)):
        alone = one_of(counts, row)
        own = assessment(believed.level[row].tolist(), believed.minimum[row].tolist())
        plain, found = awards(alone, own, the_rules()), awards(alone, own, with_initie)
        least = Level.INITIE if meets(alone, with_initie.levels[0]) else None
        assert found == {rule: least if level is None else level for rule, level in plain.items()}
        assert found[Rule.R1] is award(alone, with_initie.levels) is by_hand(alone, with_initie)


# What is no count


def test_counts_are_whole_numbers_within_what_was_counted():
    one = np.array([[1, 1, 1, 1, 1]])
    with pytest.raises(ValueError, match="whole numbers"):
        Tallies(one.astype(float), one, np.array([1]), np.array([1]))
    with pytest.raises(ValueError, match="within counted"):
        Tallies(one + 1, one, np.array([1]), np.array([1]))
    with pytest.raises(ValueError, match="within counted"):
        Tallies(one, one, np.array([-1]), np.array([1]))
    with pytest.raises(ValueError, match="within counted"):
        Tallies(one, one[:, :4], np.array([1]), np.array([1]))


def test_counts_kept_in_few_bits_do_not_overflow():
    few = Tallies(
        np.array([[5, 3, 3, 3, 2]], np.uint8), np.array([ASKED], np.uint8), np.array([28], np.uint8),
        np.array([48], np.int8),
    )  # fmt: skip
    assert official(few, BARS).tolist() == [NONE]


def test_the_names_of_levels_are_their_numbers():
    assert (CONFIRME, AVANCE, EXPERT) == (Level.CONFIRME, Level.AVANCE, Level.EXPERT)
