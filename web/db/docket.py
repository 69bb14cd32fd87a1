"""The incidents of many sessions with their people: one statement for the reports, one for the rulings on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.delivery.session import SessionState
from engine.kernel import SessionId
from engine.proctoring.incident import Incident
from web.db import incidents as incident_rows
from web.db.tables import Candidate, Centre, ExamSession, IncidentRow, SittingRow


@dataclass(frozen=True, slots=True)
class Reported:
    """An incident with where it happened and to whom."""

    incident: Incident
    session: SessionId
    session_label: str
    centre: str
    starts_at: datetime
    state: SessionState
    candidate: str


def reported_outside(db: Connection, centre: str | None, states: Sequence[SessionState]) -> list[Reported]:
    """The incidents of the sessions in some states, but those of a centre."""
    query = (
        select(
            SittingRow.id,
            SittingRow.session_id,
            ExamSession.label,
            Centre.name,
            ExamSession.starts_at,
            ExamSession.state,
            Candidate.last_name,
            Candidate.first_name,
        )
        .join(ExamSession, ExamSession.id == SittingRow.session_id)
        .join(Centre, Centre.id == ExamSession.centre_id)
        .join(Candidate, Candidate.id == SittingRow.candidate_id)
        .where(
            ExamSession.state.in_([s.value for s in states]),
            select(IncidentRow.id).where(IncidentRow.sitting_id == SittingRow.id).exists(),
        )
    )
    if centre is not None:
        query = query.where(ExamSession.centre_id != centre)
    sittings = {row.id: row for row in db.execute(query)}
    return [
        Reported(
            incident,
            SessionId((row := sittings[incident.sitting]).session_id),
            row.label,
            row.name,
            row.starts_at,
            SessionState(row.state),
            f"{row.last_name.upper()} {row.first_name}",
        )
        for incident in incident_rows.of_sittings(db, list(sittings))
    ]
