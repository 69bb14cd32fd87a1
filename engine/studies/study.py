"""A study: drawn candidates sit the tests of the engine itself, and what is decided is compared with the truth.

Candidates come in chunks, each a pure function of the study and its number, so that chunks can be computed anywhere and
in any order; added in the order of their numbers they give the same bytes.
"""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from engine.adaptive.dice import many_seeds
from engine.adaptive.exposure import administered
from engine.adaptive.levels import level_probabilities
from engine.adaptive.model import DOMAINS_EACH, BoolArray, FloatArray, IntArray, Pool
from engine.adaptive.plan import Plan
from engine.adaptive.posterior import loglik, posterior
from engine.adaptive.simulate import simulate
from engine.items.frameworks import DOMAINS
from engine.scoring.decision import Bars, Beliefs, Tallies, highest, levels_by_rule, reaches, totals_hold
from engine.scoring.rules import NotReached, PosteriorPolicy, RuleSet
from engine.studies.population import Population
from engine.studies.tally import BINS, LEVELS, MARGINS, RULES, Calibration, Paired, Tally, table_of
from engine.studies.trouble import Struck, Trouble, strike
from engine.studies.truth import Deserved, deserved, true_pool

CHUNK = 1024
"""Candidates computed together: a second or more of work, a few megabytes of arrays."""

BATCH = 64
"""Sittings assessed together, so that the kernels' arrays stay in the cache."""


@dataclass(frozen=True, eq=False)
class Run:
    """One of the ways in which the same candidates are tested."""

    name: str
    plan: Plan
    warm_up: int | None = None
    """Simulated sittings that exposure control started from; None without control."""


@dataclass(frozen=True, eq=False)
class Study:
    """Everything that the figures depend on."""

    rules: RuleSet
    runs: tuple[Run, ...]
    candidates: int
    seed: int
    population: Population = field(default_factory=Population)
    trouble: Trouble = field(default_factory=Trouble)
    guessing_share: float = 0.0
    noise: float = 0.0
    chunk: int = CHUNK
    truth: Pool = field(init=False, repr=False)
    """The items with the parameters that answers follow."""

    def __post_init__(self) -> None:
        pools = [run.plan.pool for run in self.runs]
        if self.candidates < 1 or not pools:
            raise ValueError("a study needs a candidate and a run")
        if any(pool.ids != pools[0].ids for pool in pools):
            raise ValueError("the runs of a study choose from the same items")
        object.__setattr__(self, "truth", true_pool(pools[0], self.seed, self.guessing_share, self.noise))

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.candidates // self.chunk)


@dataclass(frozen=True, eq=False)
class Found:
    """The sums of a study or of a part of it."""

    runs: tuple[Tally, ...]
    pairs: tuple[Paired, ...]
    """For each two runs, in the order of `combinations`."""

    def __add__(self, other: "Found") -> "Found":
        runs = tuple(a + b for a, b in zip(self.runs, other.runs, strict=True))
        return Found(runs, tuple(a + b for a, b in zip(self.pairs, other.pairs, strict=True)))

    @property
    def candidates(self) -> int:
        """How many candidates were counted."""
        return self.runs[0].sittings


def study_chunk(study: Study, number: int) -> Found:
    """The sums over the candidates of one chunk; every run has the same candidates with the same luck."""
    first = number * study.chunk
    n = min(study.chunk, study.candidates - first)
    theta = study.population.abilities(study.seed, n, first)
    truth = deserved(study.truth, theta, study.rules.cuts)
    sat = [_run(study, run.plan, theta, truth, first) for run in study.runs]
    pairs = [
        Paired.of(truth.level, one.awarded, other.awarded, one.conclusive & other.conclusive)
        for one, other in combinations(sat, 2)
    ]
    return Found(tuple(s.tally for s in sat), tuple(pairs))


@dataclass(frozen=True, eq=False)
class _Sat:
    """What one run made of a chunk."""

    tally: Tally
    awarded: IntArray
    """By the rule that decides, shape (n,)."""
    conclusive: BoolArray


def _run(study: Study, plan: Plan, theta: FloatArray, truth: Deserved, first: int) -> _Sat:
    """All sittings of one chunk under one plan."""
    rules, pool = study.rules, plan.pool
    rows, correct = simulate(plan, theta, study.seed, first=first, truth=study.truth)
    struck = strike(study.trouble, many_seeds(study.seed, len(theta), first), rows)
    put = np.where(struck.missed, -1, rows)
    tallies = _tallies(pool, rules, rows, correct, struck)
    beliefs = _beliefs(plan, np.where(struck.answered, rows, -1), correct) if plan.reports_posterior else None
    found = levels_by_rule(tallies, beliefs, rules)
    awarded, ok = found[rules.decides], _conclusive(tallies, rules)
    true, none = truth.level[ok], np.zeros((LEVELS, LEVELS), dtype=np.int64)
    fragile, reexamine = (0, 0) if beliefs is None else _flags(awarded[ok], beliefs.level[ok], rules.posterior)
    tally = Tally(
        sittings=len(theta),
        inconclusive=int((~ok).sum()),
        table=np.stack([table_of(true, found[rule][ok]) if rule in found else none for rule in RULES]),
        margin=_by_margin(truth.margin[ok], true, awarded[ok]),
        calibration=_calibration(beliefs, ok, true),
        lengths=np.bincount((put >= 0).sum(axis=1), minlength=rows.shape[1] + 1),
        put=administered(put, len(pool.ids)).sum(axis=0),
        minimum_alone=_minimum_alone(tallies, rules)[ok].sum(axis=0),
        fragile=fragile,
        reexamine=reexamine,
    )
    return _Sat(tally, awarded, ok)


def _tallies(pool: Pool, rules: RuleSet, rows: IntArray, correct: BoolArray, struck: Struck) -> Tallies:
    """Right and counted answers; what was not reached is wrong or left out, as the rules say."""
    counted = struck.answered | struck.missed if rules.not_reached is NotReached.WRONG else struck.answered
    right, domain = struck.answered & correct, pool.domain[rows]
    of = [domain == d for d in range(len(DOMAINS))]
    right_of, counted_of = (np.stack([(m & x).sum(axis=1) for m in of], axis=1) for x in (right, counted))
    crcn_right, crcn_counted = (x[:, DOMAINS_EACH:].sum(axis=1) for x in (right_of, counted_of))
    return Tallies(right_of[:, :DOMAINS_EACH], counted_of[:, :DOMAINS_EACH], crcn_right, crcn_counted)


def _beliefs(plan: Plan, rows: IntArray, correct: BoolArray) -> Beliefs:
    """What the engine believes after the answers counted, with the operational parameters."""
    parts = []
    for start in range(0, len(rows), BATCH):
        part = slice(start, start + BATCH)
        post = posterior(plan.prior, loglik(plan.pool, rows[part], correct[part]))
        parts.append(level_probabilities(plan.pool, plan.prior, post, plan.cuts))
    return Beliefs(np.concatenate([p.both for p in parts]), np.concatenate([p.minimum for p in parts]))


def _conclusive(tallies: Tallies, rules: RuleSet) -> BoolArray:
    """Which sittings have enough items counted to decide, shape (n,)."""
    least, edu = rules.counted_at_least, tallies.edu_counted
    enough: BoolArray = (
        (edu.sum(axis=1) >= least.crcn_edu)
        & (edu >= least.crcn_edu_per_domain).all(axis=1)
        & (tallies.crcn_counted >= least.crcn)
    )
    return enough


def _by_margin(margin: FloatArray, true: IntArray, awarded: IntArray) -> IntArray:
    """Sittings, right and awarded above in each bin of margin, shape (bins, 3)."""
    bins = len(MARGINS) - 1
    cell = np.clip(np.searchsorted(MARGINS, margin, side="right") - 1, 0, bins - 1)
    return np.stack(
        [np.bincount(cell[m], minlength=bins) for m in (true >= 0, awarded == true, awarded > true)], axis=1
    )


def _calibration(beliefs: Beliefs | None, ok: BoolArray, true: IntArray) -> Calibration:
    """P(L ≥ k) beside what is deserved; nothing without beliefs."""
    if beliefs is None:
        none = np.zeros((3, BINS), dtype=np.int64)
        return Calibration(none, none.astype(np.float64), none)
    return Calibration.of(beliefs.level[ok], true[:, None] >= np.arange(1, LEVELS))


def _minimum_alone(tallies: Tallies, rules: RuleSet) -> BoolArray:
    """To whom the minimum of one domain alone refuses, by counts, the highest level of the totals, shape (n, 5)."""
    bars = Bars.of(rules.levels[-3:])
    wanted = highest(totals_hold(tallies, bars))
    least = bars.crcn_edu_per_domain[np.maximum(wanted, 1) - 1]
    fails = ~reaches(tallies.edu_right, tallies.edu_counted, least[:, None])
    alone: BoolArray = fails & (fails.sum(axis=1) == 1)[:, None] & (wanted > 0)[:, None]
    return alone


def _flags(awarded: IntArray, level: FloatArray, policy: PosteriorPolicy) -> tuple[int, int]:
    """How many sittings are fragile, and to be examined again (`scoring.result`); `level` is P(L ≥ k), (n, 3)."""
    padded = np.concatenate([np.ones((len(level), 1)), level, np.zeros((len(level), 1))], axis=1)
    at = np.arange(len(level))
    fragile = (awarded > 0) & (padded[at, awarded] < policy.fragile_below)
    return int(fragile.sum()), int((padded[at, awarded + 1] >= policy.reexamine_from).sum())
