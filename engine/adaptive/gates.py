"""What a release may be used for, framework by framework: the stages of its calibration."""

from enum import IntEnum
from statistics import median

from engine.items.frameworks import Framework
from engine.items.release import Provenance, Release
from engine.kernel import EngineError


class Stage(IntEnum):
    """How far the parameters of a framework rest on answers."""

    TAGS = 0
    """Difficulties come from level tags: stratified random forms, the official rule, no posterior reported."""
    SOME_DATA = 1
    """Score steering with a cautious γ, and flags to the jury."""
    CALIBRATED = 2
    """Everything, decision rules that use the posterior included."""


class NotCalibrated(EngineError):
    """Something asks for more than the stage of a release permits."""

    code = "not_calibrated"


# The figures come from simulation on synthetic banks; see docs/adr/0004.
SHARE = 80
"""Percentage of a framework's items that must have the responses required."""
RESPONSES = {Stage.SOME_DATA: 60, Stage.CALIBRATED: 125}
MEDIAN_SE_B = 0.28
HELDOUT_ERROR = 0.03


def stage(release: Release, framework: Framework) -> Stage:
    """The stage of one framework of a release, whoever or whatever gave the answers it was calibrated on."""
    rows = release.counted(framework)
    if release.provenance is Provenance.TAGS or not rows:
        return Stage.TAGS

    def enough(wanted: Stage) -> bool:
        return 100 * sum(p.responses >= RESPONSES[wanted] for p in rows) >= SHARE * len(rows)

    if not enough(Stage.SOME_DATA):
        return Stage.TAGS
    se_b = median(float("inf") if p.se_b is None else p.se_b for p in rows)
    heldout = release.heldout_error.get(framework, float("inf"))
    if enough(Stage.CALIBRATED) and se_b <= MEDIAN_SE_B and heldout <= HELDOUT_ERROR:
        return Stage.CALIBRATED
    return Stage.SOME_DATA


def require(release: Release, framework: Framework, needed: Stage, purpose: str) -> None:
    """Refuse `purpose` to a release whose stage is below `needed`. Raises `NotCalibrated`."""
    demand(release.name, framework, stage(release, framework), needed, purpose)


def demand(release: str, framework: Framework, held: Stage, needed: Stage, purpose: str) -> None:
    """Refuse `purpose` to a stage below `needed`. Raises `NotCalibrated`."""
    if held < needed:
        raise NotCalibrated(
            f"Release {release} is at stage {held.value} for {framework}; {purpose} needs stage {needed.value}.",
            release=release,
            framework=framework,
            stage=held,
            needed=needed,
            purpose=purpose,
        )
