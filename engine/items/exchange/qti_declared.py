"""What a QTI item declares of a response: which values are right, and what each is worth."""

from dataclasses import dataclass
from typing import Any

from engine.items.exchange.model import Faulty, Place


@dataclass
class Declared:
    """A response declaration: the right values, and what each value is worth."""

    base_type: str
    cardinality: str
    correct: list[str]
    worth: dict[str, float]
    case_sensitive: bool
    line: int

    @property
    def right(self) -> list[str]:
        """The values that are right: as declared, or those of the highest worth for one, of any for several."""
        if self.correct:
            return self.correct
        best = max(self.worth.values(), default=0.0)
        if best <= 0:
            return []
        wanted = 0.0 if self.cardinality != "single" else best - 1e-9
        return [value for value, worth in self.worth.items() if worth > wanted]


def read_declaration(element: Any, place: Place) -> Declared:
    """The declaration of a response. Raises `Faulty` for points that are no numbers."""
    worth: dict[str, float] = {}
    sensitive = []
    for entry in element.iter("map-entry"):
        try:
            worth[entry.get("map-key", "")] = float(entry.get("mapped-value", ""))
        except ValueError as error:
            raise Faulty(place.problem("mapped-value is no number", entry.sourceline)) from error
        sensitive.append(entry.get("case-sensitive") == "true")
    correct = element.find("correct-response")
    values = [] if correct is None else ["".join(v.itertext()).strip() for v in correct.findall("value")]
    return Declared(
        base_type=element.get("base-type", ""),
        cardinality=element.get("cardinality", "single"),
        correct=[v for v in values if v],
        worth=worth,
        case_sensitive=bool(sensitive) and all(sensitive),
        line=element.sourceline or 1,
    )
