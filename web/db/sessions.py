"""Sessions, who watches them, and what was done to them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, insert, select, update

from engine.delivery.session import Mode, SessionState
from engine.items.frameworks import Track
from engine.kernel import EngineError, PersonId, SessionId
from web.db.database import locking
from web.db.tables import Account, Centre, ExamSession, SessionEvent, SessionProctor


class NoSuchSession(EngineError):
    """There is no such session, or not for the one who asks."""

    code = "no_such_session"


@dataclass(frozen=True, slots=True)
class Pins:
    """What the sittings of a session are led by, whatever happens to the installation meanwhile."""

    release_digest: str
    rules_digest: str
    exposure: Mapping[Track, str] = field(default_factory=dict)
    """The exposure state that each track is led by, pinned at opening; none where items need no control."""


@dataclass(frozen=True, slots=True)
class Session:
    """A supervised slot, with what its sittings pin."""

    id: SessionId
    centre_id: str
    centre: str
    academy: str
    code: str
    label: str
    mode: Mode
    place: str
    starts_at: datetime
    state: SessionState
    release_digest: str
    rules_digest: str
    exposure: Mapping[Track, str] = field(default_factory=dict)
    """The exposure state that each track is led by, pinned at opening; none where items need no control."""
    video_link: str | None = None
    """An outside video room, where one is used."""

    @property
    def pins(self) -> Pins:
        """What its sittings are led by."""
        return Pins(self.release_digest, self.rules_digest, self.exposure)


_SESSION = select(
    ExamSession.id,
    ExamSession.centre_id,
    Centre.name.label("centre"),
    Centre.academy,
    ExamSession.code,
    ExamSession.label,
    ExamSession.mode,
    ExamSession.place,
    ExamSession.starts_at,
    ExamSession.state,
    ExamSession.release_digest,
    ExamSession.rules_digest,
    ExamSession.exposure_first_degree,
    ExamSession.exposure_second_degree,
    ExamSession.video_link,
).join(Centre, Centre.id == ExamSession.centre_id)
_ONE = _SESSION.where(ExamSession.id == bindparam("session"))


def load(db: Connection, session: SessionId) -> Session:
    """One session. Raises `NoSuchSession`."""
    return _found(db, session, _ONE)


def hold(db: Connection, session: SessionId) -> Session:
    """One session; who writes has it alone until the end. Raises `NoSuchSession`.

    Whoever holds a session and sittings of it takes the session first.
    """
    return _found(db, session, locking(db, _ONE, ExamSession))


def with_code(db: Connection, code: str) -> Session | None:
    """The session of a code, if there is one."""
    row = db.execute(_SESSION.where(ExamSession.code == code)).one_or_none()
    return _session(row) if row else None


def of_centre(db: Connection, centre: str) -> list[Session]:
    """A centre's sessions, the newest first."""
    return _sessions(db, _SESSION.where(ExamSession.centre_id == centre))


def of_proctor(db: Connection, account: PersonId) -> list[Session]:
    """The sessions that somebody watches, the newest first."""
    watched = select(SessionProctor.session_id).where(SessionProctor.account_id == account)
    return _sessions(db, _SESSION.where(ExamSession.id.in_(watched)))


def all_of_them(db: Connection) -> list[Session]:
    """Every session, the newest first."""
    return _sessions(db, _SESSION)


def chosen(db: Connection, which: ColumnElement[bool]) -> list[Session]:
    """The sessions of which something is so, the newest first."""
    return _sessions(db, _SESSION.where(which))


def in_state(db: Connection, state: SessionState) -> list[Session]:
    """The sessions that are in a state, the newest first."""
    return _sessions(db, _SESSION.where(ExamSession.state == state))


def outside(db: Connection, centre: str | None) -> list[Session]:
    """Every session but those of a centre, the newest first."""
    return _sessions(db, _SESSION if centre is None else _SESSION.where(ExamSession.centre_id != centre))


def by_release(db: Connection) -> dict[str, int]:
    """How many sessions pin each release, by its digest."""
    rows = db.execute(
        select(ExamSession.release_digest, func.count().label("sessions")).group_by(ExamSession.release_digest)
    )
    return {row.release_digest: row.sessions for row in rows}


def is_watched_by(db: Connection, session: SessionId, account: PersonId) -> bool:
    """Whether somebody is a proctor of a session."""
    found = select(SessionProctor.account_id).where(
        SessionProctor.session_id == session, SessionProctor.account_id == account
    )
    return db.execute(found).first() is not None


def proctors_of(db: Connection, session: SessionId) -> list[str]:
    """The names of the proctors of a session."""
    names = (
        select(Account.name)
        .join(SessionProctor, SessionProctor.account_id == Account.id)
        .where(SessionProctor.session_id == session)
        .order_by(Account.name)
    )
    return list(db.execute(names).scalars())


def add(db: Connection, session: Mapping[str, Any], proctors: list[str]) -> None:
    """A new session with its proctors."""
    db.execute(insert(ExamSession).values(**session))
    if proctors:
        db.execute(insert(SessionProctor), [{"session_id": session["id"], "account_id": p} for p in proctors])


def pin_exposure(db: Connection, session: SessionId, states: Mapping[Track, str]) -> None:
    """Say by which exposure states the sittings of a session are led."""
    if states:
        pinned = {f"exposure_{track.value}": state for track, state in states.items()}
        db.execute(update(ExamSession).where(ExamSession.id == session).values(**pinned))


class SessionMoved(EngineError):
    """Somebody else moved the session to another state first."""

    code = "session_moved"


def move(db: Connection, session: Session, to: SessionState) -> None:
    """Put a session into another state, if it is still in the one that was seen. Raises `SessionMoved`."""
    changed = db.execute(
        update(ExamSession)
        .where(ExamSession.id == session.id, ExamSession.state == session.state.value)
        .values(state=to.value)
    )
    if changed.rowcount != 1:
        raise SessionMoved(f"Session {session.id} is not {session.state} any more.", session=session.id)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was done to a session."""

    at: datetime
    author: str
    kind: str
    data: Mapping[str, Any]


def note(db: Connection, session: SessionId, author: PersonId, kind: str, now: datetime, **data: Any) -> None:
    """Write down what was done to a session, by whom."""
    db.execute(
        insert(SessionEvent).values(
            id=str(uuid.uuid4()), session_id=session, at=now, author_id=author, kind=kind, data=data
        )
    )


def notes(db: Connection, session: SessionId) -> list[Note]:
    """What was done to a session, in order."""
    rows = db.execute(
        select(SessionEvent.at, Account.name, SessionEvent.kind, SessionEvent.data)
        .join(Account, Account.id == SessionEvent.author_id)
        .where(SessionEvent.session_id == session)
        .order_by(SessionEvent.at)
    )
    return [Note(*row) for row in rows]


def _found(db: Connection, session: SessionId, query: Select[*tuple[Any, ...]]) -> Session:
    row = db.execute(query, {"session": session}).one_or_none()
    if row is None:
        raise NoSuchSession(f"There is no session {session}.", session=session)
    return _session(row)


def exposure_of(row: Row[*tuple[Any, ...]]) -> dict[Track, str]:
    """The exposure states in a row of a session."""
    return {track: state for track in Track if (state := getattr(row, f"exposure_{track.value}"))}


def _sessions(db: Connection, query: Select[*tuple[Any, ...]]) -> list[Session]:
    return [_session(row) for row in db.execute(query.order_by(ExamSession.starts_at.desc(), ExamSession.id))]


def _session(row: Row[*tuple[Any, ...]]) -> Session:
    return Session(
        SessionId(row.id),
        row.centre_id,
        row.centre,
        row.academy,
        row.code,
        row.label,
        Mode(row.mode),
        row.place,
        row.starts_at,
        SessionState(row.state),
        row.release_digest,
        row.rules_digest,
        exposure_of(row),
        row.video_link,
    )
