"""Which rows are evidence, to which chain each belongs, and what of a row stands in the chain.

Texts that people wrote stand in it as digests under a salt that is kept apart, so that they can be erased and the chain
still holds. docs/audit.md tells an auditor the same.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import JSON, Table

from web.db.audit_tables import AuditErasure
from web.db.base import Base
from web.db.canonical import instant, log_digest
from web.db.day_tables import (
    CheckLine,
    Control,
    Fact,
    FollowUp,
    Message,
    MessageReceipt,
    RulingConfirmation,
    Silence,
    ViewConsent,
)
from web.db.item_tables import ItemComment, ItemDecision
from web.db.tables import ExposureRow, IncidentRow, ResultRow, RulingRow, SessionEvent

MARKERS = frozenset({"", "[effacé]", "Candidat effacé", "CANDIDAT EFFACÉ"})
"""What may stand where a text was erased."""

IDENTITY = "identity"
"""The field under which the names and the birth date of a sitting's candidate are salted."""

Hide: TypeAlias = Callable[[str, str], Any]
"""From the path of a text and the text to what stands for it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the rows of a table are chained."""

    row: type[Base]
    chains: tuple[tuple[str, tuple[str, ...]], ...]
    """The name of the chain and the columns that tell it apart; the first whose columns are all set."""
    texts: frozenset[str] = frozenset()
    """Columns that people wrote."""
    fields: frozenset[str] = frozenset()
    """The same inside JSON, by the names of fields, however deep."""
    may_go: bool = False
    """Whether whole rows may be erased once their time is over: nothing that a result rests on."""

    @property
    def table(self) -> Table:
        """The table."""
        found = self.row.__table__
        assert isinstance(found, Table)
        return found

    def stream(self, row: Mapping[str, Any]) -> str:
        """The chain that a row belongs to."""
        for name, columns in self.chains:
            if all(row[c] is not None for c in columns):
                return ":".join((name, *(str(row[c]) for c in columns)))
        raise ValueError(f"{self.table.name}: a row that belongs to no chain")

    def key(self, row: Mapping[str, Any]) -> str:
        """The primary key of a row as one text."""
        return key_of([row[c.name] for c in self.table.primary_key.columns])

    def told(self, row: Mapping[str, Any], hide: Hide) -> dict[str, Any]:
        """What the chain holds of a row: its columns without those that are null, texts hidden."""
        told = {}
        for column in self.table.columns:
            value = row[column.name]
            if value is None:
                continue
            if isinstance(column.type, JSON):
                # As it comes back: tuples as lists, keys as texts.
                value = hidden(json.loads(json.dumps(value)), self.fields, hide, column.name)
            elif isinstance(value, datetime):
                value = instant(value)
            elif column.name in self.texts:
                value = hide(column.name, value)
            told[column.name] = value
        return {"table": self.table.name, "columns": told}


_OF_SITTING = (("sitting", ("sitting_id",)),)
_OF_INCIDENT = (("incident", ("incident_id",)),)
_OF_ITEM = (("item", ("item_id",)),)
_TEXT = frozenset({"text"})
_MAY_GO = True

CHAINED: dict[str, Evidence] = {
    e.table.name: e
    for e in (
        Evidence(IncidentRow, _OF_SITTING, _TEXT),
        Evidence(RulingRow, _OF_INCIDENT, frozenset({"reason", "heard"})),
        Evidence(RulingConfirmation, (("ruling", ("ruling_id",)),), _TEXT),
        Evidence(FollowUp, _OF_INCIDENT, _TEXT),
        Evidence(ResultRow, _OF_SITTING, fields=frozenset({"reason"})),
        Evidence(SessionEvent, (("session", ("session_id",)),), fields=frozenset({"reason", "remark", "text", "name"})),
        Evidence(CheckLine, _OF_SITTING, _TEXT, may_go=_MAY_GO),
        Evidence(Message, (*_OF_SITTING, ("session", ("session_id",))), _TEXT),
        Evidence(MessageReceipt, (("message", ("message_id",)),), may_go=_MAY_GO),
        Evidence(Control, _OF_SITTING, frozenset({"body"})),
        Evidence(Fact, _OF_SITTING, may_go=_MAY_GO),
        Evidence(Silence, _OF_SITTING, may_go=_MAY_GO),
        Evidence(ViewConsent, _OF_SITTING, may_go=_MAY_GO),
        Evidence(ExposureRow, (("exposure", ("release_digest", "rules_digest", "track")),)),
        Evidence(ItemComment, _OF_ITEM, _TEXT),
        Evidence(ItemDecision, _OF_ITEM, frozenset({"reason"})),
        Evidence(AuditErasure, (("erasures", ()),)),
    )
}
"""By table. The log of a sitting is a chain of its own: `logged`."""

LOG_TEXTS = frozenset({"reason", "text"})
"""What people wrote in the rows of a log; a reply is none of it, whatever its keys are called."""


def key_of(parts: Sequence[Any]) -> str:
    """A primary key as one text."""
    return "/".join(instant(p) if isinstance(p, datetime) else str(p) for p in parts)


def hidden(value: Any, fields: frozenset[str], hide: Hide, path: str) -> Any:
    """JSON with every text under one of these names hidden."""
    if not fields:
        return value
    if isinstance(value, list):
        return [hidden(v, fields, hide, f"{path}.{n}") for n, v in enumerate(value)]
    if not isinstance(value, dict):
        return value
    return {
        k: hide(f"{path}.{k}", v) if k in fields and isinstance(v, str) else hidden(v, fields, hide, f"{path}.{k}")
        for k, v in value.items()
    }


def logged(
    previous: str,
    sitting: str,
    seq: int,
    kind: str,
    at: datetime,
    answer_id: str | None,
    data: Mapping[str, Any],
    hide: Hide,
    frozen: str | None = None,
) -> str:
    """The digest of a row of a sitting's log; `frozen` is that of the enrolment, in the row that starts the clock."""
    if not LOG_TEXTS.isdisjoint(data):
        data = {k: hide(f"data.{k}", v) if k in LOG_TEXTS else v for k, v in data.items()}
    row = {
        "previous": previous,
        "sitting": sitting,
        "seq": seq,
        "kind": kind,
        "at": instant(at),
        "answer_id": answer_id,
        "data": data,
    }
    if frozen is not None:
        row["enrolment"] = frozen
    return log_digest(row)


def enrolment(row: Mapping[str, Any], identity: Any) -> dict[str, Any]:
    """What the start of the clock freezes: whose test it is, and all that its choices and its result depend on."""
    return {
        "sitting": row["id"],
        "session": row["session_id"],
        "candidate": row["candidate_id"],
        "identity": identity,
        "track": row["track"],
        "target": row["target"],
        "extra_third": row["extra_third"],
        "extra_minutes": row["extra_minutes"],
        "needs": sorted(row["needs"]),
        "seed": row["seed"],
        "release": row["release_digest"],
        "rules": row["rules_digest"],
        "exposure": row[f"exposure_{row['track']}"],
    }
