"""One question in one version: what it asks, how it is answered, what is right."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from engine.items.frameworks import Framework, Level, Track
from engine.kernel import ItemId


class Status(StrEnum):
    """Where an item stands in its life; approved items enter a release, and those in pre-test to be tried uncounted."""

    DRAFT = "draft"
    PRETEST = "pretest"
    APPROVED = "approved"
    RETIRED = "retired"


class Kind(StrEnum):
    """The name of an interaction, as authors and screens use it."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    SHORT_TEXT = "short_text"
    NUMBER = "number"
    ORDERING = "ordering"
    MATCHING = "matching"
    GAPS = "gaps"
    FILE_TASK = "file_task"


class Demand(StrEnum):
    """What an item cannot do without, so that it does not measure a competence in whoever lacks it."""

    SIGHT = "sight"
    """An image or a layout that words do not replace."""
    COLOUR = "colour"
    """Colours that must be told apart."""
    HEARING = "hearing"
    POINTER = "pointer"
    """A mouse or a finger: no keyboard does it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen, paired or put in order; `why` says why a wrong one is wrong."""

    id: str
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class SingleChoice:
    """One right choice."""

    choices: tuple[Choice, ...]
    key: str
    fixed_order: bool = False


@dataclass(frozen=True, slots=True)
class MultipleChoice:
    """Several right choices, all or nothing."""

    choices: tuple[Choice, ...]
    key: frozenset[str]
    fixed_order: bool = False


@dataclass(frozen=True, slots=True)
class Forgiven:
    """What a short text may differ in and still be right."""

    case: bool = True
    accents: bool = True
    spaces: bool = True
    punctuation: bool = True
    typos: bool = False


@dataclass(frozen=True, slots=True)
class ShortText:
    """A word or a short phrase; `refused` lists near misses that forgiving typos must not let through."""

    key: tuple[str, ...]
    refused: tuple[str, ...] = ()
    forgiven: Forgiven = field(default_factory=Forgiven)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, right within an absolute or a relative tolerance."""

    key: float
    unit: str = ""
    absolute: float = 0.0
    relative: float = 0.0


@dataclass(frozen=True, slots=True)
class Ordering:
    """Choices to be put in one order."""

    choices: tuple[Choice, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """Each prompt is paired with one choice; a choice serves at most once."""

    prompts: tuple[Choice, ...]
    choices: tuple[Choice, ...]
    key: tuple[tuple[str, str], ...]
    fixed_order: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """One menu inside the text."""

    id: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """A text with menus; every gap must be right."""

    gaps: tuple[Gap, ...]
    key: tuple[tuple[str, str], ...]


Interaction: TypeAlias = SingleChoice | MultipleChoice | ShortText | Number | Ordering | Matching | Gaps


@dataclass(frozen=True, slots=True)
class Medium:
    """An image shown in the body, with its alternative text."""

    file: str
    alt: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the candidate downloads and works on."""

    file: str
    title: str


@dataclass(frozen=True, slots=True)
class Variant:
    """Another file for the same question, with the key that it gives; `rationale` only if it is not the item's."""

    id: str
    interaction: Interaction
    attachments: tuple[Attachment, ...]
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One question in one version. `tag` is a `Level` for CRCN-Édu, 1 to 8 for the CRCN."""

    id: ItemId
    version: int
    status: Status
    framework: Framework
    competence: str
    subject: str
    tracks: frozenset[Track]
    tag: Level | int
    kind: Kind
    interaction: Interaction
    body: str
    expected_seconds: int
    enemies: frozenset[ItemId] = frozenset()
    demands: frozenset[Demand] = frozenset()
    media: tuple[Medium, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    variants: tuple[Variant, ...] = ()
    author: str = ""
    licence: str = ""
    level_reason: str = ""
    rationale: str = ""
    source: str = ""
    learn_more: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its images and attachments, which lie beside it, those of all variants among them."""
        attached = (*self.attachments, *(a for v in self.variants for a in v.attachments))
        return (*(m.file for m in self.media), *(a.file for a in attached))

    @property
    def domain(self) -> int:
        """The number of the domain of its competence."""
        return int(self.competence.split(".", maxsplit=1)[0])
