"""What the data behind a release lack for the next stage of a framework."""

from dataclasses import dataclass
from statistics import median

from engine.adaptive.gates import HELDOUT_ERROR, MEDIAN_SE_B, RESPONSES, SHARE, Stage, stage
from engine.items.frameworks import Framework
from engine.items.release import Provenance, Release


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What stands between a framework and its next stage; a field is None where nothing is lacking there."""

    stage: Stage
    next: Stage
    has_answers: bool
    """False where difficulties come from level tags: a calibration comes first."""
    items: int | None = None
    """How many more items need as many responses as `responses`."""
    responses: int = 0
    se_b: float | None = None
    """The median standard error of difficulty, too great for `gates.MEDIAN_SE_B`; infinite where not known."""
    heldout: float | None = None
    """The error on answers kept aside, too great for `gates.HELDOUT_ERROR`; infinite where not known."""


def shortfall(release: Release, framework: Framework) -> Shortfall | None:
    """What a framework of a release lacks for its next stage; None at the last."""
    held = stage(release, framework)
    if held is Stage.CALIBRATED:
        return None
    wanted = Stage(held + 1)
    rows = release.counted(framework)
    enough = sum(p.responses >= RESPONSES[wanted] for p in rows)
    needed = -(-SHARE * len(rows) // 100)
    se_b = median(float("inf") if p.se_b is None else p.se_b for p in rows) if rows else float("inf")
    heldout = release.heldout_error.get(framework, float("inf"))
    last = wanted is Stage.CALIBRATED
    return Shortfall(
        stage=held,
        next=wanted,
        has_answers=release.provenance is not Provenance.TAGS,
        items=needed - enough if enough < needed else None,
        responses=RESPONSES[wanted],
        se_b=se_b if last and se_b > MEDIAN_SE_B else None,
        heldout=heldout if last and heldout > HELDOUT_ERROR else None,
    )
