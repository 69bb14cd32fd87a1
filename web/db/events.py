"""Events of a sitting ↔ rows of its log."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from engine.delivery.events import EVENTS, Event

_BY_KIND: dict[str, type[Event]] = {event.kind: event for event in EVENTS}
_COLUMNS = {"at", "answer_id"}


def to_row(event: Event) -> dict[str, Any]:
    """The columns of an event; what has no column of its own goes to `data`."""
    return {
        "kind": event.kind,
        "at": event.at,
        "answer_id": getattr(event, "answer_id", None),
        "data": {f.name: getattr(event, f.name) for f in fields(event) if f.name not in _COLUMNS},
    }


def from_row(kind: str, at: datetime, answer_id: str | None, data: dict[str, Any]) -> Event:
    """The event that a row holds. Raises `KeyError` for a kind that this version does not know."""
    own: dict[str, Any] = {"answer_id": answer_id} if answer_id is not None else {}
    event: Event = _BY_KIND[kind](at=at, **own, **data)
    return event
