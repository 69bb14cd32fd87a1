"""The logs of second readings: who read which items, answered what the key says or not, and found what."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.kernel import ItemId

OPEN = "open"
"""The action of a finding that waits for one."""


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    item: str
    version: int
    agreed: bool


class _Finding(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    item: str
    finding: str
    action: str = ""


class _Log(BaseModel):
    """A file of `reviews/`; what else stands in it is for people."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    date: date
    reader: str
    read: tuple[_Read, ...] = ()
    findings: tuple[_Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What one log says of one item."""

    item: ItemId
    day: date
    reader: str
    version: int | None
    """The version that was read; older logs tell it of no item."""
    agreed: bool | None
    """Whether the blind answer was that of the key; older logs tell only how many were."""
    findings: tuple[tuple[str, str], ...] = ()
    """What was found, and what was done about it."""

    @property
    def is_open(self) -> bool:
        """Whether something was found that nobody has dealt with."""
        return any(action == OPEN for _, action in self.findings)


def parse_log(text: str) -> tuple[Reading, ...]:
    """The readings in the text of a log. Raises `ValueError`, saying what is wrong."""
    try:
        log = _Log.model_validate(tomllib.loads(text))
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ValueError(told) from error
    read = {r.item: r for r in log.read}
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in log.findings:
        found.setdefault(finding.item, []).append((finding.finding, finding.action))
    return tuple(
        Reading(
            ItemId(item),
            log.date,
            log.reader,
            read[item].version if item in read else None,
            read[item].agreed if item in read else None,
            tuple(found.get(item, ())),
        )
        for item in sorted(read.keys() | found.keys())
    )


def by_item(readings: Iterable[Reading]) -> Mapping[ItemId, tuple[Reading, ...]]:
    """The readings of each item, the newest first."""
    found: dict[ItemId, list[Reading]] = {}
    for reading in readings:
        found.setdefault(reading.item, []).append(reading)
    return {item: tuple(sorted(own, key=lambda r: r.day, reverse=True)) for item, own in found.items()}


def is_read(readings: Iterable[Reading], version: int) -> bool:
    """Whether somebody read this version and gave the answer of the key, without seeing it."""
    return any(r.version == version and r.agreed for r in readings)
