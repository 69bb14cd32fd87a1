"""Enrolments and the logs of their sittings ↔ engine values."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from engine.delivery.clock import Accommodation
from engine.delivery.events import Event, Presented, Started
from engine.delivery.sitting import Sitting, enrolled, replay
from engine.items.frameworks import Level, Track
from engine.kernel import EngineError, PersonId, SessionId, SittingId, Transition
from web.db import audit
from web.db.canonical import NOTHING_BEFORE
from web.db.database import locking, moves
from web.db.events import from_row, to_row
from web.db.evidence import logged
from web.db.privacy_tables import Erasure
from web.db.tables import Candidate, ExamSession, SittingEvent, SittingRow


class NoSuchSitting(EngineError):
    """There is no such sitting, or not for the one who asks."""

    code = "no_such_sitting"


class Superseded(EngineError):
    """Somebody else wrote to the sitting first; what they did stands."""

    code = "superseded"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A candidate's place in a session, with the sitting as its log tells it."""

    sitting: Sitting
    events: tuple[Event, ...]
    session_id: SessionId
    candidate_id: PersonId
    last_name: str
    first_name: str
    birth_date: date
    email: str
    track: Track
    target: Level
    code_hash: str
    needs: tuple[str, ...] = ()
    """What the candidate cannot use, so that no item asks for it."""
    external_id: str = ""

    @property
    def id(self) -> SittingId:
        """The sitting's id."""
        return self.sitting.id

    @property
    def full_name(self) -> str:
        """As people write it in French lists: LAST NAME First name."""
        return f"{self.last_name.upper()} {self.first_name}".strip()


_ENROLMENT = (
    select(SittingRow, Candidate)
    .join(Candidate, Candidate.id == SittingRow.candidate_id)
    .with_only_columns(
        SittingRow.id,
        SittingRow.session_id,
        SittingRow.candidate_id,
        SittingRow.track,
        SittingRow.target,
        SittingRow.extra_third,
        SittingRow.extra_minutes,
        SittingRow.code_hash,
        SittingRow.seed,
        SittingRow.needs,
        Candidate.last_name,
        Candidate.first_name,
        Candidate.birth_date,
        Candidate.email,
        Candidate.external_id,
    )
)
_EVENTS = select(
    SittingEvent.sitting_id,
    SittingEvent.kind,
    SittingEvent.at,
    SittingEvent.answer_id,
    SittingEvent.data,
    SittingEvent.digest,
).order_by(SittingEvent.sitting_id, SittingEvent.seq)

# Made once: a statement that is made anew is compared with its like each time it is run.
_ONE = _ENROLMENT.where(SittingRow.id == bindparam("sitting"))
_LOG = _EVENTS.where(SittingEvent.sitting_id == bindparam("sitting"))


def load(db: Connection, sitting: SittingId) -> Enrolment:
    """One enrolment: two statements; who writes has it alone until the end. Raises `NoSuchSitting`."""
    rows = db.execute(locking(db, _ONE, SittingRow), {"sitting": sitting}).all()
    if not rows:
        raise NoSuchSitting(f"There is no sitting {sitting}.", sitting=sitting)
    return _enrolments(rows, db.execute(_LOG, {"sitting": sitting}))[0]


def load_session(db: Connection, session: SessionId) -> list[Enrolment]:
    """All enrolments of a session in the order of names: two statements; who writes has them alone until the end."""
    query = _ENROLMENT.where(SittingRow.session_id == session).order_by(Candidate.name_key, SittingRow.id)
    rows = db.execute(locking(db, query, SittingRow)).all()
    of_session = select(SittingRow.id).where(SittingRow.session_id == session)
    return _enrolments(rows, db.execute(_EVENTS.where(SittingEvent.sitting_id.in_(of_session))))


def load_many(db: Connection, sittings: Sequence[SittingId]) -> list[Enrolment]:
    """Some enrolments, to be looked at: two statements."""
    rows = db.execute(_ENROLMENT.where(SittingRow.id.in_(sittings))).all()
    return _enrolments(rows, db.execute(_EVENTS.where(SittingEvent.sitting_id.in_(sittings))))


def watch_session(db: Connection, session: SessionId) -> list[Enrolment]:
    """The same for who looks every second: only what has grown since the last look is read and replayed again."""
    rows = db.execute(
        _ENROLMENT.where(SittingRow.session_id == session).order_by(Candidate.name_key, SittingRow.id)
    ).all()
    of_session = select(SittingRow.id).where(SittingRow.session_id == session)
    erased = select(func.max(Erasure.at)).scalar_subquery().label("erased_at")
    lengths = db.execute(
        select(SittingEvent.sitting_id, func.max(SittingEvent.seq).label("length"), erased)
        .where(SittingEvent.sitting_id.in_(of_session))
        .group_by(SittingEvent.sitting_id)
    ).all()
    erased_at, known = _KNOWN.setdefault(db.engine, (None, {}))
    if len(known) > _MOST_KNOWN or any(n.erased_at != erased_at for n in lengths):
        known = {}  # whoever looks at the same time keeps the old one
        _KNOWN[db.engine] = (lengths[0].erased_at if lengths else erased_at, known)
    # A log only ever grows, and loses its texts only by an erasure: one that is as long as before is the same.
    grown = [n.sitting_id for n in lengths if n.sitting_id not in known or n.length != len(known[n.sitting_id].log)]
    return _enrolments(rows, db.execute(_EVENTS.where(SittingEvent.sitting_id.in_(grown))) if grown else (), known)


def given_by_track(db: Connection, release_digest: str) -> tuple[dict[Track, Counter[str]], Counter[Track]]:
    """In how many sittings of a release each item was given, and how many sittings were given any: by track."""
    rows = db.execute(
        select(SittingEvent.sitting_id, SittingRow.track, SittingEvent.data)
        .join(SittingRow, SittingRow.id == SittingEvent.sitting_id)
        .join(ExamSession, ExamSession.id == SittingRow.session_id)
        .where(ExamSession.release_digest == release_digest, SittingEvent.kind == Presented.kind)
    )
    items: dict[Track, Counter[str]] = {track: Counter() for track in Track}
    sittings: dict[Track, set[str]] = {track: set() for track in Track}
    for sitting, track, data in rows:
        items[Track(track)][data["item"]] += 1
        sittings[Track(track)].add(sitting)
    return items, Counter({track: len(found) for track, found in sittings.items()})


def save(db: Connection, transition: Transition[Sitting, Event]) -> None:
    """Add the events of a transition to the log. Raises `Superseded` if another writer was first."""
    if not transition.events:
        return
    sitting = transition.state
    first = sitting.version - len(transition.events) + 1
    rows = [{"sitting_id": sitting.id, "seq": first + n, **to_row(event)} for n, event in enumerate(transition.events)]
    _chain(db, sitting, rows)
    moves(db, sitting.id)
    try:
        db.execute(insert(SittingEvent), rows)
    except IntegrityError as error:  # nothing else of this transaction can be kept
        raise Superseded(f"Sitting {sitting.id} moved on in the meantime.", sitting=sitting.id) from error


def _chain(db: Connection, sitting: Sitting, rows: list[dict[str, Any]]) -> None:
    """Give new rows of a log their digests; the one before is asked for only if others were saved since the reading."""
    before = rows[0]["seq"] - 1
    known, previous = sitting.stored or (0, NOTHING_BEFORE)
    if known != before:
        at = (SittingEvent.sitting_id == sitting.id, SittingEvent.seq == before)
        previous = db.execute(select(SittingEvent.digest).where(*at)).scalar_one_or_none() or NOTHING_BEFORE
    salts: list[dict[str, str]] = []
    for row in rows:
        own = audit.Salts(SittingEvent.__tablename__, f"{sitting.id}/{row['seq']}")
        frozen = audit.frozen(db, sitting.id) if row["kind"] == Started.kind else None
        previous = row["digest"] = logged(
            previous, sitting.id, row["seq"], row["kind"], row["at"], row["answer_id"], row["data"], own.hide, frozen
        )
        salts += own.made
    audit.keep_salts(db, salts)


def _enrolments(
    rows: Sequence[Row[*tuple[Any, ...]]],
    event_rows: Iterable[Row[*tuple[Any, ...]]],
    known: dict[SittingId, "_Known"] | None = None,
) -> list[Enrolment]:
    logs: dict[str, list[Event]] = {}
    ends: dict[str, str] = {}
    for sitting_id, kind, at, answer_id, data, digest in event_rows:
        logs.setdefault(sitting_id, []).append(from_row(kind, at, answer_id, data))
        ends[sitting_id] = digest
    found = []
    for r in rows:
        start = enrolled(SittingId(r.id), r.seed, Accommodation(r.extra_third, r.extra_minutes))
        if r.id in ends:
            start = replace(start, stored=(len(logs[r.id]), ends[r.id]))
        told = _replayed(start, logs.get(r.id), known)
        found.append(
            Enrolment(
                sitting=told.sitting,
                events=told.log,
                session_id=SessionId(r.session_id),
                candidate_id=PersonId(r.candidate_id),
                last_name=r.last_name,
                first_name=r.first_name,
                birth_date=r.birth_date,
                email=r.email,
                track=Track(r.track),
                target=Level[r.target.upper()],
                code_hash=r.code_hash,
                needs=tuple(sorted(r.needs)),
                external_id=r.external_id or "",
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """A log that was read before, with the sitting that it tells."""

    start: Sitting
    log: tuple[Event, ...]
    sitting: Sitting


_MOST_KNOWN = 2_000
_KNOWN: WeakKeyDictionary[Engine, tuple[datetime | None, dict[SittingId, _Known]]] = WeakKeyDictionary()
"""With the last erasure that they were read after."""


def _replayed(start: Sitting, log: list[Event] | None, known: dict[SittingId, _Known] | None) -> _Known:
    """The sitting of a log; without a log, the one that is known already."""
    before = known.get(start.id) if known is not None and log is None else None
    if before is not None and before.start == start:
        return before
    events = before.log if before is not None else tuple(log or ())
    told = _Known(start, events, replay(start, events))
    if known is not None:
        known[start.id] = told
    return told
