"""What a whole bank is to hold, and what it lacks: counts, shares, and keys that no habit gives away.

The figures stand in `targets.toml` of a bank, so that a small bank can ask less of itself.
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy.special import chdtrc

from engine.items.check import longest_is_key, tags_of
from engine.items.frameworks import Framework, Track, competences_of
from engine.items.item import Item, Kind, SingleChoice
from engine.kernel import EngineError

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Count: TypeAlias = Annotated[int, Field(ge=0)]


class BrokenTargets(EngineError):
    """A `targets.toml` that says something else than targets."""

    code = "broken_targets"


class Targets(BaseModel):
    """What each competence is to have, and the whole bank; shares lie in [0, 1]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    items: Count = 0
    """Items in each competence."""
    items_of_a_track: Count = 0
    """Items in each competence that each track can get."""
    repeated_subjects: Count = 0
    """Subjects in each competence that have two items or more."""
    items_of_a_level: Count = 0
    """Items in each competence at each level."""
    least: dict[Kind, Share] = {}
    """The least share of an interaction."""
    most: dict[Kind, Share] = {}
    """The largest share of an interaction."""
    longest_is_key: Share = 1.0
    """The largest share of single choices whose one longest choice is the key."""
    places_by_chance: Share = 0.0
    """Key places that chance would give more seldom than this are a habit (chi-squared test)."""


def read_targets(text: str) -> Targets:
    """The targets in the text of a `targets.toml`. Raises `BrokenTargets`, naming every fault."""
    try:
        return Targets.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BrokenTargets(f"targets.toml is not TOML: {error}") from error
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BrokenTargets(f"targets.toml: {told}") from error


def missed(items: Sequence[Item], targets: Targets) -> Iterable[str]:
    """A sentence for each target that these items (the approved ones) miss."""
    for framework in Framework:
        for c in competences_of(framework):
            own = [i for i in items if (i.framework, i.competence) == (framework, c.code)]
            yield from (f"{framework} {c.code}: {told}" for told in _missed_by_a_competence(own, framework, targets))
    yield from _missed_shares(items, targets)
    yield from _missed_by_keys(items, targets)


def _missed_by_a_competence(own: Sequence[Item], framework: Framework, targets: Targets) -> Iterable[str]:
    if len(own) < targets.items:
        yield f"{len(own)} items, {targets.items} are asked for"
    for track in Track:
        usable = sum(track in i.tracks for i in own)
        if usable < targets.items_of_a_track:
            yield f"{usable} items for {track}, {targets.items_of_a_track} are asked for"
    repeated = sum(n > 1 for n in Counter(i.subject for i in own).values())
    if repeated < targets.repeated_subjects:
        yield f"{repeated} subjects can be asked again in another form, {targets.repeated_subjects} are asked for"
    levels = Counter(int(i.tag) for i in own)
    for tag in tags_of(framework):
        if levels[tag] < targets.items_of_a_level:
            yield f"{levels[tag]} items at level {tag}, {targets.items_of_a_level} are asked for"


def _missed_shares(items: Sequence[Item], targets: Targets) -> Iterable[str]:
    kinds = Counter(i.kind for i in items)
    for kind, least in targets.least.items():
        if kinds[kind] < least * len(items):
            yield f"{kind}: {kinds[kind]} items of {len(items)}, at least {least:.0%} are asked for"
    for kind, most in targets.most.items():
        if kinds[kind] > most * len(items):
            yield f"{kind}: {kinds[kind]} items of {len(items)}, at most {most:.0%} are asked for"


def _missed_by_keys(items: Sequence[Item], targets: Targets) -> Iterable[str]:
    longest, total = longest_is_key(items)
    if longest > targets.longest_is_key * total:
        yield (
            f"the one longest choice is the key of {longest} single choices of {total}, at most "
            f"{targets.longest_is_key:.0%} are allowed: lengthen distractors, shorten keys"
        )
    for choices, places in sorted(key_places(items).items()):
        p = chance_of(places)
        if p < targets.places_by_chance:
            yield (
                f"the keys of single choices with {choices} choices stand at {places}, which chance would hardly "
                f"give (p = {p:.3g}): reorder some"
            )


def key_places(items: Iterable[Item]) -> dict[int, list[int]]:
    """Where the keys of single choices stand in their files: by number of choices, how many at each place."""
    places: dict[int, list[int]] = defaultdict(list)
    for item in items:
        if item.kind is Kind.SINGLE_CHOICE and isinstance(item.interaction, SingleChoice):
            ids = [c.id for c in item.interaction.choices]
            places.setdefault(len(ids), [0] * len(ids))[ids.index(item.interaction.key)] += 1
    return dict(places)


def chance_of(places: Sequence[int]) -> float:
    """How often chance would spread keys as unevenly as this (Pearson's chi-squared test), 1 for few of them.

    >>> chance_of([10, 12, 9, 11]) > 0.5, chance_of([30, 4, 4, 4]) < 0.001
    (True, True)
    """
    if sum(places) < 5 * len(places):  # too few for the approximation, and for a habit
        return 1.0
    even = sum(places) / len(places)
    return float(chdtrc(len(places) - 1, sum((n - even) ** 2 / even for n in places)))
