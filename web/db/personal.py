"""All that is stored of one person: which rows of which tables, and what of them is not theirs to read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select

from web.db.base import Base
from web.db.day_tables import (
    CheckLine,
    Comfort,
    Control,
    Draft,
    Fact,
    FollowUp,
    Message,
    MessageReceipt,
    RulingConfirmation,
    Silence,
    Tool,
    ViewConsent,
    ViewSign,
    WriterLease,
)
from web.db.privacy_tables import AccessLog, Erasure
from web.db.tables import (
    Account,
    Candidate,
    Centre,
    ExamSession,
    IncidentRow,
    ResultRow,
    RulingRow,
    SessionEvent,
    SignOfLife,
    SittingEvent,
    SittingRow,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A table in an export: the rows of a person, without the columns that would harm others or open something."""

    table: type[Base]
    where: Callable[[str], ColumnElement[bool]]
    without: frozenset[str] = frozenset()


def _own(candidate: str) -> Any:
    return select(SittingRow.id).where(SittingRow.candidate_id == candidate)


def _sessions(candidate: str) -> Any:
    return select(SittingRow.session_id).where(SittingRow.candidate_id == candidate)


def _incidents(candidate: str) -> Any:
    return select(IncidentRow.id).where(IncidentRow.sitting_id.in_(_own(candidate)))


def _rulings(candidate: str) -> Any:
    return select(RulingRow.id).where(RulingRow.incident_id.in_(_incidents(candidate)))


def _by_sitting(table: Any) -> Callable[[str], ColumnElement[bool]]:
    return lambda candidate: table.sitting_id.in_(_own(candidate))


def _messages(candidate: str) -> ColumnElement[bool]:
    to_all = and_(Message.sitting_id.is_(None), Message.session_id.in_(_sessions(candidate)))
    return or_(Message.sitting_id.in_(_own(candidate)), to_all)


def _accesses(candidate: str) -> ColumnElement[bool]:
    about = (
        ("sitting", _own(candidate)),
        ("incident", _incidents(candidate)),
        ("session", _sessions(candidate)),
        ("candidate", select(Candidate.id).where(Candidate.id == candidate)),
    )
    return or_(*(and_(AccessLog.subject == kind, AccessLog.subject_id.in_(ids)) for kind, ids in about))


PARTS: tuple[Part, ...] = (
    Part(Candidate, lambda candidate: Candidate.id == candidate, frozenset({"name_key"})),
    Part(SittingRow, lambda candidate: SittingRow.candidate_id == candidate, frozenset({"code_hash", "seed"})),
    Part(
        ExamSession,
        lambda candidate: ExamSession.id.in_(_sessions(candidate)),
        frozenset({"code", "video_link", "exposure_first_degree", "exposure_second_degree"}),
    ),
    Part(
        Centre,
        lambda candidate: Centre.id.in_(select(Candidate.centre_id).where(Candidate.id == candidate)),
    ),
    Part(SittingEvent, _by_sitting(SittingEvent)),
    Part(ResultRow, _by_sitting(ResultRow)),
    Part(IncidentRow, _by_sitting(IncidentRow)),
    Part(FollowUp, lambda candidate: FollowUp.incident_id.in_(_incidents(candidate))),
    Part(RulingRow, lambda candidate: RulingRow.incident_id.in_(_incidents(candidate))),
    Part(RulingConfirmation, lambda candidate: RulingConfirmation.ruling_id.in_(_rulings(candidate))),
    Part(CheckLine, _by_sitting(CheckLine)),
    Part(Message, _messages),
    Part(MessageReceipt, lambda candidate: MessageReceipt.reader.in_(_own(candidate))),
    Part(SignOfLife, _by_sitting(SignOfLife)),
    Part(Silence, _by_sitting(Silence)),
    Part(Fact, _by_sitting(Fact)),
    Part(ViewConsent, _by_sitting(ViewConsent)),
    Part(ViewSign, _by_sitting(ViewSign)),
    Part(Control, _by_sitting(Control)),
    Part(Draft, _by_sitting(Draft)),
    Part(WriterLease, _by_sitting(WriterLease)),
    Part(Comfort, _by_sitting(Comfort)),
    Part(SessionEvent, lambda candidate: SessionEvent.session_id.in_(_sessions(candidate))),
    Part(AccessLog, _accesses, frozenset({"operator"})),
    Part(Erasure, lambda candidate: Erasure.candidate_id == candidate, frozenset({"operator"})),
)

NOT_EXPORTED: Mapping[str, str] = {
    "audit_block": "signed ends of chains",
    "audit_entry": "digests of rows that are exported themselves",
    "audit_erasure": "digests of what is not there any more",
    "audit_head": "ends of chains, which are digests",
    "audit_salt": "random numbers that digests are made with",
    "account": "people of staff, who are no candidates; in an export they are told by their role",
    "account_event": "what was done to a login: of staff",
    "item_comment": "what staff say of items",
    "item_decision": "what staff decide on items",
    "ended_login": "random names of logins that are over",
    "recovery_code": "hashed codes of staff",
    "second_factor": "enciphered secrets of staff",
    "attempt": "keyed hashes that say nothing of whom they are; gone within a day",
    "console_sign": "when a console was open: of staff",
    "exposure_state": "how often items were given to all",
    "roster_upload": "lists of a centre that wait for a yes: gone within two hours, then in candidate and sitting",
    "sealed_codes": "enciphered codes, gone within the hour: they would open a test",
    "session_proctor": "who watches a session: of staff",
    "signal": "letters between browsers, fetched once: addresses of networks, gone within a day",
    "tool": "tools of others, which are no people",
    "tool_assertion": "fingerprints of a tool's proofs",
    "tool_token": "fingerprints of a tool's tokens",
}
"""Tables that an export leaves out, each with its reason."""

_PEOPLE = frozenset({"author_id", "published_by", "account_id", "by", "tool_id"})


def rows_of(db: Connection, candidate: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a person by table, as plain JSON values; other people are told by their role."""
    roles = {row.id: row.role for row in db.execute(select(Account.id, Account.role))}
    roles |= dict.fromkeys(db.execute(select(Tool.id)).scalars(), "tool")
    name = db.execute(select(Candidate.last_name, Candidate.first_name).where(Candidate.id == candidate)).one_or_none()
    full_name = f"{name.last_name.upper()} {name.first_name}".strip() if name else ""
    own = set(db.execute(_own(candidate)).scalars())
    found = {}
    for part in PARTS:
        table = part.table.__table__
        assert isinstance(table, Table)
        columns = [c for c in table.columns if c.name not in part.without]
        order = list(table.primary_key.columns)
        rows = db.execute(select(*columns).where(part.where(candidate)).order_by(*order)).mappings()
        told = [{key: _plain(key, value, roles) for key, value in row.items()} for row in rows]
        if part.table is SessionEvent:
            told = [own_part for row in told if (own_part := _about(row, own, full_name))]
        found[str(part.table.__tablename__)] = told
    return found


def _about(row: dict[str, Any], own: set[str], full_name: str) -> dict[str, Any] | None:
    """What an event of a session says of one person; none where it is about others."""
    data = row["data"]
    if row["kind"] == "finalised":
        lines = [line for line in data["explained"] if line["name"] == full_name]
        return {**row, "data": {"explained": lines}} if lines else None
    if row["kind"] == "imported":
        mine = sorted(own & {*data["created"], *map(str, data["changed"])})
        changed = {sitting: what for sitting, what in data["changed"].items() if sitting in own}
        return {**row, "data": {"sittings": mine, "changed": changed}} if mine else None
    if row["kind"] == "codes_renewed":
        mine = sorted(own & set(data["sittings"]))
        return {**row, "data": {"sittings": mine}} if mine else None
    return row if data.get("sitting") in own else None


def _plain(key: str, value: Any, roles: Mapping[str, str]) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {k: _plain(k, v, roles) for k, v in value.items()}
    if key in _PEOPLE and value:
        return roles.get(value, "candidate")
    return value
