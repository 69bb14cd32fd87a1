"""How often items are given is counted right, and alarms at what is more than chance."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.adaptive.monitor import exposure, items_needed, least_exposure, overexposed, overlap, overlaps_too_much

SITTINGS = st.integers(2, 7).flatmap(lambda n: arrays(np.bool_, (n, 9)))


@given(SITTINGS)
def test_overlap_is_the_mean_over_pairs_of_sittings(sittings: np.ndarray):
    found = overlap(sittings.sum(axis=0), len(sittings))
    if not sittings.any():
        assert found is None
        return
    common = np.mean([(a & b).sum() for a, b in combinations(sittings, 2)])
    assert np.isclose(found, common / sittings.sum(axis=1).mean())


@given(SITTINGS)
def test_exposure_is_the_share_of_sittings_that_had_the_item(sittings: np.ndarray):
    assert np.allclose(exposure(sittings.sum(axis=0), len(sittings)), sittings.mean(axis=0))


def test_equal_sittings_overlap_in_full_and_disjoint_ones_not_at_all():
    assert overlap(np.array([5, 5, 0]), 5) == 1
    assert overlap(np.array([1, 1, 1]), 3) == 0
    assert overlap(np.array([1]), 1) is None
    assert not exposure(np.array([0]), 0).any()


def test_what_few_sittings_show_by_chance_does_not_alarm():
    ceiling = np.array([0.25])
    assert not overexposed(np.array([3]), 3, ceiling)
    assert overexposed(np.array([100]), 200, ceiling)


def test_an_item_just_above_its_ceiling_does_not_alarm_however_sure_it_is():
    ceiling = np.full(2, 0.25)
    assert overexposed(np.array([31_000, 32_000]), 100_000, ceiling).tolist() == [False, True]


def test_an_item_that_was_never_given_does_not_alarm():
    assert not overexposed(np.array([0]), 1000, np.array([0.2]))


def test_the_overlap_of_few_sittings_is_not_judged():
    assert not overlaps_too_much(np.array([2, 2]), 2)
    assert overlaps_too_much(np.array([40, 40]), 40)


@given(st.integers(1, 3), st.sampled_from([0.1, 0.2, 0.25]))
def test_a_competence_with_the_items_needed_can_keep_its_ceiling_and_one_fewer_cannot(asked: int, ceiling: float):
    needed = items_needed(asked, ceiling)
    assert least_exposure(asked, needed) <= ceiling + 1e-9
    assert least_exposure(asked, needed - 1) > ceiling
