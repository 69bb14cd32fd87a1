"""What is added to reports ↔ rows: never edited, never taken back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.kernel import IncidentId, PersonId
from web.db import audit
from web.db.day_tables import FollowUp


@dataclass(frozen=True, slots=True)
class Added:
    """Something that was added to a report, by whom."""

    incident: IncidentId
    author: PersonId
    text: str
    at: datetime


def add(db: Connection, incident: IncidentId, author: PersonId, text: str, now: datetime) -> None:
    """Add to a report."""
    values = {"incident_id": incident, "author_id": author, "text": text, "at": now}
    audit.insert(db, FollowUp, [{"id": str(uuid.uuid4()), **values}])


def of_incidents(db: Connection, incidents: Sequence[IncidentId]) -> list[Added]:
    """What was added to some reports, the oldest first."""
    rows = db.execute(
        select(FollowUp.incident_id, FollowUp.author_id, FollowUp.text, FollowUp.at)
        .where(FollowUp.incident_id.in_(incidents))
        .order_by(FollowUp.at, FollowUp.id)
    )
    return [Added(IncidentId(r.incident_id), PersonId(r.author_id), r.text, r.at) for r in rows]
