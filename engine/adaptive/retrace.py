"""Were the questions of these sittings those that the engine chooses? Many sittings at once, the one path as judge.

A batch goes through the kernels of `choice.py` as `simulate.py` does, with the answers of the log. Sums of a batch may
differ from those of one sitting in their last bit, so what does not fit in a batch is asked of `decide` again: nothing
is a misfit that `decide` would not say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from engine.adaptive.belief import Belief
from engine.adaptive.cat import Observed, Plan, Present, decide
from engine.adaptive.choice import belief_in, choose
from engine.adaptive.content import Progress
from engine.adaptive.dice import SeedArray, seeds_of
from engine.adaptive.model import BoolArray, IntArray
from engine.adaptive.select import Selector
from engine.adaptive.simulate import BATCH
from engine.adaptive.stop import may_stop
from engine.kernel import EngineError, ItemId


@dataclass(frozen=True, slots=True)
class TakenOut:
    """An item that was on screen and was taken out of the test."""

    item: ItemId


Seen: TypeAlias = Observed | TakenOut | None
"""What came between two choices; nothing before the first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A choice as a log tells it: what came before, and the item that was put (`None`: the test was over)."""

    seen: Seen
    chosen: ItemId | None


@dataclass(frozen=True, slots=True)
class Course:
    """All choices of one sitting."""

    seed: int
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """The first choice of a course that the engine does not make, from 0, and what it says instead."""

    turn: int
    expected: str


def misfits(plan: Plan, courses: Sequence[Course]) -> list[Misfit | None]:
    """For each course, the first choice that is not the engine's; `None` where all are."""
    found: list[Misfit | None] = []
    for start in range(0, len(courses), BATCH):
        part = courses[start : start + BATCH]
        for course, turn in zip(part, _doubtful(plan, part), strict=True):
            found.append(None if turn is None else misfit(plan, course, turn))
    return found


def misfit(plan: Plan, course: Course, first: int = 0) -> Misfit | None:
    """The same for one course from its `first` turn on, choice by choice."""
    observed = [t.seen for t in course.turns[:first] if isinstance(t.seen, Observed)]
    excluded = [t.seen.item for t in course.turns[:first] if isinstance(t.seen, TakenOut)]
    for n, turn in enumerate(course.turns[first:], start=first):
        if isinstance(turn.seen, Observed):
            observed.append(turn.seen)
        elif turn.seen is not None:
            excluded.append(turn.seen.item)
        try:
            decision = decide(plan, course.seed, observed, frozenset(excluded))
        except (EngineError, ValueError) as error:
            return Misfit(n, str(error))
        expected = decision.item if isinstance(decision, Present) else None
        if expected != turn.chosen:
            return Misfit(n, f"item {expected}" if expected else "the end of the test")
    return None


def _doubtful(plan: Plan, courses: Sequence[Course]) -> list[int | None]:
    """For each course of a batch, the first turn to ask `decide` about."""
    if Selector.FORMS in plan.selectors:
        return [0] * len(courses)
    batch = _Batch(plan, courses)
    for place, framework in enumerate(plan.content.framework.tolist()):
        batch.enter(place, framework)
    batch.close()
    return batch.doubtful


@dataclass(eq=False)
class _Batch:
    """Courses that are followed together, from place to place of the form."""

    plan: Plan
    courses: Sequence[Course]
    seeds: SeedArray = field(init=False)
    agenda: IntArray = field(init=False)
    progress: Progress = field(init=False)
    belief: Belief | None = None
    turn: list[int] = field(init=False)
    """The turn that comes next in each course."""
    put: list[set[ItemId]] = field(init=False)
    observed: list[int] = field(init=False)
    """How many answers were seen in each."""
    tries: list[frozenset[int]] = field(init=False)
    """At which places an item is tried that does not count."""
    open: BoolArray = field(init=False)
    """Which courses have turns left and fit so far, shape (n,)."""
    doubtful: list[int | None] = field(init=False)

    def __post_init__(self) -> None:
        plan, n = self.plan, len(self.courses)
        self.seeds = np.concatenate([seeds_of(c.seed) for c in self.courses])
        self.agenda = plan.content.agenda(self.seeds)
        self.progress = Progress.start(plan.pool, n)
        if plan.barred is not None:
            self.progress.blocked |= plan.barred
        self.turn, self.observed = [0] * n, [0] * n
        self.put = [set() for _ in range(n)]
        self.open = np.array([bool(c.turns) for c in self.courses])
        self.doubtful = [None] * n
        self.tries = [frozenset()] * n
        if plan.pretest is not None:
            asked = sum(plan.asked)
            self.tries = [plan.pretest.places(self.seeds[j : j + 1], asked) for j in range(n)]

    def enter(self, place: int, framework: int) -> None:
        """Follow every course through one place of the form."""
        plan = self.plan
        if plan.selectors[framework].needs_data and (self.belief is None or self.belief.framework != framework):
            self.belief = belief_in(plan, self.progress, framework)
        waiting = self.open.copy()
        while waiting.any():
            if plan.stopping is not None:
                over = may_stop(plan.stopping, plan.pool, plan.prior, plan.cuts, self.progress)
                for j in self._those(waiting & over):
                    self._follow(j, None)
                waiting &= self.open
            for j in self._those(waiting):
                while self.open[j] and (tried := self._tried(j)) is not None:
                    self._follow(j, tried)
            waiting &= self.open
            row = choose(plan, self.seeds, self.agenda, self.progress, place, self.belief)
            waiting &= row >= 0
            answered = np.full(len(row), -1)
            right = np.zeros(len(row), dtype=bool)
            for j in self._those(waiting):
                seen = self._follow(j, plan.pool.ids[row[j]])
                if isinstance(seen, Observed):
                    answered[j], right[j] = row[j], seen.correct
            self.progress.record(plan.pool, answered, right)
            if self.belief is not None and plan.selectors[framework].needs_data:
                self.belief.learn(self.progress.loglik, answered)
            waiting &= self.open & (answered < 0)  # what was taken out is asked again here

    def close(self) -> None:
        """There is no place left: the courses that go on are over, unless an item is tried."""
        for j in self._those(self.open):
            while self.open[j]:
                self._follow(j, self._tried(j))

    def _follow(self, j: int, expected: ItemId | None) -> Seen:
        """Go on to the next turn of a course, if this one is what is expected; what came between them."""
        turns = self.courses[j].turns
        if turns[self.turn[j]].chosen != expected:
            self._doubt(j)
            return None
        self.turn[j] += 1
        if self.turn[j] == len(turns):
            self.open[j] = False
            return None
        seen = turns[self.turn[j]].seen
        if seen is None or seen.item != expected or seen.item in self.put[j]:
            self._doubt(j)
            return None
        self.put[j].add(seen.item)
        pool, pretest = self.plan.pool, self.plan.pretest
        if isinstance(seen, Observed):
            self.observed[j] += 1
        elif seen.item in pool.row_of:
            self.progress.blocked[j] |= pool.clash[pool.row_of[seen.item]]
        if pretest is not None:
            self.progress.blocked[j] |= pretest.blocks([seen.item])
        return seen

    def _doubt(self, j: int) -> None:
        self.doubtful[j] = self.turn[j]
        self.open[j] = False

    def _tried(self, j: int) -> ItemId | None:
        """The item that is tried now, if one is."""
        pretest = self.plan.pretest
        if pretest is None or self.observed[j] not in self.tries[j]:
            return None
        return pretest.next(self.plan.pool, self.seeds[j : j + 1], self.progress.of(j), self.put[j])

    @staticmethod
    def _those(which: BoolArray) -> Iterator[int]:
        return iter(np.flatnonzero(which).tolist())
