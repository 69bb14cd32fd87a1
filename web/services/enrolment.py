"""What a centre does: plan sessions, enrol candidates, open and close."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from engine.delivery import commands
from engine.delivery.session import REMOTE_CAPACITY, Mode, SessionState, moved
from engine.delivery.states import State
from engine.items.frameworks import Level, Track
from engine.items.item import Forgiven
from engine.items.response import normalised
from engine.kernel import EngineError, PersonId, SessionId, SittingId
from web.db import people
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person, Role
from web.db.sessions import Session
from web.db.tables import SittingRow
from web.services import exposure, needs
from web.services.codes import hashed as code_hashed
from web.services.codes import new_code
from web.services.house import House
from web.services.scope import session_of, sitting_of


class AlreadyEnrolled(EngineError):
    """The candidate has a place in this session."""

    code = "already_enrolled"


class SessionFull(EngineError):
    """A remote session has nine places for each proctor."""

    code = "session_full"


class EnrolmentClosed(EngineError):
    """Nobody can be enrolled in a session that is over."""

    code = "enrolment_closed"


class SittingsUnfinished(EngineError):
    """The session cannot be closed while somebody takes the test."""

    code = "sittings_unfinished"


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


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a session, with the personal code that is shown this once."""

    sitting: SittingId
    code: str


def name_key(last_name: str, first_name: str) -> str:
    """What two spellings of a name share: case, accents, spaces and hyphens do not matter.

    >>> name_key("Le Goff", "Anne-Lise") == name_key("LE-GOFF", "anne lise")
    True
    """
    return f"{normalised(last_name, Forgiven())}|{normalised(first_name, Forgiven())}"


def create_session(house: House, actor: Person, new: NewSession, now: datetime) -> SessionId:
    """A planned session of the actor's centre; it pins the release and rules in force. Raises `UnknownProctor`."""
    release, rules = house.catalogue.current
    session = SessionId(str(uuid.uuid4()))
    with house.db.write() as connection:
        known = {p.id for p in people.proctors_at(connection, actor.centre_id or "")}
        if not known.issuperset(new.proctors):
            raise UnknownProctor("A proctor of a session belongs to its centre.")
        values = {
            "id": session,
            "centre_id": actor.centre_id,
            "code": new_code(2, 3),
            "label": new.label,
            "mode": new.mode.value,
            "place": new.place,
            "starts_at": new.starts_at,
            "state": SessionState.PLANNED.value,
            "release_digest": release,
            "rules_digest": rules,
        }
        session_rows.add(connection, values, list(new.proctors))
        session_rows.note(connection, session, actor.id, "created", now)
    return session


def enrol(house: House, actor: Person, session: SessionId, new: NewCandidate, now: datetime) -> Place:
    """A place in a session. Raises `AlreadyEnrolled`, `SessionFull`, `EnrolmentClosed`, `NoSuchSession`."""
    code = new_code(2)
    sitting = SittingId(str(uuid.uuid4()))
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        if slot.state not in (SessionState.PLANNED, SessionState.OPEN):
            raise EnrolmentClosed(f"Session {session} is {slot.state}.", state=slot.state)
        _require_room(connection, slot)
        row = {
            "id": sitting,
            "session_id": session,
            "candidate_id": _candidate(connection, slot.centre_id, new),
            "track": new.track.value,
            "target": new.target.slug,
            "extra_third": new.extra_third,
            "extra_minutes": new.extra_minutes,
            "code_hash": code_hashed(code, house.secret),
            "seed": secrets.randbits(31),
            "enrolled_at": now,
        }
        try:
            with connection.begin_nested():
                connection.execute(insert(SittingRow).values(**row))
        except IntegrityError as error:
            raise AlreadyEnrolled(f"{new.last_name} {new.first_name} has a place in {session}.") from error
        session_rows.note(connection, session, actor.id, "enrolled", now, sitting=sitting)
    return Place(sitting, code)


def renew_code(house: House, actor: Person, sitting: SittingId, now: datetime) -> Place:
    """A new personal code; the old one is void. Raises `NoSuchSitting`."""
    code = new_code(2)
    with house.db.write() as connection:
        session, _ = sitting_of(connection, actor, sitting)
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
        step = commands.expire(enrolment.sitting, now)
        if step.state.state is State.ENROLLED:
            step = commands.mark_absent(step.state, actor.id, now)
        if not step.state.state.is_over:
            running.append(enrolment.full_name)
        sitting_rows.save(connection, step)
    if running:
        raise SittingsUnfinished(f"{len(running)} sittings are not over.", names=running)
    session_rows.move(connection, slot, to)
    exposure.count(house.catalogue, connection, slot, enrolments, now)
    session_rows.note(connection, slot.id, actor.id, "closed", now)


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


def _require_room(connection: Connection, session: Session) -> None:
    if session.mode is not Mode.REMOTE:
        return
    proctors = len(session_rows.proctors_of(connection, session.id))
    places = REMOTE_CAPACITY * max(1, proctors)
    if len(sitting_rows.load_session(connection, session.id)) >= places:
        raise SessionFull(f"Session {session.id} has {places} places.", places=places)


def _candidate(connection: Connection, centre: str, new: NewCandidate) -> str:
    """The id of the candidate, whom the centre may know already."""
    key = name_key(new.last_name, new.first_name)
    known = people.candidate_of(connection, centre, key, new.birth_date)
    if known:
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
        },
    )
    return candidate
