"""Fixed parallel forms, for a bank without data or a session like on paper: one mixed-integer program for each form.

Every form has the content of an adaptive one, and the expected score at each threshold lies half a point below the
least score that passes, within a tolerance (test assembly: van der Linden 2005). Where a bank cannot keep the
tolerance, the largest excess is made as small as possible, and `Forms` tells it.
"""

from dataclasses import dataclass, field, replace
from math import inf

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from engine.adaptive.content import LENGTHS, Content
from engine.adaptive.dice import FORMS, SeedArray, many_seeds, throw
from engine.adaptive.exposure import CEILINGS
from engine.adaptive.levels import CRCN, EDU, Cuts
from engine.adaptive.model import (
    COMPETENCES_EACH,
    DOMAIN_OF,
    DOMAIN_WEIGHT,
    DOMAINS_EACH,
    FRAMEWORKS,
    GRID,
    BoolArray,
    FloatArray,
    IntArray,
    Pool,
    response_probability,
)
from engine.items.frameworks import COMPETENCES, Track
from engine.kernel import EngineError

TOLERANCE = 0.05
"""Distance of the expected score at a cut from its aim, in items."""
DOMAIN_TOLERANCE = 0.35
"""Distance of a domain's expected score at a cut from that of the reference set, in items."""
NOISE = 0.02
"""Scale of the Gumbel noise beside P(1 − P), which lies between 0 and .25."""

_PENALTY = (20.0, 10.0)
"""Price of one item beyond the tolerance of a cut and of a domain; the rest of the objective is about ten in all."""
_INSIDE = 0.9
"""The share of a tolerance that the program aims at, so that its own gap does not lead out of the tolerance."""
_GAP = 0.005
NODES = 300
"""Limits of the search: never time, which would make two runs differ."""


class NoForm(EngineError):
    """Content, enemies or time that leave no form on a release."""

    code = "no_form"


@dataclass(frozen=True, eq=False)
class Targets:
    """What parallel means on a pool: abilities at the cuts, and the scores that are expected there."""

    theta: FloatArray
    """The common ability at which a framework's true percentage is its threshold, logits, shape (2, 3)."""
    score: FloatArray
    """T*: half a point below the least score that passes, shape (2, 3)."""
    p: FloatArray
    """Probability of a right answer at the cuts of the item's own framework, shape (n_items, 3)."""
    domain: FloatArray
    """True percentage of each domain, as a fraction, at its framework's cuts, shape (10, 3)."""

    @classmethod
    def of(cls, pool: Pool, cuts: Cuts, lengths: tuple[int, int]) -> "Targets":
        """The targets of forms of these lengths. Thresholds beyond the grid are taken at its end."""
        percents = np.array([cuts.edu_total, cuts.crcn_total])
        curves = [DOMAIN_WEIGHT[part] @ pool.curves[part] for part in (EDU, CRCN)]
        theta = np.array([np.interp(tau / 100, curve, GRID) for tau, curve in zip(percents, curves, strict=True)])
        at = theta[_framework(pool)]
        domain = np.array([np.interp(theta[d // DOMAINS_EACH], GRID, curve) for d, curve in enumerate(pool.curves)])
        least = -(-percents * np.array(lengths)[:, None] // 100)
        return cls(
            theta, least - 0.5, response_probability(at, *(x[:, None] for x in (pool.a, pool.b, pool.c))), domain
        )


@dataclass(frozen=True, eq=False)
class Forms:
    """Fixed forms of one track, and how parallel they are."""

    release: str
    release_digest: str
    track: Track
    seed: int
    cuts: Cuts
    rows: IntArray
    """Rows of the pool in the order of asking, the CRCN-Édu first; −1 where a form has no question, (n_forms, 64)."""
    deviation: FloatArray
    """Expected score at each cut minus its aim, items, shape (n_forms, 2, 3)."""
    domain_deviation: FloatArray
    """Expected score in each domain at each cut minus the reference set's, items, shape (n_forms, 10, 3)."""
    expected_seconds: FloatArray
    """Shape (n_forms,)."""
    usage: FloatArray
    """Share of the forms that an item is in, shape (n_items,)."""
    overlap: FloatArray
    """Questions that two forms share, as a share of a form, shape (n_forms, n_forms)."""
    from_tags: bool
    """Difficulties are those of level tags: the forms are parallel by tag, and nobody knows by how much in truth."""
    tolerance: float = TOLERANCE
    domain_tolerance: float = DOMAIN_TOLERANCE
    ceilings: tuple[float, float] = CEILINGS
    overused: tuple[int, ...] = field(default=())
    """Competences (index) with an item above its framework's ceiling."""

    @classmethod
    def measured(cls, pool: Pool, cuts: Cuts, seed: int, rows: IntArray, from_tags: bool = False) -> "Forms":
        """What these rows reach, whoever chose them."""
        taken = taken_by(rows, len(pool.ids))
        framework = _framework(pool)
        lengths = tuple(int(taken[0, framework == f].sum()) for f in range(len(FRAMEWORKS)))
        aim = Targets.of(pool, cuts, (lengths[0], lengths[1]))
        score = np.stack([taken[:, framework == f] @ aim.p[framework == f] for f in range(len(FRAMEWORKS))], axis=1)
        excess = aim.p - aim.domain[pool.domain]
        by_domain = [taken[:, pool.domain == d] @ excess[pool.domain == d] for d in range(len(DOMAIN_WEIGHT))]
        usage = taken.mean(axis=0)
        over = usage > np.array(CEILINGS)[framework] + 1e-9
        counts = taken.astype(np.float64)
        return cls(
            release=pool.release,
            release_digest=pool.digest,
            track=pool.track,
            seed=seed,
            cuts=cuts,
            rows=rows,
            deviation=score - aim.score,
            domain_deviation=np.stack(by_domain, axis=1),
            expected_seconds=counts @ pool.expected_seconds,
            usage=usage,
            overlap=counts @ counts.T / max(sum(lengths), 1),
            from_tags=from_tags,
            overused=tuple(np.unique(pool.competence[over]).tolist()),
        )

    def without(self, barred: BoolArray) -> "Forms":
        """The forms that hold none of these items (n_items,). Raises `NoForm` if each holds one."""
        kept = taken_by(self.rows, len(barred))[:, barred].sum(axis=1) == 0
        if not kept.any():
            raise NoForm(f"Each of the {len(self.rows)} fixed forms holds an item that cannot be used.")
        return replace(
            self,
            rows=self.rows[kept],
            deviation=self.deviation[kept],
            domain_deviation=self.domain_deviation[kept],
            expected_seconds=self.expected_seconds[kept],
            overlap=self.overlap[np.ix_(kept, kept)],
        )

    @property
    def is_parallel(self) -> bool:
        """Whether every form keeps both tolerances."""
        cut, domain = np.abs(self.deviation).max(), np.abs(self.domain_deviation).max()
        return bool(cut <= self.tolerance + 1e-6 and domain <= self.domain_tolerance + 1e-6)


def form_of(forms: Forms, seeds: SeedArray) -> IntArray:
    """The form that each sitting takes, shape (n,)."""
    dice = throw(seeds, FORMS, np.arange(1))[:, 0]
    return np.floor(dice * len(forms.rows)).astype(np.int64)


def row_at(forms: Forms, seeds: SeedArray, place: int | slice) -> IntArray:
    """The rows to ask at `place` in each of n sittings, shape (n,) or (n, k); −1 where the form has no question."""
    row: IntArray = forms.rows[form_of(forms, seeds), place]
    return row


def taken_by(rows: IntArray, n_items: int) -> BoolArray:
    """Which items each form holds, shape (n_forms, n_items)."""
    taken = np.zeros((len(rows), n_items + 1), dtype=bool)
    np.put_along_axis(taken, rows, True, axis=1)  # −1 marks the column that is cut off
    return taken[:, :-1]


def assemble(
    pool: Pool,
    cuts: Cuts,
    n_forms: int,
    seed: int,
    *,
    lengths: tuple[int, int] = LENGTHS,
    time_budget: float = inf,
    noise: float = NOISE,
    nodes: int = NODES,
    from_tags: bool = False,
) -> Forms:
    """`n_forms` parallel forms; the same arguments give the same forms. `time_budget` in expected seconds.

    No item is in more forms than its ceiling allows, or than the least that its competence can bear. Should enemies or
    time leave no form under these caps, all caps rise by one form, as often as needed: `Forms.overused` tells where.
    Raises `NoForm` when content, enemies or time leave no form at all, `UncoveredCompetence` as `Content.of` does.
    """
    if n_forms < 1:
        raise ValueError(f"at least one form, got {n_forms}")
    content = Content.of(pool, lengths)
    aim = Targets.of(pool, cuts, content.lengths)
    program = _Program.of(pool, content, aim, time_budget)
    seeds = many_seeds(seed, n_forms)
    gumbel = -np.log(-np.log(np.maximum(throw(seeds, FORMS, np.arange(len(pool.ids))), 1e-300)))
    spread = (aim.p * (1 - aim.p)).mean(axis=1)
    caps = least_caps(pool, content, n_forms)
    used = np.zeros(len(pool.ids), dtype=np.int64)
    taken = np.zeros((n_forms, len(pool.ids)), dtype=bool)
    for form in range(n_forms):
        cost = spread - noise * gumbel[form]
        found = None
        while found is None:
            found = program.solve(cost, used < caps, _later(pool, content, caps - used, n_forms - form - 1), nodes)
            if found is None:
                if caps.min() >= n_forms:
                    raise _refusal(pool, content, time_budget)
                caps = caps + 1
        taken[form] = found
        used += found
    return Forms.measured(pool, cuts, seed, _in_order(pool, content, seeds, taken), from_tags)


def least_caps(pool: Pool, content: Content, n_forms: int) -> IntArray:
    """The most forms that an item may be in, shape (n_items,): its ceiling, or the least that fills its competence.

    A competence asked q times in each of n forms needs Σ min(n, u · items of the subject) ≥ q n over its subjects, u
    being the cap: six items asked once cannot be used less than one time in six, nor one form's items less than once.
    """
    caps = np.zeros(len(pool.ids), dtype=np.int64)
    for c in range(len(COMPETENCES)):
        rows = np.flatnonzero(pool.competence == c)
        sizes = np.unique(pool.subject[rows], return_counts=True)[1]
        cap = max(int(CEILINGS[c // COMPETENCES_EACH] * n_forms + 1e-9), 1)
        while np.minimum(cap * sizes, n_forms).sum() < content.quota[c] * n_forms:
            cap += 1
        caps[rows] = cap
    return caps


def _later(pool: Pool, content: Content, left: IntArray, forms_left: int) -> list[tuple[IntArray, int]]:
    """What this form must leave for later ones: (rows, most of them that it may take), one for each competence.

    A subject with more uses left than forms to come is no matter. Of the others, so many uses must remain that every
    form to come still finds its questions.
    """
    limits = []
    for c in range(len(COMPETENCES)):
        rows = np.flatnonzero(pool.competence == c)
        subjects, index = np.unique(pool.subject[rows], return_inverse=True)
        uses = np.bincount(index, np.maximum(left[rows], 0), len(subjects)).astype(np.int64)
        scarce = uses <= forms_left
        most = uses[scarce].sum() + forms_left * (~scarce).sum() - forms_left * content.quota[c]
        limits.append((rows[scarce[index]], max(int(most), 0)))
    return limits


@dataclass(frozen=True, eq=False)
class _Program:
    """The constraints that all forms share. Variables: one for each item, then the excess at cuts and in domains."""

    matrix: csr_array
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, pool: Pool, content: Content, aim: Targets, time_budget: float) -> "_Program":
        n = len(pool.ids)
        lines: list[tuple[FloatArray, float, float]] = []

        def line(items: FloatArray, low: float, high: float, cut: float = 0.0, domain: float = 0.0) -> None:
            lines.append((np.concatenate([items, [cut, domain]]), low, high))

        framework = _framework(pool)
        for c in range(len(COMPETENCES)):
            least = 0 if c < COMPETENCES_EACH and content.lengths[0] < COMPETENCES_EACH else 1
            line((pool.competence == c).astype(np.float64), least, float(content.quota[c]))
        for s in np.unique(pool.subject):
            line((pool.subject == s).astype(np.float64), 0, 1)
        for i, j in np.argwhere(np.triu(pool.enemies & (pool.subject[:, None] != pool.subject), 1)):
            line(np.isin(np.arange(n), (i, j)).astype(np.float64), 0, 1)
        if time_budget < inf:
            line(pool.expected_seconds, 0, time_budget)
        for f, length in enumerate(content.lengths):
            own = (framework == f).astype(np.float64)
            line(own, length, length)
            for k in range(aim.p.shape[1]):
                p, near = own * aim.p[:, k], _INSIDE * TOLERANCE
                line(p, -inf, aim.score[f, k] + near, cut=-1.0)
                line(p, aim.score[f, k] - near, inf, cut=1.0)
        for d in range(len(aim.domain)):
            for k in range(aim.p.shape[1]):
                off, near = (pool.domain == d) * (aim.p[:, k] - aim.domain[d, k]), _INSIDE * DOMAIN_TOLERANCE
                line(off, -inf, near, domain=-1.0)
                line(off, -near, inf, domain=1.0)
        rows, low, high = zip(*lines, strict=True)
        return cls(csr_array(np.array(rows)), np.array(low, float), np.array(high, float))

    def solve(
        self, cost: FloatArray, free: BoolArray, later: list[tuple[IntArray, int]], nodes: int
    ) -> BoolArray | None:
        """The items of the best form found, shape (n_items,), or None if there is none."""
        n = len(cost)
        spare = np.zeros((len(later), n + 2))
        for at, (rows, _) in enumerate(later):
            spare[at, rows] = 1
        for limit in (nodes, 20 * nodes):
            found = milp(
                np.concatenate([cost, _PENALTY]),
                integrality=np.concatenate([np.ones(n), np.zeros(2)]),
                bounds=Bounds(np.zeros(n + 2), np.concatenate([free.astype(np.float64), [inf, inf]])),
                constraints=[
                    LinearConstraint(self.matrix, self.low, self.high),
                    LinearConstraint(csr_array(spare), -inf, np.array([most for _, most in later], float)),
                ],
                options={"node_limit": limit, "mip_rel_gap": _GAP},
            )
            if found.x is not None:
                chosen: BoolArray = found.x[:n] > 0.5
                return chosen
            if found.status == 2:  # infeasible
                return None
        return None


def _in_order(pool: Pool, content: Content, seeds: SeedArray, taken: BoolArray) -> IntArray:
    """The items of each form in the order of its agenda, shape (n_forms, places)."""
    agenda = content.agenda(seeds)
    order = throw(seeds, FORMS + 1, np.arange(len(pool.ids)))
    rows = np.full(agenda.shape, -1, dtype=np.int64)
    for form in range(len(taken)):
        for c in range(len(COMPETENCES)):
            own = np.flatnonzero(taken[form] & (pool.competence == c))
            places = np.flatnonzero(agenda[form] == c)[: len(own)]
            rows[form, places] = own[np.argsort(order[form, own], kind="stable")]
    return rows


def _framework(pool: Pool) -> IntArray:
    """0 for items of the CRCN-Édu, 1 for those of the CRCN, shape (n_items,)."""
    return DOMAIN_OF[pool.competence] // DOMAINS_EACH


def _refusal(pool: Pool, content: Content, time_budget: float) -> NoForm:
    within = "" if time_budget == inf else f" within {time_budget:.0f} expected seconds"
    return NoForm(
        f"Release {pool.release} has no form of {content.lengths[0]} + {content.lengths[1]} questions for track "
        f"{pool.track}{within}: enemies or time leave none.",
        release=pool.release,
        track=pool.track,
        lengths=content.lengths,
        time_budget=time_budget,
    )
