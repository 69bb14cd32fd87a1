"""Many enrolments at once: what is counted, looked up, added and changed together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import aliased

from engine.delivery.events import Cancelled
from engine.kernel import PersonId, SessionId, SittingId
from web.db.tables import Account, Candidate, ExamSession, SessionProctor, SittingEvent, SittingRow

T = TypeVar("T")
PIECE = 400  # values in one statement: below every database's limit


@dataclass(frozen=True, slots=True)
class Known:
    """A candidate whom a centre knows."""

    id: PersonId
    email: str
    external_id: str


def taken(db: Connection, sessions: Sequence[str]) -> dict[str, int]:
    """How many places of each session are taken: cancelled enrolments hold none."""
    later = aliased(SittingEvent)
    moved_on = select(later.seq).where(later.sitting_id == SittingEvent.sitting_id, later.seq > SittingEvent.seq)
    cancelled = select(SittingEvent.sitting_id).where(
        SittingEvent.sitting_id == SittingRow.id, SittingEvent.kind == Cancelled.kind, ~moved_on.exists()
    )
    found: dict[str, int] = {}
    for piece in pieces(sessions):
        rows = db.execute(
            select(SittingRow.session_id, func.count().label("places"))
            .where(SittingRow.session_id.in_(piece), ~cancelled.exists())
            .group_by(SittingRow.session_id)
        )
        found |= {row.session_id: row.places for row in rows}
    return found


def proctor_counts(db: Connection, sessions: Sequence[str]) -> dict[str, int]:
    """How many proctors each session has."""
    found: dict[str, int] = {}
    for piece in pieces(sessions):
        rows = db.execute(
            select(SessionProctor.session_id, func.count().label("proctors"))
            .where(SessionProctor.session_id.in_(piece))
            .group_by(SessionProctor.session_id)
        )
        found |= {row.session_id: row.proctors for row in rows}
    return found


def proctors_of(db: Connection, session: SessionId) -> dict[PersonId, str]:
    """Those who watch a session, by id, with their names in order."""
    rows = db.execute(
        select(Account.id, Account.name)
        .join(SessionProctor, SessionProctor.account_id == Account.id)
        .where(SessionProctor.session_id == session)
        .order_by(Account.name)
    )
    return {PersonId(row.id): row.name for row in rows}


def place_of(db: Connection, session: SessionId, candidate: str) -> SittingId | None:
    """The place that a candidate has in a session, cancelled or not."""
    query = select(SittingRow.id).where(SittingRow.session_id == session, SittingRow.candidate_id == candidate)
    found = db.execute(query).scalar_one_or_none()
    return SittingId(found) if found else None


def places_given(db: Connection, session: SessionId) -> int:
    """How many places a session ever gave, those taken back among them."""
    query = select(func.count()).select_from(SittingRow).where(SittingRow.session_id == session)
    return int(db.execute(query).scalar_one())


def change_session(db: Connection, session: SessionId, values: Mapping[str, Any]) -> None:
    """Other values for a session."""
    db.execute(update(ExamSession).where(ExamSession.id == session).values(**values))


def change_proctors(db: Connection, session: SessionId, proctors: Sequence[PersonId]) -> None:
    """Other people who watch a session."""
    db.execute(delete(SessionProctor).where(SessionProctor.session_id == session))
    db.execute(insert(SessionProctor), [{"session_id": session, "account_id": p} for p in proctors])


def known_candidates(db: Connection, centre: str, people: Sequence[tuple[str, date]]) -> dict[tuple[str, date], Known]:
    """Whom of some people, by name key and birth date, a centre knows."""
    found = {}
    for piece in pieces(sorted({key for key, _ in people})):
        rows = db.execute(
            select(
                Candidate.id, Candidate.name_key, Candidate.birth_date, Candidate.email, Candidate.external_id
            ).where(Candidate.centre_id == centre, Candidate.name_key.in_(piece))
        )
        for row in rows:
            found[row.name_key, row.birth_date] = Known(PersonId(row.id), row.email, row.external_id or "")
    return {person: found[person] for person in people if person in found}


def add(db: Connection, candidates: list[dict[str, Any]], sittings: list[dict[str, Any]]) -> None:
    """New candidates, and places in sessions. Raises SQLAlchemy's `IntegrityError` when one is there already."""
    if candidates:
        db.execute(insert(Candidate), candidates)
    if sittings:
        db.execute(insert(SittingRow), sittings)


def change_candidates(db: Connection, changes: Mapping[PersonId, Mapping[str, Any]]) -> None:
    """Other values for candidates; each change has the same columns."""
    if any(changes.values()):
        statement = update(Candidate).where(Candidate.id == bindparam("whose"))
        db.execute(statement.values(_bound(changes)), [{"whose": who, **_named(v)} for who, v in changes.items()])


def change_sittings(db: Connection, changes: Mapping[SittingId, Mapping[str, Any]]) -> None:
    """Other values for enrolments; each change has the same columns."""
    if any(changes.values()):
        statement = update(SittingRow).where(SittingRow.id == bindparam("whose"))
        db.execute(statement.values(_bound(changes)), [{"whose": who, **_named(v)} for who, v in changes.items()])


def names_of(db: Connection, sittings: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Last and first name of the candidates of some sittings, whatever session these are in."""
    found: dict[str, tuple[str, str]] = {}
    for piece in pieces(sittings):
        rows = db.execute(
            select(SittingRow.id, Candidate.last_name, Candidate.first_name)
            .join(Candidate, Candidate.id == SittingRow.candidate_id)
            .where(SittingRow.id.in_(piece))
        )
        found |= {row.id: (row.last_name, row.first_name) for row in rows}
    return found


def pieces(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in pieces that fit into one statement."""
    for start in range(0, len(values), PIECE):
        yield values[start : start + PIECE]


def _bound(changes: Mapping[Any, Mapping[str, Any]]) -> dict[str, Any]:
    columns = set(next(iter(changes.values())))
    if any(set(change) != columns for change in changes.values()):
        raise ValueError("all changes of one call must have the same columns")
    return {column: bindparam(f"new_{column}") for column in sorted(columns)}


def _named(change: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{column}": value for column, value in change.items()}
