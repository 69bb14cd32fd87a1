"""How long one decision takes, beside the least that any adaptive test must do."""

from dataclasses import replace

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from scipy.special import expit

from engine.adaptive.cat import Observed, Plan, assess, decide
from engine.adaptive.posterior import TreePrior
from engine.adaptive.simulate import draw_abilities, simulate
from engine.adaptive.warm_up import warmed
from tests.engine.adaptive.bank import a_plan, sit


@pytest.mark.parametrize("answered", [8, 30, 60])
@pytest.mark.benchmark(group="decision")
def test_a_decision_among_800_items(benchmark: BenchmarkFixture, answered: int) -> None:
    plan = under_control(a_plan(25, 8))
    observed: list[Observed] = sit(plan, 1, [True, False, True])[:answered]
    benchmark(decide, plan, 1, observed)


@pytest.mark.benchmark(group="decision")
def test_the_floor_one_step_of_plain_maximum_information(benchmark: BenchmarkFixture) -> None:
    """One ability on a grid, 30 answers, the most informative of 800 items: no content, no levels, no replay."""
    pool = a_plan(25, 8).pool
    grid, prior = np.linspace(-4, 4, 49), np.exp(-(np.linspace(-4, 4, 49) ** 2) / 2)
    p = expit(pool.a[:, None] * (grid - pool.b[:, None]))
    rows, right = np.arange(0, 800, 27), np.arange(30) % 3 > 0
    open_ = np.ones(800, dtype=bool)
    open_[rows] = False

    def step() -> int:
        posterior = prior * np.where(right[:, None], p[rows], 1 - p[rows]).prod(axis=0)
        theta = posterior @ grid / posterior.sum()
        chance = expit(pool.a * (theta - pool.b))
        return int(np.where(open_, pool.a**2 * chance * (1 - chance), -1).argmax())

    benchmark(step)


@pytest.mark.benchmark(group="decision")
def test_an_assessment_of_a_whole_sitting(benchmark: BenchmarkFixture) -> None:
    plan = a_plan(25, 8)
    benchmark(assess, plan, sit(plan, 1, [True, False, True]))


@pytest.mark.parametrize("candidates", [512, 1024, 2048])
@pytest.mark.benchmark(group="simulation by candidates, whole sittings among 800 items")
def test_simulation_by_candidates(benchmark: BenchmarkFixture, candidates: int) -> None:
    plan = under_control(a_plan(25, 8))
    theta = draw_abilities(TreePrior(), candidates, np.random.default_rng(1))
    benchmark(simulate, plan, theta, 1)


@pytest.mark.parametrize("per_competence", [6, 12, 25])
@pytest.mark.benchmark(group="simulation by items (32 times), 1 024 whole sittings")
def test_simulation_by_items(benchmark: BenchmarkFixture, per_competence: int) -> None:
    plan = under_control(a_plan(per_competence, 6))
    theta = draw_abilities(TreePrior(), 1024, np.random.default_rng(1))
    benchmark(simulate, plan, theta, 1)


def under_control(plan: Plan) -> Plan:
    """The full procedure: steering, content rule, exposure control."""
    return replace(plan, eligibility=warmed(plan, 640))
