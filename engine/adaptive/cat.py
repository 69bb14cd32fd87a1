"""The adaptive test of one candidate: from the answers so far to the next question, and to what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import ndtr

from engine.adaptive.choice import choose, form_row
from engine.adaptive.content import Progress
from engine.adaptive.dice import seeds_of
from engine.adaptive.gates import Stage, demand
from engine.adaptive.levels import CRCN, EDU, level_probabilities, total_given_ability
from engine.adaptive.model import FRAMEWORKS, FloatArray, IntArray
from engine.adaptive.plan import Plan
from engine.adaptive.posterior import Posterior, loglik, posterior
from engine.adaptive.select import Selector
from engine.adaptive.stop import may_stop
from engine.kernel import ItemId

__all__ = ["Assessment", "Decision", "Observed", "Percentage", "Plan", "Present", "Stop", "assess", "decide"]

Probabilities: TypeAlias = tuple[float, float, float]
"""One for each of Confirmé, Avancé, Expert."""

INTERVAL = (0.1, 0.9)
"""The ends of an 80 % interval."""


@dataclass(frozen=True, slots=True)
class Percentage:
    """A true percentage as far as the answers tell: expected value, standard deviation, 80 % interval; 0 to 100."""

    mean: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the counted answers say of a candidate."""

    level: Probabilities
    """P(L ≥ k), both frameworks together."""
    edu_level: Probabilities
    """P(L_Édu ≥ k)."""
    crcn_level: Probabilities
    """P(L_CRCN ≥ k)."""
    frameworks: tuple[Percentage, Percentage]
    """Of the CRCN-Édu and the CRCN."""
    domains: tuple[Percentage, ...]
    """Of the ten domains, in the order of DOMAINS."""
    minima: tuple[Probabilities, ...]
    """P(π_d ≥ m_k) for the five domains of the CRCN-Édu."""


@dataclass(frozen=True, slots=True)
class Observed:
    """An item that was answered, and whether rightly."""

    item: ItemId
    correct: bool


@dataclass(frozen=True, slots=True)
class Present:
    """Ask this item next."""

    item: ItemId


@dataclass(frozen=True, slots=True)
class Stop:
    """The form is complete."""


Decision: TypeAlias = Present | Stop


def decide(plan: Plan, seed: int, observed: Sequence[Observed], excluded: frozenset[ItemId] = frozenset()) -> Decision:
    """The next item, or the end. The same arguments always give the same decision.

    `excluded` items were taken out by a fault: they count neither as asked nor as answered, whatever the answer was,
    and their competence is asked again; but their subject and enemies do not come back.
    """
    counted = [o for o in observed if o.item not in excluded and not plan.is_tried(o.item)]
    rows = [plan.pool.row(o.item) for o in counted]
    if len(set(rows)) < len(rows):
        raise ValueError("an item was observed twice")
    gone = sorted(plan.pool.row_of[item] for item in excluded if item in plan.pool.row_of)
    progress = Progress.after(plan.pool, rows, [o.correct for o in counted], gone)
    if plan.barred is not None:
        progress.blocked[0] |= plan.barred
    if may_stop(plan.stopping, plan.pool, plan.prior, plan.cuts, progress)[0]:
        return Stop()
    seeds = seeds_of(seed)
    if plan.forms is not None and Selector.FORMS in plan.selectors:
        return _of_form(plan, form_row(plan, seeds, slice(None))[0], {*rows, *gone})
    if plan.pretest is not None:
        put = {o.item for o in observed} | excluded
        progress.blocked[0] |= plan.pretest.blocks(put)
        if len(observed) in plan.pretest.places(seeds, sum(plan.asked)):
            tried = plan.pretest.next(plan.pool, seeds, progress, put)
            if tried is not None:
                return Present(tried)
    agenda = plan.content.agenda(seeds)
    place = 0
    while (ahead := plan.content.to_come(agenda, progress, place)[0]).any():
        place = int(ahead.argmax())
        row = int(choose(plan, seeds, agenda, progress, place)[0])
        if row >= 0:
            return Present(plan.pool.ids[row])
        place += 1
    return Stop()


def _of_form(plan: Plan, form: IntArray, seen: set[int]) -> Decision:
    """The first item of a fixed form that was neither asked nor taken out; `form` (places,)."""
    ahead = [row for row in form.tolist() if row >= 0 and row not in seen]
    return Present(plan.pool.ids[ahead[0]]) if ahead else Stop()


def assess(plan: Plan, observed: Sequence[Observed]) -> Assessment:
    """What these answers say: give the counted ones, without those that a ruling voided; tried items say nothing.

    Raises `NotCalibrated` while a framework has no data: level tags do not support probabilities.
    """
    for framework, held in zip(FRAMEWORKS, plan.stages, strict=True):
        demand(plan.pool.release, framework, held, Stage.SOME_DATA, "reporting probabilities")
    counted = [o for o in observed if not plan.is_tried(o.item)]
    rows = np.array([[plan.pool.row(o.item) for o in counted]], dtype=np.int64)
    correct = np.array([[o.correct for o in counted]], dtype=bool)
    post = posterior(plan.prior, loglik(plan.pool, rows, correct))
    found = level_probabilities(plan.pool, plan.prior, post, plan.cuts)
    second = (post.theta * plan.pool.curves**2).sum(axis=2)
    sd = np.sqrt(np.maximum(second - found.domain_mean**2, 0.0))
    domains = 100 * np.stack([found.domain_mean, sd, found.domain_low, found.domain_high], axis=-1)[0]
    return Assessment(
        level=_three(found.both[0]),
        edu_level=_three(found.edu[0]),
        crcn_level=_three(found.crcn[0]),
        frameworks=(_total(plan, post, 0), _total(plan, post, 1)),
        domains=tuple(Percentage(*row) for row in domains.tolist()),
        minima=tuple(_three(row) for row in found.minimum[0]),
    )


def _three(p: FloatArray) -> Probabilities:
    confirme, avance, expert = p.tolist()
    return confirme, avance, expert


def _total(plan: Plan, post: Posterior, framework: int) -> Percentage:
    """The percentage of a framework: a mixture of normals over T, one for each point of the grid."""
    part = (EDU, CRCN)[framework]
    mean, variance = total_given_ability(plan.pool, plan.prior, post, part)
    weight, mean, variance = post.framework[0, framework], mean[0], variance[0]
    centre = weight @ mean
    sd = np.sqrt(weight @ (variance + mean**2) - centre**2)
    values = np.linspace(0.0, 1.0, 201)  # half a point apart, and straight lines between
    reached = ndtr((values[:, None] - mean) / np.sqrt(variance)) @ weight
    low, high = np.interp(INTERVAL, reached, values)
    return Percentage(*(100 * np.array([centre, sd, low, high])).tolist())
