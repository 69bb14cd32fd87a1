"""What the candidates know of their answers: their own record, a line for everything that happened to one of them."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

Fields = list[tuple[str, str]]


class Record:
    """A file that lines are added to; the time is in seconds since it was opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.began = monotonic()
        self.counts: Counter[str] = Counter()
        self._file = path.open("w", encoding="utf-8")

    def note(self, candidate: int, what: str, **facts: Any) -> None:
        """One line."""
        self.counts[what] += 1
        line = {"at": round(monotonic() - self.began, 4), "candidate": candidate, "what": what, **facts}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


@dataclass
class Kept:
    """An answer as its candidate knows it."""

    candidate: int
    answer: str
    item: str
    fields: Fields
    right: bool
    calm: bool
    """Whether it was validated, and acknowledged, while nothing was broken."""
    made_at: float
    recorded_at: float | None = None
    tries: int = 0
    shown: str = ""
    """What the page said of it last: sending, kept (on this machine), saved."""
    dropped: str = ""
    """Under which code the page let it go without its having been recorded."""


@dataclass
class Told:
    """All that the candidates know."""

    answers: dict[str, Kept] = field(default_factory=dict)
    over: set[int] = field(default_factory=set)
    died: set[int] = field(default_factory=set)

    def of(self, candidate: int) -> list[Kept]:
        """The answers of one candidate in the order in which they were made."""
        return self._by_candidate().get(candidate, [])

    def _by_candidate(self) -> dict[int, list[Kept]]:
        if not hasattr(self, "_sorted"):
            found: dict[int, list[Kept]] = {}
            for kept in self.answers.values():
                found.setdefault(kept.candidate, []).append(kept)
            self._sorted = found
        return self._sorted


def read(path: Path) -> Told:
    """The record as a file tells it."""
    told = Told()
    for line in _lines(path):
        at, candidate, what = line["at"], line["candidate"], line["what"]
        if what == "over":
            told.over.add(candidate)
        elif what == "died":
            told.died.add(candidate)
        elif what == "made":
            fields = [(name, value) for name, value in line["fields"]]
            told.answers[line["answer"]] = Kept(
                candidate, line["answer"], line["item"], fields, line["right"], line["calm"], at
            )
        elif "answer" in line:
            kept = told.answers[line["answer"]]
            if what == "tried":
                kept.tries += 1
            elif what == "shown":
                kept.shown = line["shown"]
            elif what == "recorded" and kept.recorded_at is None:
                kept.recorded_at = at
                kept.calm = kept.calm and line["calm"]
            elif what == "dropped":
                kept.dropped = line["code"]
    return told


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
