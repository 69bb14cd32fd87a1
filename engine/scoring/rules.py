"""A rule set: thresholds and policies as versioned data, each with its source."""

import hashlib
from dataclasses import dataclass, field

from engine.adaptive.exposure import CEILINGS
from engine.adaptive.levels import Cuts
from engine.items.frameworks import Framework
from engine.scoring.rules_file import (
    BadRules,
    CountedAtLeast,
    ExposureTable,
    NotReached,
    PosteriorTable,
    Rule,
    RulesFile,
    SelectionTable,
    StoppingTable,
    Thresholds,
    parse,
)

__all__ = [
    "BadRules",
    "CountedAtLeast",
    "NotReached",
    "PosteriorPolicy",
    "Rule",
    "RuleSet",
    "SelectionPolicy",
    "StoppingPolicy",
    "Thresholds",
    "read_rules",
]

GAMMA = 0.7
"""What R3 requires where another rule decides and the rule set does not say (docs/adr/0011)."""


@dataclass(frozen=True, slots=True)
class PosteriorPolicy:
    """Probabilities that rules and flags compare with; docs/rule-sets.md."""

    gamma: float = GAMMA
    """R3: P(L ≥ k) from which level k is awarded."""
    double_key: float = 0.5
    """R2: P(L ≥ k) that an award by R1 needs besides."""
    minimum: float = 0.8
    """R4: P(π_d ≥ m_k) that each domain needs."""
    fragile_below: float = 0.5
    """Awarded with less, a level is fragile."""
    reexamine_from: float = 0.75
    """Refused with as much, the next level is to be examined again."""


@dataclass(frozen=True, slots=True)
class SelectionPolicy:
    """How items are chosen; what is `None` is left to the stages of the release."""

    selector: str | None = None
    gamma: float | None = None
    """Steering: P(L_Édu ≥ k) from which level k is aimed at."""
    rho: float | None = None
    """Steering: probability of reaching each minimum when the level is deserved."""
    forms: tuple[str, ...] = ()
    """Fixed forms: digests of their files, one for each track."""


@dataclass(frozen=True, slots=True)
class StoppingPolicy:
    """When a test under R3 ends early."""

    epsilon: float
    """How far from γ every P(L ≥ k) must be, as a share of what lies on its side."""
    at_least: int
    """CRCN items before the first look."""
    every: int
    """CRCN items from one look to the next."""


@dataclass(frozen=True)
class RuleSet:
    """A rule set as it was read; `digest` is the SHA-256 of its file, which a session pins."""

    name: str
    digest: str
    title: str
    cap_at_target: bool
    not_reached: NotReached
    validity_years: int
    cross_framework: bool
    length: dict[Framework, int]
    counted_at_least: CountedAtLeast
    levels: tuple[Thresholds, ...]
    decides: Rule = Rule.R1
    posterior: PosteriorPolicy = field(default_factory=PosteriorPolicy)
    selection: SelectionPolicy = field(default_factory=SelectionPolicy)
    ceilings: tuple[float, float] = CEILINGS
    """Greatest exposure of an item in the CRCN-Édu and in the CRCN."""
    stopping: StoppingPolicy | None = None
    pretest: int = 0
    """Places of the CRCN in each sitting that try an item without counting it."""

    @property
    def cuts(self) -> Cuts:
        """What the adaptive core aims at: the thresholds of Confirmé, Avancé and Expert."""
        first, second, third = self.levels[-3:]
        return Cuts(
            edu_total=(first.crcn_edu, second.crcn_edu, third.crcn_edu),
            edu_domain=(first.crcn_edu_per_domain, second.crcn_edu_per_domain, third.crcn_edu_per_domain),
            crcn_total=(first.crcn, second.crcn, third.crcn),
        )


def read_rules(text: str) -> RuleSet:
    """The rule set that a TOML text holds. Raises `BadRules`, every fault named."""
    file: RulesFile = parse(text)
    return RuleSet(
        name=file.name,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        title=file.title,
        cap_at_target=file.cap_at_target,
        not_reached=file.not_reached,
        validity_years=file.validity_years,
        cross_framework=file.cross_framework,
        length={Framework.CRCN_EDU: file.length.crcn_edu, Framework.CRCN: file.length.crcn},
        counted_at_least=file.counted_at_least,
        levels=file.levels,
        decides=file.decides,
        posterior=_posterior(file.posterior),
        selection=_selection(file.selection),
        ceilings=_ceilings(file.exposure),
        stopping=_stopping(file.stopping),
        pretest=file.pretest.per_sitting if file.pretest else 0,
    )


def _posterior(table: PosteriorTable | None) -> PosteriorPolicy:
    if table is None:
        return PosteriorPolicy()
    gamma = GAMMA if table.gamma is None else table.gamma
    if table.cost_over is not None and table.cost_under is not None:
        # Awarding costs (1 − P) · over, refusing P · under: award as soon as P makes the first the smaller.
        gamma = table.cost_over / (table.cost_over + table.cost_under)
    return PosteriorPolicy(gamma, table.double_key, table.minimum, table.fragile_below, table.reexamine_from)


def _selection(table: SelectionTable | None) -> SelectionPolicy:
    return SelectionPolicy() if table is None else SelectionPolicy(table.selector, table.gamma, table.rho, table.forms)


def _ceilings(table: ExposureTable | None) -> tuple[float, float]:
    return CEILINGS if table is None else (table.crcn_edu, table.crcn)


def _stopping(table: StoppingTable | None) -> StoppingPolicy | None:
    return None if table is None else StoppingPolicy(table.epsilon, table.at_least, table.every)
