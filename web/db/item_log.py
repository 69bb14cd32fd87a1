"""Comments and decisions on items of the bank ↔ rows: never edited, never taken away."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from engine.items.approval import Decision
from engine.items.item import Status
from engine.kernel import ItemId, PersonId
from web.db import audit
from web.db.item_tables import ItemComment, ItemDecision


class Said(StrEnum):
    """What a comment does to its thread."""

    OPENED = "opened"
    REPLIED = "replied"
    SETTLED = "settled"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Comment:
    """One row of a thread."""

    id: str
    item: ItemId
    version: int
    digest: str
    thread: str
    kind: Said
    text: str
    author: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment with all that was said to it, the oldest first."""

    comments: tuple[Comment, ...]

    @property
    def first(self) -> Comment:
        """What opened it."""
        return self.comments[0]

    @property
    def id(self) -> str:
        """The id of what opened it."""
        return self.first.id

    @property
    def is_open(self) -> bool:
        """Whether nobody has settled it, or somebody has opened it again."""
        turns = [c.kind for c in self.comments if c.kind is not Said.REPLIED]
        return turns[-1] is not Said.SETTLED


def hold(db: Connection, item: ItemId) -> None:
    """Have the log of an item alone until the end of the transaction."""
    audit.hold(db, [f"item:{item}"])


def new_id() -> str:
    """The id of a row that is about to be added."""
    return str(uuid.uuid4())


def add_comment(db: Connection, comment: Comment) -> None:
    """Add a row to a thread; the log of the item is held."""
    row = asdict(comment)
    for name in ("item", "thread", "author"):
        row[f"{name}_id"] = row.pop(name)
    audit.insert(db, ItemComment, [row | {"kind": comment.kind.value, "number": _next(db, ItemComment, comment.item)}])


def add_decision(db: Connection, decision: Decision) -> None:
    """Add a decision; the log of the item is held."""
    row = asdict(decision)
    for name in ("item", "author"):
        row[f"{name}_id"] = row.pop(name)
    row |= {"was": decision.was.value, "becomes": decision.becomes.value}
    audit.insert(db, ItemDecision, [row | {"number": _next(db, ItemDecision, decision.item)}])


def _next(db: Connection, table: type[ItemComment] | type[ItemDecision], item: ItemId) -> int:
    last = db.execute(select(func.max(table.number)).where(table.item_id == item)).scalar_one()
    return (last or 0) + 1


_COMMENTS = select(*ItemComment.__table__.columns).order_by(ItemComment.item_id, ItemComment.number)
_DECISIONS = select(*ItemDecision.__table__.columns).order_by(ItemDecision.item_id, ItemDecision.number)


def threads(db: Connection, item: ItemId | None = None) -> dict[ItemId, tuple[Thread, ...]]:
    """The threads of each item, or of one, the oldest first: one statement."""
    query = _COMMENTS if item is None else _COMMENTS.where(ItemComment.item_id == item)
    found: dict[str, list[Comment]] = {}
    for row in db.execute(query):
        found.setdefault(row.thread_id, []).append(_comment(row))
    by_item: dict[ItemId, list[Thread]] = {}
    for comments in found.values():
        by_item.setdefault(comments[0].item, []).append(Thread(tuple(comments)))
    return {known: tuple(own) for known, own in by_item.items()}


def decisions(db: Connection, item: ItemId | None = None) -> dict[ItemId, tuple[Decision, ...]]:
    """The decisions on each item, or on one, the oldest first: one statement."""
    query = _DECISIONS if item is None else _DECISIONS.where(ItemDecision.item_id == item)
    found: dict[ItemId, list[Decision]] = {}
    for row in db.execute(query):
        found.setdefault(ItemId(row.item_id), []).append(_decision(row))
    return {known: tuple(own) for known, own in found.items()}


def last(decided: Sequence[Decision]) -> Decision | None:
    """The one that counts."""
    return decided[-1] if decided else None


def _comment(row: Row[*tuple[Any, ...]]) -> Comment:
    return Comment(
        row.id,
        ItemId(row.item_id),
        row.version,
        row.digest,
        row.thread_id,
        Said(row.kind),
        row.text,
        PersonId(row.author_id),
        row.at,
    )


def _decision(row: Row[*tuple[Any, ...]]) -> Decision:
    return Decision(
        row.id,
        ItemId(row.item_id),
        row.version,
        row.digest,
        Status(row.was),
        Status(row.becomes),
        row.reason,
        PersonId(row.author_id),
        row.at,
    )
