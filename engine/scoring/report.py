"""What candidate, jury and academy are told: a published result as a document that stands on its own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.adaptive.cat import Assessment, Percentage
from engine.items.frameworks import DOMAIN_INDEX, Framework, Level, competences_of, domains_of
from engine.items.release import Release
from engine.scoring.award import Count
from engine.scoring.result import Cancelled, Inconclusive, Outcome, Scored, Withheld
from engine.scoring.rules import RuleSet

FORMAT = "palier-result/1"
ACQUIRED_FROM = 0.8  # probability that a domain's minimum is truly reached; docs/adr/0004
OBSERVED_ENOUGH = 2  # answers in a domain; with fewer, nothing is said of it


def document(outcome: Outcome, release: Release, rules: RuleSet, target: Level, obtained: date) -> dict[str, Any]:
    """The document of an outcome, of plain JSON values. Raises `ValueError` for a result that is withheld."""
    head: dict[str, Any] = {
        "format": FORMAT,
        "target": target.slug,
        "obtained_on": obtained.isoformat(),
        "rules": {"name": rules.name, "title": rules.title, "digest": rules.digest},
        "release": {"name": release.name, "provenance": release.provenance.value, "digest": release.digest},
    }
    match outcome:
        case Scored():
            return head | {"outcome": "scored"} | _scored(outcome, rules, target, obtained)
        case Inconclusive():
            return head | {"outcome": "inconclusive"}
        case Cancelled(cause):
            return head | {"outcome": "cancelled", "cause": cause.value}
        case Withheld():
            raise ValueError("a withheld result cannot be published")


def amended(
    before: Mapping[str, Any], now_told: Mapping[str, Any], version: int, reason: str, on: date
) -> dict[str, Any]:
    """The document that replaces a published one: its level is held from the day of the first publication.

    It names its version, the day and the reason, and what had been told before. `now_told` is made for the first day.
    """
    if now_told["obtained_on"] != before["obtained_on"]:
        raise ValueError("an amended result keeps the day of the first publication")
    told = {name: before[name] for name in ("outcome", "level", "cause") if name in before}
    return dict(now_told) | {"amendment": {"version": version, "on": on.isoformat(), "reason": reason, "before": told}}


def says_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two documents tell the same result, whenever and however often it was published."""
    return {k: v for k, v in one.items() if k != "amendment"} == {k: v for k, v in other.items() if k != "amendment"}


def valid_until(obtained: date, years: int) -> date:
    """The last day of validity.

    >>> valid_until(date(2024, 2, 29), 3), valid_until(date(2026, 11, 23), 3)
    (datetime.date(2027, 2, 28), datetime.date(2029, 11, 23))
    """
    try:
        return obtained.replace(year=obtained.year + years)
    except ValueError:  # the 29th of February
        return obtained.replace(year=obtained.year + years, day=28)


def _scored(scored: Scored, rules: RuleSet, target: Level, obtained: date) -> dict[str, Any]:
    counts, assessment = scored.counts, scored.assessment
    return {
        "level": scored.level.slug if scored.level is not None else None,
        "valid_until": valid_until(obtained, rules.validity_years).isoformat() if scored.level is not None else None,
        "thresholds": [
            t.model_dump(include={"level", "crcn_edu", "crcn_edu_per_domain", "crcn"}) for t in rules.levels
        ],
        "frameworks": {
            Framework.CRCN_EDU.value: _count(counts.edu) | _estimate(assessment.frameworks[0] if assessment else None),
            Framework.CRCN.value: _count(counts.crcn) | _estimate(assessment.frameworks[1] if assessment else None),
        },
        "edu_domains": [
            {"number": d.number, "title": d.title}
            | _count(counts.edu_domains[d.number])
            | _estimate(assessment.domains[DOMAIN_INDEX[d.framework, d.number]] if assessment else None)
            | {"status": _domain_status(counts.edu_domains[d.number], d.number, assessment, rules, target)}
            for d in domains_of(Framework.CRCN_EDU)
        ],
        "competences": [
            {"framework": f.value, "code": c.code, "title": c.title}
            | _count(scored.competences[f, c.code])
            | {"status": competence_status(scored.competences[f, c.code])}
            for f in Framework
            for c in competences_of(f)
        ],
        "neutralised": len(scored.neutralised),
        "not_reached": scored.not_reached,
        "jury": {
            "decided_by": scored.decided_by.value,
            "levels_by_rule": {
                rule.value: level.slug if level is not None else None for rule, level in scored.by_rule.items()
            },
            "flags": [flag.value for flag in scored.flags],
            "level_probabilities": [round(p, 6) for p in assessment.level] if assessment else None,
        },
    }


def competence_status(count: Count) -> str:
    """What one to three answers show of a competence: a landmark, not a diagnosis.

    >>> competence_status(Count(1, 1)), competence_status(Count(1, 3)), competence_status(Count(0, 0))
    ('acquired', 'to_work_on', 'not_observed')
    """
    if not count.counted:
        return "not_observed"
    if count.correct == count.counted:
        return "acquired"
    return "in_progress" if 2 * count.correct > count.counted else "to_work_on"


def _domain_status(count: Count, number: int, assessment: Assessment | None, rules: RuleSet, target: Level) -> str:
    if count.counted < OBSERVED_ENOUGH:
        return "not_observed"
    if assessment is None or target < Level.CONFIRME:
        lowest = next((t for t in rules.levels if t.value >= target), rules.levels[0])
        if count.reaches(lowest.crcn_edu_per_domain):
            return "acquired"
        return "in_progress" if 2 * count.correct > count.counted else "to_work_on"
    probability = assessment.minima[number - 1][target - Level.CONFIRME]
    if probability >= ACQUIRED_FROM:
        return "acquired"
    return "in_progress" if probability > 1 - ACQUIRED_FROM else "to_work_on"


def _count(count: Count) -> dict[str, Any]:
    return {"correct": count.correct, "counted": count.counted, "percent": round(count.percent, 4)}


def _estimate(percentage: Percentage | None) -> dict[str, Any]:
    if percentage is None:
        return {"estimate": None}
    return {
        "estimate": {
            "mean": round(percentage.mean, 1),
            "low": round(percentage.low, 1),
            "high": round(percentage.high, 1),
        }
    }
