"""Synthetic releases, and the official rule in its plainest form."""

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.adaptive.cat import Decision, Observed, Plan, Present, decide
from engine.adaptive.levels import Cuts
from engine.adaptive.model import DOMAIN_WEIGHT, Pool
from engine.items.frameworks import COMPETENCES, CRCN_TAGS, DOMAINS, Framework, Level, Track
from engine.items.item import Choice, Item, Kind, SingleChoice, Status
from engine.items.release import Parameters, Provenance, Release, tag_difficulty
from engine.kernel import ItemId

PUBLISHED = Cuts(edu_total=(50, 65, 80), edu_domain=(50, 60, 60), crcn_total=(60, 75, 85))
TRACK = Track.SECOND_DEGREE

_CHOICES = SingleChoice((Choice("a", "Oui"), Choice("b", "Non")), "a")


def an_item(item: str, framework: Framework, competence: str, subject: str, tag: int = 1, **more: object) -> Item:
    """An approved item of the second degree."""
    facts: dict[str, object] = {"tracks": frozenset({TRACK}), "expected_seconds": 60} | more
    return Item(
        id=ItemId(item),
        version=1,
        status=Status.APPROVED,
        framework=framework,
        competence=competence,
        subject=subject,
        tag=Level(tag) if framework is Framework.CRCN_EDU else tag,
        kind=Kind.SINGLE_CHOICE,
        interaction=_CHOICES,
        body="?",
        **facts,  # type: ignore[arg-type]
    )


def a_release(
    per_competence: int = 6,
    subjects: int = 3,
    seed: int = 1,
    enemies: int = 0,
    guessing: float = 0.0,
    responses: int = 300,
    se_b: float | None = 0.2,
    heldout: float | None = 0.02,
    provenance: Provenance = Provenance.SIMULATED,
) -> Release:
    """Items of every competence, difficulties around their tags; `enemies` pairs are drawn over the whole bank."""
    rng = np.random.default_rng([seed, per_competence])
    names = [f"{c.framework}-{c.code}-{i:02}" for c in COMPETENCES for i in range(per_competence)]
    foes: dict[str, set[ItemId]] = {name: set() for name in names}
    for one, other in rng.integers(len(names), size=(enemies, 2)).tolist():
        if one != other:
            foes[names[one]].add(ItemId(names[other]))
    items, parameters = [], []
    for row, name in enumerate(names):
        c = COMPETENCES[row // per_competence]
        tag = int(rng.integers(len(Level)) if c.framework is Framework.CRCN_EDU else rng.choice(CRCN_TAGS[1:7]))
        subject = f"s{row % per_competence % subjects}"
        seconds = int(rng.integers(45, 120))
        items.append(
            an_item(name, c.framework, c.code, subject, tag, expected_seconds=seconds, enemies=frozenset(foes[name]))
        )
        a = float(np.exp(rng.normal(0.1, 0.3)))
        b = tag_difficulty(c.framework, tag) - 0.4 + float(rng.normal(0.0, 0.9))
        parameters.append(Parameters(a, b, guessing, responses, se_b))
    error = {} if heldout is None else dict.fromkeys(Framework, heldout)
    return Release("synthetic", f"digest-{seed}", provenance, tuple(items), tuple(parameters), error)


def with_items_to_try(release: Release) -> Release:
    """The release with eight items in pre-test.

    Some share a subject with scored items, or are their enemies; two are enemies, and two share a subject.
    """
    codes = ("1.1", "1.3", "2.2", "3.1", "3.4", "4.2", "5.1")
    foes = {0: {"crcn-2.1-00", "crcn-2.2-01"}, 2: {"try-1"}, 3: {"crcn-5.1-02"}}
    tried = [
        an_item(
            f"try-{n}",
            Framework.CRCN,
            code,
            "s0" if n == 4 else "new",
            3,
            enemies=frozenset(map(ItemId, foes.get(n, set()))),
            expected_seconds=50 + n,
        )
        for n, code in enumerate(codes)
    ]
    tried.append(replace(tried[5], id=ItemId("try-7")))
    return replace(
        release,
        items=(*release.items, *tried),
        parameters=(*release.parameters, *[Parameters(1.0, 0.0)] * len(tried)),
        pretest=frozenset(i.id for i in tried),
    )


@cache
def a_plan(per_competence: int = 6, subjects: int = 3, seed: int = 1, enemies: int = 0) -> Plan:
    """A plan at stage 2 on a synthetic release, made once."""
    return Plan.of(a_release(per_competence, subjects, seed, enemies), TRACK, PUBLISHED)


def sit(plan: Plan, seed: int, answers: list[bool]) -> list[Observed]:
    """A whole sitting; the answers are taken in turn, from the first again when they run out."""
    observed: list[Observed] = []
    step: Decision = decide(plan, seed, observed)
    while isinstance(step, Present):
        observed.append(Observed(step.item, answers[len(observed) % len(answers)]))
        step = decide(plan, seed, observed)
    return observed


def counts(
    pool: Pool, rows: NDArray[np.int64], correct: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Right answers and questions of each domain, both (n, 10), of simulated sittings."""
    domain = np.where(rows >= 0, pool.domain[rows], -1)
    of = [domain == d for d in range(len(DOMAINS))]
    return np.stack([(m & correct).sum(axis=1) for m in of], 1), np.stack([m.sum(axis=1) for m in of], 1)


def official_level(right: NDArray[np.int64], asked: NDArray[np.int64], cuts: Cuts = PUBLISHED) -> NDArray[np.int64]:
    """The level by counts of right answers, integers only; `right` and `asked` (n, 10), the result (n,)."""
    level = np.zeros(len(right), dtype=np.int64)
    for k in range(3):
        holds = 100 * right[:, :5].sum(axis=1) >= cuts.edu_total[k] * asked[:, :5].sum(axis=1)
        holds &= (100 * right[:, :5] >= cuts.edu_domain[k] * asked[:, :5]).all(axis=1)
        holds &= 100 * right[:, 5:].sum(axis=1) >= cuts.crcn_total[k] * asked[:, 5:].sum(axis=1)
        level[holds] = k + 1
    return level


def totals(domains: NDArray[np.float64]) -> NDArray[np.float64]:
    """The two frameworks' percentages, (n, 2), from those of the domains (n, 10)."""
    return np.stack([domains[:, :5] @ DOMAIN_WEIGHT[:5], domains[:, 5:] @ DOMAIN_WEIGHT[5:]], axis=1)


def deserved_level(domains: NDArray[np.float64], cuts: Cuts = PUBLISHED) -> NDArray[np.int64]:
    """The level that true percentages, as fractions, deserve; (n, 10) to (n,)."""
    level = np.zeros(len(domains), dtype=np.int64)
    for k in range(3):
        tau = np.array([cuts.edu_total[k], cuts.crcn_total[k]]) / 100
        holds = (totals(domains) >= tau).all(axis=1) & (domains[:, :5] >= cuts.edu_domain[k] / 100).all(axis=1)
        level[holds] = k + 1
    return level
