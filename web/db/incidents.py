"""Incidents and rulings ↔ rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from engine.kernel import EngineError, IncidentId, ItemId, PersonId, RulingId, SittingId
from engine.proctoring.incident import Incident, IncidentKind, Source
from engine.proctoring.ruling import AlreadyRuled, Confirmation, Decision, NothingToConfirm, Ruling
from web.db import audit
from web.db.day_tables import RulingConfirmation
from web.db.tables import IncidentRow, RulingRow


class NoSuchIncident(EngineError):
    """There is no such incident, or not for the one who asks."""

    code = "no_such_incident"


_INCIDENTS = select(
    IncidentRow.id,
    IncidentRow.sitting_id,
    IncidentRow.kind,
    IncidentRow.occurred_at,
    IncidentRow.recorded_at,
    IncidentRow.author_id,
    IncidentRow.item,
    IncidentRow.text,
    IncidentRow.source,
).order_by(IncidentRow.recorded_at, IncidentRow.id)
_RULINGS = (
    select(
        RulingRow.id,
        RulingRow.incident_id,
        RulingRow.number,
        RulingRow.decision,
        RulingRow.items,
        RulingRow.reason,
        RulingRow.heard,
        RulingRow.author_id,
        RulingRow.at,
        RulingConfirmation.author_id.label("said_by"),
        RulingConfirmation.agrees,
        RulingConfirmation.text.label("said"),
        RulingConfirmation.at.label("said_at"),
    )
    .outerjoin(RulingConfirmation, RulingConfirmation.ruling_id == RulingRow.id)
    .order_by(RulingRow.incident_id, RulingRow.number)
)


def add(db: Connection, incident: Incident) -> None:
    """Store a report."""
    row = {
        "id": incident.id,
        "sitting_id": incident.sitting,
        "code": incident.kind.code,
        "kind": incident.kind.model_dump(mode="json"),
        "occurred_at": incident.occurred_at,
        "recorded_at": incident.recorded_at,
        "author_id": incident.author,
        "item": incident.item,
        "text": incident.text,
        "source": incident.source.value,
    }
    audit.insert(db, IncidentRow, [row])


def add_ruling(db: Connection, ruling: Ruling) -> None:
    """Store a ruling. Raises `AlreadyRuled` if somebody else ruled first."""
    row = {
        "id": ruling.id,
        "incident_id": ruling.incident,
        "number": ruling.number,
        "decision": ruling.decision.value,
        "items": list(ruling.items),
        "reason": ruling.reason,
        "heard": ruling.heard or None,
        "author_id": ruling.author,
        "at": ruling.at,
    }
    try:
        with db.begin_nested():
            audit.insert(db, RulingRow, [row])
    except IntegrityError as error:
        raise AlreadyRuled(f"Incident {ruling.incident} was ruled in the meantime.") from error


def add_confirmation(db: Connection, said: Confirmation) -> None:
    """Store what a second person says of a ruling. Raises `NothingToConfirm` if somebody else spoke first."""
    row = {
        "ruling_id": said.ruling,
        "author_id": said.author,
        "agrees": said.agrees,
        "text": said.text,
        "at": said.at,
    }
    try:
        with db.begin_nested():
            audit.insert(db, RulingConfirmation, [row])
    except IntegrityError as error:
        raise NothingToConfirm(f"Ruling {said.ruling} was answered in the meantime.") from error


def load(db: Connection, incident: IncidentId) -> Incident:
    """One incident. Raises `NoSuchIncident`."""
    row = db.execute(_INCIDENTS.where(IncidentRow.id == incident)).one_or_none()
    if row is None:
        raise NoSuchIncident(f"There is no incident {incident}.", incident=incident)
    return _incident(row)


def of_sittings(db: Connection, sittings: Sequence[SittingId]) -> list[Incident]:
    """The incidents of some sittings, in the order of their recording."""
    rows = db.execute(_INCIDENTS.where(IncidentRow.sitting_id.in_(sittings)))
    return [_incident(row) for row in rows]


def with_ids(db: Connection, incidents: Sequence[str]) -> list[Incident]:
    """Some incidents, in the order of their recording."""
    return [_incident(row) for row in db.execute(_INCIDENTS.where(IncidentRow.id.in_(incidents)))]


def rulings_on(db: Connection, incidents: Sequence[Incident]) -> list[Ruling]:
    """The rulings on some incidents."""
    rows = db.execute(_RULINGS.where(RulingRow.incident_id.in_([i.id for i in incidents])))
    return [
        Ruling(
            RulingId(r.id),
            IncidentId(r.incident_id),
            r.number,
            Decision(r.decision),
            tuple(ItemId(i) for i in r.items),
            r.reason,
            PersonId(r.author_id),
            r.at,
            r.heard or "",
            Confirmation(RulingId(r.id), PersonId(r.said_by), r.agrees, r.said, r.said_at) if r.said_by else None,
        )
        for r in rows
    ]


def _incident(row: Row[*tuple[Any, ...]]) -> Incident:
    return Incident(
        IncidentId(row.id),
        SittingId(row.sitting_id),
        IncidentKind.model_validate(row.kind),
        row.occurred_at,
        row.recorded_at,
        PersonId(row.author_id),
        ItemId(row.item) if row.item else None,
        row.text,
        Source(row.source),
    )
