"""The items of one track as arrays: response probabilities on a grid of abilities, and what excludes what."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from engine.items.frameworks import (
    COMPETENCE_INDEX,
    COMPETENCES,
    CRCN_TAGS,
    DOMAIN_INDEX,
    DOMAINS,
    Framework,
    Level,
    Track,
)
from engine.items.item import Item
from engine.items.release import Release, UnknownItem
from engine.kernel import EngineError, ItemId

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

STEP = 0.2
GRID: FloatArray = np.round(np.arange(-24, 25) * STEP, 10)
"""The abilities at which everything is tabulated, logits, shape (49,)."""
GRID.setflags(write=False)

FRAMEWORKS = tuple(Framework)
DOMAINS_EACH = len(DOMAINS) // len(FRAMEWORKS)
"""A framework has five domains; those of the CRCN-Édu come first in every array."""
COMPETENCES_EACH = len(COMPETENCES) // len(FRAMEWORKS)

DOMAIN_OF: IntArray = np.array([DOMAIN_INDEX[c.framework, c.domain] for c in COMPETENCES])
"""The domain of each competence, shape (32,)."""
DOMAIN_OF.setflags(write=False)

DOMAIN_WEIGHT: FloatArray = np.bincount(DOMAIN_OF) / COMPETENCES_EACH
"""The share of each domain in its framework's percentage, shape (10,); each framework's five sum to one."""
DOMAIN_WEIGHT.setflags(write=False)

N_STRATA = len(Level) + len(CRCN_TAGS)
"""One stratum for each level tag: four of the CRCN-Édu, then eight of the CRCN."""

SAME_FRAMEWORK: IntArray = np.equal.outer(*[np.arange(N_STRATA) < len(Level)] * 2).astype(np.int64)
"""Which strata belong to the same framework, shape (N_STRATA, N_STRATA)."""
SAME_FRAMEWORK.setflags(write=False)


class UncoveredCompetence(EngineError):
    """A competence that a release cannot question on a track."""

    code = "uncovered_competence"


def response_probability(theta: FloatArray, a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    """Probability of a right answer under the 3PL (2PL when c = 0); the arguments broadcast (Birnbaum 1968).

    >>> response_probability(np.array([0.5]), np.array([2.0]), np.array([0.5]), np.array([0.0]))
    array([0.5])
    """
    p: FloatArray = c + (1 - c) * expit(a * (theta - b))
    return p


def fisher_information(p: FloatArray, a: FloatArray, c: FloatArray) -> FloatArray:
    """Fisher information of items answered right with probability `p`, per squared logit; the arguments broadcast.

    >>> fisher_information(np.array([0.5]), np.array([2.0]), np.array([0.0]))
    array([1.])
    """
    return (a * (p - c) / (1 - c)) ** 2 * (1 - p) / p


@dataclass(frozen=True, eq=False)
class Pool:
    """The items of a release that serve one track, in the release's order, with their tables. Nothing in it changes.

    The pool is its own reference set: a true percentage is the expected percentage over its subjects.
    """

    release: str
    digest: str
    track: Track
    ids: tuple[ItemId, ...]
    a: FloatArray
    b: FloatArray
    c: FloatArray
    competence: IntArray
    """Index in COMPETENCES, shape (n_items,)."""
    subject: IntArray
    """Index of (framework, competence, subject), shape (n_items,)."""
    stratum: IntArray
    """Index of the level tag, below N_STRATA, shape (n_items,)."""
    expected_seconds: FloatArray
    enemies: BoolArray
    """Pairs that never meet in one form, whoever declared it, shape (n_items, n_items)."""

    row_of: Mapping[ItemId, int] = field(init=False, repr=False)
    domain: IntArray = field(init=False, repr=False)
    """Index in DOMAINS, shape (n_items,)."""
    weight: FloatArray = field(init=False, repr=False)
    """Share of each item in its competence's mean, shape (n_items,): subjects count alike, and items in a subject."""
    stratum_share: FloatArray = field(init=False, repr=False)
    """Share of each level tag in its framework, by weight, shape (N_STRATA,)."""
    clash: BoolArray = field(init=False, repr=False)
    """Row i: what may no longer be asked once i has been (i itself, its subject, its enemies), (n_items, n_items)."""
    members: IntArray = field(init=False, repr=False)
    """The rows of each competence, padded with 0, shape (32, widest)."""
    is_member: BoolArray = field(init=False, repr=False)
    """Which places of `members` hold a row, shape (32, widest)."""
    p: FloatArray = field(init=False, repr=False)
    """Probability of a right answer, shape (n_items, 49)."""
    log_p: FloatArray = field(init=False, repr=False)
    log_q: FloatArray = field(init=False, repr=False)
    information: FloatArray = field(init=False, repr=False)
    curves: FloatArray = field(init=False, repr=False)
    """True percentage of each domain as a fraction, along the grid, shape (10, 49) (Bock, Thissen & Zimowski 1997)."""

    @classmethod
    def of(cls, release: Release, track: Track) -> "Pool":
        """The items of a release that count on one track. Raises `UncoveredCompetence` if a competence has none."""
        rows = zip(release.items, release.parameters, strict=True)
        kept = [(i, p) for i, p in rows if track in i.tracks and i.id not in release.pretest]
        items = [item for item, _ in kept]
        asked = {COMPETENCE_INDEX[item.framework, item.competence] for item in items}
        missing = [c for i, c in enumerate(COMPETENCES) if i not in asked]
        if missing:
            names = ", ".join(f"{c.framework} {c.code}" for c in missing)
            raise UncoveredCompetence(
                f"Release {release.name} has no item on track {track} for: {names}.",
                release=release.name,
                track=track,
                competences=tuple((c.framework, c.code) for c in missing),
            )
        return cls(
            release=release.name,
            digest=release.digest,
            track=track,
            ids=tuple(item.id for item in items),
            a=np.array([p.a for _, p in kept]),
            b=np.array([p.b for _, p in kept]),
            c=np.array([p.c for _, p in kept]),
            competence=np.array([COMPETENCE_INDEX[item.framework, item.competence] for item in items]),
            subject=_subjects(items),
            stratum=np.array([_stratum(item) for item in items]),
            expected_seconds=np.array([float(item.expected_seconds) for item in items]),
            enemies=_enemies(items),
        )

    def __post_init__(self) -> None:
        derive = object.__setattr__
        derive(self, "row_of", {item: row for row, item in enumerate(self.ids)})
        derive(self, "domain", DOMAIN_OF[self.competence])
        derive(self, "weight", _weights(self.competence, self.subject))
        derive(self, "stratum_share", np.bincount(self.stratum, self.weight, N_STRATA) / COMPETENCES_EACH)
        derive(self, "clash", self.enemies | (self.subject[:, None] == self.subject))
        derive(self, "members", _members(self.competence)[0])
        derive(self, "is_member", _members(self.competence)[1])

        a, b, c = self.a[:, None], self.b[:, None], self.c[:, None]
        z = a * (GRID - b)
        with np.errstate(divide="ignore"):  # the logarithm of c = 0 is meant: it adds nothing
            derive(self, "log_p", np.logaddexp(np.log(c), np.log1p(-c) + log_expit(z)))
        derive(self, "log_q", np.log1p(-c) + log_expit(-z))
        derive(self, "p", response_probability(GRID, a, b, c))
        derive(self, "information", fisher_information(self.p, a, c))
        derive(self, "curves", _curves(self.domain, self.weight, self.p))
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    def row(self, item: ItemId) -> int:
        """The row of an item. Raises `UnknownItem`."""
        try:
            return self.row_of[item]
        except KeyError:
            raise UnknownItem(
                f"Release {self.release} holds no item {item} on track {self.track}.", item=item
            ) from None


def _subjects(items: list[Item]) -> IntArray:
    """Number the subjects in order of appearance, shape (n_items,)."""
    index: dict[tuple[Framework, str, str], int] = {}
    return np.array([index.setdefault((i.framework, i.competence, i.subject), len(index)) for i in items])


def _stratum(item: Item) -> int:
    """The index of an item's level tag, below N_STRATA."""
    if item.framework is Framework.CRCN_EDU:
        return int(item.tag)
    return len(Level) + CRCN_TAGS.index(int(item.tag))


def _enemies(items: list[Item]) -> BoolArray:
    """Who is whose enemy, both ways, shape (n_items, n_items); enemies outside the pool are no matter here."""
    row_of = {item.id: row for row, item in enumerate(items)}
    enemies = np.zeros((len(items), len(items)), dtype=bool)
    for row, item in enumerate(items):
        for enemy in item.enemies & row_of.keys():
            enemies[row, row_of[enemy]] = enemies[row_of[enemy], row] = True
    return enemies


def _weights(competence: IntArray, subject: IntArray) -> FloatArray:
    """The share of each item in its competence, shape (n_items,), summing to one over a competence."""
    items_in_subject = np.bincount(subject)
    share_of_subject = 1 / items_in_subject[subject]
    subjects_in_competence = np.bincount(competence, weights=share_of_subject)
    return share_of_subject / subjects_in_competence[competence]


def _members(competence: IntArray) -> tuple[IntArray, BoolArray]:
    """The rows of each competence padded with 0, and which places hold one; both (32, widest)."""
    rows = [np.flatnonzero(competence == c) for c in range(len(COMPETENCES))]
    width = max(len(r) for r in rows)
    members = np.zeros((len(COMPETENCES), width), dtype=np.int64)
    for c, r in enumerate(rows):
        members[c, : len(r)] = r
    return members, np.arange(width) < np.array([[len(r)] for r in rows])


def _curves(domain: IntArray, weight: FloatArray, p: FloatArray) -> FloatArray:
    """Expected fraction right of each domain along the grid, shape (10, 49): its competences count alike."""
    share = np.where(domain == np.arange(len(DOMAINS))[:, None], weight, 0.0)
    curves: FloatArray = share / share.sum(axis=1, keepdims=True) @ p
    return curves
