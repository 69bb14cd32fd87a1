"""The result of a sitting: a function of its log, the incidents and the rulings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from engine.adaptive.cat import Assessment, Plan, assess
from engine.delivery.commands import observed
from engine.delivery.sitting import Sitting
from engine.delivery.states import State
from engine.items.frameworks import Framework, Level, competences_of, domains_of
from engine.items.item import Item
from engine.items.release import Release
from engine.kernel import EngineError, ItemId
from engine.proctoring.incident import Incident
from engine.proctoring.ruling import Decision, Ruling, decided, neutralised, open_incidents, proposed
from engine.scoring.award import Count, Counts, awards
from engine.scoring.planning import demand_stages
from engine.scoring.rules import NotReached, PosteriorPolicy, Rule, RuleSet


class Flag(StrEnum):
    """What the jury is told besides the level."""

    FRAGILE = "fragile"
    REEXAMINE = "reexamine"
    ABOVE_TARGET = "above_target"


@dataclass(frozen=True, slots=True)
class Scored:
    """A level (`None`: no level met) with everything that explains it."""

    level: Level | None
    """By the rule that decides, and no higher than the target where the rule set caps it."""
    decided_by: Rule
    by_rule: Mapping[Rule, Level | None]
    """What each rule awards, never capped; R2 to R4 are absent where no probability is reported."""
    counts: Counts
    crcn_domains: Mapping[int, Count]
    competences: Mapping[tuple[Framework, str], Count]
    neutralised: tuple[ItemId, ...]
    not_reached: int
    assessment: Assessment | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Incidents that can change the result are not decided yet."""

    open_incidents: tuple[Incident, ...]


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """Too few items counted to decide: a new session, free."""

    counts: Counts


class Cause(StrEnum):
    """Why a sitting has no result."""

    FRAUD = "fraud"
    VOIDED = "voided"
    NEW_SESSION = "new_session"
    ABSENT = "absent"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """There is nothing to score."""

    cause: Cause


Outcome: TypeAlias = Scored | Withheld | Inconclusive | Cancelled


class StillRunning(EngineError):
    """A sitting that is not over has no result."""

    code = "still_running"


def result(
    sitting: Sitting,
    plan: Plan,
    release: Release,
    rules: RuleSet,
    target: Level,
    incidents: Sequence[Incident],
    rulings: Sequence[Ruling],
) -> Outcome:
    """How a sitting ends for the candidate. Raises `StillRunning`, and `NotCalibrated` as `plan_for` does."""
    if not sitting.state.is_over:
        raise StillRunning(f"Sitting {sitting.id} is {sitting.state}.", state=sitting.state)
    waiting = open_incidents(incidents, rulings)
    if not sitting.state.was_taken:  # nothing but a fraud can change what it is
        waiting = tuple(i for i in waiting if i.id in proposed(rulings))
    if waiting:
        return Withheld(waiting)
    taken = {r.decision for r in decided(rulings).values()}
    if Decision.FRAUD in taken:
        return Cancelled(Cause.FRAUD)
    match sitting.state:
        case State.ABSENT:
            return Cancelled(Cause.ABSENT)
        case State.REFUSED:
            return Cancelled(Cause.REFUSED)
        case State.CANCELLED:
            return Cancelled(Cause.CANCELLED)
    if Decision.VOID in taken:
        return Cancelled(Cause.VOIDED)
    if Decision.NEW_SESSION in taken:
        return Cancelled(Cause.NEW_SESSION)
    void = neutralised(rulings) | frozenset(sitting.excluded)
    tally = _tally(sitting, plan, release, rules, void)
    counts = tally.counts
    if not _is_conclusive(counts, rules):
        return Inconclusive(counts)
    demand_stages(plan.pool.release, plan.stages, rules)
    assessment = None
    if plan.reports_posterior:  # without response data there is no probability worth telling
        assessment = assess(plan, observed(sitting, release, without=void | release.pretest))
    by_rule = awards(counts, assessment, rules)
    level = by_rule[rules.decides]
    flags = _flags(level, assessment, rules.posterior)
    if rules.cap_at_target and level is not None and level > target:
        level, flags = target, (*flags, Flag.ABOVE_TARGET)
    put = tuple(i for i in sitting.presented if i in void - release.pretest)
    return Scored(
        level=level,
        decided_by=rules.decides,
        by_rule=by_rule,
        counts=counts,
        crcn_domains=tally.crcn_domains,
        competences=tally.competences,
        neutralised=put,
        not_reached=tally.not_reached,
        assessment=assessment,
        flags=flags,
    )


@dataclass(frozen=True, slots=True)
class _Tally:
    counts: Counts
    crcn_domains: Mapping[int, Count]
    competences: Mapping[tuple[Framework, str], Count]
    not_reached: int


def _tally(sitting: Sitting, plan: Plan, release: Release, rules: RuleSet, void: frozenset[ItemId]) -> _Tally:
    """Correct and counted, per competence and summed; a put item without an answer counts as not correct.

    A tried item never counts. An item that was on screen when a technical cause ended the sitting does not count.
    """
    right = {o.item for o in observed(sitting, release) if o.correct}
    answered = {a.item for a in sitting.answers}
    counted: list[Item] = [
        release.item(i)
        for i in sitting.presented
        if i not in void | release.pretest and (i in answered or not sitting.ended_for_technical_cause)
    ]
    competences = {
        (f, c.code): _count((i for i in counted if (i.framework, i.competence) == (f, c.code)), right)
        for f in Framework
        for c in competences_of(f)
    }
    missed = _missed(sitting, plan, release, rules)
    edu, crcn = (
        {
            d.number: sum(
                (n for (f, code), n in competences.items() if f is framework and int(code[0]) == d.number), Count()
            )
            for d in domains_of(framework)
        }
        for framework in (Framework.CRCN_EDU, Framework.CRCN)
    )
    for domain, n in missed.edu_domains.items():
        edu[domain] += Count(0, n)
    total = sum(crcn.values(), Count()) + Count(0, missed.crcn)
    return _Tally(Counts(edu, total), crcn, competences, sum(missed.edu_domains.values()) + missed.crcn)


@dataclass(frozen=True, slots=True)
class _Missed:
    """Items that count as wrong though they were never put."""

    edu_domains: Mapping[int, int]
    crcn: int


def _missed(sitting: Sitting, plan: Plan, release: Release, rules: RuleSet) -> _Missed:
    """What the candidate did not reach by their own doing: an early end or the bell."""
    own_doing = sitting.ended_by_choice or sitting.state is State.EXPIRED
    if sitting.state is State.TERMINATED:
        own_doing = not sitting.ended_for_technical_cause
    if not own_doing or rules.not_reached is NotReached.IGNORED:
        return _Missed({}, 0)
    put = [release.item(i) for i in sitting.presented if i not in release.pretest | frozenset(sitting.excluded)]
    gone = _not_replaced(sitting, release)
    seen = {i.competence for i in (*put, *gone) if i.framework is Framework.CRCN_EDU}
    domains: dict[int, int] = {}
    for c in competences_of(Framework.CRCN_EDU):
        if c.code not in seen:
            domains[c.domain] = domains.get(c.domain, 0) + 1
    crcn = plan.lengths[1] - sum(i.framework is Framework.CRCN for i in (*put, *gone))
    return _Missed(domains, max(0, crcn))


def _not_replaced(sitting: Sitting, release: Release) -> list[Item]:
    """Items taken out during the test whose place no other of the competence took: their place cannot be missed."""
    put = [release.item(i) for i in sitting.presented]
    after: list[Item | None] = [*put[1:], None]
    return [
        item
        for item, next_one in zip(put, after, strict=True)
        if item.id in sitting.excluded and item.id not in release.pretest
        if next_one is None or (next_one.framework, next_one.competence) != (item.framework, item.competence)
    ]


def _count(items: Iterable[Item], right: set[ItemId]) -> Count:
    ids = [i.id for i in items]
    return Count(sum(i in right for i in ids), len(ids))


def _is_conclusive(counts: Counts, rules: RuleSet) -> bool:
    least = rules.counted_at_least
    return (
        counts.edu.counted >= least.crcn_edu
        and all(d.counted >= least.crcn_edu_per_domain for d in counts.edu_domains.values())
        and counts.crcn.counted >= least.crcn
    )


def _flags(level: Level | None, assessment: Assessment | None, policy: PosteriorPolicy) -> tuple[Flag, ...]:
    """Fragile: awarded against the odds; to re-examine: refused against them. `level` is by the rule that decides."""
    if assessment is None:
        return ()
    probability = dict(zip((Level.CONFIRME, Level.AVANCE, Level.EXPERT), assessment.level, strict=True))
    flags: list[Flag] = []
    if level is not None and probability.get(level, 1.0) < policy.fragile_below:
        flags.append(Flag.FRAGILE)
    following = Level(level + 1) if level not in (None, Level.EXPERT) else None
    if level is None:
        following = Level.CONFIRME
    if following is not None and probability.get(following, 0.0) >= policy.reexamine_from:
        flags.append(Flag.REEXAMINE)
    return tuple(flags)
