"""Rows of a file → `Responses`, or a sentence for every row that cannot be used."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from engine.calibration.responses import Responses
from engine.kernel import ItemId

COLUMNS = ("person", "item", "correct")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used, and why."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


def checked(
    rows: Iterable[tuple[int, Mapping[str, str | None]]],
    items: Set[ItemId] | None = None,
    groups: Sequence[str] = (),
    release: str = "",
) -> Responses | tuple[BadRow, ...]:
    """All rows, each with its line, or every bad one.

    `items` are those that may occur, or None for any; `groups` the columns that hold a label of the person.

    >>> checked([(2, {"person": "p", "item": "i", "correct": "2"}), (3, {"person": "", "item": "i", "correct": "1"})])
    (BadRow(line=2, sentence="correct must be 0 or 1, got '2'"), BadRow(line=3, sentence='person is missing'))
    """
    bad: list[BadRow] = []
    good: list[tuple[str, str, int]] = []
    seen: dict[tuple[str, str], int] = {}
    labels: dict[str, dict[str, tuple[str, int]]] = {column: {} for column in groups}
    for line, row in rows:
        values = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
        faults = [f"{column} is missing" for column in COLUMNS if not values.get(column)]
        person, item, correct = (values.get(column, "") for column in COLUMNS)
        if correct and correct not in ("0", "1"):
            faults.append(f"correct must be 0 or 1, got {correct!r}")
        if item and items is not None and item not in items:
            faults.append(f"item {item} is not in release {release}")
        if person and item:
            first = seen.setdefault((person, item), line)
            if first != line:
                faults.append(f"person {person} already answered item {item} on line {first}")
        for column, of in labels.items():
            label = values.get(column, "")
            held, since = of.setdefault(person, (label, line))
            if person and label != held:
                faults.append(f"{column} of person {person} is {label!r} here and {held!r} on line {since}")
        if len(row) and None in row:
            faults.append("there are more fields than columns")
        bad += [BadRow(line, fault) for fault in faults]
        if not faults:
            good.append((person, item, int(correct)))
    if bad:
        return tuple(bad)
    return Responses.of(good, {column: {p: label for p, (label, _) in of.items()} for column, of in labels.items()})
