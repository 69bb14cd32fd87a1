"""Enrolment from a file, in two steps: what it would do, then all of it or nothing."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from engine.delivery import commands
from engine.delivery.session import SessionState
from engine.delivery.states import State
from engine.items.item import Demand
from engine.kernel import EngineError, PersonId, SessionId, SittingId
from web.db import handovers, rosters
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.services import capacity, handover, roster_file, sheet_file
from web.services.capacity import Room, SessionFull
from web.services.codes import hashed, new_code
from web.services.enrolled import Change, changes_of
from web.services.enrolment import EnrolmentClosed, NewCandidate, columns_of, name_key, new_seeds, require_served
from web.services.house import House
from web.services.roster_file import Line, Table
from web.services.scope import session_of


class NoSuchUpload(EngineError):
    """A list that was confirmed, abandoned, replaced or forgotten, or is somebody else's."""

    code = "no_such_upload"


class RosterFaulty(EngineError):
    """A list with a faulty line is not enrolled, not even in part."""

    code = "roster_faulty"


class RosterMoved(EngineError):
    """What a list would do is no longer what its preview said."""

    code = "roster_moved"


class Verdict(StrEnum):
    """What a line would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Planned:
    """A line with what it would do."""

    line: Line
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    enrolment: Enrolment | None = None
    """The place that the candidate has already."""
    after: NewCandidate | None = None
    """What will hold for it."""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a list would do to a session."""

    session: Session
    name: str
    planned: tuple[Planned, ...]
    ignored: tuple[str, ...]
    room: Room

    def of(self, verdict: str) -> list[Planned]:
        """The lines with a verdict."""
        return [p for p in self.planned if p.verdict == verdict]

    @property
    def lacking(self) -> int:
        """How many places are missing."""
        return max(0, len(self.of(Verdict.NEW)) - self.room.free) if self.room.free is not None else 0

    @property
    def is_good(self) -> bool:
        """Whether it can be done."""
        return not self.of(Verdict.FAULTY) and not self.lacking

    @property
    def digest(self) -> str:
        """A fingerprint of what would be done."""
        told = [(p.line.number, p.verdict.value, [(c.what, c.old, c.new) for c in p.changes]) for p in self.planned]
        return hashlib.sha256(repr(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Done:
    """What a list did."""

    created: int
    changed: int
    unchanged: int


def upload(house: House, actor: Person, session: SessionId, name: str, content: bytes, now: datetime) -> str:
    """Read a file and keep its lines for a while; nobody is enrolled. The id to look at it with.

    Raises `NotASheet`, `SheetEncrypted`, `SheetTooBig`, `SheetEmpty`, `WrongColumns`, `TooManyLines`, `NoCandidates`,
    `EnrolmentClosed`, `NoSuchSession`.
    """
    with house.db.read() as connection:
        _require_open_list(session_of(connection, actor, session))
    table = roster_file.table_of(sheet_file.read(content))
    digest = hashlib.sha256(content).hexdigest()
    with house.db.write() as connection:
        handover.sweep(connection, now)
        session_of(connection, actor, session)
        return handovers.keep(connection, session, actor.id, sheet_file.plain(name)[:200], digest, table.to_json(), now)


def dry_run(house: House, actor: Person, session: SessionId, upload: str, now: datetime) -> DryRun:
    """What a list would do now. Raises `NoSuchUpload`, `EnrolmentClosed`, `NoSuchSession`."""
    with house.db.read() as connection:
        return _dry_run(connection, actor, session, _upload(connection, actor, session, upload, now))


def abandon(house: House, actor: Person, session: SessionId, upload: str, now: datetime) -> None:
    """Forget a list. Raises `NoSuchUpload`, `NoSuchSession`."""
    with house.db.write() as connection:
        handovers.drop_upload(connection, _upload(connection, actor, session, upload, now).id)


def confirm(house: House, actor: Person, session: SessionId, upload: str, seen: str, now: datetime) -> Done:
    """Do what a dry run said: all of it or nothing; a second time there is nothing left to do.

    Raises `RosterFaulty`, `RosterMoved` if it is no longer what was `seen`, `SessionFull`, `EnrolmentClosed`,
    `NeedsNotCovered`, `NoSuchUpload`.
    """
    with house.db.write() as connection:
        kept = _upload(connection, actor, session, upload, now)
        plan = _dry_run(connection, actor, session, kept)
        if plan.of(Verdict.FAULTY):
            raise RosterFaulty(f"{len(plan.of(Verdict.FAULTY))} lines of {len(plan.planned)} are faulty.")
        new, changed = plan.of(Verdict.NEW), plan.of(Verdict.CHANGED)
        done = Done(len(new), len(changed), len(plan.of(Verdict.UNCHANGED)))
        if not new and not changed:
            return done
        if plan.digest != seen:
            raise RosterMoved(f"Upload {upload} would do something else by now.")
        if plan.lacking:
            raise SessionFull(f"{plan.lacking} places are missing in {session}.", places=plan.room.places)
        created = _create(connection, house, actor, plan.session, new, now)
        told = _change(connection, changed)
        require_served(house, connection, plan.session, {*created, *(p.enrolment.id for p in changed if p.enrolment)})
        session_rows.note(
            connection, session, actor.id, "imported", now, digest=kept.digest, created=created, changed=told
        )
    return done


def _upload(db: Connection, actor: Person, session: SessionId, upload: str, now: datetime) -> handovers.Upload:
    session_of(db, actor, session)
    found = handovers.upload(db, upload)
    is_ours = found is not None and found.session == session and found.author == actor.id
    if found is None or not is_ours or found.at <= now - handover.LISTS_LAST:
        raise NoSuchUpload(f"There is no upload {upload} of {actor.login} for {session}.", upload=upload)
    return found


def _require_open_list(session: Session) -> None:
    if session.state not in (SessionState.PLANNED, SessionState.OPEN):
        raise EnrolmentClosed(f"Session {session.id} is {session.state}.", state=session.state)


def _dry_run(db: Connection, actor: Person, session: SessionId, kept: handovers.Upload) -> DryRun:
    slot = session_of(db, actor, session)
    _require_open_list(slot)
    table = Table.from_json(kept.rows)
    enrolled = {(name_key(e.last_name, e.first_name), e.birth_date): e for e in sitting_rows.load_session(db, session)}
    planned = tuple(_plan(line, enrolled, table) for line in roster_file.lines_of(table))
    return DryRun(slot, kept.name, planned, table.ignored, capacity.room_in(db, slot))


def _plan(line: Line, enrolled: dict[tuple[str, date], Enrolment], table: Table) -> Planned:
    if line.candidate is None or line.person is None:
        return Planned(line, Verdict.FAULTY, line.faults)
    known = enrolled.get(line.person)
    if known is None:
        return Planned(line, Verdict.NEW)
    if known.sitting.state is State.CANCELLED:  # the place holds again
        return Planned(line, Verdict.NEW, enrolment=known)
    after = _told(line.candidate, known, table)
    changes = changes_of(known, after)
    if not changes:
        return Planned(line, Verdict.UNCHANGED, enrolment=known)
    if not known.sitting.state.is_before_start:
        return Planned(line, Verdict.FAULTY, (_too_late(changes),), enrolment=known)
    return Planned(line, Verdict.CHANGED, (), known, after, changes)


def _told(new: NewCandidate, known: Enrolment, table: Table) -> NewCandidate:
    """What the file says; of columns that it does not have, what holds already."""
    holds: dict[str, Any] = {
        "extra_third": known.sitting.accommodation.third,
        "extra_minutes": known.sitting.accommodation.minutes,
        "external_id": known.external_id,
        "needs": frozenset(map(Demand, known.needs)),
    }
    return replace(new, **{k: v for k, v in holds.items() if k not in table.columns})


def _too_late(changes: tuple[Change, ...]) -> str:
    what = ", ".join(c.title for c in changes)
    return f"Son test a commencé ou n'est plus possible : {what} ne peut plus changer."


def _create(
    db: Connection, house: House, actor: Person, session: Session, planned: Sequence[Planned], now: datetime
) -> list[SittingId]:
    people = [(p.line.person, p.line.candidate, p.enrolment) for p in planned if p.line.person and p.line.candidate]
    known = rosters.known_candidates(db, session.centre_id, [person for person, _, _ in people])
    candidates: list[dict[str, Any]] = []
    sittings: list[dict[str, Any]] = []
    news: dict[PersonId, dict[str, Any]] = {}
    withdrawn: dict[SittingId, dict[str, Any]] = {}
    codes: dict[SittingId, str] = {}
    seeds = iter(new_seeds(db, session.id, len(people)))
    for person, new, place in people:
        at_home = known.get(person)
        candidate = at_home.id if at_home else PersonId(str(uuid.uuid4()))
        said = {"email": new.email, "external_id": new.external_id or (at_home.external_id if at_home else "") or None}
        if at_home is None:
            names = {"last_name": new.last_name, "first_name": new.first_name, "name_key": person[0]}
            candidates.append(
                {"id": candidate, "centre_id": session.centre_id, "birth_date": person[1], **names, **said}
            )
        elif (at_home.email, at_home.external_id) != (said["email"], said["external_id"] or ""):
            news[candidate] = said
        sitting = place.id if place else SittingId(str(uuid.uuid4()))
        codes[sitting] = new_code(2)
        chosen = columns_of(new) | {"code_hash": hashed(codes[sitting], house.secret)}
        if place:
            withdrawn[sitting] = chosen
            sitting_rows.save(db, commands.reinstate(place.sitting, actor.id, now))
        else:
            places = {"id": sitting, "session_id": session.id, "candidate_id": candidate}
            sittings.append({**places, **chosen, "seed": next(seeds), "enrolled_at": now})
    try:
        rosters.add(db, candidates, sittings)
    except IntegrityError as error:
        raise RosterMoved(f"Somebody was enrolled in {session.id} meanwhile.") from error
    rosters.change_candidates(db, news)
    rosters.change_sittings(db, withdrawn)
    handover.seal(db, house.secret, session.id, codes, now)
    return list(codes)


def _change(db: Connection, planned: Sequence[Planned]) -> dict[str, list[list[str]]]:
    sittings: dict[SittingId, dict[str, Any]] = {}
    candidates: dict[PersonId, dict[str, Any]] = {}
    told: dict[str, list[list[str]]] = {}
    for p in planned:
        assert p.enrolment is not None
        assert p.after is not None
        told[p.enrolment.id] = [[c.what, c.old, c.new] for c in p.changes if c.is_of_the_place]
        sittings[p.enrolment.id] = columns_of(p.after)
        candidates[p.enrolment.candidate_id] = {"email": p.after.email, "external_id": p.after.external_id or None}
    rosters.change_sittings(db, sittings)
    rosters.change_candidates(db, candidates)
    return told
