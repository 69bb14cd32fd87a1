"""Fit, differential functioning and drift: what is planted is found, and little else."""

from math import sqrt

import numpy as np
import pytest

from engine.calibration.calibrate import Outcome, calibrate
from engine.calibration.drift import FALSE_ALARM, change, cusum_limit
from engine.calibration.file import Flag
from engine.calibration.heldout import calibration_error
from engine.calibration.responses import Responses
from engine.calibration.wish import Wish
from tests.engine.calibration.answers import answered, some_items

pytestmark = pytest.mark.slow


def flagged(outcome: Outcome, flag: Flag) -> set[str]:
    return {row.item for row in outcome.calibration.items if flag in row.flags}


def test_item_fit_is_standard_normal_for_items_that_follow_their_curve() -> None:
    drawn = answered(*some_items(150), persons=4000, each=40, seed=21).responses
    z = np.array([i.fit for i in calibrate(drawn, Wish()).calibration.items], dtype=float)
    assert np.isfinite(z).all()
    assert abs(z.mean()) < 4 / sqrt(150)
    assert 0.85 < z.std() < 1.15
    assert (np.abs(z) >= 3).sum() <= 3


def test_an_item_that_can_be_guessed_or_that_turns_back_is_found() -> None:
    a, b = some_items(40, seed=5)
    drawn = answered(a, b, persons=3000, seed=5)
    r, rng = drawn.responses, np.random.default_rng(5)
    guessed = (r.item == 7) & (rng.random(len(r.item)) < 0.4)
    turned = (r.item == 8) & (np.abs(drawn.theta) > 1.0)
    bent = Responses(r.persons, r.items, r.person, r.item, (r.correct | guessed) ^ turned)
    found = flagged(calibrate(bent, Wish()), Flag.MISFIT)
    assert {"i0008"} <= found <= {"i0007", "i0008"}


@pytest.mark.parametrize("impact", [0.0, 1.0])
def test_the_same_items_for_two_groups_differ_no_more_often_than_chance(impact: float) -> None:
    """Also when one group is one logit stronger: that is no differential functioning."""
    n = 2000
    mode = tuple("remote" if k % 2 else "on_site" for k in range(n))
    mean = np.where(np.arange(n) % 2, impact, 0.0)
    drawn = answered(*some_items(120), persons=n, each=40, mean=mean, groups={"mode": mode}, seed=31).responses
    rows = calibrate(drawn, Wish()).evidence.differences["mode"]
    assert len(rows) == 120
    hits = sum(row.p_value < 0.05 for row in rows)
    assert abs(hits - 6) <= 3 * sqrt(120 * 0.05 * 0.95)
    assert sum(row.flagged for row in rows) <= 4


def test_an_item_that_is_harder_for_one_group_is_found() -> None:
    n, items = 2000, 40
    degree = tuple("first" if k % 3 else "second" for k in range(n))
    shift = np.zeros((n, items))
    shift[np.arange(n) % 3 == 0, 11] = 1.0
    drawn = answered(*some_items(items), persons=n, shift=shift, groups={"degree": degree}, seed=3).responses
    outcome = calibrate(drawn, Wish())
    assert "i0011" in flagged(outcome, Flag.DIF)
    assert len(flagged(outcome, Flag.DIF)) <= 2
    (row,) = [d for d in outcome.evidence.differences["degree"] if d.item == 11]
    assert row.group == "second"
    assert row.large
    assert row.shift == pytest.approx(-drawn_slope(11) * 1.0, abs=0.35)


def drawn_slope(item: int) -> float:
    return float(some_items(40)[0][item])


def test_persons_without_a_label_are_left_out_of_the_comparison() -> None:
    n = 300
    labels = tuple("" if k % 2 else "a" for k in range(n))
    drawn = answered(*some_items(10), persons=n, groups={"mode": labels}).responses
    assert calibrate(drawn, Wish()).evidence.differences["mode"] == ()


def test_an_item_that_became_known_is_found_by_its_cumulative_sum_and_others_are_not() -> None:
    a, b = some_items(60, seed=12)
    anchor = calibrate(answered(a, b, persons=6000, each=30, seed=40).responses, Wish()).calibration
    later = answered(a, b, persons=2500, each=30, seed=41).responses
    leaked = (later.item == 17) & (later.person > 1200) & (np.random.default_rng(1).random(len(later.item)) < 0.5)
    spread = Responses(later.persons, later.items, later.person, later.item, later.correct | leaked)
    outcome = calibrate(spread, Wish(anchor=anchor))
    assert "i0017" in flagged(outcome, Flag.DRIFT)
    assert len(flagged(outcome, Flag.DRIFT)) <= 3
    assert outcome.evidence.cusum is not None
    assert outcome.evidence.cusum.easier[17] > outcome.evidence.cusum.harder[17]


def test_the_limit_of_the_cumulative_sum_keeps_its_false_alarm_rate() -> None:
    rng, n, runs = np.random.default_rng(7), 400, 4000
    walk = np.zeros(runs)
    low, up, highest = np.zeros(runs), np.zeros(runs), np.zeros(runs)
    for _ in range(n):
        residual = rng.normal(size=runs)
        up, low = np.maximum(0, up + residual - 0.2), np.maximum(0, low - residual - 0.2)
        highest = np.maximum(highest, np.maximum(up, low))
    del walk
    share = float((highest > cusum_limit(np.array([n]))[0]).mean())
    assert 0.3 * FALSE_ALARM < share < 1.7 * FALSE_ALARM


def test_a_difficulty_that_changed_between_two_calibrations_is_found_on_either_scale() -> None:
    a, b = some_items(50, seed=13)
    earlier = calibrate(answered(a, b, persons=2500, each=25, seed=50).responses, Wish()).calibration
    b[21] -= 0.9
    later = answered(a, b, persons=2500, each=25, mean=-0.5, seed=51).responses
    outcome = calibrate(later, Wish(earlier=earlier))
    assert "i0021" in flagged(outcome, Flag.DRIFT)
    assert len(flagged(outcome, Flag.DRIFT)) <= 2
    assert outcome.evidence.moved["i0021"][0] == pytest.approx(-0.9, abs=0.4)


def test_a_change_of_scale_alone_changes_no_item() -> None:
    a, b = some_items(20)
    se = np.full(20, 0.1)
    found = change((a, b, se), (a * 1.3, (b - 0.4) / 1.3, se))
    np.testing.assert_allclose(found.difficulty, 0.0, atol=1e-12)
    assert not found.flagged.any()


def test_a_calibration_error_is_seen() -> None:
    rng = np.random.default_rng(3)
    p = rng.uniform(0.2, 0.8, 20_000)
    x = rng.random(20_000) < p
    assert calibration_error(p, x) < 0.015
    assert calibration_error(p - 0.1, x) == pytest.approx(0.1, abs=0.015)
