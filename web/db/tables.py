"""The tables. What was observed is stored, append-only; what follows from it is computed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.base import EVIDENCE, Base


class Centre(Base):
    """An accredited centre."""

    __tablename__ = "centre"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str]
    academy: Mapped[str]


class Account(Base):
    """Somebody with a password: manager, proctor or jury member; the latter may have a centre, to be kept out of it."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    login: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))
    centre_id: Mapped[str | None] = mapped_column(ForeignKey("centre.id"))
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)


class ExamSession(Base):
    """A supervised slot at a centre, with the release and the rule set that its sittings pin."""

    __tablename__ = "exam_session"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("centre.id"), index=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    label: Mapped[str]
    mode: Mapped[str] = mapped_column(String(20))
    place: Mapped[str]
    starts_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    release_digest: Mapped[str] = mapped_column(String(64))
    rules_digest: Mapped[str] = mapped_column(String(64))
    # Pinned at opening. No foreign keys: SQLite can add them only by making this table anew, which others refer to.
    exposure_first_degree: Mapped[str | None] = mapped_column(String(36))
    exposure_second_degree: Mapped[str | None] = mapped_column(String(36))
    video_link: Mapped[str | None] = mapped_column(String(500))
    """Of an outside video room, where one is used instead of the remote view."""


class ExposureRow(Base):
    """How often the items of a track were given until then: rows are added, each with the next number."""

    __tablename__ = "exposure_state"
    __table_args__ = (
        UniqueConstraint("release_digest", "rules_digest", "track", "number", name="uq_exposure_state"),
        EVIDENCE,
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    release_digest: Mapped[str] = mapped_column(String(64))
    rules_digest: Mapped[str] = mapped_column(String(64))
    track: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    eligible: Mapped[list[float]]
    administered: Mapped[list[float]]
    sittings: Mapped[int]
    made_at: Mapped[datetime]


class SessionProctor(Base):
    """Who watches a session."""

    __tablename__ = "session_proctor"

    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)


class Candidate(Base):
    """A person who sits tests; their personal data stand here and nowhere else."""

    __tablename__ = "candidate"
    __table_args__ = (UniqueConstraint("centre_id", "name_key", "birth_date"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("centre.id"))
    last_name: Mapped[str]
    first_name: Mapped[str]
    name_key: Mapped[str] = mapped_column(String(420))
    birth_date: Mapped[date]
    email: Mapped[str]
    external_id: Mapped[str | None] = mapped_column(String(100))
    """What the one who enrols calls them: a number of theirs."""


class SittingRow(Base):
    """An enrolment: one candidate's place in a session. What happens then is in `sitting_event`."""

    __tablename__ = "sitting"
    __table_args__ = (
        UniqueConstraint("session_id", "candidate_id"),
        CheckConstraint("extra_minutes >= 0", name="extra_minutes"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"))
    candidate_id: Mapped[str] = mapped_column(ForeignKey("candidate.id"))
    track: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(String(20))
    extra_third: Mapped[bool]
    extra_minutes: Mapped[int]
    needs: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """What the candidate cannot use, so that no item asks for it."""
    code_hash: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int]
    enrolled_at: Mapped[datetime]


class SittingEvent(Base):
    """The log of a sitting: rows are added, never changed; two writers meet the primary key."""

    __tablename__ = "sitting_event"
    __table_args__ = (UniqueConstraint("sitting_id", "answer_id"), EVIDENCE)

    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    answer_id: Mapped[str | None] = mapped_column(String(36))
    data: Mapped[dict[str, Any]]


class SignOfLife(Base):
    """When a candidate's page was last heard of: information for the console, never a state that blocks."""

    __tablename__ = "sign_of_life"

    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    at: Mapped[datetime]


class IncidentRow(Base):
    """A report; never edited."""

    __tablename__ = "incident"
    __table_args__ = EVIDENCE

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"), index=True)
    code: Mapped[str] = mapped_column(String(10))
    kind: Mapped[dict[str, Any]]
    """The row of the taxonomy as it stood when the report was made."""
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    author_id: Mapped[str] = mapped_column(String(36))
    item: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(20))


class RulingRow(Base):
    """A decision on an incident; a newer one has the next number."""

    __tablename__ = "ruling"
    __table_args__ = (UniqueConstraint("incident_id", "number"), EVIDENCE)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id"))
    number: Mapped[int]
    decision: Mapped[str] = mapped_column(String(20))
    items: Mapped[list[str]]
    reason: Mapped[str] = mapped_column(Text)
    heard: Mapped[str | None] = mapped_column(Text)
    """For a fraud: how and when the candidate was heard."""
    author_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class ResultRow(Base):
    """A published result: a document, written once; an amended one is a new version."""

    __tablename__ = "result"
    __table_args__ = EVIDENCE

    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    document: Mapped[dict[str, Any]]


class SessionEvent(Base):
    """What was done to a session by whom: created, opened, enrolled, closed, published, downloaded."""

    __tablename__ = "session_event"
    __table_args__ = (Index("ix_session_event_session_id_at", "session_id", "at"), EVIDENCE)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("exam_session.id"))
    at: Mapped[datetime]
    author_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(30))
    data: Mapped[dict[str, Any]]


class Attempt(Base):
    """A failed login or code, counted to slow guessing down."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
