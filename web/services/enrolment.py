"""What a centre does: plan sessions, enrol candidates, open and close."""

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from engine.delivery import commands
from engine.delivery.session import Mode, SessionState, moved, require_open
from engine.delivery.states import State
from engine.items.frameworks import Level, Track
from engine.items.item import Demand, Forgiven
from engine.items.response import normalised
from engine.items.variants import PLACES, seed_at
from engine.kernel import EngineError, PersonId, SessionId, SittingId
from web.db import people, rosters
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person, Role
from web.db.sessions import Session
from web.db.tables import SittingRow
from web.services import capacity, expiry, exposure, handover, needs
from web.services.codes import hashed as code_hashed
from web.services.codes import new_code
from web.services.house import House
from web.services.scope import session_of, sitting_of
from web.services.video_room import video_link

LONGEST_EXTRA = 240  # minutes
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
LATE_PLANNING = timedelta(hours=1)  # a session that begins now is often put down a little later
LARGEST_SEED = 2**31 - PLACES  # what is drawn; the seed itself is a little more, and fits 31 bits
CODE_DRAWS = 20  # of 47 million codes one is free long before


class AlreadyEnrolled(EngineError):
    """The candidate has a place in this session."""

    code = "already_enrolled"


class EnrolmentClosed(EngineError):
    """Nobody can be enrolled in a session that is over."""

    code = "enrolment_closed"


class SittingsUnfinished(EngineError):
    """The session cannot be closed while somebody takes the test."""

    code = "sittings_unfinished"


class SessionInPast(EngineError):
    """A session is planned for a time that is over."""

    code = "session_in_past"


class UnknownProctor(EngineError):
    """Somebody who is not a proctor of the centre."""

    code = "unknown_proctor"


@dataclass(frozen=True, slots=True)
class NewSession:
    """What a session is made of."""

    label: str
    mode: Mode
    place: str
    starts_at: datetime
    proctors: tuple[PersonId, ...]
    video_link: str = ""


@dataclass(frozen=True, slots=True)
class NewCandidate:
    """What an enrolment is made of."""

    last_name: str
    first_name: str
    birth_date: date
    email: str
    track: Track
    target: Level
    extra_third: bool
    extra_minutes: int
    external_id: str = ""
    needs: frozenset[Demand] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a session, with the personal code that is shown this once."""

    sitting: SittingId
    code: str


def columns_of(new: NewCandidate) -> dict[str, Any]:
    """The columns of an enrolment that people choose."""
    return {
        "track": new.track.value,
        "target": new.target.slug,
        "extra_third": new.extra_third,
        "extra_minutes": new.extra_minutes,
        "needs": sorted(new.needs),
    }


def name_key(last_name: str, first_name: str) -> str:
    """What two spellings of a name share: case, accents, spaces and hyphens do not matter.

    >>> name_key("Le Goff", "Anne-Lise") == name_key("LE-GOFF", "anne lise")
    True
    """
    return f"{normalised(last_name, Forgiven())}|{normalised(first_name, Forgiven())}"


def create_session(
    house: House, actor: Person, new: NewSession, now: datetime, copy_of: SessionId | None = None
) -> SessionId:
    """A planned session of the actor's centre; it pins the release and rules in force.

    Raises `UnknownProctor`, `SessionInPast`, `BadVideoLink`, and `NoSuchSession` for a model that is not the actor's.
    """
    release, rules = house.catalogue.current
    session = SessionId(str(uuid.uuid4()))
    require_future(new.starts_at, now)
    with house.db.write() as connection:
        require_proctors(connection, actor, new.proctors)
        about = {"copy_of": session_of(connection, actor, copy_of).id} if copy_of else {}
        values = {
            "id": session,
            "centre_id": actor.centre_id,
            "label": new.label,
            "mode": new.mode.value,
            "place": new.place,
            "video_link": video_link(new.video_link),
            "starts_at": new.starts_at,
            "state": SessionState.PLANNED.value,
            "release_digest": release,
            "rules_digest": rules,
        }
        _add_under_a_free_code(connection, values, list(new.proctors))
        session_rows.note(connection, session, actor.id, "created", now, **about)
    return session


def require_future(starts_at: datetime, now: datetime) -> None:
    """Raise `SessionInPast` for a time that is over."""
    if starts_at < now - LATE_PLANNING:
        raise SessionInPast(f"{starts_at.isoformat()} is over.", starts_at=starts_at)


def require_proctors(connection: Connection, actor: Person, proctors: Collection[PersonId]) -> None:
    """Raise `UnknownProctor` unless all of them are proctors of the actor's centre."""
    known = {p.id for p in people.proctors_at(connection, actor.centre_id or "")}
    if not known.issuperset(proctors):
        raise UnknownProctor("A proctor of a session belongs to its centre.")


def _add_under_a_free_code(connection: Connection, values: dict[str, Any], proctors: list[str]) -> None:
    for _ in range(CODE_DRAWS):
        code = new_code(2, 3)
        if session_rows.with_code(connection, code) is None:
            break
    session_rows.add(connection, values | {"code": code}, proctors)


def enrol(house: House, actor: Person, session: SessionId, new: NewCandidate, now: datetime) -> Place:
    """A place in a session; one that was cancelled holds again.

    Raises `AlreadyEnrolled`, `SessionFull`, `EnrolmentClosed`, `NeedsNotCovered`, `NoSuchSession`.
    """
    code = new_code(2)
    sitting = SittingId(str(uuid.uuid4()))
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        if slot.state not in (SessionState.PLANNED, SessionState.OPEN):
            raise EnrolmentClosed(f"Session {session} is {slot.state}.", state=slot.state)
        capacity.require_room(connection, slot, 1)
        candidate = _candidate(connection, slot.centre_id, new)
        said = columns_of(new) | {"code_hash": code_hashed(code, house.secret)}
        withdrawn = rosters.place_of(connection, session, candidate)
        if withdrawn and (known := sitting_rows.load(connection, withdrawn)).sitting.state is State.CANCELLED:
            rosters.change_sittings(connection, {withdrawn: said})
            sitting_rows.save(connection, commands.reinstate(known.sitting, actor.id, now))
            require_served(house, connection, slot, [withdrawn])
            return Place(withdrawn, code)
        row = {"id": sitting, "session_id": session, "candidate_id": candidate, **said}
        row |= {"seed": new_seeds(connection, session, 1)[0], "enrolled_at": now}
        try:
            with connection.begin_nested():
                connection.execute(insert(SittingRow).values(**row))
        except IntegrityError as error:
            raise AlreadyEnrolled(f"{new.last_name} {new.first_name} has a place in {session}.") from error
        require_served(house, connection, slot, [sitting])
        session_rows.note(connection, session, actor.id, "enrolled", now, sitting=sitting)
    return Place(sitting, code)


def new_seeds(connection: Connection, session: SessionId, count: int) -> list[int]:
    """Seeds for the next places of a session: random, and such that those who follow one another get other files."""
    given = rosters.places_given(connection, session)
    return [seed_at(place, secrets.randbelow(LARGEST_SEED)) for place in range(given, given + count)]


def require_served(house: House, connection: Connection, session: Session, sittings: Collection[SittingId]) -> None:
    """The release can serve the needs of newcomers of an open session; one that is planned is looked at when it opens.

    Raises `NeedsNotCovered` with their names.
    """
    if session.state is SessionState.OPEN and sittings:
        enrolments = sitting_rows.load_session(connection, session.id)
        needs.require_covered(house.catalogue, session, [e for e in enrolments if e.id in sittings])


def renew_code(house: House, actor: Person, sitting: SittingId, now: datetime) -> Place:
    """A new personal code; the old one is void. Raises `NoSuchSitting`.

    A proctor makes one only on the day: `SessionNotOpen`. With it a published result is read, which they never see.
    """
    code = new_code(2)
    with house.db.write() as connection:
        session, _ = sitting_of(connection, actor, sitting)
        if actor.role is Role.PROCTOR:
            require_open(session.state)
        connection.execute(
            update(SittingRow).where(SittingRow.id == sitting).values(code_hash=code_hashed(code, house.secret))
        )
        session_rows.note(connection, session.id, actor.id, "code_renewed", now, sitting=sitting)
    return Place(sitting, code)


def open_session(house: House, actor: Person, session: SessionId, now: datetime) -> None:
    """Let candidates in. Raises `SessionRefusal`, `NeedsNotCovered`."""
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        needs.require_covered(house.catalogue, slot, sitting_rows.load_session(connection, session))
        session_rows.move(connection, slot, moved(slot.state, SessionState.OPEN))
        session_rows.pin_exposure(connection, session, exposure.pin(house.catalogue, connection, slot, now))
        session_rows.note(connection, session, actor.id, "opened", now)
        handover.sweep(connection, now)


def close_session(house: House, actor: Person, session: SessionId, now: datetime) -> None:
    """End the day: who never came was absent.

    Raises `SittingsUnfinished`, also while somebody waits to be let in, and `SessionRefusal`.
    """
    with house.db.write() as connection:
        close_session_in(connection, house, actor, session_of(connection, actor, session), now)


def close_session_in(connection: Connection, house: House, actor: Person, slot: Session, now: datetime) -> None:
    """The same inside a transaction that is open already."""
    to = moved(slot.state, SessionState.CLOSED)
    running: list[str] = []
    enrolments = sitting_rows.load_session(connection, slot.id)
    for enrolment in enrolments:
        step = expiry.expire_in(connection, house, slot, enrolment, now)
        if step.state.state is State.ENROLLED:
            step = commands.mark_absent(step.state, actor.id, now)
            sitting_rows.save(connection, step)
        if not step.state.state.is_over:
            running.append(enrolment.full_name)
    if running:
        raise SittingsUnfinished(f"{len(running)} sittings are not over.", names=running)
    session_rows.move(connection, slot, to)
    exposure.count(house.catalogue, connection, slot, enrolments, now)
    session_rows.note(connection, slot.id, actor.id, "closed", now)
    handover.sweep(connection, now)


def sessions_for(house: House, actor: Person) -> list[Session]:
    """The sessions that the actor may see, the newest first."""
    with house.db.read() as connection:
        match actor.role:
            case Role.MANAGER:
                return session_rows.of_centre(connection, actor.centre_id or "")
            case Role.PROCTOR:
                return session_rows.of_proctor(connection, actor.id)
            case Role.JURY:
                return session_rows.outside(connection, actor.centre_id)
            case Role.ADMIN:
                return []


def _candidate(connection: Connection, centre: str, new: NewCandidate) -> str:
    """The id of the candidate, whom the centre may know already."""
    key = name_key(new.last_name, new.first_name)
    known = people.candidate_of(connection, centre, key, new.birth_date)
    if known:
        # The newest of what a centre says of a person holds.
        said = {"email": new.email.strip(), "external_id": new.external_id.strip()}
        rosters.change_candidates(connection, {PersonId(known): {k: v for k, v in said.items() if v}})
        return known
    candidate = str(uuid.uuid4())
    people.add_candidate(
        connection,
        {
            "id": candidate,
            "centre_id": centre,
            "last_name": new.last_name.strip(),
            "first_name": new.first_name.strip(),
            "name_key": key,
            "birth_date": new.birth_date,
            "email": new.email.strip(),
            "external_id": new.external_id.strip() or None,
        },
    )
    return candidate
