"""Who is seen from a distance, what they said to it, and how each view stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from engine.delivery.session import Mode, SessionState
from engine.delivery.sitting import Sitting
from engine.kernel import EngineError, SessionId, SittingId
from web.db import remote_view as rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.remote_view import Sign
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.services.house import House
from web.services.scope import session_of

SILENT_AFTER = timedelta(seconds=20)  # a window tells of itself every eight seconds at least


class NoView(EngineError):
    """A session without the remote view: on site, or in an outside video room."""

    code = "no_view"


class Standing(StrEnum):
    """How the view of a candidate stands."""

    UNDECIDED = "undecided"
    DECLINED = "declined"
    CLOSED = "closed"
    LIVE = "live"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class View:
    """One candidate as a proctor may see them."""

    enrolment: Enrolment
    standing: Standing
    sign: Sign | None

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is missing of a live view; nothing of another one."""
        if self.standing is not Standing.LIVE or self.sign is None:
            return ()
        found = []
        if not self.sign.camera:
            found.append("camera")
        if not self.sign.screen:
            found.append("screen")
        elif self.sign.screen in ("window", "browser"):
            found.append("partial_screen")
        if not self.sign.microphone:
            found.append("microphone")
        return tuple(found)


def is_on(session: Session) -> bool:
    """Whether candidates of a session are seen through Palier."""
    return session.mode is Mode.REMOTE and not session.video_link


def must_decide(house: House, session: Session, sitting: SittingId) -> bool:
    """Whether a candidate has to be asked before they wait."""
    if not is_on(session):
        return False
    with house.db.read() as connection:
        return sitting not in rows.consents_of(connection, [sitting])


def agreed(house: House, sitting: SittingId) -> bool:
    """Whether a candidate wants to be seen."""
    with house.db.read() as connection:
        return rows.consents_of(connection, [sitting]).get(sitting, False)


def decide(house: House, sitting: SittingId, given: bool, now: datetime) -> None:
    """A candidate agrees to the view or declines it; said again, nothing is added. Raises `NoView`."""
    with house.db.write() as connection:
        enrolment = sitting_rows.load(connection, sitting)
        require_on(session_rows.load(connection, enrolment.session_id))
        if rows.consents_of(connection, [sitting]).get(sitting) is not given:
            rows.keep_consent(connection, sitting, given, now)
        if not given:
            rows.forget_sign(connection, sitting)


def require_on(session: Session) -> None:
    """Raises `NoView`."""
    if not is_on(session):
        raise NoView(f"Session {session.id} has no remote view.", session=session.id)


def watch(house: House, actor: Person, session: SessionId, now: datetime) -> tuple[Session, list[View]]:
    """The candidates of a session as its proctor may see them, by name. Raises `NoSuchSession`, `NoView`."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        require_on(slot)
        return slot, views(connection, slot, sitting_rows.load_session(connection, session), now)


def views(db: Connection, session: Session, enrolments: Sequence[Enrolment], now: datetime) -> list[View]:
    """How the views of some enrolments of a session stand: two statements."""
    ids = [e.id for e in enrolments]
    consents = rows.consents_of(db, ids)
    signs = rows.signs_of(db, ids)
    return [
        View(e, _standing(session, e.sitting, consents.get(e.id), signs.get(e.id), now), signs.get(e.id))
        for e in enrolments
    ]


def has_ended(session: Session, sitting: Sitting) -> bool:
    """Whether nobody may look any more: the test is over, or the session is not open."""
    return sitting.state.is_over or session.state is not SessionState.OPEN


def _standing(session: Session, sitting: Sitting, consent: bool | None, sign: Sign | None, now: datetime) -> Standing:
    if has_ended(session, sitting):
        return Standing.OVER
    if consent is None:
        return Standing.UNDECIDED
    if not consent:
        return Standing.DECLINED
    if sign is None or now - sign.at > SILENT_AFTER:
        return Standing.CLOSED
    return Standing.LIVE
