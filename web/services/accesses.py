"""Who was shown whose data, as an administrator reads it: by session and place, never by the name of a candidate."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from web.db import access_log
from web.db.access_log import Access
from web.db.tables import ExamSession, IncidentRow, SittingRow
from web.services.house import House

PAGE = 100


@dataclass(frozen=True, slots=True)
class Looked:
    """One line of the access log with the session that it is about; empty where it is about many."""

    access: Access
    session: str


@dataclass(frozen=True, slots=True)
class Accesses:
    """A page of the access log, the newest first."""

    lines: tuple[Looked, ...]
    older: datetime | None
    """Before which instant the next page begins; none on the last."""


def accesses(house: House, until: datetime | None) -> Accesses:
    """The accesses before an instant: five statements at most, however many there are."""
    with house.db.read() as connection:
        found = access_log.newest(connection, until, limit=PAGE + 1)
        ids = {kind: [a.subject_id for a in found if a.subject == kind] for kind in ("session", "sitting", "incident")}
        labels = select(ExamSession.id, ExamSession.label).where(ExamSession.id.in_(ids["session"]))
        of_sittings = (
            select(SittingRow.id, ExamSession.label)
            .join(ExamSession, ExamSession.id == SittingRow.session_id)
            .where(SittingRow.id.in_(ids["sitting"]))
        )
        of_incidents = (
            select(IncidentRow.id, ExamSession.label)
            .join(SittingRow, SittingRow.id == IncidentRow.sitting_id)
            .join(ExamSession, ExamSession.id == SittingRow.session_id)
            .where(IncidentRow.id.in_(ids["incident"]))
        )
        known = {
            row.id: row.label for query in (labels, of_sittings, of_incidents) for row in connection.execute(query)
        }
    shown = found[:PAGE]
    older = shown[-1].at if len(found) > PAGE else None
    return Accesses(tuple(Looked(a, known.get(a.subject_id, "")) for a in shown), older)
