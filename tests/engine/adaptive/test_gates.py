"""What a release may be used for follows from its data."""

from dataclasses import replace

import pytest

from engine.adaptive.cat import Observed, Plan, assess
from engine.adaptive.gates import NotCalibrated, Stage, require, stage
from engine.adaptive.select import Selector, Steering
from engine.items.frameworks import Framework
from engine.items.release import Provenance, Release
from tests.engine.adaptive.bank import PUBLISHED, TRACK, a_release, sit

EDU, CRCN = Framework


def with_fewer(release: Release, share: float, responses: int) -> Release:
    """The same, but that share of the items has so few responses."""
    few = round(share * len(release.items))
    # Every fifth, every other …: both frameworks lose alike.
    chosen = {int(i * len(release.items) / few) for i in range(few)}
    rows = [replace(p, responses=responses) if i in chosen else p for i, p in enumerate(release.parameters)]
    return replace(release, parameters=tuple(rows))


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        (a_release(), Stage.CALIBRATED),
        (a_release(provenance=Provenance.CALIBRATED), Stage.CALIBRATED),
        (a_release(provenance=Provenance.TAGS), Stage.TAGS),
        (a_release(responses=0, se_b=None), Stage.TAGS),
        (a_release(responses=59), Stage.TAGS),
        (a_release(responses=60), Stage.SOME_DATA),
        (a_release(responses=124), Stage.SOME_DATA),
        (a_release(responses=125), Stage.CALIBRATED),
        (a_release(se_b=0.28), Stage.CALIBRATED),
        (a_release(se_b=0.29), Stage.SOME_DATA),
        (a_release(se_b=None), Stage.SOME_DATA),
        (a_release(heldout=0.03), Stage.CALIBRATED),
        (a_release(heldout=0.031), Stage.SOME_DATA),
        (a_release(heldout=None), Stage.SOME_DATA),
        (with_fewer(a_release(per_competence=5), 0.2, 60), Stage.CALIBRATED),
        (with_fewer(a_release(per_competence=5), 0.25, 60), Stage.SOME_DATA),
        (with_fewer(a_release(per_competence=5), 0.25, 59), Stage.TAGS),
        (replace(a_release(), items=(), parameters=()), Stage.TAGS),
    ],
)
def test_the_stage_follows_from_responses_standard_errors_and_the_held_out_error(release, expected):
    assert [stage(release, f) for f in Framework] == [expected, expected]


def uneven() -> Release:
    """Only the CRCN has data."""
    release = a_release()
    rows = [
        replace(p, responses=0) if i.framework is EDU else p
        for i, p in zip(release.items, release.parameters, strict=True)
    ]
    return replace(release, parameters=tuple(rows))


def test_each_framework_has_a_stage_of_its_own():
    plan = Plan.of(uneven(), TRACK, PUBLISHED)
    assert plan.stages == (Stage.TAGS, Stage.CALIBRATED)
    assert plan.selectors == (Selector.STRATIFIED, Selector.STEER)
    assert not plan.prior.cross_framework  # tags must not move what data say
    assert len(sit(plan, 3, [True, False])) == 64


@pytest.mark.parametrize(("responses", "gamma"), [(60, 0.8), (125, 0.65)])
def test_steering_is_cautious_until_the_release_is_calibrated(responses, gamma):
    plan = Plan.of(a_release(responses=responses), TRACK, PUBLISHED)
    assert plan.selectors == (Selector.STEER, Selector.STEER)
    assert plan.steering.gamma == gamma


def test_asking_for_more_than_the_data_permit_is_refused_by_name():
    tags, some = a_release(provenance=Provenance.TAGS), a_release(responses=60)
    with pytest.raises(NotCalibrated, match="score steering needs stage 1"):
        Plan.of(tags, TRACK, PUBLISHED, selector=Selector.STEER)
    with pytest.raises(NotCalibrated, match=r"γ = 0.65 needs stage 2") as refusal:
        Plan.of(some, TRACK, PUBLISHED, steering=Steering(gamma=0.65))
    assert refusal.value.code == "not_calibrated"
    assert refusal.value.facts["stage"] is Stage.SOME_DATA
    with pytest.raises(NotCalibrated, match="the posterior rule needs stage 2"):
        require(some, CRCN, Stage.CALIBRATED, "the posterior rule")
    require(a_release(), CRCN, Stage.CALIBRATED, "the posterior rule")


def test_less_than_the_data_permit_is_granted():
    plan = Plan.of(a_release(), TRACK, PUBLISHED, selector=Selector.STRATIFIED, steering=Steering(gamma=0.9))
    assert plan.selectors == (Selector.STRATIFIED, Selector.STRATIFIED)
    assert plan.reports_posterior


@pytest.mark.parametrize("release", [a_release(provenance=Provenance.TAGS), uneven()], ids=["no data", "half"])
def test_no_probability_is_reported_from_level_tags(release):
    plan = Plan.of(release, TRACK, PUBLISHED)
    assert not plan.reports_posterior
    with pytest.raises(NotCalibrated, match="reporting probabilities needs stage 1"):
        assess(plan, [Observed(plan.pool.ids[0], True)])


def test_a_bank_without_data_still_has_whole_forms():
    plan = Plan.of(a_release(provenance=Provenance.TAGS), TRACK, PUBLISHED)
    assert len(sit(plan, 1, [True])) == 64
