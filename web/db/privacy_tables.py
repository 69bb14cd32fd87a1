"""The tables that privacy needs: who looked at whose data, and what was erased. Rows are added, never changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.db.base import EVIDENCE, Base


class AccessLog(Base):
    """Somebody was shown personal data: who, when, of what. No foreign keys, so that it outlives what it names."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_subject_id_at", "subject_id", "at"), EVIDENCE)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[str] = mapped_column(String(36))
    """Empty for a command on the server."""
    operator: Mapped[str] = mapped_column(String(100))
    """Who ran a command: the name of their account on the server; empty for a page."""
    what: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(12))
    """What `subject_id` names: a session, a sitting, an incident, a candidate; empty for a list of many."""
    subject_id: Mapped[str] = mapped_column(String(36))


class Erasure(Base):
    """Personal data that were erased: whose or of which session, of what class and why, never what they said."""

    __tablename__ = "erasure"
    __table_args__ = EVIDENCE

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    cause: Mapped[str] = mapped_column(String(20))
    """`retention`: its time was over. `person`: somebody asked for it."""
    data_class: Mapped[str] = mapped_column(String(30))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("exam_session.id"), index=True)
    """None for what belongs to no session."""
    candidate_id: Mapped[str | None] = mapped_column(ForeignKey("candidate.id"), index=True)
    rows: Mapped[int]
    operator: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text)
