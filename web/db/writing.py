"""What the page that writes a sitting leaves beside the log: its lease, and the draft of the item on screen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.kernel import ItemId, SittingId
from web.db.day_tables import Draft as DraftRow
from web.db.day_tables import WriterLease


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form of an item and was not validated yet."""

    item: ItemId
    form: dict[str, list[str]]
    """As the form would send it."""
    raw: object | None
    """As the engine parses it, if it has the form of a reply."""
    number: int
    """Counted by the browser that wrote it: a higher one is newer."""
    device: str
    at: datetime


def take_lease(db: Connection, sitting: SittingId, page: str, at: datetime) -> None:
    """From now on this page writes, and no other."""
    _put(db, WriterLease, sitting, {"page": page, "at": at})


def draft(db: Connection, sitting: SittingId) -> Draft | None:
    """The draft of a sitting, if there is one."""
    row = db.execute(
        select(DraftRow.item, DraftRow.fields, DraftRow.device, DraftRow.at).where(DraftRow.sitting_id == sitting)
    ).first()
    return None if row is None else draft_of(row.item, row.fields, row.device, row.at)


def draft_of(item: str | None, fields: dict[str, Any] | None, device: str | None, at: datetime | None) -> Draft | None:
    """The draft in a row, or `None` where nothing was found."""
    if item is None or fields is None or device is None or at is None:
        return None
    return Draft(ItemId(item), fields["form"], fields.get("raw"), fields["number"], device, at)


def put_draft(db: Connection, sitting: SittingId, draft: Draft) -> None:
    """Keep a draft in place of the one before."""
    fields: dict[str, Any] = {"form": draft.form, "number": draft.number}
    if draft.raw is not None:
        fields["raw"] = draft.raw
    _put(db, DraftRow, sitting, {"item": draft.item, "fields": fields, "device": draft.device, "at": draft.at})


def drop_draft(db: Connection, sitting: SittingId) -> None:
    """The draft has become an answer, or was kept for the jury."""
    db.execute(delete(DraftRow).where(DraftRow.sitting_id == sitting))


def _put(db: Connection, table: type[WriterLease | DraftRow], sitting: SittingId, values: dict[str, Any]) -> None:
    """In place of what there was, in one statement, whoever else does the same."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    put = dialect.insert(table).values(sitting_id=sitting, **values)
    db.execute(put.on_conflict_do_update(index_elements=[table.sitting_id], set_=values))
