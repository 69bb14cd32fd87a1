"""How each class of personal data is erased: which rows go, and which lose their texts. Run as the owner of the tables.

Logs keep their rows: what people wrote in them is replaced by `ERASED_TEXT`, so that a sitting can still be replayed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, delete, func, or_, select, tuple_, update

from web.birth_dates import ERASED_BIRTH
from web.db import audit
from web.db.account_tables import RecoveryCode, SecondFactorRow
from web.db.base import Base
from web.db.data_classes import DataClass
from web.db.day_tables import (
    CheckLine,
    Comfort,
    ConsoleSign,
    Control,
    Draft,
    Fact,
    FollowUp,
    Message,
    MessageReceipt,
    RosterUpload,
    RulingConfirmation,
    SealedCodes,
    Signal,
    Silence,
    ViewConsent,
    ViewSign,
    WriterLease,
)
from web.db.privacy_tables import AccessLog
from web.db.tables import (
    Account,
    Attempt,
    Candidate,
    IncidentRow,
    ResultRow,
    RulingRow,
    SessionEvent,
    SignOfLife,
    SittingEvent,
    SittingRow,
)

ERASED_TEXT = "[effacé]"
ERASED_NAME = "Candidat effacé"
ERASED_STAFF = "Compte effacé"
PIECE = 400
"""Rows in one statement."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose data: all of one session, or of one person in all their sessions."""

    sittings: Select[str]
    session: str | None = None
    """None for one person."""
    person: str = ""
    """How lists show the one person; empty for a session."""


Where: TypeAlias = Callable[[Scope], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Removal:
    """Rows that go."""

    table: type[Base]
    where: Where


@dataclass(frozen=True, slots=True)
class Blanking:
    """Columns that lose their text; what is null or empty stays so."""

    table: type[Base]
    where: Where
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scrubbing:
    """Texts inside JSON that are replaced, by the names of their fields."""

    table: type[Base]
    where: Where
    column: str
    fields: frozenset[str]


Duty: TypeAlias = Removal | Blanking | Scrubbing


def _of_sittings(table: Any) -> Where:
    return lambda scope: table.sitting_id.in_(scope.sittings)


def _of_incidents(table: Any) -> Where:
    return lambda scope: table.incident_id.in_(select(IncidentRow.id).where(IncidentRow.sitting_id.in_(scope.sittings)))


def _of_rulings(scope: Scope) -> ColumnElement[bool]:
    rulings = (
        select(RulingRow.id)
        .join(IncidentRow, IncidentRow.id == RulingRow.incident_id)
        .where(IncidentRow.sitting_id.in_(scope.sittings))
    )
    return RulingConfirmation.ruling_id.in_(rulings)


def _messages(scope: Scope) -> ColumnElement[bool]:
    """A session's include those to all; one person's are those to or from them."""
    own = Message.sitting_id.in_(scope.sittings)
    return own if scope.session is None else or_(own, Message.session_id == scope.session)


def _receipts(scope: Scope) -> ColumnElement[bool]:
    own = MessageReceipt.reader.in_(scope.sittings)
    return or_(own, MessageReceipt.message_id.in_(select(Message.id).where(_messages(scope))))


def _session_only(table: Any) -> Where:
    """Rows that belong to a session and to nobody in it: left alone when one person is erased."""
    return lambda scope: table.session_id == (scope.session or "")


def _session_log(scope: Scope) -> ColumnElement[bool]:
    if scope.session is not None:
        return SessionEvent.session_id == scope.session
    sessions = select(SittingRow.session_id).where(SittingRow.id.in_(scope.sittings))
    return and_(SessionEvent.session_id.in_(sessions), SessionEvent.kind == "finalised")


TEXT_FIELDS = frozenset({"reason", "text", "remark"})
"""Of events, session events and results: what people wrote."""

DUTIES: Mapping[DataClass, tuple[Duty, ...]] = {
    DataClass.DRAFTS: tuple(Removal(t, _of_sittings(t)) for t in (Draft, WriterLease, Comfort)),
    DataClass.SIGNS: (
        *(Removal(t, _of_sittings(t)) for t in (SignOfLife, Silence, ViewSign)),
        Removal(ConsoleSign, _session_only(ConsoleSign)),
    ),
    DataClass.MESSAGES: (Removal(MessageReceipt, _receipts), Blanking(Message, _messages, ("text",))),
    DataClass.FACTS: (Removal(Fact, _of_sittings(Fact)),),
    DataClass.CHECKS: (Removal(CheckLine, _of_sittings(CheckLine)),),
    DataClass.VIEW_LETTERS: (Removal(Signal, _session_only(Signal)),),
    DataClass.VIEW_CONSENT: (Removal(ViewConsent, _of_sittings(ViewConsent)),),
    DataClass.TOOL_BODIES: (Blanking(Control, _of_sittings(Control), ("body",)),),
    DataClass.INCIDENT_TEXTS: (
        Blanking(IncidentRow, _of_sittings(IncidentRow), ("text",)),
        Blanking(FollowUp, _of_incidents(FollowUp), ("text",)),
        Blanking(RulingRow, _of_incidents(RulingRow), ("reason", "heard")),
        Blanking(RulingConfirmation, _of_rulings, ("text",)),
        Scrubbing(SittingEvent, _of_sittings(SittingEvent), "data", TEXT_FIELDS),
        Scrubbing(ResultRow, _of_sittings(ResultRow), "document", TEXT_FIELDS),
        Scrubbing(SessionEvent, _session_log, "data", TEXT_FIELDS),
    ),
}
"""What belongs to sessions and their sittings. The rest has an age of its own: `AGED`, or a person: below."""

AGED: Mapping[DataClass, tuple[tuple[type[Base], str], ...]] = {
    DataClass.ACCESS_LOG: ((AccessLog, "at"),),
    DataClass.GUESSES: ((Attempt, "at"),),
    DataClass.WAITING_LISTS: ((RosterUpload, "at"), (SealedCodes, "at")),
}
"""Rows that go when they are old enough themselves: their tables, and the column that tells their age."""


def of_session(session: str) -> Scope:
    """All that belongs to one session."""
    return Scope(select(SittingRow.id).where(SittingRow.session_id == session), session)


def of_person(candidate: str, full_name: str) -> Scope:
    """All that belongs to one person."""
    return Scope(select(SittingRow.id).where(SittingRow.candidate_id == candidate), None, full_name)


def erase(db: Connection, duty: Duty, scope: Scope, now: datetime, really: bool = True) -> int:
    """Do one duty, and say how many rows it changes; without `really` it only counts."""
    match duty:
        case Removal(table, where):
            keys = _keys(db, table.__table__, where(scope))
            if really:
                remove(db, table, keys, now)
            return len(keys)
        case Blanking(table, where, names):
            columns = [getattr(table, name) for name in names]
            full = or_(*(column.not_in(("", ERASED_TEXT)) for column in columns))
            found = _read(db, table.__table__, names, and_(where(scope), full))
            if really:
                for key, texts in found:
                    change(db, table, key, {n: ERASED_TEXT for n, text in texts.items() if text}, now)
            return len(found)
        case Scrubbing(table, where, column, fields):
            changed = 0
            for key, told in _read(db, table.__table__, (column,), where(scope)):
                scrubbed = _scrubbed(told[column], fields, scope)
                if scrubbed != told[column]:
                    changed += 1
                    if really:
                        change(db, table, key, {column: scrubbed}, now)
            return changed


def erase_identity(db: Connection, candidate: str, now: datetime) -> None:
    """A person's names, day of birth, address and number; the hashes of their codes."""
    change(
        db,
        Candidate,
        (candidate,),
        {
            "last_name": ERASED_NAME,
            "first_name": "",
            # No name has such a key, which would hold a bar: nobody is recognised by it.
            "name_key": f"#{candidate}",
            "birth_date": ERASED_BIRTH,
            "email": "",
            "external_id": None,
        },
        now,
    )
    for (sitting,) in db.execute(select(SittingRow.id).where(SittingRow.candidate_id == candidate)).all():
        change(db, SittingRow, (sitting,), {"code_hash": ""}, now)


def erase_email(db: Connection, candidate: str, now: datetime) -> None:
    """A person's address alone."""
    change(db, Candidate, (candidate,), {"email": ""}, now)


def erase_account(db: Connection, account: str, now: datetime) -> None:
    """The name, login and second factor of somebody of staff; nobody can log in with what is left."""
    for table in (SecondFactorRow, RecoveryCode):
        db.execute(delete(table).where(table.account_id == account))
    change(db, Account, (account,), {"name": ERASED_STAFF, "login": f"#{account}", "password_hash": ""}, now)


def aged(db: Connection, table: type[Base], column: str, before: datetime) -> list[tuple[Any, ...]]:
    """The keys of some rows that are older than an instant: a piece at most."""
    return _keys(db, table.__table__, getattr(table, column) < before, PIECE)


def count_aged(db: Connection, table: type[Base], column: str, before: datetime) -> int:
    """How many rows are older than an instant."""
    return db.execute(select(func.count()).select_from(table).where(getattr(table, column) < before)).scalar_one()


def remove(db: Connection, table: type[Base], keys: Sequence[tuple[Any, ...]], now: datetime) -> None:
    """Delete rows by their keys; the audit is told first. All removals come through here."""
    audit.rows_go(db, table, keys, now)
    columns = list(_table(table).primary_key.columns)
    for start in range(0, len(keys), PIECE):
        db.execute(delete(table).where(tuple_(*columns).in_(keys[start : start + PIECE])))


def change(db: Connection, table: type[Base], key: tuple[Any, ...], values: Mapping[str, Any], now: datetime) -> None:
    """Give one row other values; the audit is told first. All erasing that keeps a row comes through here."""
    audit.texts_go(db, table, key, values, now)
    columns = _table(table).primary_key.columns
    db.execute(update(table).where(*(c == part for c, part in zip(columns, key, strict=True))).values(**values))


def _table(table: type[Base]) -> Table:
    found = table.__table__
    assert isinstance(found, Table)
    return found


def _keys(db: Connection, table: Any, where: ColumnElement[bool], limit: int | None = None) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.execute(select(*table.primary_key.columns).where(where).limit(limit))]


def _read(
    db: Connection, table: Any, names: Sequence[str], where: ColumnElement[bool]
) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The keys of rows, each with the values of some columns."""
    keys = list(table.primary_key.columns)
    rows = db.execute(select(*keys, *(table.c[name] for name in names)).where(where))
    return [(tuple(row[: len(keys)]), dict(zip(names, row[len(keys) :], strict=True))) for row in rows]


def _scrubbed(told: Any, fields: frozenset[str], scope: Scope) -> Any:
    """JSON without the texts of some fields. Of one person, only what stands beside their name in signed minutes."""
    if not isinstance(told, dict):
        return told
    if "explained" in told:
        return _minutes_scrubbed(told, scope)
    found = {key: _blank(value) if key in fields else value for key, value in told.items()}
    if "amendment" in told:  # of a result; a reply is left alone, whatever its keys are called
        found["amendment"] = _scrubbed(told["amendment"], fields, scope)
    return found


def _minutes_scrubbed(told: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    def cleared(line: Mapping[str, Any]) -> dict[str, Any]:
        if scope.session is None and line["name"] != scope.person:
            return dict(line)
        # "yes" is a tick in a box, which the page tells from a text.
        text = line["text"] if line["text"] == "yes" else _blank(line["text"])
        return {**line, "name": ERASED_NAME.upper() if line["name"] else "", "text": text}

    # A remark on the session may name anybody: it goes with the first who is erased.
    return {**told, "explained": [cleared(line) for line in told["explained"]], "remark": _blank(told["remark"])}


def _blank(value: Any) -> Any:
    return ERASED_TEXT if isinstance(value, str) and value else value
