"""Doing what the retention rules say: each session, each person, each piece of old rows in a transaction of its own.

What is done is written down in the same transaction, so a run that was cut short goes on where it stopped.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from web.db import due, erasing
from web.db.base import Base
from web.db.data_classes import DataClass
from web.db.database import Database
from web.db.due import Erased, Slot
from web.services.retention_rules import RetentionRules

CAUSE = "retention"
FROM_END_OF_DAY = frozenset({DataClass.DRAFTS, DataClass.VIEW_LETTERS})
"""These count from the session itself; the other classes of a session from the publication of its results."""


@dataclass(slots=True)
class Line:
    """What was done for one class, or would be."""

    kept: DataClass
    days: int | None
    """None: kept without identity."""
    before: datetime | None
    """What is older goes."""
    rows: int = 0
    sessions: int = 0
    people: int = 0
    held_back: int = 0
    """Sessions that are old enough, and whose results are not published yet."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was done, or would be, class by class."""

    at: datetime
    is_dry: bool
    lines: Mapping[DataClass, Line] = field(default_factory=dict)


def apply(db: Database, rules: RetentionRules, operator: str, now: datetime, really: bool) -> Report:
    """Erase what is due, or only count it. A second run finds nothing to do."""
    lines = {kept: _line(rules, kept, now) for kept in DataClass}
    report = Report(now, not really, lines)
    with db.read() as connection:
        slots = due.slots(connection)
        done = due.done(connection)
        people = due.candidates(connection)
        accounts = due.closed_accounts(connection)
    _sessions(db, rules, operator, report, slots, done)
    _people(db, rules, operator, report, slots, people)
    _accounts(db, report, accounts)
    _aged(db, report)
    return report


def _line(rules: RetentionRules, kept: DataClass, now: datetime) -> Line:
    days = rules.days(kept)
    return Line(kept, days, None if days is None else now - timedelta(days=days))


def _sessions(
    db: Database,
    rules: RetentionRules,
    operator: str,
    report: Report,
    slots: list[Slot],
    done: Mapping[tuple[str, str], datetime],
) -> None:
    for slot in slots:
        classes = [kept for kept in erasing.DUTIES if _is_due(rules, kept, slot, report, done)]
        if not classes:
            continue
        with db.read() if report.is_dry else db.write() as connection:
            scope = erasing.of_session(slot.id)
            for kept in classes:
                rows = sum(
                    erasing.erase(connection, duty, scope, report.at, not report.is_dry)
                    for duty in erasing.DUTIES[kept]
                )
                report.lines[kept].rows += rows
                report.lines[kept].sessions += rows > 0
                if not report.is_dry:
                    # Noted without rows too: a log that was looked through is not read again in every run.
                    why = f"{rules.days(kept)} days"
                    due.note(connection, Erased(CAUSE, kept, rows, operator, why, session=slot.id), report.at)


def _is_due(
    rules: RetentionRules,
    kept: DataClass,
    slot: Slot,
    report: Report,
    done: Mapping[tuple[str, str], datetime],
) -> bool:
    days = rules.days(kept)
    assert days is not None
    from_results = kept not in FROM_END_OF_DAY
    if not due.is_over(slot, report.at, days, from_results):
        line = report.lines[kept]
        if slot.settled_at is None and line.before is not None and slot.began_at <= line.before:
            line.held_back += 1
        return False
    since = slot.settled_at if from_results and slot.settled_at is not None else slot.began_at
    # A result that was amended since then may have brought new texts: its session is looked through again.
    before = done.get((slot.id, kept.value))
    return before is None or before < since + timedelta(days=days)


def _people(
    db: Database, rules: RetentionRules, operator: str, report: Report, slots: list[Slot], people: list[due.Known]
) -> None:
    for person in people:
        own = [slot for slot in slots if slot.id in person.sessions] if person.sessions else []
        identity, email = rules.days(DataClass.IDENTITY), rules.days(DataClass.EMAIL)
        assert identity is not None
        assert email is not None
        if own and all(due.is_over(slot, report.at, identity, True) for slot in own):
            report.lines[DataClass.IDENTITY].rows += 1
            report.lines[DataClass.IDENTITY].people += 1
            if not report.is_dry:
                with db.write() as connection:
                    erase_all(
                        connection,
                        person,
                        Erased(CAUSE, DataClass.IDENTITY, 0, operator, f"{identity} days"),
                        report.at,
                    )
        elif own and person.has_email and all(due.is_over(slot, report.at, email, True) for slot in own):
            report.lines[DataClass.EMAIL].rows += 1
            report.lines[DataClass.EMAIL].people += 1
            if not report.is_dry:
                with db.write() as connection:
                    erasing.erase_email(connection, person.id, report.at)
                    about = Erased(CAUSE, DataClass.EMAIL, 1, operator, f"{email} days", candidate=person.id)
                    due.note(connection, about, report.at)


def _accounts(db: Database, report: Report, accounts: Mapping[str, datetime | None]) -> None:
    line = report.lines[DataClass.STAFF_ACCOUNTS]
    for account, last in accounts.items():
        if last is not None and line.before is not None and last > line.before:
            continue
        line.rows += 1
        line.people += 1
        if not report.is_dry:
            with db.write() as connection:
                erasing.erase_account(connection, account, report.at)


def _aged(db: Database, report: Report) -> None:
    for kept, tables in erasing.AGED.items():
        line = report.lines[kept]
        assert line.before is not None
        for table, column in tables:
            if report.is_dry:
                with db.read() as connection:
                    line.rows += erasing.count_aged(connection, table, column, line.before)
                continue
            for rows in _pieces(db, table, column, line.before, report.at):
                line.rows += rows


def _pieces(db: Database, table: type[Base], column: str, before: datetime, now: datetime) -> Iterator[int]:
    while True:
        with db.write() as connection:
            keys = erasing.aged(connection, table, column, before)
            erasing.remove(connection, table, keys, now)
        if not keys:
            return
        yield len(keys)


def erase_all(db: Connection, person: due.Known, about: Erased, now: datetime) -> dict[DataClass, int]:
    """Erase all that says who a person is, in one transaction; their sittings stay, as nobody's. Says how many rows."""
    scope = erasing.of_person(person.id, person.full_name)
    rows = {kept: sum(erasing.erase(db, duty, scope, now) for duty in those) for kept, those in erasing.DUTIES.items()}
    erasing.erase_identity(db, person.id, now)
    rows[DataClass.IDENTITY] = 1
    for kept, count in rows.items():
        if count:
            due.note(db, Erased(about.cause, kept, count, about.operator, about.reason, candidate=person.id), now)
    return rows
