"""From a release and a rule set to a plan: what the data cannot bear is refused before anybody sits."""

from typing import Any

from engine.adaptive.exposure import Eligibility
from engine.adaptive.gates import Stage, demand, stage
from engine.adaptive.model import FRAMEWORKS
from engine.adaptive.plan import GAMMA, Plan
from engine.adaptive.posterior import TreePrior
from engine.adaptive.select import Selector, Steering
from engine.adaptive.stop import Stopping
from engine.delivery.clock import EXPECTED_TIME
from engine.items.frameworks import Framework, Track
from engine.items.release import Release
from engine.scoring.rules import RuleSet


def plan_for(
    release: Release, track: Track, rules: RuleSet, *, eligibility: Eligibility | None = None, **more: Any
) -> Plan:
    """The plan of a rule set on a release. `more` goes to `Plan.of` as it is.

    Raises `NotCalibrated` if the rules ask for more than the stages of the release permit, and `UncoveredCompetence`.
    """
    stages = (stage(release, FRAMEWORKS[0]), stage(release, FRAMEWORKS[1]))
    demand_stages(release.name, stages, rules)
    return Plan.of(
        release,
        track,
        rules.cuts,
        # Left out, the prior is the one that the stages of the release permit.
        prior=None if rules.cross_framework else TreePrior(cross_framework=False),
        selector=None if rules.selection.selector is None else Selector(rules.selection.selector),
        steering=_steering(rules, stages[0]),
        lengths=(rules.length[Framework.CRCN_EDU], rules.length[Framework.CRCN]),
        time_budget=EXPECTED_TIME.total_seconds(),
        eligibility=eligibility,
        ceilings=rules.ceilings,
        stopping=_stopping(rules),
        pretest=rules.pretest,
        **more,
    )


def demand_stages(release: str, stages: tuple[Stage, Stage], rules: RuleSet) -> None:
    """Refuse a decision by probabilities, or an early stop, to parameters that are not calibrated.

    Raises `NotCalibrated`.
    """
    purposes = [f"deciding by {rules.decides}"] if rules.decides.needs_posterior else []
    purposes += ["stopping early"] if rules.stopping is not None else []
    for purpose in purposes:
        for framework, held in zip(FRAMEWORKS, stages, strict=True):
            demand(release, framework, held, Stage.CALIBRATED, purpose)


def _stopping(rules: RuleSet) -> Stopping | None:
    """The early stop that the rules set, at the bar that decides."""
    policy = rules.stopping
    if policy is None:
        return None
    return Stopping(rules.posterior.gamma, policy.epsilon, policy.at_least, policy.every)


def _steering(rules: RuleSet, held: Stage) -> Steering | None:
    """The steering that the rules set, if they do; what they leave out is as the stage permits."""
    wanted = rules.selection
    if wanted.gamma is None and wanted.rho is None:
        return None
    usual = Steering(gamma=GAMMA[max(held, Stage.SOME_DATA)])
    return Steering(
        gamma=usual.gamma if wanted.gamma is None else wanted.gamma,
        rho=usual.rho if wanted.rho is None else wanted.rho,
    )
