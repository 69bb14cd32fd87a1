"""The incidents of many sessions with their people: one statement for the reports, one for the rulings on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select
from sqlalchemy.orm import aliased

from engine.delivery.session import SessionState
from engine.kernel import SessionId
from engine.proctoring.incident import Category, Incident
from engine.proctoring.ruling import Decision
from web.db import incidents as incident_rows
from web.db.day_tables import RulingConfirmation
from web.db.tables import Candidate, Centre, ExamSession, IncidentRow, RulingRow, SittingRow


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


def reported_outside(
    db: Connection, centre: str | None, states: Sequence[SessionState], is_decided: bool | None = None
) -> list[Reported]:
    """The incidents of the sessions in some states, but those of a centre; only the decided or undecided, if asked."""
    query = (
        _judged(
            select(
                IncidentRow.id,
                SittingRow.session_id,
                ExamSession.label,
                Centre.name,
                ExamSession.starts_at,
                ExamSession.state,
                Candidate.last_name,
                Candidate.first_name,
            ),
            centre,
        )
        .join(Centre, Centre.id == ExamSession.centre_id)
        .join(Candidate, Candidate.id == SittingRow.candidate_id)
        .where(ExamSession.state.in_([s.value for s in states]))
    )
    if is_decided is not None:
        query = query.where(_DECIDED if is_decided else ~_DECIDED)
    rows = {row.id: row for row in db.execute(query)}
    return [
        Reported(
            incident,
            SessionId((row := rows[incident.id]).session_id),
            row.label,
            row.name,
            row.starts_at,
            SessionState(row.state),
            f"{row.last_name.upper()} {row.first_name}",
        )
        for incident in incident_rows.with_ids(db, list(rows))
    ]


def count_decided_outside(
    db: Connection, centre: str | None, session: SessionId | None, category: Category | None
) -> int:
    """How many incidents of sessions outside a centre are decided, of one session or category if asked."""
    query = _judged(select(func.count()), centre).where(_DECIDED)
    if session is not None:
        query = query.where(SittingRow.session_id == session)
    if category is not None:
        query = query.where(IncidentRow.kind["category"].as_string() == category.value)
    return int(db.execute(query).scalar_one())


def undecided(db: Connection) -> list[tuple[SessionId, bool, int]]:
    """How many incidents have no decision, by session and by whether they block a result; published sessions apart."""
    blocks = IncidentRow.kind["blocks"].as_boolean()
    rows = db.execute(
        select(SittingRow.session_id, blocks.label("blocks"), func.count().label("n"))
        .select_from(IncidentRow)
        .join(SittingRow, SittingRow.id == IncidentRow.sitting_id)
        .join(ExamSession, ExamSession.id == SittingRow.session_id)
        .where(~_DECIDED, ExamSession.state != SessionState.PUBLISHED.value)
        .group_by(SittingRow.session_id, blocks)
    )
    return [(SessionId(row.session_id), bool(row.blocks), row.n) for row in rows]


def sessions_outside(db: Connection, centre: str | None) -> dict[SessionId, str]:
    """The sessions outside a centre in which something was reported, with their names, the newest first."""
    query = _judged(select(ExamSession.id, ExamSession.label), centre).distinct()
    rows = db.execute(query.order_by(ExamSession.starts_at.desc(), ExamSession.id).add_columns(ExamSession.starts_at))
    return {SessionId(row.id): row.label for row in rows}


_LATER = aliased(RulingRow)
_DECIDED = (
    select(RulingRow.id)
    .outerjoin(RulingConfirmation, RulingConfirmation.ruling_id == RulingRow.id)
    .where(
        RulingRow.incident_id == IncidentRow.id,
        ~select(_LATER.id)
        .where(_LATER.incident_id == RulingRow.incident_id, _LATER.number > RulingRow.number)
        .exists(),
        or_(RulingRow.decision != Decision.FRAUD.value, RulingConfirmation.agrees.is_(True)),
    )
    .correlate(IncidentRow)
    .exists()
)
"""The last ruling has an effect: `engine.proctoring.ruling.decided`, so that what is done with need not be loaded."""


def _judged(query: Select[*tuple[Any, ...]], centre: str | None) -> Select[*tuple[Any, ...]]:
    query = (
        query.select_from(IncidentRow)
        .join(SittingRow, SittingRow.id == IncidentRow.sitting_id)
        .join(ExamSession, ExamSession.id == SittingRow.session_id)
    )
    return query if centre is None else query.where(ExamSession.centre_id != centre)
