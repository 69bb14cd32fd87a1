"""What a calibration makes of the stage gates."""

import numpy as np
import pytest

from engine.adaptive.gates import Stage
from engine.calibration.calibrate import calibrate
from engine.calibration.coverage import with_parameters
from engine.calibration.file import Model
from engine.calibration.wish import Wish
from engine.items.frameworks import Framework
from engine.items.release import Provenance, UnknownItem
from tests.engine.adaptive.bank import a_release
from tests.engine.calibration.answers import answered, of_release, some_items

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("persons", "stage"), [(120, Stage.TAGS), (300, Stage.SOME_DATA), (1200, Stage.CALIBRATED)])
def test_the_stage_of_a_release_grows_with_its_answers(persons: int, stage: Stage) -> None:
    release = a_release(4, 2, responses=0, provenance=Provenance.TAGS)
    drawn = of_release(release, persons, 40)
    outcome = calibrate(drawn.responses, Wish(Model.TWO, priors=True, release=release))
    assert [row.before for row in outcome.coverage] == [Stage.TAGS, Stage.TAGS]
    assert [row.after for row in outcome.coverage] == [stage, stage]
    assert set(outcome.calibration.heldout_error) == set(Framework)


def test_an_item_without_answers_rests_on_nothing() -> None:
    release = a_release(4, 2)
    drawn = of_release(release, 200, 40)
    some = drawn.responses.of_items(drawn.responses.items[1:])
    after = with_parameters(release, calibrate(some, Wish(priors=True, release=release)).calibration)
    assert (after.parameters[0].responses, after.parameters[0].se_b) == (0, None)
    assert after.parameters[1].responses > 0
    assert after.provenance is Provenance.CALIBRATED


def test_an_item_of_no_release_is_refused_by_name() -> None:
    with pytest.raises(UnknownItem, match="i0000"):
        calibrate(answered(*some_items(4), persons=80).responses, Wish(priors=True, release=a_release(4, 2)))


def test_heldout_error_tells_a_wrong_model() -> None:
    """Answers with much guessing, calibrated without it, are predicted a little worse; both stay small."""
    release = a_release(4, 2)
    drawn = of_release(release, 1500, 40)
    error = calibrate(drawn.responses, Wish(priors=True, release=release)).calibration.heldout_error
    assert max(error.values()) < 0.015
    assert np.isfinite(list(error.values())).all()
