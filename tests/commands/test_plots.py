"""What a plot shows lies where it says."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.commands.plots import Axis, round_step, top_of, upward

SIZES = st.floats(1e-4, 1e5)


@given(SIZES, st.floats(0, 1))
def test_a_greater_value_is_never_drawn_lower(top: float, share: float) -> None:
    axis = upward(top)
    assert axis.end <= axis.at(top * share) <= axis.start
    assert axis.at(top) == axis.end
    assert axis.at(0) == axis.start


@given(SIZES)
def test_the_marks_of_an_axis_are_few_even_and_on_it(top: float) -> None:
    ticks = Axis(0, top, 0, 400).ticks()
    assert 2 <= len(ticks) <= 6
    assert len({t.label for t in ticks}) == len(ticks)
    gaps = [b.at - a.at for a, b in pairwise(ticks)]
    assert max(gaps) - min(gaps) <= 0.21
    assert all(0 <= t.at <= 400 for t in ticks)


@given(SIZES)
def test_a_step_is_round_and_no_smaller_than_asked(least: float) -> None:
    assert least * (1 - 1e-6) <= round_step(least) <= least * 2.51


@given(st.lists(st.floats(0, 1), max_size=8), st.floats(0.01, 1))
def test_a_scale_holds_every_value_and_ends_on_a_mark(values: list[float], at_least: float) -> None:
    top = top_of(values, at_least, 1.0)
    assert top >= max([at_least, *values]) * (1 - 1e-9)
    assert top <= 1
    assert Axis(0, top, 0, 400).ticks()[-1].at == pytest.approx(400, abs=0.2)


@pytest.mark.parametrize(
    ("top", "labels"),
    [(0.025, ["0,0 %", "0,5 %", "1,0 %", "1,5 %", "2,0 %", "2,5 %"]), (0.08, ["0 %", "2 %", "4 %", "6 %", "8 %"])],
)
def test_shares_are_labelled_with_as_many_figures_as_they_need(top: float, labels: list[str]) -> None:
    assert [t.label.replace("\u00a0", " ") for t in Axis(0, top, 0, 400).ticks(percent=True)] == labels
