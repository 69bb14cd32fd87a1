"""A release: item versions and their parameters, frozen under one digest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.items.frameworks import Framework, Level
from engine.items.item import Item
from engine.items.variants import as_put, every_variant
from engine.kernel import EngineError, ItemId


class UnknownItem(EngineError):
    """An item that the release does not hold."""

    code = "unknown_item"


class Provenance(StrEnum):
    """Where the parameters come from."""

    TAGS = "tags"
    SIMULATED = "simulated"
    CALIBRATED = "calibrated"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Discrimination `a`, difficulty `b` (logits), lower asymptote `c`; how many responses they rest on."""

    a: float
    b: float
    c: float = 0.0
    responses: int = 0
    se_b: float | None = None
    fit: float | None = None
    """z of the item fit, where a calibration stands behind the parameters."""
    flags: tuple[str, ...] = ()
    """What that calibration asks a person to look at (`calibration.file.Flag`)."""

    def __post_init__(self) -> None:
        if not self.a > 0:
            raise ValueError(f"discrimination must be positive, got {self.a}")
        if not 0 <= self.c < 1:
            raise ValueError(f"lower asymptote must lie in [0, 1), got {self.c}")


@dataclass(frozen=True)
class Release:
    """Items in the order of their ids, each with its parameters; `digest` names this exact content."""

    name: str
    digest: str
    provenance: Provenance
    items: tuple[Item, ...]
    parameters: tuple[Parameters, ...]
    heldout_error: Mapping[Framework, float] = field(default_factory=dict)
    pretest: frozenset[ItemId] = frozenset()
    """Those that are tried and never count; the others are approved."""
    row_of: Mapping[ItemId, int] = field(init=False)
    _variants: Mapping[ItemId, tuple[Item, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.items) != len(self.parameters):
            raise ValueError(f"{len(self.items)} items but {len(self.parameters)} rows of parameters")
        object.__setattr__(self, "row_of", {item.id: row for row, item in enumerate(self.items)})
        object.__setattr__(self, "_variants", {i.id: every_variant(i) for i in self.items if i.variants})

    def item(self, item: ItemId) -> Item:
        """The item of that id. Raises `UnknownItem`."""
        try:
            return self.items[self.row_of[item]]
        except KeyError:
            raise UnknownItem(f"Release {self.name} holds no item {item}.", item=item) from None

    def put(self, item: ItemId, seed: int) -> Item:
        """The item of that id as a sitting of this seed gets it. Raises `UnknownItem`."""
        found = self.item(item)
        variants = self._variants.get(item)
        return as_put(variants, seed) if variants else found

    def asking_for(self, needs: Iterable[str]) -> frozenset[ItemId]:
        """The items that demand something that a candidate with these needs cannot use."""
        barred = set(needs)
        return frozenset(item.id for item in self.items if item.demands & barred)

    def counted(self, framework: Framework) -> list[Parameters]:
        """The parameters of the items of a framework that count."""
        rows = zip(self.items, self.parameters, strict=True)
        return [p for item, p in rows if item.framework is framework and item.id not in self.pretest]


_EDU_DIFFICULTY = {Level.INITIE: -1.0, Level.CONFIRME: -0.3, Level.AVANCE: 0.5, Level.EXPERT: 1.4}


def tag_difficulty(framework: Framework, tag: Level | int) -> float:
    """The prior mean of an item's difficulty, logits, from its level tag (docs/adr/0004).

    >>> tag_difficulty(Framework.CRCN_EDU, Level.AVANCE), tag_difficulty(Framework.CRCN, 1)
    (0.5, -2.5)
    """
    if framework is Framework.CRCN_EDU:
        return _EDU_DIFFICULTY[Level(tag)]
    return -2.5 + 5.0 * (int(tag) - 1) / 7


TAG_SPREAD = 0.9
"""Standard deviation of the true difficulties around the tag's, logits (docs/adr/0004)."""
