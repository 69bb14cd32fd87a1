"""What the verification of an audit found."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from web.db.audit import EVERYTHING
from web.db.canonical import salted
from web.db.evidence import CHAINED, MARKERS

_ORDER = {"sitting_event": 0, "audit_entry": 1} | dict.fromkeys(CHAINED, 2)
_LAST = 3


class Kind(StrEnum):
    """What is wrong with a row."""

    CHANGED = "changed"
    GONE = "gone"
    ADDED = "added"
    IMPOSSIBLE = "impossible"
    """It could not come about in the state that the rows before it tell."""
    OTHER_ITEM = "other_item"
    """The engine chooses otherwise."""
    OTHER_RESULT = "other_result"
    """The engine scores otherwise."""
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that does not fit."""

    table: str
    key: str
    kind: Kind
    expected: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.kind}; expected {self.expected}"

    @property
    def as_json(self) -> dict[str, str]:
        """The same for programs."""
        return {"table": self.table, "key": self.key, "kind": self.kind.value, "expected": self.expected}


@dataclass(slots=True)
class Findings:
    """Faults in the order of the check, and how much was checked."""

    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, table: str, key: str, kind: Kind, expected: str) -> None:
        """One more fault."""
        self.faults.append(Fault(table, key, kind, expected))

    def join(self, other: "Findings") -> None:
        """Take in what another check found; logs come first, then chains, then the rows of tables, then blocks."""
        self.faults = sorted(self.faults + other.faults, key=lambda fault: _ORDER.get(fault.table, _LAST))
        self.counts += other.counts

    @property
    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "fits": not self.faults,
            "checked": dict(sorted(self.counts.items())),
            "faults": [f.as_json for f in self.faults],
        }


@dataclass(frozen=True, slots=True)
class Veil:
    """The salts of texts, and what stands for those that were erased; both by row and field."""

    salts: Mapping[tuple[str, str], str]
    erased: Mapping[tuple[str, str], str]

    def stands_for(self, row: str, field: str, told: Any, shown: str) -> Any:
        """What the chain holds of a text; the text itself, which fits nowhere, if it can have no place in it.

        `told` is what was salted, `shown` what stands in the row: a marker, once the text is erased.
        """
        digest = self.erased.get((row, field))
        if digest is not None:
            return {"salted": digest} if shown in MARKERS else told
        if not told:
            return told
        salt = self.salts.get((row, field))
        return told if salt is None else {"salted": salted(salt, told)}

    def whole_row(self, row: str) -> str | None:
        """The content of a row that was erased as a whole."""
        return self.erased.get((row, EVERYTHING))


def first_of(faults: Iterable[Fault]) -> Fault | None:
    """The first row that does not fit."""
    return next(iter(faults), None)
