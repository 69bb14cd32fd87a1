"""Are sittings as they were? Their logs row by row, their questions and their results through the engine again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.adaptive.plan import Plan
from engine.adaptive.retrace import misfits
from engine.delivery.clock import Accommodation
from engine.delivery.events import Event, Started
from engine.delivery.recheck import Walked, walk
from engine.delivery.sitting import enrolled
from engine.items.frameworks import Level, Track
from engine.kernel import EngineError, PersonId, SessionId, SittingId
from engine.proctoring.incident import Incident
from engine.proctoring.ruling import Ruling
from engine.scoring.report import document
from engine.scoring.result import Withheld, result
from web.db import incidents as incident_rows
from web.db import sessions as session_rows
from web.db.audit import FROZEN, identity
from web.db.canonical import NOTHING_BEFORE, digest
from web.db.events import from_row
from web.db.evidence import IDENTITY, LOG_TEXTS, enrolment, logged
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.db.tables import ResultRow, SittingEvent, SittingRow
from web.services import needs
from web.services.audit_report import Findings, Kind, Veil
from web.services.audit_rows import veil_of
from web.services.exposure import plan_of
from web.services.house import House

LOG, RESULT = SittingEvent.__tablename__, ResultRow.__tablename__
TOLERANCES = {"level_probabilities": 1e-6, "estimate": 0.1}
"""One unit of the last digit that a document tells: what another processor's last bit may turn a rounded figure by."""
_SLACK = 1 + 1e-9
"""For the binary form of that unit."""

_LOG = select(
    SittingEvent.sitting_id,
    SittingEvent.seq,
    SittingEvent.kind,
    SittingEvent.at,
    SittingEvent.answer_id,
    SittingEvent.data,
    SittingEvent.digest,
).order_by(SittingEvent.sitting_id, SittingEvent.seq)


def check_sittings(house: House, db: Connection, sittings: Sequence[str]) -> Findings:
    """Some sittings: at most as many as fit into a statement. One that is broken does not stop the others."""
    found = Findings()
    rows = {row["id"]: dict(row) for row in db.execute(FROZEN.where(SittingRow.id.in_(sittings))).mappings()}
    logs: dict[str, list[Any]] = {sitting: [] for sitting in rows}
    for event in db.execute(_LOG.where(SittingEvent.sitting_id.in_(sittings))):
        logs[event.sitting_id].append(event)
    texts = [f"{r.sitting_id}/{r.seq}" for log in logs.values() for r in log if not LOG_TEXTS.isdisjoint(r.data)]
    veil, who = veil_of(db, LOG, texts), veil_of(db, SittingRow.__tablename__, sittings)
    slots = {s: session_rows.load(db, SessionId(s)) for s in {row["session_id"] for row in rows.values()}}
    walked: dict[str, Walked] = {}
    for sitting, row in rows.items():
        _check_log(found, row, logs[sitting], veil, who)
        told = _walked(house, found, slots[row["session_id"]], row, logs[sitting])
        if told is not None:
            walked[sitting] = told
    _check_choices(house, db, found, rows, slots, walked)
    _check_results(house, db, found, rows, slots, walked)
    found.counts["sittings"] += len(rows)
    return found


def _check_log(found: Findings, row: Mapping[str, Any], log: Sequence[Any], veil: Veil, who: Veil) -> None:
    sitting, previous, seq = row["id"], NOTHING_BEFORE, 0
    for event in log:
        key = f"{sitting}/{event.seq}"
        if event.seq != seq + 1:
            found.add(LOG, f"{sitting}/{seq + 1}", Kind.GONE, f"a row before {key}")
        frozen = None
        if event.kind == Started.kind:
            someone = who.stands_for(sitting, IDENTITY, identity(row), row["last_name"])
            frozen = digest(enrolment(row, someone))
        expected = _digest(previous, event, veil, key, frozen)
        if event.digest != expected:
            also = " of this row and of its enrolment at the start" if frozen else ""
            found.add(LOG, key, Kind.CHANGED, f"digest {expected}{also}")
        seq, previous = event.seq, event.digest
    found.counts["rows"] += len(log)


def _digest(previous: str, event: Any, veil: Veil, key: str, frozen: str | None) -> str:
    return logged(
        previous,
        event.sitting_id,
        event.seq,
        event.kind,
        event.at,
        event.answer_id,
        event.data,
        lambda path, told: veil.stands_for(key, path, told, told),
        frozen,
    )


def _walked(house: House, found: Findings, slot: Session, row: Mapping[str, Any], log: Sequence[Any]) -> Walked | None:
    """The log as the engine can follow it; nothing of one that cannot be read."""
    sitting = SittingId(row["id"])
    events: list[Event] = []
    for event in log:
        try:
            events.append(from_row(event.kind, event.at, event.answer_id, event.data))
        except (KeyError, TypeError):
            found.add(LOG, f"{sitting}/{event.seq}", Kind.UNREADABLE, "an event that this version knows")
            return None
    try:
        release = house.catalogue.release(slot.release_digest)
        start = enrolled(sitting, row["seed"], Accommodation(row["extra_third"], row["extra_minutes"]))
        told = walk(start, events, release)
    except (EngineError, ValueError, TypeError, AttributeError) as error:
        found.add(LOG, f"{sitting}/1", Kind.UNREADABLE, f"a log that can be followed: {error}")
        return None
    if told.impossible is not None:
        found.add(LOG, f"{sitting}/{told.impossible.seq}", Kind.IMPOSSIBLE, told.impossible.expected)
    return told


def _check_choices(
    house: House,
    db: Connection,
    found: Findings,
    rows: Mapping[str, Mapping[str, Any]],
    slots: Mapping[str, Session],
    walked: Mapping[str, Walked],
) -> None:
    """Every question through the engine: the sittings of a plan together."""
    by_plan: dict[int, tuple[Plan, list[str]]] = {}
    for sitting, told in walked.items():
        row = rows[sitting]
        if not told.course.turns:
            continue
        try:
            plan = plan_of(
                house.catalogue, db, slots[row["session_id"]].pins, Track(row["track"]), tuple(sorted(row["needs"]))
            )
        except (EngineError, ValueError) as error:
            found.add(LOG, f"{sitting}/{told.choices[0]}", Kind.OTHER_ITEM, f"no test: {error}")
            continue
        by_plan.setdefault(id(plan), (plan, []))[1].append(sitting)
    for plan, those in by_plan.values():
        courses = [walked[s].course for s in those]
        for sitting, misfit in zip(those, misfits(plan, courses), strict=True):
            if misfit is not None:
                seq = walked[sitting].choices[misfit.turn]
                found.add(LOG, f"{sitting}/{seq}", Kind.OTHER_ITEM, misfit.expected)
        found.counts["choices"] += sum(len(c.turns) for c in courses)


def _check_results(
    house: House,
    db: Connection,
    found: Findings,
    rows: Mapping[str, Mapping[str, Any]],
    slots: Mapping[str, Session],
    walked: Mapping[str, Walked],
) -> None:
    """Every version of every published result, from the log and the rulings of its day."""
    versions: dict[str, list[Any]] = {}
    for version in db.execute(
        select(ResultRow.__table__)
        .where(ResultRow.sitting_id.in_(list(rows)))
        .order_by(ResultRow.sitting_id, ResultRow.version)
    ):
        versions.setdefault(version.sitting_id, []).append(version)
    incidents = incident_rows.of_sittings(db, [SittingId(s) for s in versions])
    rulings = incident_rows.rulings_on(db, incidents)
    on: dict[str, list[Incident]] = {}
    for incident in incidents:
        on.setdefault(incident.sitting, []).append(incident)
    for sitting, published in versions.items():
        told = walked.get(sitting)
        if told is None or told.impossible is not None:
            continue  # told already; there is nothing to score
        own = on.get(sitting, [])
        ids = {i.id for i in own}
        row = rows[sitting]
        scorer = _Scorer(house, slots[row["session_id"]], row, told, own, [r for r in rulings if r.incident in ids])
        for version in published:
            found.counts["results"] += 1
            differs = scorer.difference(version.document, version.published_at)
            if differs is not None:
                found.add(RESULT, f"{sitting}/{version.version}", Kind.OTHER_RESULT, differs)


class _Scorer:
    """One sitting, scored as on any day."""

    def __init__(
        self,
        house: House,
        slot: Session,
        row: Mapping[str, Any],
        told: Walked,
        incidents: Sequence[Incident],
        rulings: Sequence[Ruling],
    ) -> None:
        self._house, self._slot, self._row = house, slot, row
        self._told, self._incidents, self._rulings = told, incidents, rulings

    def difference(self, stored: Mapping[str, Any], at: datetime) -> str | None:
        """What the engine says otherwise than a document of an instant, if anything."""
        differs: str | None = None
        for told in self._documents(stored, at):
            differs = told if isinstance(told, str) else difference(stored, told)
            if differs is None:
                return None
        return differs

    def _documents(self, stored: Mapping[str, Any], at: datetime) -> Iterator[dict[str, Any] | str]:
        """As the engine has it with what was ruled before an instant, then with what was ruled at that very instant."""
        first = None
        for before in (True, False):
            incidents = [i for i in self._incidents if _is_due(i.recorded_at, at, before)]
            rulings = [_as_of(r, at, before) for r in self._rulings if _is_due(r.at, at, before)]
            if (incidents, rulings) != first:
                yield self._document(stored, incidents, rulings)
            first = (incidents, rulings)

    def _document(
        self, stored: Mapping[str, Any], incidents: Sequence[Incident], rulings: Sequence[Ruling]
    ) -> dict[str, Any] | str:
        catalogue, slot, target = self._house.catalogue, self._slot, Level[self._row["target"].upper()]
        try:
            release, rules = catalogue.release(slot.release_digest), catalogue.rules(slot.rules_digest)
            plan = needs.plan_for(catalogue, slot, _enrolment(self._row, self._told))
            outcome = result(self._told.sitting, plan, release, rules, target, incidents, rulings)
            if isinstance(outcome, Withheld):
                return "no result: an incident waits for a ruling"
            return document(outcome, release, rules, target, date.fromisoformat(stored["obtained_on"]))
        except (EngineError, ValueError, KeyError) as error:
            return f"no result: {error}"


def _is_due(when: datetime, at: datetime, before: bool) -> bool:
    return when < at if before else when <= at


def _as_of(ruling: Ruling, at: datetime, before: bool) -> Ruling:
    said = ruling.confirmation
    if said is None or _is_due(said.at, at, before):
        return ruling
    return replace(ruling, confirmation=None)


def difference(stored: Any, told: Any, path: str = "", tolerance: float = 0.0) -> str | None:
    """Where a stored document says otherwise than one told anew, with what that one says; `None` if nowhere.

    Wording does not matter, nor what is told of an amendment. Whole numbers, levels and names must be the same; rounded
    probabilities and percentages as near as `TOLERANCES`.

    >>> difference({"level": "avance"}, {"level": "expert"})
    'level: "expert"'
    """
    if isinstance(stored, dict) and isinstance(told, dict):
        for name in (stored.keys() | told.keys()) - {"title", "amendment"}:
            if name not in told:
                return f"{path}{name}: nothing"
            found = difference(stored.get(name), told[name], f"{path}{name}.", TOLERANCES.get(name, tolerance))
            if found is not None:
                return found
        return None
    if isinstance(stored, list) and isinstance(told, list) and len(stored) == len(told):
        every = (difference(a, b, f"{path}{n}.", tolerance) for n, (a, b) in enumerate(zip(stored, told, strict=True)))
        return next((found for found in every if found is not None), None)
    if isinstance(stored, float) and isinstance(told, float) and abs(stored - told) <= tolerance * _SLACK:
        return None
    return None if stored == told else f"{path[:-1]}: {json.dumps(told, ensure_ascii=False)}"


def _enrolment(row: Mapping[str, Any], told: Walked) -> Enrolment:
    return Enrolment(
        sitting=told.sitting,
        events=(),
        session_id=SessionId(row["session_id"]),
        candidate_id=PersonId(row["candidate_id"]),
        last_name=row["last_name"],
        first_name=row["first_name"],
        birth_date=row["birth_date"],
        email="",
        track=Track(row["track"]),
        target=Level[row["target"].upper()],
        code_hash="",
        needs=tuple(sorted(row["needs"])),
    )
