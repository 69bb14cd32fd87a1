"""How long a calibration takes, and how that grows with people and with items.

Rivals stand beside it with `make bench-peers` (tests/bench/peers/calibration.py).
"""

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from engine.calibration.ability import Line, Population
from engine.calibration.em import Estimation, first_guess
from engine.calibration.items import Items
from engine.calibration.responses import Responses
from engine.calibration.tree import Tree
from tests.engine.adaptive.bank import a_release
from tests.engine.calibration.answers import answered, of_release, some_items


def calibrated(answers: Responses) -> None:
    n = len(answers.items)
    found = Estimation(Line.of(answers), np.ones(n, dtype=bool)).run(
        first_guess(answers.right, answers.asked, np.zeros(n))
    )
    assert found.converged


@pytest.mark.parametrize(("persons", "items", "each"), [(2000, 100, None), (5000, 600, 60)])
@pytest.mark.benchmark(group="2PL calibration")
def test_a_2pl_calibration(benchmark: BenchmarkFixture, persons: int, items: int, each: int | None) -> None:
    benchmark(calibrated, answered(*some_items(items), persons=persons, each=each).responses)


@pytest.mark.parametrize(("persons", "items", "each"), [(2000, 100, None), (5000, 600, 60)])
@pytest.mark.benchmark(group="2PL calibration")
def test_the_floor_one_round_of_em(benchmark: BenchmarkFixture, persons: int, items: int, each: int | None) -> None:
    """Read the answers once with known items: no calibration can do less."""
    drawn = answered(*some_items(items), persons=persons, each=each)
    model, known = Line.of(drawn.responses), Items.of(drawn.a, drawn.b)
    benchmark(model.expect, known, Population())


@pytest.mark.parametrize("persons", [2500, 5000, 10_000])
@pytest.mark.benchmark(group="2PL calibration by people, 60 answers each of 200 items")
def test_people(benchmark: BenchmarkFixture, persons: int) -> None:
    benchmark(calibrated, answered(*some_items(200), persons=persons, each=60).responses)


@pytest.mark.parametrize("items", [150, 300, 600])
@pytest.mark.benchmark(group="2PL calibration by items, 4 000 people, 60 answers each")
def test_items(benchmark: BenchmarkFixture, items: int) -> None:
    benchmark(calibrated, answered(*some_items(items), persons=4000, each=60).responses)


@pytest.mark.parametrize("persons", [500, 1000, 2000])
@pytest.mark.benchmark(group="one round of EM with the tree, 64 answers each of 192 items")
def test_the_tree(benchmark: BenchmarkFixture, persons: int) -> None:
    release = a_release(6, 3)
    drawn = of_release(release, persons, 64)
    row = {d: k for k, d in enumerate(sorted({(i.framework, i.competence[0]) for i in release.items}))}
    domain = np.array([row[i.framework, i.competence[0]] for i in release.items])
    model, known = Tree.of(drawn.responses, domain), Items.of(drawn.a, drawn.b)
    benchmark(model.expect, known, Population(0.0, (0.7, 0.1, 0.2)))
