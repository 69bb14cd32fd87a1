"""The life of an item as people decide on it: draft, pre-test, approved, retired, and what each step asks for.

A decision is taken on a file as it was read (its digest) and becomes true when its status line says so
(docs/adr/0035).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.items.frameworks import Framework
from engine.items.item import Item, Status
from engine.items.reviews import Reading, is_read
from engine.kernel import EngineError, ItemId, PersonId

STEPS: Mapping[Status, tuple[Status, ...]] = {
    Status.DRAFT: (Status.APPROVED, Status.PRETEST),
    Status.PRETEST: (Status.APPROVED, Status.DRAFT, Status.RETIRED),
    Status.APPROVED: (Status.RETIRED, Status.DRAFT),
    Status.RETIRED: (Status.DRAFT,),
}
"""What an item can become."""
LONGEST_REASON = 2000


class NotThisStep(EngineError):
    """An item that cannot become what somebody decides, from where it stands."""

    code = "not_this_step"


class NotReadTwice(EngineError):
    """An item that nobody else has read, in this version and without its key, with the answer of the key."""

    code = "not_read_twice"


class OwnItem(EngineError):
    """Somebody who approves what they have written themselves."""

    code = "own_item"


class CommentsOpen(EngineError):
    """An item with comments that nobody has settled."""

    code = "comments_open"


class FindingsOpen(EngineError):
    """An item of which a second reader found something that nobody has dealt with."""

    code = "findings_open"


class DecisionReasonMissing(EngineError):
    """A decision on an item without a reason, or with one that is too long."""

    code = "decision_reason_missing"


class ItemChanged(EngineError):
    """A file that changed after somebody had read it and before they decided."""

    code = "item_changed"


@dataclass(frozen=True, slots=True)
class Decision:
    """Somebody decided what an item is to become."""

    id: str
    item: ItemId
    version: int
    digest: str
    """Of the item's files as they were read."""
    was: Status
    becomes: Status
    """The same as `was` when a decision that waited was taken back."""
    reason: str
    author: PersonId
    at: datetime


class Standing(StrEnum):
    """What has become of a decision."""

    WAITING = "waiting"
    APPLIED = "applied"
    LAPSED = "lapsed"
    """The file was changed otherwise: it must be read and decided on again."""
    WITHDRAWN = "withdrawn"


def standing(decision: Decision, status: Status, digest: str) -> Standing:
    """What has become of the last decision on an item whose file says this."""
    if decision.becomes is decision.was:
        return Standing.WITHDRAWN
    if decision.digest == digest:
        return Standing.WAITING
    return Standing.APPLIED if decision.becomes is status else Standing.LAPSED


def steps_of(item: Item) -> tuple[Status, ...]:
    """What an item can become."""
    return tuple(s for s in STEPS[item.status] if s is not Status.PRETEST or item.framework is Framework.CRCN)


def require_step(
    item: Item, becomes: Status, waiting: Decision | None, readings: Sequence[Reading], open_comments: int, who: str
) -> None:
    """Whether somebody of that name may decide this.

    Raises `NotThisStep`, `OwnItem`, `NotReadTwice`, `FindingsOpen`, `CommentsOpen`.
    """
    if becomes is item.status and waiting is not None:
        return  # taken back
    if becomes not in steps_of(item):
        raise NotThisStep(
            f"Item {item.id} is {item.status}: it can become {', '.join(steps_of(item))}, not {becomes}.",
            item=item.id,
            status=item.status,
        )
    if becomes not in (Status.APPROVED, Status.PRETEST):
        return
    if is_author(item, who):
        raise OwnItem(f"{who} wrote item {item.id}: somebody else approves it.", item=item.id)
    if not is_read(readings, item.version):
        raise NotReadTwice(
            f"No log in reviews/ says that version {item.version} of item {item.id} was read without its key and "
            "answered as the key says.",
            item=item.id,
            version=item.version,
        )
    if any(r.is_open for r in readings):
        raise FindingsOpen(f"A log in reviews/ has an open finding on item {item.id}.", item=item.id)
    if open_comments:
        raise CommentsOpen(f"Item {item.id} has {open_comments} open comments: settle them first.", item=item.id)


def is_author(item: Item, who: str) -> bool:
    """Whether somebody of that name is among the authors that the file names.

    >>> from types import SimpleNamespace
    >>> is_author(SimpleNamespace(author="Léa Petit et Karim  Lefort"), "karim lefort")
    True
    """
    names = re.split(r"\s*(?:[,;/&]|\bet\b)\s*", item.author)
    return " ".join(who.split()).casefold() in {" ".join(n.split()).casefold() for n in names}


_STATUS = re.compile(r"""^(status[ \t]*=[ \t]*)(["'])[^"'\n]*\2""", re.MULTILINE)


def with_status(text: str, status: Status) -> str:
    """The text of an item file with another status, and not a character else changed.

    >>> with_status('+++\\nid = "x"\\nstatus = "draft"  # mine\\n+++\\nstatus = "body"\\n', Status.APPROVED)
    '+++\\nid = "x"\\nstatus = "approved"  # mine\\n+++\\nstatus = "body"\\n'
    """
    end = text.find("\n+++", 3)
    found = _STATUS.search(text, 0, end if end >= 0 else len(text))
    if found is None:
        raise ValueError("no line of the front matter gives the status")
    return text[: found.start()] + f'{found[1]}"{status.value}"' + text[found.end() :]
