"""Whose time is over: sessions, candidates and closed accounts whose personal data are due to be erased."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select

from engine.delivery.session import SessionState
from web.db.data_classes import DataClass
from web.db.day_tables import CheckLine, Message
from web.db.privacy_tables import AccessLog, Erasure
from web.db.tables import Account, Candidate, ExamSession, IncidentRow, ResultRow, RulingRow, SessionEvent, SittingRow

SETTLED = frozenset({SessionState.PUBLISHED, SessionState.CANCELLED})
"""Nothing is decided any more in these, unless the jury amends."""
RUNS = frozenset({SessionState.PLANNED, SessionState.OPEN})


@dataclass(frozen=True, slots=True)
class Slot:
    """A session as erasing sees it."""

    id: str
    state: SessionState
    began_at: datetime
    settled_at: datetime | None
    """When its last result was published; for one without results, when it was to begin; none: it is not settled."""


def slots(db: Connection) -> list[Slot]:
    """Every session, the oldest first: two statements."""
    last = (
        select(SittingRow.session_id, func.max(ResultRow.published_at).label("at"))
        .join(ResultRow, ResultRow.sitting_id == SittingRow.id)
        .group_by(SittingRow.session_id)
    )
    published: dict[str, datetime] = {row.session_id: row.at for row in db.execute(last)}
    rows = db.execute(
        select(ExamSession.id, ExamSession.state, ExamSession.starts_at).order_by(ExamSession.starts_at, ExamSession.id)
    )
    found = []
    for row in rows:
        state = SessionState(row.state)
        settled = max(row.starts_at, published.get(row.id, row.starts_at)) if state in SETTLED else None
        found.append(Slot(row.id, state, row.starts_at, settled))
    return found


def done(db: Connection) -> dict[tuple[str, str], datetime]:
    """When each class of each session was erased for the last time, by retention."""
    rows = db.execute(
        select(Erasure.session_id, Erasure.data_class, func.max(Erasure.at).label("at"))
        .where(Erasure.session_id.is_not(None))
        .group_by(Erasure.session_id, Erasure.data_class)
    )
    return {(row.session_id, row.data_class): row.at for row in rows}


@dataclass(frozen=True, slots=True)
class Known:
    """A candidate who is not erased."""

    id: str
    last_name: str
    first_name: str
    has_email: bool
    sessions: frozenset[str]

    @property
    def full_name(self) -> str:
        """As lists show it."""
        return f"{self.last_name.upper()} {self.first_name}".strip()


def candidates(db: Connection, candidate: str | None = None) -> list[Known]:
    """Candidates whose identity stands, with the sessions that they are enrolled in."""
    erased = select(Erasure.candidate_id).where(
        Erasure.candidate_id.is_not(None), Erasure.data_class == DataClass.IDENTITY.value
    )
    query = (
        select(Candidate.id, Candidate.last_name, Candidate.first_name, Candidate.email, SittingRow.session_id)
        .outerjoin(SittingRow, SittingRow.candidate_id == Candidate.id)
        .where(Candidate.id.not_in(erased))
        .order_by(Candidate.id)
    )
    rows = db.execute(query if candidate is None else query.where(Candidate.id == candidate)).all()
    sessions: dict[str, set[str]] = {}
    for row in rows:
        sessions.setdefault(row.id, set()).update({row.session_id} - {None})
    people = {row.id: row for row in rows}
    return [Known(p.id, p.last_name, p.first_name, bool(p.email), frozenset(sessions[p.id])) for p in people.values()]


def closed_accounts(db: Connection) -> Mapping[str, datetime | None]:
    """Accounts that are closed and still have a name, with their last act; none for one that never did anything."""
    ids = select(Account.id).where(Account.is_active.is_(False), Account.password_hash != "")
    found: dict[str, datetime | None] = dict.fromkeys(db.execute(ids).scalars())
    acts = (
        (SessionEvent.author_id, SessionEvent.at),
        (RulingRow.author_id, RulingRow.at),
        (IncidentRow.author_id, IncidentRow.recorded_at),
        (Message.author_id, Message.at),
        (CheckLine.author_id, CheckLine.at),
        (ResultRow.published_by, ResultRow.published_at),
        (AccessLog.account_id, AccessLog.at),
    )
    for author, at in acts:
        for who, last in db.execute(select(author, func.max(at)).where(author.in_(ids)).group_by(author)):
            before = found[str(who)]
            found[str(who)] = last if before is None else max(before, last)
    return found


@dataclass(frozen=True, slots=True)
class Erased:
    """What is written down of an erasure."""

    cause: str
    kept: DataClass
    rows: int
    operator: str
    reason: str
    session: str | None = None
    candidate: str | None = None


def note(db: Connection, erased: Erased, now: datetime) -> None:
    """Write an erasure down."""
    db.execute(
        insert(Erasure).values(
            id=str(uuid.uuid4()),
            at=now,
            cause=erased.cause,
            data_class=erased.kept.value,
            session_id=erased.session,
            candidate_id=erased.candidate,
            rows=erased.rows,
            operator=erased.operator,
            reason=erased.reason,
        )
    )


def erased_people(db: Connection) -> list[tuple[str, datetime, str]]:
    """Whose identity was erased, when and for what cause, the first first."""
    rows = db.execute(
        select(Erasure.candidate_id, Erasure.at, Erasure.cause)
        .where(Erasure.candidate_id.is_not(None), Erasure.data_class == DataClass.IDENTITY.value)
        .order_by(Erasure.at, Erasure.candidate_id)
    )
    return [(str(row.candidate_id), row.at, row.cause) for row in rows]


def last_erasure(db: Connection, session: str) -> datetime | None:
    """When texts that belong to a session were erased for the last time, of all or of one person in it."""
    people = select(SittingRow.candidate_id).where(SittingRow.session_id == session)
    return db.execute(
        select(func.max(Erasure.at)).where(
            Erasure.rows > 0, (Erasure.session_id == session) | Erasure.candidate_id.in_(people)
        )
    ).scalar_one()


def is_over(slot: Slot, now: datetime, days: int, from_results: bool) -> bool:
    """Whether the time of a class is over in a session."""
    since = slot.settled_at if from_results else (slot.began_at if slot.state not in RUNS else None)
    return since is not None and since + timedelta(days=days) <= now
