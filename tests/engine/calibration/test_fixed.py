"""New items come onto the scale of items that are held."""

import numpy as np
import pytest

from engine.calibration.calibrate import calibrate
from engine.calibration.file import Calibration, Model
from engine.calibration.responses import Responses
from engine.calibration.wish import NotEstimable, Wish
from tests.engine.calibration.answers import answered, some_items

pytestmark = pytest.mark.slow

OLD, NEW = 30, 6


def test_anchors_are_untouched_and_new_items_land_on_their_scale() -> None:
    a, b = some_items(OLD + NEW, seed=8)
    first = answered(a[:OLD], b[:OLD], persons=3000, seed=1)
    anchor = calibrate(first.responses, Wish()).calibration
    # A stronger public: estimated by itself, every item would look .8 logit easier.
    later = answered(a, b, persons=1500, mean=0.8, seed=2)
    found = calibrate(later.responses, Wish(anchor=anchor)).calibration
    kept = {i.item: (i.a, i.b, i.c, i.se_a, i.se_b, i.n) for i in anchor.items}
    assert {i.item: (i.a, i.b, i.c, i.se_a, i.se_b, i.n) for i in found.items if i.anchor} == kept
    assert found.population.mean == pytest.approx(0.8, abs=0.12)
    new = [i for i in found.items if not i.anchor]
    assert len(new) == NEW
    for row in new:
        k = int(row.item[1:])
        assert row.se_b is not None
        assert row.b == pytest.approx(b[k], abs=3.5 * row.se_b + 0.05)
        assert row.promoted == (row.se_b <= 0.30 and abs(row.fit or 0.0) < 3)


def test_the_file_of_a_calibration_reads_back_as_it_was() -> None:
    found = calibrate(answered(*some_items(8), persons=200).responses, Wish()).calibration
    assert Calibration.model_validate_json(found.model_dump_json()) == found


def test_new_items_of_the_one_parameter_model_take_the_anchors_slope() -> None:
    b = some_items(12)[1]
    drawn = answered(np.full(12, 0.7), b, persons=800)
    anchor = calibrate(drawn.responses.of_items(drawn.responses.items[:8]), Wish(Model.ONE)).calibration
    found = calibrate(drawn.responses, Wish(Model.ONE, anchor=anchor)).calibration
    assert {i.a for i in found.items} == {i.a for i in anchor.items}


def test_anchors_that_nobody_answered_link_nothing() -> None:
    anchor = calibrate(answered(*some_items(8), persons=200).responses, Wish()).calibration
    others = Responses.of([(f"p{k}", f"x{j}", (k + j) % 2) for k in range(20) for j in range(3)])
    with pytest.raises(NotEstimable, match="cannot be linked"):
        calibrate(others, Wish(anchor=anchor))
