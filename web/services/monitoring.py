"""What an administrator looks at: the installed releases, and how the items of one of them do."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from engine.adaptive import monitor
from engine.adaptive.content import CYCLES
from engine.adaptive.exposure import CEILINGS, Eligibility
from engine.adaptive.gates import Stage, stage
from engine.adaptive.shortfall import Shortfall, shortfall
from engine.adaptive.warm_up import needs_control
from engine.items.frameworks import Framework, Track, competences_of
from engine.items.item import Item
from engine.items.release import Parameters, Release
from engine.kernel import EngineError, ItemId
from web.db import exposure as state_rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.services.exposure import eligibility_of
from web.services.house import House

OVEREXPOSED = "overexposed"
"""The one alarm that the sittings here raise; the others are flags of the calibration."""


class NoSuchRelease(EngineError):
    """A release that somebody asks to see and that is not installed."""

    code = "no_such_release"


@dataclass(frozen=True, slots=True)
class Installed:
    """A release in the list."""

    release: Release
    since: datetime
    stages: dict[Framework, Stage]
    sessions: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Use:
    """How one track uses an item."""

    track: Track
    given: int
    sittings: int
    ceiling: float
    ineligible: float
    """Probability of being held back in a sitting whose session opens now."""
    is_overexposed: bool

    @property
    def exposure(self) -> float:
        """Share of the track's sittings that were given the item."""
        return self.given / max(self.sittings, 1)


@dataclass(frozen=True)
class Watched:
    """An item with all that is known of it; never its text or its key."""

    item: Item
    parameters: Parameters
    uses: tuple[Use, ...]

    @cached_property
    def use(self) -> Use:
        """The track to look at first: one that alarms, then one with enough sittings, then the greatest exposure."""

        def weight(use: Use) -> tuple[bool, bool, float, float]:
            return use.is_overexposed, use.sittings >= monitor.FEWEST_SITTINGS, use.exposure, use.ineligible

        return max(self.uses, key=weight)

    @property
    def alarms(self) -> tuple[str, ...]:
        """What somebody should look at."""
        own = (OVEREXPOSED,) if any(use.is_overexposed for use in self.uses) else ()
        return (*own, *self.parameters.flags)


@dataclass(frozen=True, slots=True)
class TrackWatch:
    """The sittings of one track."""

    track: Track
    sittings: int
    overlap: float | None
    overlaps_too_much: bool
    overexposed: int
    is_controlled: bool


@dataclass(frozen=True, slots=True)
class Competence:
    """The items of a competence, and how many it would take for each to stay below its ceiling."""

    code: str
    title: str
    items: tuple[Watched, ...]
    needed: int


@dataclass(frozen=True, slots=True)
class FrameworkWatch:
    """The items of a framework by competence, and what its data permit."""

    framework: Framework
    stage: Stage
    shortfall: Shortfall | None
    competences: tuple[Competence, ...]

    @property
    def items(self) -> tuple[Watched, ...]:
        """All of them."""
        return tuple(item for c in self.competences for item in c.items)


@dataclass(frozen=True, slots=True)
class Tried:
    """An item in pre-test: in how many sittings it was tried."""

    item: Item
    given: int


@dataclass(frozen=True, slots=True)
class ReleaseWatch:
    """A whole release as its administrator sees it."""

    installed: Installed
    tracks: tuple[TrackWatch, ...]
    frameworks: tuple[FrameworkWatch, ...]
    """With the items that count."""
    tried: tuple[Tried, ...]


def releases(house: House) -> list[Installed]:
    """Every installed release, the one in force first, then the newest."""
    with house.db.read() as connection:
        sessions = session_rows.by_release(connection)
    found = [_installed(house, release, since, sessions) for release, since in house.catalogue.installed()]
    return sorted(found, key=lambda i: (not i.is_current, -i.since.timestamp()))


def watch(house: House, digest: str) -> ReleaseWatch:
    """How the items of a release do. Raises `NoSuchRelease`."""
    found = next((i for i in releases(house) if i.release.digest == digest), None)
    if found is None:
        raise NoSuchRelease(f"Release {digest[:12]} is not installed.", digest=digest)
    with house.db.read() as connection:
        given, sittings = sitting_rows.given_by_track(connection, digest)
        states = {s.line.track: s for s in state_rows.of_release(connection, digest)}
    uses: dict[ItemId, list[Use]] = {item.id: [] for item in found.release.items}
    tracks = []
    for track in Track:
        plan = house.catalogue.plan(digest, house.catalogue.current[1], track)
        pool = plan.pool
        counts = np.array([given[track][item] for item in pool.ids], dtype=np.int64)
        n, ceiling = sittings[track], Eligibility.of(pool).ceiling
        held_back = np.zeros(len(counts))
        if track in states:
            held_back = 1 - eligibility_of(plan, states[track].counts).probability
        alarmed = monitor.overexposed(counts, n, ceiling)
        for row, item in enumerate(pool.ids):
            uses[item].append(
                Use(track, int(counts[row]), n, float(ceiling[row]), float(held_back[row]), bool(alarmed[row]))
            )
        tracks.append(
            TrackWatch(
                track,
                n,
                monitor.overlap(counts, n),
                monitor.overlaps_too_much(counts, n),
                int(alarmed.sum()),
                needs_control(plan),
            )
        )
    tried = (i for i in found.release.items if i.id in found.release.pretest)
    return ReleaseWatch(
        found,
        tuple(tracks),
        tuple(_framework(found.release, f, uses) for f in Framework),
        tuple(Tried(item, sum(given[track][item.id] for track in Track)) for item in tried),
    )


def _installed(house: House, release: Release, since: datetime, sessions: dict[str, int]) -> Installed:
    return Installed(
        release,
        since,
        {f: stage(release, f) for f in Framework},
        sessions.get(release.digest, 0),
        house.catalogue.current[0] == release.digest,
    )


def _framework(release: Release, framework: Framework, uses: dict[ItemId, list[Use]]) -> FrameworkWatch:
    place = list(Framework).index(framework)
    needed = monitor.items_needed(CYCLES[place], CEILINGS[place])
    watched = [
        Watched(item, parameters, tuple(uses[item.id]))
        for item, parameters in zip(release.items, release.parameters, strict=True)
        if item.framework is framework and item.id not in release.pretest
    ]
    competences = tuple(
        Competence(c.code, c.title, tuple(w for w in watched if w.item.competence == c.code), needed)
        for c in competences_of(framework)
    )
    return FrameworkWatch(framework, stage(release, framework), shortfall(release, framework), competences)
