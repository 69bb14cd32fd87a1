"""The answers as the one who gave them remembers them, and the published table, apart from the engine."""

from dataclasses import dataclass, field

from engine.items.frameworks import Framework
from engine.items.item import Item


@dataclass
class Record:
    """What the candidate themselves knows of their test."""

    items: list[Item] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    unseen: int = 0  # questions of the CRCN that were left; they count as wrong

    def percent(self, framework: Framework, without: int) -> tuple[int, int]:
        """Right and counted in a framework, without the item at one position."""
        counted = [
            right
            for position, (item, right) in enumerate(zip(self.items, self.right, strict=True), start=1)
            if item.framework is framework and position != without
        ]
        return sum(counted), len(counted) + (self.unseen if framework is Framework.CRCN else 0)

    def level(self, without: int) -> str:
        """The level by the published table, worked out here apart from the engine."""
        domains: dict[int, list[bool]] = {}
        for position, (item, right) in enumerate(zip(self.items, self.right, strict=True), start=1):
            if item.framework is Framework.CRCN_EDU and position != without:
                domains.setdefault(item.domain, []).append(right)
        edu, crcn = self.percent(Framework.CRCN_EDU, without), self.percent(Framework.CRCN, without)
        reached = "Aucun niveau atteint"
        for name, whole, each, other in (("Confirmé", 50, 50, 60), ("Avancé", 65, 60, 75), ("Expert", 80, 60, 85)):
            rows = [(*edu, whole), (*crcn, other), *((sum(d), len(d), each) for d in domains.values())]
            if all(100 * right >= percent * counted for right, counted, percent in rows):
                reached = name
        return reached
