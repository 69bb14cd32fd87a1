"""The item files of a folder as they are now: read again when they change, and only those that do."""

import hashlib
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.items.bank import Problem
from engine.items.check import problems_between
from engine.items.frameworks import COMPETENCE_INDEX, Framework
from engine.items.item import Item
from engine.items.read import line_of, read_item

Stamp = tuple[tuple[str, int, int], ...]
"""Names, times and sizes of the files of one item."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item file: the item as far as it can be made out, and what is wrong with the file."""

    id: str
    framework: Framework
    competence: str
    path: Path
    item: Item | None
    problems: tuple[Problem, ...]

    @property
    def place(self) -> tuple[Framework, str]:
        """Its framework and competence."""
        return self.framework, self.competence


class Shelf:
    """All item files below a root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[Path, tuple[Stamp, Entry]] = {}
        self._lock = threading.Lock()

    def entries(self) -> tuple[Entry, ...]:
        """Every file, in the order of the frameworks, competences and ids."""
        with self._lock:
            found = {path: stamp for folder in self._folders() for path, stamp in _stamps(folder)}
            for path, stamp in found.items():
                known = self._known.get(path)
                if known is None or known[0] != stamp:
                    self._known[path] = (stamp, self._read(path))
            self._known = {path: self._known[path] for path in found}
            return tuple(entry for _, entry in self._known.values())

    def sign(self, item: str | None = None) -> str:
        """Something that changes whenever a file does: of one item, or of any."""
        total = hashlib.sha256()
        for folder in self._folders():
            for path, stamp in _stamps(folder):
                if item is None or path.stem == item:
                    total.update(repr((path.name, stamp)).encode())
        return total.hexdigest()[:16]

    def _folders(self) -> Iterable[Path]:
        for framework, code in COMPETENCE_INDEX:
            folder = self.root / "items" / framework / code
            if folder.is_dir():
                yield folder

    def _read(self, path: Path) -> Entry:
        framework, code = path.parent.parent.name, path.parent.name
        try:
            item, problems = read_item(path, self.root)
        except OSError as error:
            # An editor may take a file away for the moment in which it saves it.
            place = Problem(
                PurePosixPath(path.relative_to(self.root).as_posix()), 1, f"cannot be opened: {error.strerror}"
            )
            item, problems = None, (place,)
        return Entry(path.stem, Framework(framework), code, path, item, problems)


def problems_with_others(entry: Entry, entries: Iterable[Entry]) -> list[tuple[int, str]]:
    """Lines and sentences for what is wrong between an item and the others."""
    items = [e.item for e in entries if e.item is not None and e.item.id == e.id]
    unread = {e.id for e in entries if e.item is None}
    text = entry.path.read_text(encoding="utf-8")
    return [(line_of(text, key), told) for item, key, told in problems_between(items, unread) if item == entry.id]


def _stamps(folder: Path) -> list[tuple[Path, Stamp]]:
    """The item files of a folder, each with the stamp of all its files."""
    files = []
    with os.scandir(folder) as found:
        for file in found:
            try:
                state = file.stat()
            except OSError:
                continue  # gone since the folder was listed
            files.append((file.name, state.st_mtime_ns, state.st_size))
    files.sort()
    items = [name for name, _, _ in files if name.endswith(".md")]
    return [(folder / name, tuple(f for f in files if f[0].startswith(name[:-3]))) for name in items]
