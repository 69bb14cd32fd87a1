"""From a rule set to a plan: what the data cannot bear is refused beforehand."""

from dataclasses import replace

import pytest

from engine.adaptive.gates import NotCalibrated
from engine.adaptive.plan import Plan
from engine.adaptive.select import Selector, Steering
from engine.items.frameworks import Framework
from engine.items.release import Provenance, Release
from engine.scoring.planning import plan_for
from engine.scoring.rules import Rule, RuleSet, SelectionPolicy, StoppingPolicy
from tests.builders import the_rules
from tests.engine.adaptive.bank import TRACK, a_release


def rules(**facts: object) -> RuleSet:
    return replace(the_rules(), **facts)  # type: ignore[arg-type]


STAGES = {
    0: a_release(provenance=Provenance.TAGS),
    1: a_release(responses=80),
    2: a_release(),
}
ONE_AT_TWO = replace(
    STAGES[2],
    parameters=tuple(
        replace(p, responses=80) if i.framework is Framework.CRCN else p
        for i, p in zip(STAGES[2].items, STAGES[2].parameters, strict=True)
    ),
)


def planned(release: Release, found: RuleSet) -> Plan:
    return plan_for(release, TRACK, found)


@pytest.mark.parametrize("stage", STAGES)
def test_the_official_rule_can_be_planned_with_on_any_release(stage):
    assert planned(STAGES[stage], the_rules()).stages == (stage, stage)


@pytest.mark.parametrize("rule", [Rule.R2, Rule.R3, Rule.R4])
@pytest.mark.parametrize("release", [STAGES[0], STAGES[1], ONE_AT_TWO], ids=["tags", "some data", "one framework"])
def test_a_rule_that_needs_probabilities_needs_both_frameworks_calibrated(rule, release):
    with pytest.raises(NotCalibrated, match=f"deciding by {rule} needs stage 2"):
        planned(release, rules(decides=rule))
    assert planned(STAGES[2], rules(decides=rule)).stages == (2, 2)


def test_stopping_early_needs_both_frameworks_calibrated():
    with pytest.raises(NotCalibrated, match="stopping early needs stage 2"):
        planned(ONE_AT_TWO, rules(stopping=StoppingPolicy(0.1, 16, 2)))


def test_a_selector_that_is_named_is_the_one_of_both_frameworks():
    named = rules(selection=SelectionPolicy(selector="stratified"))
    assert planned(STAGES[2], named).selectors == (Selector.STRATIFIED,) * 2
    assert planned(STAGES[2], the_rules()).selectors == (Selector.STEER,) * 2
    assert planned(STAGES[0], the_rules()).selectors == (Selector.STRATIFIED,) * 2
    with pytest.raises(NotCalibrated, match="score steering"):
        planned(STAGES[0], rules(selection=SelectionPolicy(selector="steer")))


def test_steering_is_as_the_rules_set_it_and_else_as_the_stage_permits():
    assert planned(STAGES[1], rules(selection=SelectionPolicy(rho=0.9))).steering == Steering(gamma=0.8, rho=0.9)
    assert planned(STAGES[2], rules(selection=SelectionPolicy(gamma=0.7))).steering == Steering(gamma=0.7)
    with pytest.raises(NotCalibrated, match="steering with γ"):
        planned(STAGES[1], rules(selection=SelectionPolicy(gamma=0.7)))


def test_frameworks_inform_each_other_only_where_the_rules_let_them():
    assert planned(STAGES[2], the_rules()).prior.cross_framework
    assert not planned(STAGES[2], rules(cross_framework=False)).prior.cross_framework
