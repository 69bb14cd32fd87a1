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
from engine.adaptive.pretest import Pretest
from engine.adaptive.select import Selector, Steering
from engine.items.frameworks import Track
from engine.items.release import Release
from engine.kernel import ItemId

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
    pretest: Pretest | None = None
    """Items that take places of the CRCN and do not count; `wanted` is what is left to those that do."""
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
        pretest: int = 0,
    ) -> Self:
        """The plan that the stages of a release permit. By default each framework is steered as soon as it may be.

        `pretest` places at most of the CRCN, and the time of the longest items, go to items that do not count.

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
        pool = Pool.of(release, track)
        tried = Pretest.of(release, pool, pretest, lengths[1])
        if tried is not None:
            lengths = (lengths[0], lengths[1] - tried.per_sitting)
            time_budget -= tried.per_sitting * tried.longest
        return cls(pool, prior, cuts, stages, (edu, crcn), steering, lengths, time_budget, eligibility, tried)

    @property
    def lengths(self) -> tuple[int, int]:
        """Questions that count in a whole form: 16 of the CRCN-Édu, 48 of the CRCN, fewer if subjects are lacking."""
        return self.content.lengths

    @property
    def asked(self) -> tuple[int, int]:
        """Questions in a whole form as its candidate counts them, those that are tried included."""
        edu, crcn = self.lengths
        return edu, crcn + (0 if self.pretest is None else self.pretest.per_sitting)

    def is_tried(self, item: ItemId) -> bool:
        """Whether an item does not count."""
        return self.pretest is not None and item in self.pretest.row_of

    @property
    def reports_posterior(self) -> bool:
        """Whether the parameters rest on answers, so that probabilities of levels may be shown."""
        return min(self.stages) > Stage.TAGS
