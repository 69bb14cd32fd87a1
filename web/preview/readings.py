"""What second readings said of an item: from the logs in reviews/."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of an item, or a remark of one. `agreed` is `None` where the log only has the remark."""

    date: str
    reader: str
    version: int | None
    agreed: bool | None
    findings: tuple[tuple[str, str], ...]
    """Pairs (finding, what was done about it)."""


def readings_of(root: Path, item: str) -> list[Reading]:
    """The readings of an item, the latest last; a log that cannot be read is left out."""
    found = []
    for path in sorted((root / "reviews").glob("*.toml")):
        try:
            log = tomllib.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError, OSError):
            continue
        row = next((r for r in log.get("read", []) if r.get("item") == item), None)
        said = tuple(_said(f) for f in log.get("findings", []) if f.get("item") == item)
        if row is not None or said:
            version, agreed = (row.get("version"), row.get("agreed")) if row else (None, None)
            found.append(Reading(str(log.get("date", "")), str(log.get("reader", "")), version, agreed, said))
    return sorted(found, key=lambda r: r.date)


def _said(finding: dict[str, Any]) -> tuple[str, str]:
    return str(finding.get("finding", "")), str(finding.get("action", ""))
