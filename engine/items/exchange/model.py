"""A question between two systems: as much of it as Palier can hold, with what it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from engine.items.bank import Problem
from engine.items.item import Attachment, Interaction, Item, Medium, Variant


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question stands: a file, perhaps inside a package, and a line."""

    file: str
    line: int = 1

    def problem(self, sentence: str, line: int | None = None) -> Problem:
        """A problem at this place."""
        return Problem(PurePosixPath(self.file), line or self.line, sentence)


class Unsupported(Exception):
    """A question of a kind that Palier does not have, or with something in it that no item may hold.

    No refusal of the engine: it is caught where a file is read, and never reaches a page.
    """


class Faulty(Exception):
    """A file that is not what its format says, or that is made to do harm."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was read. `media` and `attachments` name files by their path in the source.

    The key of `interaction` is empty where the source has none. `own` is what Palier itself wrote beside the question:
    fields of the front matter, as far as they were given out.
    """

    place: Place
    name: str
    body: str
    interaction: Interaction
    media: tuple[Medium, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    variants: tuple[Variant, ...] = ()
    rationale: str = ""
    lost: tuple[str, ...] = ()
    own: Mapping[str, Any] = field(default_factory=dict)
    record: Item | None = None
    """The whole item, where Palier wrote it and nobody changed the question since."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that a file held: questions, what is wrong, and what Palier has no item for."""

    questions: tuple[Question, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unsupported: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()
    """What of the file as a whole goes nowhere: sections, tests, categories."""
