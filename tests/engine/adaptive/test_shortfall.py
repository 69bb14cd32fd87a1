"""What a release lacks for its next stage is said, and is true."""

import pytest

from engine.adaptive.gates import RESPONSES, Stage, stage
from engine.adaptive.shortfall import shortfall
from engine.items.frameworks import Framework
from engine.items.release import Provenance
from tests.engine.adaptive.bank import a_release

CASES = {
    "tags": {"provenance": Provenance.TAGS},
    "no answers": {"responses": 0},
    "few answers": {"responses": 30},
    "some answers": {"responses": 60, "se_b": 0.35},
    "unsure": {"se_b": 0.35},
    "not held out": {"heldout": None},
    "predicted badly": {"heldout": 0.05},
    "all there": {},
}


@pytest.mark.parametrize("case", CASES)
def test_something_is_lacking_until_the_last_stage_and_nothing_then(case: str):
    release = a_release(5, 3, **CASES[case])
    for framework in Framework:
        lack = shortfall(release, framework)
        held = stage(release, framework)
        assert (lack is None) == (held is Stage.CALIBRATED)
        if lack:
            assert (lack.stage, lack.next) == (held, held + 1)
            assert not lack.has_answers or lack.items or lack.se_b or lack.heldout


def test_the_items_lacking_are_those_that_the_gate_still_wants():
    lack = shortfall(a_release(5, 3, responses=59), Framework.CRCN)
    assert lack is not None
    assert (lack.items, lack.responses) == (64, RESPONSES[Stage.SOME_DATA])  # 80 % of 16 × 5
