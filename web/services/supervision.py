"""What a proctor does to one candidate, or to all of a session."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.delivery import commands
from engine.delivery.commands import Step
from engine.delivery.events import TimeGranted
from engine.delivery.session import SessionState, require_not_finalised, require_open
from engine.delivery.sitting import Sitting
from engine.delivery.states import State
from engine.kernel import EngineError, IncidentId, SessionId, SittingId
from engine.proctoring.incident import Incident, report
from web.db import incidents as incident_rows
from web.db import signs
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sittings import Enrolment
from web.services import checkin, connectivity, expiry
from web.services.house import House
from web.services.scope import session_of, sitting_of

SILENT_AFTER = timedelta(seconds=45)  # four heartbeats of the candidate's page are missing
LONGEST_GRANT = 120  # minutes


class ReasonNeeded(EngineError):
    """An action that must say why."""

    code = "reason_needed"


class UnknownKind(EngineError):
    """An incident code that the taxonomy has not."""

    code = "unknown_incident_kind"


class BadGrant(EngineError):
    """Time given must be between one minute and two hours."""

    code = "bad_grant"


class ResultsArePublished(EngineError):
    """Nothing can be reported or ruled once the results of the session are published."""

    code = "results_are_published"


def sweep(house: House, actor: Person, session: SessionId, now: datetime) -> None:
    """Close every sitting of an actor's session whose time is over; idempotent. Raises `NoSuchSession`."""
    with house.db.read() as connection:
        session_of(connection, actor, session)
        late = [e.id for e in sitting_rows.watch_session(connection, session) if commands.expire(e.sitting, now).events]
    for sitting in late:
        expiry.expire(house, sitting, now)


def authorise(house: House, actor: Person, sitting: SittingId, identity_checked: bool, now: datetime) -> None:
    """Let a candidate in on one tick. Raises `IdentityNotChecked`, `ProblemNotExplained`."""
    checkin.authorise(house, actor, sitting, {}, now, identity_checked=identity_checked)


def refuse(house: House, actor: Person, sitting: SittingId, reason: str, now: datetime) -> None:
    """Do not let a candidate in. Raises `ReasonNeeded`."""
    _act(house, actor, sitting, lambda s: commands.refuse(s, actor.id, reason_of(reason), now), now)


def pause(house: House, actor: Person, sitting: SittingId, reason: str, now: datetime) -> None:
    """Stop a candidate's clock. Raises `ReasonNeeded`."""
    _act(house, actor, sitting, lambda s: commands.pause(s, actor.id, reason_of(reason), now), now)


def resume(house: House, actor: Person, sitting: SittingId, now: datetime) -> None:
    """Let a candidate's clock run again."""
    _act(house, actor, sitting, lambda s: commands.resume(s, actor.id, now), now)


def grant_time(house: House, actor: Person, sitting: SittingId, minutes: int, reason: str, now: datetime) -> None:
    """Give a candidate minutes. Raises `BadGrant`, `ReasonNeeded`."""
    if not 0 < minutes <= LONGEST_GRANT:
        raise BadGrant(f"{minutes} min cannot be given.", minutes=minutes)
    _act(house, actor, sitting, lambda s: commands.grant_time(s, actor.id, 60 * minutes, reason_of(reason), now), now)


@dataclass(frozen=True, slots=True)
class MeasuredGap:
    """Time of the test that went by while the page was not heard of, and what was given since."""

    lost: timedelta
    given: timedelta

    @property
    def proposed(self) -> int:
        """Minutes that would make it good, rounded up; none below half a minute."""
        left = (self.lost - self.given).total_seconds()
        return min(LONGEST_GRANT, -(-int(left) // 60)) if left >= 30 else 0


def gap(house: House, enrolment: Enrolment, now: datetime) -> MeasuredGap:
    """What the connection has cost a candidate, as far as the server can tell."""
    with house.db.read() as connection:
        ended = connectivity.silences(connection, [enrolment.id]).get(enrolment.id, ())
        heard = signs.last_of(connection, [enrolment.id]).get(enrolment.id)
    gaps = connectivity.with_running(ended, heard, enrolment.sitting, now)
    given = sum(e.seconds for e in enrolment.events if isinstance(e, TimeGranted))
    return MeasuredGap(connectivity.lost_time(gaps, enrolment, now), timedelta(seconds=given))


def pause_all(house: House, actor: Person, session: SessionId, reason: str, now: datetime) -> list[str]:
    """Stop every clock of a session that runs, all or none; whose. Raises `ReasonNeeded`, `SessionNotOpen`."""
    why = reason_of(reason)
    return _act_on_all(house, actor, session, State.RUNNING, lambda s: commands.pause(s, actor.id, why, now), now)


def resume_all(house: House, actor: Person, session: SessionId, now: datetime) -> list[str]:
    """Let every clock of a session that is paused run again, all or none; whose. Raises `SessionNotOpen`."""
    return _act_on_all(house, actor, session, State.PAUSED, lambda s: commands.resume(s, actor.id, now), now)


def terminate(house: House, actor: Person, sitting: SittingId, reason: str, technical: bool, now: datetime) -> None:
    """End a candidate's test; what stood in the form is kept for the jury. Raises `ReasonNeeded`."""
    why = reason_of(reason)
    _act(house, actor, sitting, lambda s: commands.terminate(s, actor.id, why, technical, now), now)


@dataclass(frozen=True, slots=True)
class Report:
    """What a proctor tells of an incident."""

    code: str
    text: str
    occurred_at: datetime


def report_incident(house: House, actor: Person, sitting: SittingId, told: Report, now: datetime) -> IncidentId:
    """Store a report on a sitting of an actor's session. Raises `UnknownKind` and kinds of `IncidentRefused`."""
    kind = house.catalogue.taxonomy.get(told.code)
    if kind is None:
        raise UnknownKind(f"There is no kind of incident {told.code}.", kind=told.code)
    with house.db.write() as connection:
        session, enrolment = sitting_of(connection, actor, sitting)
        if session.state is SessionState.PUBLISHED:
            raise ResultsArePublished(f"The results of session {session.id} are published.")
        require_not_finalised(session.state)
        incident = report(
            Incident(
                id=IncidentId(str(uuid.uuid4())),
                sitting=sitting,
                kind=kind,
                occurred_at=told.occurred_at,
                recorded_at=now,
                author=actor.id,
                item=enrolment.sitting.on_screen,
                text=told.text.strip(),
            )
        )
        incident_rows.add(connection, incident)
    return incident.id


def _act(house: House, actor: Person, sitting: SittingId, command: Callable[[Sitting], Step], now: datetime) -> None:
    """One command on a sitting of an open session that the actor watches, in one transaction.

    A test whose time is over is over, even if nobody has looked since: nothing that is done now opens it again.
    """
    with house.db.write() as connection:
        session, enrolment = sitting_of(connection, actor, sitting)
        require_open(session.state)
        step = command(commands.expire(enrolment.sitting, now).state)
        sitting_rows.save(connection, expiry.with_draft(connection, house, session.pins, step, now))


def _act_on_all(
    house: House, actor: Person, session: SessionId, state: State, command: Callable[[Sitting], Step], now: datetime
) -> list[str]:
    """One command on every sitting of an open session that is in a state, in one transaction; their names."""
    with house.db.write() as connection:
        require_open(session_of(connection, actor, session).state)
        everybody = sitting_rows.load_session(connection, session)
        those = [e for e in everybody if commands.expire(e.sitting, now).state.state is state]
        for enrolment in those:
            sitting_rows.save(connection, command(enrolment.sitting))
    return [e.full_name for e in those]


def reason_of(text: str) -> str:
    """A reason as it is stored. Raises `ReasonNeeded`."""
    if not text.strip():
        raise ReasonNeeded("Say why.")
    return text.strip()[:500]
