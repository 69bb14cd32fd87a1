"""What a release could be used for if it took these parameters: the stages of `engine.adaptive.gates`."""

from dataclasses import dataclass, replace
from statistics import median

from engine.adaptive.gates import RESPONSES, Stage, stage
from engine.calibration.file import Calibration
from engine.items.frameworks import Framework
from engine.items.release import Provenance, Release


@dataclass(frozen=True, slots=True)
class Coverage:
    """One framework of a release under a calibration."""

    framework: Framework
    items: int
    some_data: int
    """Items with the answers that stage 1 asks for."""
    enough: int
    """Items with the answers that stage 2 asks for."""
    median_se_b: float | None
    heldout_error: float | None
    before: Stage
    after: Stage


def with_parameters(release: Release, calibration: Calibration) -> Release:
    """The release with the calibrated parameters; an item without an estimate keeps its own, as resting on nothing."""
    found = {row.item: row for row in calibration.items}
    parameters = []
    for item, old in zip(release.items, release.parameters, strict=True):
        row = found.get(item.id)
        if row is None:
            parameters.append(replace(old, responses=0, se_b=None))
        else:
            parameters.append(replace(old, a=row.a, b=row.b, c=row.c, responses=row.n, se_b=row.se_b or None))
    return replace(
        release,
        provenance=Provenance.CALIBRATED,
        parameters=tuple(parameters),
        heldout_error=dict(calibration.heldout_error),
    )


def coverage(release: Release, calibration: Calibration) -> tuple[Coverage, ...]:
    """Both frameworks."""
    after = with_parameters(release, calibration)

    def of(framework: Framework) -> Coverage:
        rows = after.counted(framework)
        errors = [p.se_b for p in rows if p.se_b is not None]
        return Coverage(
            framework=framework,
            items=len(rows),
            some_data=sum(p.responses >= RESPONSES[Stage.SOME_DATA] for p in rows),
            enough=sum(p.responses >= RESPONSES[Stage.CALIBRATED] for p in rows),
            median_se_b=round(median(errors), 6) if errors else None,
            heldout_error=calibration.heldout_error.get(framework),
            before=stage(release, framework),
            after=stage(after, framework),
        )

    return tuple(of(framework) for framework in Framework)
