"""What each competence of the bank has, and what it lacks of the bank's targets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.items.check import tags_of
from engine.items.frameworks import Competence, Framework, Track, competences_of
from engine.items.item import Item, Status
from engine.items.targets import Targets


@dataclass(frozen=True, slots=True)
class Covered:
    """The items of one competence, counted."""

    framework: Framework
    competence: Competence
    counts: dict[Status, int]
    levels: dict[int, int]
    """Approved items by level, all levels of the framework."""
    items_lacking: int
    levels_lacking: tuple[int, ...]
    tracks_lacking: dict[Track, int]
    repeats_lacking: int
    """Subjects that should be asked in another form too."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing lacks."""
        return not (self.items_lacking or self.levels_lacking or self.tracks_lacking or self.repeats_lacking)


def covered(items: Sequence[Item], targets: Targets) -> tuple[Covered, ...]:
    """What each competence of both frameworks has and lacks; only approved items count towards a target."""
    return tuple(_one(items, f, c, targets) for f in Framework for c in competences_of(f))


def _one(items: Sequence[Item], framework: Framework, competence: Competence, targets: Targets) -> Covered:
    own = [i for i in items if (i.framework, i.competence) == (framework, competence.code)]
    approved = [i for i in own if i.status is Status.APPROVED]
    levels = Counter(int(i.tag) for i in approved)
    tracks = {t: targets.items_of_a_track - sum(t in i.tracks for i in approved) for t in Track}
    repeated = sum(n > 1 for n in Counter(i.subject for i in approved).values())
    return Covered(
        framework,
        competence,
        {status: sum(i.status is status for i in own) for status in Status},
        {tag: levels[tag] for tag in tags_of(framework)},
        max(0, targets.items - len(approved)),
        tuple(tag for tag in tags_of(framework) if levels[tag] < targets.items_of_a_level),
        {track: n for track, n in tracks.items() if n > 0},
        max(0, targets.repeated_subjects - repeated),
    )
