"""The bank: every item that was read, with the digest of its files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.items.item import Item
from engine.kernel import ItemId


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file of the bank, with what to do about it."""

    path: PurePosixPath
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Source:
    """Where an item was read from, and the SHA-256 over all its files."""

    path: PurePosixPath
    digest: str


@dataclass(frozen=True, slots=True)
class Bank:
    """Items in the order of their ids, with their sources."""

    items: tuple[Item, ...]
    sources: Mapping[ItemId, Source]

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
