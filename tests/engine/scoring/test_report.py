"""What people are told: a document that stands on its own."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.items.frameworks import Framework, Level, competences_of
from engine.items.release import Provenance
from engine.proctoring.ruling import Decision
from engine.scoring.award import Count, Counts
from engine.scoring.report import FORMAT, amended, competence_status, document, says_the_same, valid_until
from engine.scoring.result import Cancelled, Cause, Inconclusive, Outcome, Scored, Withheld, result
from tests.builders import (
    Candidate,
    Exam,
    Missing,
    a_candidate_who_went_through,
    a_ruling,
    an_exam,
    an_incident,
    the_rules,
)

TODAY = date(2026, 11, 23)


def outcome_of(candidate: Candidate) -> Outcome:
    item = candidate.sitting.presented[20]
    return result(
        candidate.sitting,
        *candidate.exam,
        the_rules(),
        Level.EXPERT,
        [an_incident()],
        [a_ruling(Decision.NEUTRALISE, [item])],
    )


def told(outcome: Outcome, exam: Exam | None = None, target: Level = Level.EXPERT) -> dict[str, Any]:
    return document(outcome, (exam or an_exam()).release, the_rules(), target, TODAY)


@pytest.fixture(scope="module")
def candidate() -> Candidate:
    return a_candidate_who_went_through(Missing(9, {5: 1}))


@pytest.fixture(scope="module")
def no_data() -> Candidate:
    return a_candidate_who_went_through(Missing(9, {5: 1}), an_exam(provenance=Provenance.TAGS))


NOTHING_COUNTED = Counts({d: Count() for d in range(1, 6)}, Count())


@pytest.fixture(params=["scored", "no data", "inconclusive", "cancelled"])
def published(request, candidate, no_data) -> dict[str, Any]:
    return {
        "scored": lambda: told(outcome_of(candidate)),
        "no data": lambda: told(outcome_of(no_data), no_data.exam),
        "inconclusive": lambda: told(Inconclusive(NOTHING_COUNTED)),
        "cancelled": lambda: told(Cancelled(Cause.VOIDED)),
    }[request.param]()


def test_a_document_is_the_same_after_a_trip_through_json(published):
    assert json.loads(json.dumps(published, allow_nan=False)) == published


def test_a_document_says_what_it_is_and_rests_on(published):
    assert published["format"] == FORMAT == "palier-result/1"
    assert (published["target"], published["obtained_on"]) == ("expert", "2026-11-23")
    assert published["rules"]["digest"] == the_rules().digest
    assert published["release"]["name"] == "synthetic"
    assert published["release"]["provenance"] in ("simulated", "tags")
    assert published["outcome"] in ("scored", "inconclusive", "cancelled")


def test_a_withheld_result_refuses_to_be_a_document():
    with pytest.raises(ValueError, match="withheld result cannot be published"):
        told(Withheld((an_incident(),)))


@pytest.mark.parametrize("cause", Cause)
def test_a_cancelled_result_says_why_and_nothing_of_the_answers(cause):
    found = told(Cancelled(cause))
    assert (found["outcome"], found["cause"]) == ("cancelled", cause.value)
    assert not found.keys() & {"level", "frameworks", "competences", "jury", "valid_until"}


def test_a_scored_result_shows_its_level_against_the_thresholds(candidate):
    found = told(outcome_of(candidate))
    assert (found["level"], found["valid_until"]) == ("confirme", "2029-11-23")
    assert [t["level"] for t in found["thresholds"]] == ["confirme", "avance", "expert"]
    assert found["thresholds"][0] == {"level": "confirme", "crcn_edu": 50, "crcn_edu_per_domain": 50, "crcn": 60}
    assert found["frameworks"]["crcn_edu"].items() >= {"correct": 15, "counted": 16, "percent": 93.75}.items()
    assert found["frameworks"]["crcn"]["counted"] == 47
    assert [d["counted"] for d in found["edu_domains"]] == [5, 3, 3, 3, 2]
    assert found["edu_domains"][4]["percent"] == 50.0
    codes = [(f.value, c.code) for f in Framework for c in competences_of(f)]
    assert [(c["framework"], c["code"]) for c in found["competences"]] == codes
    assert (found["neutralised"], found["not_reached"]) == (1, 0)


def test_estimates_have_an_interval_and_none_stands_without_data(candidate, no_data):
    for part in parts(told(outcome_of(candidate))):
        assert 0 <= part["estimate"]["low"] <= part["estimate"]["mean"] <= part["estimate"]["high"] <= 100
    found = told(outcome_of(no_data), no_data.exam)
    assert [part["estimate"] for part in parts(found)] == [None] * 7
    assert (found["jury"]["level_probabilities"], found["jury"]["flags"]) == (None, [])


def parts(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [*found["frameworks"].values(), *found["edu_domains"]]


def test_without_a_level_nothing_is_valid():
    failed = a_candidate_who_went_through(lambda _: False)
    found = told(outcome_of(failed))
    assert (found["outcome"], found["level"], found["valid_until"]) == ("scored", None, None)


def strings(value: Any) -> Iterator[str]:
    """Every text of a document, names of fields included."""
    match value:
        case dict():
            for key, inner in value.items():
                yield key
                yield from strings(inner)
        case list():
            for inner in value:
                yield from strings(inner)
        case str():
            yield value


def test_no_item_key_or_reply_stands_in_a_document(candidate, published):
    secret: set[str] = set()
    for item in candidate.exam.release.items:
        interaction = item.interaction
        secret |= {item.id, item.body, item.subject, interaction.key}  # type: ignore[arg-type]
        secret |= {text for c in interaction.choices for text in (c.id, c.text)}  # type: ignore[union-attr]
    secret |= {a.answer_id for a in candidate.sitting.answers} | {candidate.sitting.id}
    assert len(secret) > 190
    assert secret.isdisjoint(strings(published))


def test_what_is_acquired_follows_the_target(candidate):
    outcome = outcome_of(candidate)
    by_target = {t: [d["status"] for d in told(outcome, target=t)["edu_domains"]] for t in Level}
    assert {s for row in by_target.values() for s in row} <= {"acquired", "in_progress", "to_work_on", "not_observed"}
    assert by_target[Level.CONFIRME][:4] == ["acquired"] * 4
    rank = {"acquired": 2, "in_progress": 1, "to_work_on": 0}
    for easier, harder in ((Level.CONFIRME, Level.AVANCE), (Level.AVANCE, Level.EXPERT)):
        pairs = zip(by_target[easier], by_target[harder], strict=True)
        assert all(rank[one] >= rank[other] for one, other in pairs)


def test_a_domain_is_acquired_when_its_minimum_is_reached_with_a_probability_of_four_in_five():
    found: set[str] = set()
    for right in (Missing(9, {5: 1}), Missing(30, {1: 3, 2: 2, 5: 1}), lambda _: False):
        outcome = outcome_of(a_candidate_who_went_through(right))
        assert isinstance(outcome, Scored)
        assert outcome.assessment is not None
        for place, target in enumerate((Level.CONFIRME, Level.AVANCE, Level.EXPERT)):
            for domain, minima in zip(
                told(outcome, target=target)["edu_domains"], outcome.assessment.minima, strict=True
            ):
                p = minima[place]
                assert domain["status"] == ("acquired" if p >= 0.8 else "in_progress" if p > 0.2 else "to_work_on")
                found.add(domain["status"])
    assert found == {"acquired", "in_progress", "to_work_on"}


def test_without_data_a_domain_is_acquired_when_it_meets_the_minimum_of_the_target(no_data):
    outcome = outcome_of(no_data)
    fifth = {t: told(outcome, no_data.exam, t)["edu_domains"][4]["status"] for t in Level}
    assert fifth[Level.INITIE] == fifth[Level.CONFIRME] == "acquired"  # 1 of 2 is 50 %
    assert "acquired" not in (fifth[Level.AVANCE], fifth[Level.EXPERT])


@pytest.mark.parametrize(
    ("correct", "counted", "status"),
    [
        (0, 0, "not_observed"),
        (1, 1, "acquired"),
        (3, 3, "acquired"),
        (2, 3, "in_progress"),
        (1, 2, "to_work_on"),
        (1, 3, "to_work_on"),
        (0, 1, "to_work_on"),
    ],
)
def test_a_competence_is_a_landmark_made_of_its_answers(correct, counted, status):
    assert competence_status(Count(correct, counted)) == status


@given(obtained=st.dates(date(2000, 1, 1), date(2100, 1, 1)), years=st.integers(1, 5))
def test_a_result_is_valid_to_the_same_day_years_later(obtained, years):
    end = valid_until(obtained, years)
    assert (end.year, end.month) == (obtained.year + years, obtained.month)
    assert end.day == obtained.day or (obtained.month, obtained.day, end.day) == (2, 29, 28)


def test_the_jury_is_told_the_level_by_every_rule_and_which_one_decided(candidate, no_data):
    outcome = outcome_of(candidate)
    assert isinstance(outcome, Scored)
    jury = told(outcome)["jury"]
    assert jury["decided_by"] == "R1"
    assert list(jury["levels_by_rule"]) == ["R1", "R2", "R3", "R4"]
    assert jury["levels_by_rule"] == {r.value: None if v is None else v.slug for r, v in outcome.by_rule.items()}
    assert told(outcome_of(no_data), no_data.exam)["jury"]["levels_by_rule"] == {"R1": "confirme"}


def test_outside_of_what_the_jury_is_told_no_other_rule_is_named(candidate):
    found = told(outcome_of(candidate))
    del found["jury"]
    assert {"R1", "R2", "R3", "R4"}.isdisjoint(strings(found))


NEXT_DAY = date(2026, 11, 24)


def test_an_amended_document_says_when_why_and_what_it_replaces_and_keeps_its_first_day(candidate):
    before, now_told = told(outcome_of(candidate)), told(Cancelled(Cause.VOIDED))
    found = amended(before, now_told, 2, "A letter came.", NEXT_DAY)
    assert found["obtained_on"] == "2026-11-23"
    assert found["amendment"] == {
        "version": 2,
        "on": "2026-11-24",
        "reason": "A letter came.",
        "before": {"outcome": "scored", "level": "confirme"},
    }
    assert found | now_told == found
    assert json.loads(json.dumps(found)) == found


def test_an_amended_result_cannot_change_its_first_day(candidate):
    later = document(Cancelled(Cause.VOIDED), candidate.exam.release, the_rules(), Level.EXPERT, NEXT_DAY)
    with pytest.raises(ValueError, match="keeps the day of the first publication"):
        amended(told(outcome_of(candidate)), later, 2, "x", NEXT_DAY)


def test_two_documents_say_the_same_however_often_they_were_amended(candidate):
    one, other = told(outcome_of(candidate)), told(Cancelled(Cause.FRAUD))
    there = amended(one, other, 2, "x", NEXT_DAY)
    back = amended(there, one, 3, "y", NEXT_DAY)
    assert says_the_same(one, back)
    assert says_the_same(there, other)
    assert not says_the_same(one, there)
    assert back["amendment"]["before"] == {"outcome": "cancelled", "cause": "fraud"}
