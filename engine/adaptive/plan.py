"""The plan of an adaptive test: all that a choice depends on besides the seed and the answers."""

from dataclasses import dataclass, field
from math import inf
from typing import Self

from engine.adaptive.content import LENGTHS, Content
from engine.adaptive.exposure import Eligibility
from engine.adaptive.gates import Stage, demand, stage
from engine.adaptive.levels import Cuts
from engine.adaptive.model import FRAMEWORKS, Pool
from engine.adaptive.posterior import TreePrior
from engine.adaptive.select import Selector, Steering
from engine.items.frameworks import Track
from engine.items.release import Release

GAMMA = {Stage.SOME_DATA: 0.8, Stage.CALIBRATED: 0.65}
"""The least γ of steering that a stage permits (docs/adr/0004)."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Made once for a session, and pinned by it; `Plan.of` makes one that the release's data can bear."""

    pool: Pool
    prior: TreePrior
    cuts: Cuts
    stages: tuple[Stage, Stage] = (Stage.CALIBRATED, Stage.CALIBRATED)
    """Of the CRCN-Édu and the CRCN, as everywhere below."""
    selectors: tuple[Selector, Selector] = (Selector.STEER, Selector.STEER)
    steering: Steering = field(default_factory=Steering)
    wanted: tuple[int, int] = LENGTHS
    """Questions of each framework."""
    time_budget: float = inf
    """Expected time of the whole form at most, seconds."""
    eligibility: Eligibility | None = None
    content: Content = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", Content.of(self.pool, self.wanted))

    @classmethod
    def of(
        cls,
        release: Release,
        track: Track,
        cuts: Cuts,
        *,
        prior: TreePrior | None = None,
        selector: Selector | None = None,
        steering: Steering | None = None,
        lengths: tuple[int, int] = LENGTHS,
        time_budget: float = inf,
        eligibility: Eligibility | None = None,
    ) -> Self:
        """The plan that the stages of a release permit. By default each framework is steered as soon as it may be.

        Raises `NotCalibrated` if `selector` or `steering` asks for more than the stages permit, and
        `UncoveredCompetence` if the track cannot be questioned in full.
        """
        stages = (stage(release, FRAMEWORKS[0]), stage(release, FRAMEWORKS[1]))
        if selector is Selector.STEER:
            for framework, held in zip(FRAMEWORKS, stages, strict=True):
                demand(release.name, framework, held, Stage.SOME_DATA, "score steering")
        edu, crcn = (
            selector or (Selector.STEER if held >= Stage.SOME_DATA else Selector.STRATIFIED) for held in stages
        )
        cautious = GAMMA[max(stages[0], Stage.SOME_DATA)]
        steering = steering or Steering(gamma=cautious)
        if edu is Selector.STEER and steering.gamma < cautious:
            demand(release.name, FRAMEWORKS[0], stages[0], Stage.CALIBRATED, f"steering with γ = {steering.gamma}")
        # Abilities estimated from level tags must not move those of a framework that has data.
        prior = prior or TreePrior(cross_framework=min(stages) > Stage.TAGS)
        return cls(
            Pool.of(release, track), prior, cuts, stages, (edu, crcn), steering, lengths, time_budget, eligibility
        )

    @property
    def lengths(self) -> tuple[int, int]:
        """Questions in a whole form: 16 of the CRCN-Édu and 48 of the CRCN, fewer where subjects are lacking."""
        return self.content.lengths

    @property
    def reports_posterior(self) -> bool:
        """Whether the parameters rest on answers, so that probabilities of levels may be shown."""
        return min(self.stages) > Stage.TAGS
