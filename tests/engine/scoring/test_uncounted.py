"""An item in pre-test never counts, whatever was answered and however the sitting ended."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adaptive.cat import Plan
from engine.items.frameworks import Framework, Level
from engine.items.item import Item
from engine.proctoring.ruling import Decision, Ruling
from engine.scoring.award import Count
from engine.scoring.planning import plan_for
from engine.scoring.result import Inconclusive, Outcome, Scored, result
from tests.builders import (
    TRACK,
    Candidate,
    a_candidate_at_work,
    a_ruling,
    a_sitting,
    an_exam,
    an_exam_with_items_to_try,
    the_rules,
)


def took(answered: int, end: str, seed: int, scored: list[bool], tried: list[bool], per_sitting: int = 3) -> Candidate:
    """Someone whose replies to items that count come from one list, and to the others from another."""
    exam = an_exam_with_items_to_try(per_sitting)
    counters = {False: 0, True: 0}

    def right(item: Item) -> bool:
        is_tried = exam.plan.is_tried(item.id)
        counters[is_tried] += 1
        replies = tried if is_tried else scored
        return replies[counters[is_tried] % len(replies)]

    candidate = a_candidate_at_work(answered, exam, a_sitting(seed=seed), right)
    if answered < 64:
        match end:
            case "finished":
                candidate.finishes()
            case "bell":
                candidate.waits_for_the_bell()
                candidate.rings()
            case _:
                candidate.is_stopped(technical=end == "technical")
    return candidate


def outcome(candidate: Candidate, *rulings: Ruling) -> Outcome:
    return result(candidate.sitting, *candidate.exam, the_rules(), Level.EXPERT, (), rulings)


ENDS = st.sampled_from(["finished", "bell", "technical", "stopped"])
REPLIES = st.lists(st.booleans(), min_size=1, max_size=20)


@settings(max_examples=25)
@given(st.integers(20, 64), ENDS, st.integers(0, 50), REPLIES, st.data())
def test_other_replies_to_tried_items_change_nothing_in_the_result(answered, end, seed, replies, data):
    one, other = (took(answered, end, seed, replies, data.draw(REPLIES), 4) for _ in range(2))
    assert one.sitting.presented == other.sitting.presented
    out = data.draw(st.sets(st.sampled_from(one.sitting.presented), max_size=4))
    tried = out & one.exam.release.pretest
    rulings = [a_ruling(Decision.NEUTRALISE, out)] if out else []
    found = outcome(one, *rulings)
    assert outcome(other, *rulings) == found
    without = [a_ruling(Decision.NEUTRALISE, out - tried)] if out - tried else []
    assert outcome(one, *without) == found


@settings(max_examples=25)
@given(st.integers(20, 64), ENDS, st.integers(0, 50), REPLIES)
def test_only_items_that_count_are_counted(answered, end, seed, replies):
    candidate = took(answered, end, seed, replies, [True])
    found = outcome(candidate)
    assert isinstance(found, Scored | Inconclusive)
    whole = end != "technical" or answered == 64
    put = sum(i not in candidate.exam.release.pretest for i in candidate.sitting.presented)
    on_screen = len(candidate.sitting.presented) - len(candidate.sitting.answers)
    if whole:
        assert (found.counts.edu.counted, found.counts.crcn.counted) == (16, 45)
    else:
        assert found.counts.edu.counted + found.counts.crcn.counted in (put, put - on_screen)
    if isinstance(found, Scored):
        assert found.not_reached == (61 - put if whole else 0)
        by_competence = sum((c for (f, _), c in found.competences.items() if f is Framework.CRCN), Count())
        assert by_competence.counted <= found.counts.crcn.counted


def test_whoever_is_right_in_every_item_that_counts_and_wrong_in_the_tried_has_all():
    found = outcome(took(64, "", 1, [True], [False]))
    assert isinstance(found, Scored)
    assert found.counts.crcn == Count(45, 45)
    assert found.level is Level.EXPERT
    assert all(c.correct == c.counted for c in found.competences.values())


def test_a_tried_item_that_the_jury_takes_out_is_not_told_as_neutralised():
    candidate = took(64, "", 1, [True], [False])
    tried = [i for i in candidate.sitting.presented if candidate.exam.plan.is_tried(i)]
    found = outcome(candidate, a_ruling(Decision.NEUTRALISE, [*tried, candidate.sitting.presented[20]]))
    assert isinstance(found, Scored)
    assert len(found.neutralised) == 1


@pytest.mark.parametrize("wanted", [0, 2, 3, 4])
def test_a_rule_set_says_how_many_items_a_sitting_tries(wanted):
    plan = plan_for(an_exam_with_items_to_try().release, TRACK, replace(the_rules(), pretest=wanted))
    assert plan.lengths == (16, 48 - wanted)
    assert sum(plan.asked) == 64


def test_rules_that_try_items_run_on_a_release_without_any():
    plan: Plan = plan_for(an_exam().release, TRACK, replace(the_rules(), pretest=4))
    assert plan.lengths == plan.asked == (16, 48)
    assert plan.pretest is None
