"""Trouble strikes as often as asked for, and blindly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adaptive.dice import many_seeds
from engine.studies.trouble import Trouble, strike

N, PLACES = 300, 64


def some_rows(skipped: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 200, (N, PLACES))
    rows[rng.random(rows.shape) < skipped] = -1
    return rows


@given(st.integers(0, 70), st.integers(0, 70), st.integers(0, 2**32))
def test_where_it_always_strikes_it_takes_so_many_items(neutralised, late, seed):
    rows = some_rows()
    struck = strike(Trouble(1.0, neutralised, 1.0, late), many_seeds(seed, N), rows)
    given_ = (rows >= 0).sum(axis=1)
    missed = np.minimum(late, given_)
    assert (struck.missed.sum(axis=1) == missed).all()
    assert (struck.answered.sum(axis=1) == np.maximum(given_ - missed - neutralised, 0)).all()
    assert not (struck.answered & struck.missed).any()
    assert not ((struck.answered | struck.missed) & (rows < 0)).any()


def test_what_is_not_reached_comes_last():
    rows = some_rows()
    struck = strike(Trouble(timeout_rate=1.0, timeout_items=5), many_seeds(1, N), rows)
    for reached, missed in zip(struck.answered, struck.missed, strict=True):
        assert np.flatnonzero(reached).max() < np.flatnonzero(missed).min()


def test_it_strikes_in_its_share_of_sittings():
    seeds, rows = many_seeds(1, 4000), np.zeros((4000, PLACES), dtype=np.int64)
    struck = strike(Trouble(0.1, 2, 0.3, 4), seeds, rows)
    late = struck.missed.any(axis=1)
    hit = (~struck.answered & ~struck.missed).any(axis=1)
    assert late.mean() == pytest.approx(0.3, abs=0.03)
    assert hit.mean() == pytest.approx(0.1, abs=0.02)
    assert hit[late].mean() == pytest.approx(0.1, abs=0.04)


def test_left_alone_nothing_goes_wrong():
    rows = some_rows()
    struck = strike(Trouble(), many_seeds(1, N), rows)
    assert (struck.answered == (rows >= 0)).all()
    assert not struck.missed.any()


@pytest.mark.parametrize("wrong", [{"incident_rate": 1.1}, {"timeout_rate": -0.1}, {"timeout_items": -1}])
def test_impossible_trouble_is_refused(wrong):
    with pytest.raises(ValueError, match=r"lie in|negative"):
        Trouble(**wrong)
