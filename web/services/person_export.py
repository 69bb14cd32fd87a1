"""All data of one person as a document: for a machine as JSON, for a person as a page (RGPD, articles 15 and 20)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from web.db import access_log, personal
from web.db.access_log import Access
from web.db.database import Database
from web.db.tables import Candidate
from web.services.erasure import NoSuchCandidate

FORMAT = "palier-person/1"


@dataclass(frozen=True, slots=True)
class PersonExport:
    """Everything that is stored of one person, by table."""

    candidate: str
    made_at: datetime
    tables: dict[str, list[dict[str, Any]]]

    @property
    def document(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "candidate": self.candidate,
            "tables": self.tables,
            "left_out": dict(personal.NOT_EXPORTED),
        }


def export(db: Database, candidate: str, operator: str, now: datetime) -> PersonExport:
    """All data of a person; that it was made is written down first. Raises `NoSuchCandidate`."""
    with db.write() as connection:
        if connection.execute(select(Candidate.id).where(Candidate.id == candidate)).one_or_none() is None:
            raise NoSuchCandidate(f"There is no candidate {candidate}.", candidate=candidate)
        access_log.add(connection, Access(now, "", operator, "export", "candidate", candidate))
        return PersonExport(candidate, now, personal.rows_of(connection, candidate))
