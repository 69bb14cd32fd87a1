"""The difficulty that steering asks for is that of its rule, case by case."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from engine.adaptive.levels import Cuts
from engine.adaptive.model import fisher_information, response_probability
from engine.adaptive.select import (
    Standing,
    Steering,
    crcn_target,
    edu_target,
    score_bands,
    secure_probability,
    steering_utility,
    stratified_utility,
)
from tests.engine.adaptive.bank import PUBLISHED, a_plan

STEERING = Steering()
OTHER = Cuts(edu_total=(40, 60, 75), edu_domain=(25, 50, 75), crcn_total=(50, 60, 70))


def standing(**numbers: int) -> Standing:
    return Standing(**{name: np.array([n]) for name, n in numbers.items()})


def by_hand(cuts: Cuts, now: dict[str, int], mean: float, level: list[float], minimum: list[float]) -> float:
    """The rule for the CRCN-Édu, written for one candidate in plain Python."""
    n, s, r = now["length"], now["correct"], now["left"]
    least = [0] + [next(x for x in range(n + 1) if 100 * x >= t * n) for t in cuts.edu_total]
    k = max([0] + [j for j in (1, 2, 3) if level[j - 1] >= STEERING.gamma])
    low, high = least[k], (least[k + 1] - 1 if k < 3 else n)
    domain_in_the_way = k == 0 and 100 * mean >= cuts.edu_total[0]
    if domain_in_the_way:
        high = n
    p = (min(max(n * mean, low + 0.3), high + 0.3) - s) / r
    if k >= 1:
        n_d, s_d, r_d = now["domain_length"], now["domain_correct"], now["domain_left"]
        wanted = next(x for x in range(n_d + 1) if 100 * x >= cuts.edu_domain[k - 1] * n_d)
        need = max(0, wanted - s_d)
        p_dom = 0.92
        if need <= r_d:
            tries = np.linspace(0, 0.92, 9201)
            enough = tries[binom.sf(need - 1, r_d, tries) >= STEERING.rho]
            p_dom = enough[0] if len(enough) else 0.92
        p = max(p, p_dom if minimum[k - 1] >= 0.5 else min(p_dom, 0.5))
    elif domain_in_the_way and minimum[0] < 0.5:
        p = min(p, 0.35)
    return min(max(p, 0.20), 0.92)


@given(
    cuts=st.sampled_from([PUBLISHED, OTHER]),
    mean=st.floats(0.05, 0.95),
    level=st.lists(st.floats(0, 1), min_size=3, max_size=3).map(lambda p: sorted(p, reverse=True)),
    minimum=st.lists(st.floats(0, 1), min_size=3, max_size=3).map(lambda p: sorted(p, reverse=True)),
    asked=st.integers(0, 15),
    domain_asked=st.integers(0, 4),
    data=st.data(),
)
def test_the_target_in_the_edu_is_the_rule_worked_by_hand(cuts, mean, level, minimum, asked, domain_asked, data):
    now = {
        "correct": data.draw(st.integers(0, asked)),
        "length": 16,
        "left": 16 - asked,
        "domain_correct": data.draw(st.integers(0, domain_asked)),
        "domain_length": 5,
        "domain_left": 5 - domain_asked,
    }
    found = edu_target(STEERING, cuts, standing(**now), np.array([mean]), np.array([level]), np.array([minimum]))
    assert found[0] == pytest.approx(by_hand(cuts, now, mean, level, minimum), abs=2e-4)


def test_the_bands_of_the_published_thresholds():
    low, high = score_bands(PUBLISHED, np.array([16, 15]))
    assert low.tolist() == [[0, 8, 11, 13], [0, 8, 10, 12]]
    assert high.tolist() == [[7, 10, 12, 16], [7, 9, 11, 15]]


def test_a_threshold_that_is_met_exactly_is_met():
    low, _ = score_bands(Cuts((60, 60, 70), (0, 0, 0), (0, 0, 0)), np.array([5, 10]))
    assert low.tolist() == [[0, 3, 3, 4], [0, 6, 6, 7]]


def test_the_crcn_aims_at_the_expected_score():
    def target(mean: float) -> float:
        correct, length, left = (np.array([x]) for x in (20, 48, 18))
        return float(crcn_target(STEERING, correct, length, left, np.array([mean]))[0])

    assert target(0.6) == pytest.approx((0.6 * 48 - 20) / 18)
    assert target(0.95) == 0.92
    assert target(0.1) == 0.20


def test_a_minimum_is_secured_with_the_probability_asked_for():
    table = secure_probability(5, 0.94)
    for left in range(1, 6):
        for need in range(1, left + 1):
            assert binom.sf(need - 1, left, table[left, need]) == pytest.approx(0.94)
    assert (table[:, 0] == 0).all()
    assert np.isinf(table[2, 3])


def test_the_item_nearest_to_the_target_suits_best_and_information_breaks_ties():
    pool = a_plan().pool
    rows = np.arange(50)[None]
    utility = steering_utility(pool, rows, np.array([0.3]), np.array([0.7]), STEERING)[0]
    p = response_probability(np.array([0.3]), pool.a[:50], pool.b[:50], pool.c[:50])
    assert utility == pytest.approx(-((p - 0.7) ** 2) + 0.05 * fisher_information(p, pool.a[:50], pool.c[:50]))
    assert abs(p[utility.argmax()] - 0.7) < 0.1


def test_a_draw_follows_the_weights_and_favours_the_tags_that_are_behind():
    pool = a_plan(5, 3).pool
    rows = np.broadcast_to(np.flatnonzero(pool.competence == 20), (20_000, 5))
    dice = np.random.default_rng(1).random(rows.shape)
    none = np.zeros((1, 12), dtype=np.int64)

    def chances(asked: np.ndarray) -> np.ndarray:
        best = stratified_utility(pool, rows, np.repeat(asked, len(rows), 0), dice).argmax(axis=1)
        return np.bincount(best, minlength=5) / len(rows)

    stratum, share, weight = pool.stratum[rows[0]], pool.stratum_share, pool.weight[rows[0]]
    expected = weight * np.exp(2 * share[stratum])
    assert chances(none) == pytest.approx(expected / expected.sum(), abs=0.015)
    fed = none.copy()
    fed[0, stratum[0]] = 3
    same = stratum == stratum[0]
    assert chances(fed)[same].sum() < chances(none)[same].sum() / 5
