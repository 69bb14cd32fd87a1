"""What a form is made of: the agenda of competences, and the items that may be asked at a place of it.

First the CRCN-Édu, one question in each competence; then the CRCN, in cycles over its competences. No subject and no
item comes back, nor does an enemy, and the quickest way to finish always fits into what is left of the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from engine.adaptive.dice import ORDER, SeedArray, shuffles
from engine.adaptive.model import (
    COMPETENCES_EACH,
    FRAMEWORKS,
    GRID,
    N_STRATA,
    BoolArray,
    FloatArray,
    IntArray,
    Pool,
    UncoveredCompetence,
)
from engine.adaptive.posterior import add
from engine.items.frameworks import COMPETENCES, DOMAINS

CYCLES = (1, 3)
"""The most questions for one competence of the CRCN-Édu and of the CRCN (jury report, 4.1)."""

LENGTHS = (16, 48)
"""Questions of the CRCN-Édu and of the CRCN in a form (jury report, 4.1)."""

FAIR_SHARES = 2.0
"""How many fair shares of the spare time one question may take.

Were the first questions free to use it up, the last could only be the quickest, which are the easiest: in simulation on
a bank whose forms take 136 minutes, held to 105, more than twice as many levels were awarded above the true one.
"""


@dataclass(eq=False)
class Progress:
    """What n sittings have been asked and answered; `record` moves it on in place."""

    loglik: FloatArray
    """Shape (n, 10, 49)."""
    blocked: BoolArray
    """Items that can no longer be asked, shape (n, n_items)."""
    asked: IntArray
    """Questions answered in each competence, shape (n, 32)."""
    domain_asked: IntArray
    """Questions answered in each domain, shape (n, 10)."""
    correct: IntArray
    """Right answers in each domain, shape (n, 10)."""
    strata: IntArray
    """Questions answered of each level tag, shape (n, N_STRATA)."""
    seconds: FloatArray
    """Expected time of the questions answered, shape (n,)."""

    @classmethod
    def start(cls, pool: Pool, n: int) -> "Progress":
        """Nothing asked yet."""
        return cls(
            loglik=np.zeros((n, len(DOMAINS), GRID.size)),
            blocked=np.zeros((n, len(pool.ids)), dtype=bool),
            asked=np.zeros((n, len(COMPETENCES)), dtype=np.int64),
            domain_asked=np.zeros((n, len(DOMAINS)), dtype=np.int64),
            correct=np.zeros((n, len(DOMAINS)), dtype=np.int64),
            strata=np.zeros((n, N_STRATA), dtype=np.int64),
            seconds=np.zeros(n),
        )

    @classmethod
    def after(cls, pool: Pool, rows: Sequence[int], correct: Sequence[bool], excluded: Sequence[int]) -> "Progress":
        """One sitting after its answers: the same bits as `record` for each of them, at once."""
        now = cls.start(pool, 1)
        gone = [*rows, *excluded]
        if gone:
            now.blocked[0] = pool.clash[gone].any(axis=0)
        if rows:
            row, right = np.array(rows), np.array(correct)
            domain = pool.domain[row]
            np.add.at(now.loglik[0], domain, np.where(right[:, None], pool.log_p[row], pool.log_q[row]))
            now.asked[0] = np.bincount(pool.competence[row], minlength=len(COMPETENCES))
            now.domain_asked[0] = np.bincount(domain, minlength=len(DOMAINS))
            now.correct[0] = np.bincount(domain[right], minlength=len(DOMAINS))
            now.strata[0] = np.bincount(pool.stratum[row], minlength=N_STRATA)
            now.seconds[0] = pool.expected_seconds[row].sum()
        return now

    def of(self, sitting: int) -> "Progress":
        """That of one sitting: a view."""
        return Progress(*(getattr(self, f.name)[sitting : sitting + 1] for f in fields(self)))

    def record(self, pool: Pool, rows: IntArray, correct: BoolArray) -> None:
        """One more answer in each sitting, both (n,); a negative row stands for none."""
        add(pool, self.loglik, rows, correct)
        at = np.flatnonzero(rows >= 0)
        row = rows[at]
        self.blocked[at] |= pool.clash[row]
        self.asked[at, pool.competence[row]] += 1
        self.domain_asked[at, pool.domain[row]] += 1
        self.correct[at, pool.domain[row]] += correct[at]
        self.strata[at, pool.stratum[row]] += 1
        self.seconds[at] += pool.expected_seconds[row]


@dataclass(frozen=True, eq=False)
class Content:
    """The layout of a form on a pool."""

    cycle: IntArray
    """Which cycle each place of the form belongs to, shape (places,)."""
    framework: IntArray
    """Which framework, shape (places,)."""
    lengths: tuple[int, int]
    """Questions of each framework in a whole form."""
    quota: IntArray
    """The most questions a competence can have, having so many subjects, shape (32,)."""
    quickest: FloatArray
    """Expected seconds of the quickest item of each competence's subjects, in order, shape (32, cycles)."""
    spoils: FloatArray | None
    """1 where asking an item (column) would take the reserve of another competence (row); None if no item would."""

    @classmethod
    def of(cls, pool: Pool, lengths: tuple[int, int] = LENGTHS, barred: BoolArray | None = None) -> "Content":
        """The layout, without the items `barred` (n_items,).

        Raises `UncoveredCompetence` if what is barred, or enemies, leave a competence without a question.
        """
        for asked, least, most in zip(lengths, (1, COMPETENCES_EACH), LENGTHS, strict=True):
            if not least <= asked <= most:
                raise ValueError(f"lengths must lie in 1 to 16 and in 16 to 48, got {lengths}")
        usable = np.ones(len(pool.ids), dtype=bool) if barred is None else ~barred
        quota = np.zeros(len(COMPETENCES), dtype=np.int64)
        quickest = np.zeros((len(COMPETENCES), max(CYCLES)))
        for c in range(len(COMPETENCES)):
            mine = (pool.competence == c) & usable
            subjects, seconds = pool.subject[mine], pool.expected_seconds[mine]
            best = sorted(seconds[subjects == s].min() for s in np.unique(subjects))[: CYCLES[c // COMPETENCES_EACH]]
            quota[c], quickest[c, : len(best)] = len(best), best
        possible = quota.reshape(len(FRAMEWORKS), -1).sum(axis=1).tolist()
        spoils = pool.clash[_reserve(pool, usable)] & (pool.competence != np.arange(len(COMPETENCES))[:, None])
        return cls(
            cycle=np.concatenate([np.repeat(np.arange(n), COMPETENCES_EACH) for n in CYCLES]),
            framework=np.repeat(np.arange(len(FRAMEWORKS)), [n * COMPETENCES_EACH for n in CYCLES]),
            lengths=(min(lengths[0], possible[0]), min(lengths[1], possible[1])),
            quota=quota,
            quickest=quickest,
            spoils=spoils.astype(np.float64) if spoils.any() else None,
        )

    def agenda(self, seeds: SeedArray) -> IntArray:
        """The competence at each place, every cycle in an order of its own, shape (n, places)."""
        n_cycles = len(self.cycle) // COMPETENCES_EACH
        orders = shuffles(seeds, ORDER, n_cycles, COMPETENCES_EACH).reshape(len(seeds), -1)
        return orders + COMPETENCES_EACH * self.framework

    def to_come(self, agenda: IntArray, progress: Progress, place: int) -> BoolArray:
        """Which places from `place` on ask a question, shape (n, places)."""
        later, cycle = agenda[:, place:], self.cycle[place:]
        asked = progress.asked[np.arange(len(agenda))[:, None], later]
        ahead: BoolArray = np.zeros(agenda.shape, dtype=bool)
        np.less_equal(asked, cycle, out=ahead[:, place:])
        ahead[:, place:] &= cycle < self.quota[later]
        for framework, length in enumerate(self.lengths):
            there = self.framework == framework
            if length < LENGTHS[framework]:
                done = progress.asked.reshape(len(agenda), len(FRAMEWORKS), -1)[:, framework].sum(axis=1)
                ahead[:, there] &= np.cumsum(ahead[:, there], axis=1) <= (length - done)[:, None]
        return ahead

    def admissible(
        self,
        pool: Pool,
        agenda: IntArray,
        progress: Progress,
        place: int,
        to_come: BoolArray,
        time_budget: float,
    ) -> BoolArray:
        """Which of `pool.members` of the competence at `place` may be asked, shape (n, widest).

        An item that would take the last question of a competence not asked yet waits. An item may take the time of the
        quickest of its place and some of the time to spare when every place to come has its quickest; when no item is
        quick enough, the quickest. So a form keeps its time, unless enemies take the quick items away.
        """
        competence = agenda[:, place]
        rows = pool.members[competence]
        free = pool.is_member[competence] & ~progress.blocked[np.arange(len(rows))[:, None], rows]
        free &= to_come[:, place, None]
        if self.spoils is not None:
            unserved = (progress.asked == 0) @ self.spoils > 0
            free = prefer(free & ~np.take_along_axis(unserved, rows, axis=1), free)
        if time_budget == np.inf:
            return free
        seconds = pool.expected_seconds[rows]
        ahead = to_come[:, place:]
        quickest = ahead * self.quickest[agenda[:, place:], self.cycle[place:]]
        spare = time_budget - progress.seconds - quickest.sum(axis=1)
        fair = spare * np.minimum(FAIR_SHARES / np.maximum(ahead.sum(axis=1), 1), 1.0)
        fits = seconds <= (quickest[:, 0] + fair)[:, None]
        usable = np.where(free, seconds, np.inf)
        return prefer(free & fits, free & (usable <= usable.min(axis=1, keepdims=True)))


def prefer(first: BoolArray, otherwise: BoolArray) -> BoolArray:
    """Row by row, the first choice if it has any item, else the other; both (n, k)."""
    return np.where(first.any(axis=1, keepdims=True), first, otherwise)


def _reserve(pool: Pool, usable: BoolArray) -> IntArray:
    """One usable item of each competence, no two clashing, shape (32,); those that clash with fewest others come first.

    As long as every choice leaves these items alone, no competence can be left without a question.
    """
    elsewhere = pool.clash & (pool.competence[:, None] != pool.competence)
    burden = elsewhere.sum(axis=1)
    rows_of = [np.flatnonzero((pool.competence == c) & usable) for c in range(len(COMPETENCES))]
    for c, rows in enumerate(rows_of):
        rows_of[c] = rows[np.argsort(burden[rows], kind="stable")]
    chosen: dict[int, int] = {}

    def complete(free: BoolArray) -> bool:
        """Serve the competence with the fewest items left, and then the others; go back where that fails."""
        open_ones = [c for c in range(len(COMPETENCES)) if c not in chosen]
        if not open_ones:
            return True
        hardest = min(open_ones, key=lambda c: int(free[rows_of[c]].sum()))
        for row in rows_of[hardest][free[rows_of[hardest]]]:
            chosen[hardest] = int(row)
            if complete(free & ~pool.clash[row]):
                return True
            del chosen[hardest]
        return False

    if not complete(np.ones(len(pool.ids), dtype=bool)):
        raise UncoveredCompetence(
            f"Release {pool.release}: unusable and enemy items leave no form for track {pool.track} that asks every "
            "competence.",
            release=pool.release,
            track=pool.track,
        )
    return np.array([chosen[c] for c in range(len(COMPETENCES))])
