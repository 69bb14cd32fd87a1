"""What the engine promises of its levels, on a bank and simulees that nobody has tuned it on."""

import pytest

from engine.adaptive.exposure import CEILINGS
from engine.adaptive.select import Selector
from tests.bench.quality import Quality, paired

BANK = 77031


@pytest.fixture(scope="module")
def found() -> dict[Selector, Quality]:
    return {q.selector: q for q in paired(BANK, 4000)}


@pytest.mark.slow
def test_steering_awards_more_right_levels_than_stratified_forms_under_the_official_rule(found):
    steered, drawn = found[Selector.STEER].official, found[Selector.STRATIFIED].official
    assert steered.right >= drawn.right + 0.03
    assert steered.over <= 0.065


@pytest.mark.slow
def test_plain_maximum_information_makes_the_official_rule_refuse_what_is_deserved(found):
    assert found[Selector.MAXIMUM_INFORMATION].official.under > 0.25


@pytest.mark.slow
def test_the_posterior_rule_seldom_awards_too_much(found):
    assert found[Selector.MAXIMUM_INFORMATION].posterior[0.7].over <= 0.035


@pytest.mark.slow
def test_the_probabilities_of_levels_happen_as_often_as_they_say(found):
    assert all(q.ece <= 0.02 for q in found.values())


@pytest.mark.slow
def test_no_item_is_worn_out(found):
    for framework, ceiling in enumerate(CEILINGS):
        assert found[Selector.STEER].exposure[framework] <= ceiling + 0.02
