"""The item bank as its files are now: read again when one of them changed, and not at each request."""

import os
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from engine.items.bank import Bank, Problem
from engine.items.item import Item
from engine.items.read import read_what_can_be
from engine.items.reviews import Reading, by_item, parse_log
from engine.items.targets import BrokenTargets, Targets, read_targets
from engine.kernel import ItemId
from web.services.coverage import Covered, covered


@dataclass(frozen=True)
class Shelved:
    """A bank as it was read once: what can be read of it, and what is wrong with the rest."""

    root: Path
    bank: Bank
    problems: tuple[Problem, ...]
    readings: Mapping[ItemId, tuple[Reading, ...]]
    targets: Targets

    @cached_property
    def items(self) -> Mapping[ItemId, Item]:
        """The items that can be read, by id."""
        return {item.id: item for item in self.bank}

    @cached_property
    def texts(self) -> Mapping[ItemId, str]:
        """What is searched in, folded: id, subject, question and choices."""
        return {item.id: folded(_text(item)) for item in self.bank}

    @cached_property
    def problems_of(self) -> Mapping[str, tuple[Problem, ...]]:
        """The problems of each item file that can be read, by the name of the item."""
        found: dict[str, list[Problem]] = {}
        for problem in self.problems:
            found.setdefault(problem.path.stem, []).append(problem)
        return {name: tuple(own) for name, own in found.items()}

    @cached_property
    def covered(self) -> tuple[Covered, ...]:
        """What each competence has and lacks."""
        return covered(self.bank.items, self.targets)

    def digest(self, item: ItemId) -> str:
        """The SHA-256 over the files of an item."""
        return self.bank.sources[item].digest

    def file(self, item: Item, name: str) -> Path | None:
        """Where a file of an item lies, if it names one so."""
        return (self.root / self.bank.sources[item.id].path).parent / name if name in item.files else None


class Shelf:
    """A bank on the disk. Its files are looked at by size and time; they are read when one of them is another."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._known: tuple[frozenset[tuple[str, int, int]], Shelved] | None = None

    def look(self) -> Shelved:
        """The bank as its files are now."""
        with self._lock:
            stamps = frozenset(_stamps(self._root))
            if self._known is None or self._known[0] != stamps:
                self._known = stamps, _read(self._root)
            return self._known[1]


def folded(text: str) -> str:
    """Small letters without accents, for searching.

    >>> folded("Épreuve  À")
    'epreuve a'
    """
    plain = unicodedata.normalize("NFKD", " ".join(text.split()).casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _stamps(root: Path) -> list[tuple[str, int, int]]:
    found = []
    todo = [str(root / "items"), str(root / "reviews")]
    while todo:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                    else:
                        told = entry.stat()
                        found.append((entry.path, told.st_mtime_ns, told.st_size))
        except FileNotFoundError:
            continue  # a folder that is not there, or a file that just went
    targets = root / "targets.toml"
    if targets.is_file():
        found.append((str(targets), targets.stat().st_mtime_ns, targets.stat().st_size))
    return found


def _read(root: Path) -> Shelved:
    bank, problems = read_what_can_be(root)
    told = list(problems)
    readings: list[Reading] = []
    for path in sorted((root / "reviews").glob("*.toml")):
        try:
            readings += parse_log(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            told.append(Problem(PurePosixPath("reviews", path.name), 1, f"cannot be read: {error}"))
    targets = Targets()
    try:
        targets = read_targets((root / "targets.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        pass  # a bank that promises nothing
    except (BrokenTargets, UnicodeDecodeError) as error:
        told.append(Problem(PurePosixPath("targets.toml"), 1, str(error)))
    return Shelved(root, bank, tuple(told), by_item(readings), targets)


def _text(item: Item) -> str:
    choices = [*getattr(item.interaction, "prompts", ()), *getattr(item.interaction, "choices", ())]
    for gap in getattr(item.interaction, "gaps", ()):
        choices += gap.choices
    return " ".join((item.id, item.subject, item.subject.replace("-", " "), item.body, *(c.text for c in choices)))
