"""What a release has that another has not: items that came, changed and went, parameters that moved."""

from dataclasses import dataclass

from engine.items.freeze import ItemRow, Manifest

NOTABLE = 0.3
"""A difficulty that moves by less, logits, is within what an honest recalibration gives."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The parameters of one item in two releases; `b` is in logits."""

    item: str
    a: tuple[float, float]
    b: tuple[float, float]
    c: tuple[float, float]

    @property
    def shift(self) -> float:
        """By how much the difficulty moved, logits."""
        return self.b[1] - self.b[0]


@dataclass(frozen=True, slots=True)
class Comparison:
    """From one release to another, each list in the order of ids."""

    added: tuple[str, ...]
    changed: tuple[tuple[str, int, int], ...]
    """Other files under the same id, with both versions."""
    unversioned: tuple[str, ...]
    """Those of `changed` whose version did not rise: nobody can tell their answers apart."""
    gone: tuple[str, ...]
    promoted: tuple[str, ...]
    """In pre-test before, counted now."""
    demoted: tuple[str, ...]
    """Counted before, in pre-test now."""
    moved: tuple[Moved, ...]
    """Items of both whose parameters are not the same."""

    @property
    def is_empty(self) -> bool:
        """Whether both hold the same."""
        return not (self.added or self.changed or self.gone or self.promoted or self.demoted or self.moved)

    @property
    def notable(self) -> tuple[Moved, ...]:
        """Difficulties that moved by `NOTABLE` logits or more, the farthest first."""
        far = [m for m in self.moved if abs(m.shift) >= NOTABLE]
        return tuple(sorted(far, key=lambda m: -abs(m.shift)))


def compare(old: Manifest, new: Manifest) -> Comparison:
    """What `new` has otherwise than `old`."""
    before = {row.id: row for row in old.items}
    after = {row.id: row for row in new.items}
    both = [(before[i], after[i]) for i in sorted(before.keys() & after.keys())]
    changed = [(b, a) for b, a in both if b.digest != a.digest]
    return Comparison(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple((b.id, b.version, a.version) for b, a in changed),
        unversioned=tuple(b.id for b, a in changed if a.version <= b.version),
        gone=tuple(sorted(before.keys() - after.keys())),
        promoted=tuple(b.id for b, a in both if b.pretest and not a.pretest),
        demoted=tuple(b.id for b, a in both if a.pretest and not b.pretest),
        moved=tuple(_moved(b, a) for b, a in both if _differs(b, a)),
    )


def _differs(before: ItemRow, after: ItemRow) -> bool:
    old, new = before.parameters, after.parameters
    return (old.a, old.b, old.c) != (new.a, new.b, new.c)


def _moved(before: ItemRow, after: ItemRow) -> Moved:
    old, new = before.parameters, after.parameters
    return Moved(before.id, (old.a, new.a), (old.b, new.b), (old.c, new.c))
