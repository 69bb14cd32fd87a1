"""Known items come back, as often within their errors as they should."""

from math import sqrt

import numpy as np
import pytest

from engine.calibration.ability import Line, Population
from engine.calibration.accelerate import fixed_point
from engine.calibration.calibrate import calibrate
from engine.calibration.em import Estimation, first_guess
from engine.calibration.file import Calibration, Model
from engine.calibration.items import Beliefs, Items, Slopes, improve
from engine.calibration.responses import Responses
from engine.calibration.wish import NotEstimable, Wish
from tests.engine.calibration.answers import Drawn, answered, some_items

pytestmark = pytest.mark.slow


def deviations(found: Calibration, drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """(estimate − truth) / standard error of a and of b."""
    row = {name: k for k, name in enumerate(drawn.responses.items)}
    at = [row[i.item] for i in found.items]  # type: ignore[index]
    a, b = np.array([i.a for i in found.items]), np.array([i.b for i in found.items])
    se_a, se_b = (np.array([getattr(i, name) for i in found.items], dtype=float) for name in ("se_a", "se_b"))
    return (a - drawn.a[at]) / se_a, (b - drawn.b[at]) / se_b


@pytest.mark.parametrize(
    ("model", "c", "persons", "each"),
    [(Model.TWO, 0.0, 800, None), (Model.TWO, 0.0, 2000, 15), (Model.THREE, 0.25, 1500, None)],
)
def test_parameters_lie_within_two_and_three_errors_of_the_truth_as_often_as_they_should(
    model: Model, c: float, persons: int, each: int | None
) -> None:
    z = []
    for seed in range(12):
        drawn = answered(*some_items(40, seed), persons=persons, each=each, c=c, seed=seed)
        found = calibrate(drawn.responses, Wish(model, guessing=c if c else None)).calibration
        assert found.converged
        z.append(deviations(found, drawn))
    for of_runs in np.array(z).transpose(1, 0, 2):
        # 480 estimates; those of one run share the luck of its candidates, so they count as about a third of that.
        outside = float((np.abs(of_runs) > 1.96).mean())
        assert outside == pytest.approx(0.05, abs=3 * sqrt(0.05 * 0.95 / 160))
        assert float((np.abs(of_runs) > 3).mean()) < 0.02


def test_the_one_parameter_model_finds_its_common_slope() -> None:
    b = some_items(40)[1]
    drawn = answered(np.full(40, 0.8), b, persons=2000, seed=3)
    found = calibrate(drawn.responses, Wish(Model.ONE)).calibration
    assert len({i.a for i in found.items}) == 1
    z_a, z_b = deviations(found, drawn)
    assert abs(z_a[0]) < 3
    assert np.abs(z_b).max() < 4


def test_standard_errors_are_the_spread_of_estimates_over_replications() -> None:
    a, b = some_items(12)
    runs = [calibrate(answered(a, b, persons=700, seed=100 + k).responses, Wish()).calibration for k in range(60)]
    for name, se in (("a", "se_a"), ("b", "se_b")):
        estimates = np.array([[getattr(i, name) for i in run.items] for run in runs])
        told = np.median([[getattr(i, se) for i in run.items] for run in runs], axis=0)
        ratio = estimates.std(axis=0, ddof=1) / told
        # A standard deviation from 60 runs is itself 9 % off, and the mean over 12 items about 3 %.
        assert 0.9 < ratio.mean() < 1.1
        assert (np.abs(ratio - 1) < 0.35).all()


def test_acceleration_ends_where_plain_em_ends() -> None:
    drawn = answered(*some_items(15), persons=600, seed=5).responses
    model, start = Line.of(drawn), first_guess(drawn.right, drawn.asked, np.zeros(15))
    nodes = model.nodes

    def plain(x: np.ndarray) -> tuple[float, np.ndarray]:
        at = Items(x[:15], x[15:], np.zeros(15))
        e = model.expect(at, Population())
        better = improve(at, e.right, e.asked, nodes, None, np.ones(15, dtype=bool))
        return e.loglik, np.concatenate([better.slope, better.intercept])

    slow = fixed_point(plain, np.concatenate([start.slope, start.intercept]), 1e-7, 5000, memory=0)
    quick = Estimation(model, np.ones(15, dtype=bool), tolerance=1e-7).run(start)
    assert slow.converged
    assert (np.diff(slow.objectives) > -1e-9 * abs(slow.objectives[0])).all()
    assert len(quick.objectives) < len(slow.objectives) / 3
    np.testing.assert_allclose(quick.items.slope, slow.point[:15], atol=1e-4)
    np.testing.assert_allclose(quick.items.intercept, slow.point[15:], atol=1e-4)


def test_a_combination_that_makes_things_worse_is_taken_back() -> None:
    # A map whose secant points the wrong way near the middle.
    found = fixed_point(lambda x: (-float(np.abs(x).sum()), x - 0.3 * np.sin(3 * x)), np.array([0.9]), 1e-9, 200)
    assert found.converged
    assert (np.diff(found.objectives) > -1e-6).all()
    assert abs(float(found.point[0])) < 1e-6


def test_priors_pull_items_with_few_answers_towards_what_is_believed() -> None:
    drawn = answered(*some_items(30), persons=60, seed=9)
    free = calibrate(drawn.responses, Wish()).calibration
    held = calibrate(drawn.responses, Wish(priors=True)).calibration
    spread = [np.std(np.log([i.a for i in c.items])) for c in (free, held)]
    assert spread[1] < 0.6 * spread[0]
    error = [np.sqrt(np.mean((np.log([i.a for i in c.items]) - np.log(_truth(drawn, c))) ** 2)) for c in (free, held)]
    assert error[1] < error[0]


def _truth(drawn: Drawn, found: Calibration) -> np.ndarray:
    row = {name: k for k, name in enumerate(drawn.responses.items)}
    return drawn.a[[row[i.item] for i in found.items]]  # type: ignore[index]


def test_the_pull_of_priors_is_the_slope_of_their_density() -> None:
    beliefs = Beliefs(np.array([0.5, -1.0]))
    items, step = Items.of(np.array([0.8, 1.7]), np.array([0.2, 0.4])), 1e-6
    gradient, curvature = beliefs.pull(items)
    for k, (d, a) in enumerate([(step, 0.0), (0.0, step)]):
        up, down = (Items(items.slope + s * a, items.intercept + s * d, items.guessing) for s in (1, -1))
        rise = (beliefs.log_density(up) - beliefs.log_density(down)) / (2 * step)
        assert rise == pytest.approx(gradient[:, k].sum(), rel=1e-5)
    assert (np.linalg.eigvalsh(curvature) > 0).all()


def test_a_three_parameter_item_needs_five_hundred_answers_for_its_guessing() -> None:
    drawn = answered(*some_items(10), persons=900, each=5, c=0.2, seed=2)
    assert (drawn.responses.asked < 500).any()
    found = calibrate(drawn.responses, Wish(Model.THREE, guessing=0.2)).calibration
    for row in found.items:
        assert row.c == (0.2 if row.answers >= 500 else 0.0)


def test_an_item_that_everybody_answers_alike_is_set_aside_unless_priors_hold_it() -> None:
    rows = [(f"p{k}", f"i{j}", int((k * 7 + j * 3) % 5 > 1)) for k in range(80) for j in range(5)]
    rows += [(f"p{k}", "easy", 1) for k in range(80)]
    found = calibrate(Responses.of(rows), Wish()).calibration
    assert [(s.item, s.n, s.reason) for s in found.set_aside] == [("easy", 80, "all_right")]
    assert "easy" in {i.item for i in calibrate(Responses.of(rows), Wish(priors=True)).calibration.items}


def test_an_item_with_its_key_wrong_stays_finite_and_is_flagged_flat() -> None:
    drawn = answered(*some_items(20), persons=800, seed=4).responses
    turned = Responses(drawn.persons, drawn.items, drawn.person, drawn.item, drawn.correct ^ (drawn.item == 3))
    found = {i.item: i for i in calibrate(turned, Wish()).calibration.items}
    assert "flat" in found["i0003"].flags
    assert sum("flat" in i.flags for i in found.values()) == 1


def test_a_handful_of_people_is_refused() -> None:
    rows = [(f"p{k}", f"i{j}", (k + j) % 2) for k in range(4) for j in range(3)]
    with pytest.raises(NotEstimable, match="4 people"):
        calibrate(Responses.of(rows), Wish())


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish(Model.TREE), "needs a release"),
        (Wish(Model.THREE), "fixed c"),
        (Wish(), "Fewer than two items"),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_the_reason(wish: Wish, why: str) -> None:
    with pytest.raises(NotEstimable, match=why):
        calibrate(Responses.of([("p", "i", 1), ("q", "i", 0)]), wish)


def test_the_order_of_answers_moves_no_estimate() -> None:
    drawn = answered(*some_items(10), persons=300, seed=6).responses
    order = np.random.default_rng(0).permutation(len(drawn.item))
    mixed = Responses(drawn.persons, drawn.items, drawn.person[order], drawn.item[order], drawn.correct[order])
    one, other = calibrate(drawn, Wish()).calibration, calibrate(mixed, Wish()).calibration
    assert one.items == other.items


def test_slopes_that_are_held_stay() -> None:
    drawn = answered(*some_items(10), persons=300, seed=6).responses
    start = first_guess(drawn.right, drawn.asked, np.zeros(10))
    found = Estimation(Line.of(drawn), np.ones(10, dtype=bool), slopes=Slopes.HELD, beliefs=None).run(start)
    assert np.ptp(found.items.slope) < 1e-12  # rescaling moves all of them alike
