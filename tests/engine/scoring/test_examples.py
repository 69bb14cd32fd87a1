"""The rule sets that come with the bank can be used on a calibrated release, and say what they are."""

import pytest

from engine.adaptive.gates import NotCalibrated
from engine.adaptive.select import Selector
from engine.items.frameworks import Track
from engine.items.read import read_release
from engine.scoring.planning import plan_for
from engine.scoring.rules import read_rules
from web.commands.bank import ROOT

NAMES = sorted(p.stem for p in (ROOT / "rules").glob("2*.toml"))


def rules(name: str):
    return read_rules((ROOT / "rules" / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("track", list(Track))
def test_every_rule_set_has_a_plan_on_a_release_that_passes_all_gates(name, track):
    assert plan_for(read_release(ROOT, "demo"), track, rules(name)).lengths[0] == 16


def test_the_posterior_rule_set_chooses_by_information_stops_early_and_is_refused_to_a_bank_without_data():
    plan = plan_for(read_release(ROOT, "demo"), Track.FIRST_DEGREE, rules("2023-posterior"))
    assert plan.selectors == (Selector.MAXIMUM_INFORMATION,) * 2
    assert plan.stopping is not None
    assert plan.stopping.gamma == 0.7
    with pytest.raises(NotCalibrated):
        plan_for(read_release(ROOT, "seed"), Track.FIRST_DEGREE, rules("2023-posterior"))


def test_three_rule_sets_were_found():
    assert {"2023", "2023-posterior", "2023-pretest"} <= set(NAMES)
