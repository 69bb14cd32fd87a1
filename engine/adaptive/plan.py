"""The plan of an adaptive test: all that a choice depends on besides the seed and the answers."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from math import inf
from typing import Self

import numpy as np

from engine.adaptive.content import LENGTHS, Content
from engine.adaptive.exposure import CEILINGS, Eligibility
from engine.adaptive.forms import Forms
from engine.adaptive.gates import Stage, demand, stage
from engine.adaptive.levels import Cuts
from engine.adaptive.model import FRAMEWORKS, BoolArray, Pool
from engine.adaptive.posterior import TreePrior
from engine.adaptive.pretest import Pretest
from engine.adaptive.select import Selector, Steering
from engine.adaptive.stop import Stopping
from engine.items.frameworks import Track
from engine.items.release import Release
from engine.kernel import EngineError, ItemId

GAMMA = {Stage.SOME_DATA: 0.8, Stage.CALIBRATED: 0.65}
"""The least γ of steering that a stage permits (docs/adr/0004)."""

PURPOSE = {Selector.STEER: "score steering", Selector.MAXIMUM_INFORMATION: "choosing by information"}


class NoForms(EngineError):
    """Fixed forms are wanted, and none were assembled."""

    code = "no_forms"


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
    ceilings: tuple[float, float] = CEILINGS
    """Greatest exposure of an item in each framework."""
    stopping: Stopping | None = None
    """When the test may end early; never under a rule that counts."""
    forms: Forms | None = None
    """What `Selector.FORMS` takes its items from."""
    pretest: Pretest | None = None
    """Items that take places of the CRCN and do not count; `wanted` is what is left to those that do."""
    barred: BoolArray | None = None
    """Items that a candidate cannot use, shape (n_items,): never asked, though their subjects and enemies may be."""
    content: Content = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", Content.of(self.pool, self.wanted, self.barred))
        if Selector.FORMS in self.selectors:
            if self.forms is None:
                raise NoForms(
                    f"Release {self.pool.release} is to be given in fixed forms, and none were assembled for track "
                    f"{self.pool.track}: make them with `palier bank forms`.",
                    release=self.pool.release,
                    track=self.pool.track,
                )
            if self.selectors != (Selector.FORMS, Selector.FORMS):
                raise ValueError("a fixed form holds the items of both frameworks")

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
        ceilings: tuple[float, float] = CEILINGS,
        stopping: Stopping | None = None,
        forms: Forms | None = None,
        pretest: int = 0,
    ) -> Self:
        """The plan that the stages of a release permit. By default each framework is steered as soon as it may be.

        `pretest` places at most of the CRCN, and the time of the longest items, go to items that do not count; fixed
        forms try none.

        Raises `NotCalibrated` if `selector`, `steering` or `stopping` asks for more than the stages permit, `NoForms`
        if fixed forms are wanted and missing, and `UncoveredCompetence` if the track cannot be questioned in full.
        """
        stages = (stage(release, FRAMEWORKS[0]), stage(release, FRAMEWORKS[1]))
        for framework, held in zip(FRAMEWORKS, stages, strict=True):
            if selector is not None and selector.needs_data:
                demand(release.name, framework, held, Stage.SOME_DATA, PURPOSE[selector])
            if stopping is not None:
                demand(release.name, framework, held, Stage.CALIBRATED, "stopping early")
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
        tried = None if selector is Selector.FORMS else Pretest.of(release, pool, pretest, lengths[1])
        if tried is not None:
            lengths = (lengths[0], lengths[1] - tried.per_sitting)
            time_budget -= tried.per_sitting * tried.longest
        return cls(
            pool,
            prior,
            cuts,
            stages,
            (edu, crcn),
            steering,
            lengths,
            time_budget,
            eligibility,
            ceilings,
            stopping,
            forms,
            tried,
        )

    def without(self, items: Collection[ItemId]) -> "Plan":
        """The plan for a candidate who cannot use these items. Whoever can use all of them has this plan itself.

        Raises `UncoveredCompetence` if a competence is left without a question, `NoForm` if every fixed form holds one
        of them.
        """
        barred = np.array([item in items for item in self.pool.ids])
        tried = [] if self.pretest is None else [item for item in self.pretest.ids if item in items]
        if not barred.any() and not tried:
            return self
        return replace(
            self,
            barred=barred,
            forms=self.forms and self.forms.without(barred),
            pretest=self.pretest and replace(self.pretest, barred=frozenset(tried)),
        )

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
