"""What a proctor sees and does. The console never shows item content, answers, ability or level."""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from engine.delivery import commands
from engine.delivery.commands import Step
from engine.delivery.session import SessionState, require_not_finalised, require_open
from engine.delivery.sitting import Sitting
from engine.delivery.states import State
from engine.kernel import EngineError, IncidentId, SessionId, SittingId
from engine.proctoring.incident import Incident, report
from web.db import incidents as incident_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.db.tables import SignOfLife
from web.services.house import House
from web.services.scope import session_of, sitting_of

SILENT_AFTER = timedelta(seconds=45)  # four heartbeats of the candidate's page are missing
LONGEST_GRANT = 120  # minutes


class IdentityNotChecked(EngineError):
    """A candidate is let in after the proctor has checked who they are."""

    code = "identity_not_checked"


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


class Attention(StrEnum):
    """What a row of the console asks for, the most pressing first."""

    TO_AUTHORISE = "to_authorise"
    SILENT = "silent"
    PAUSED = "paused"
    TIME_IS_UP = "time_is_up"
    AUTHORISED = "authorised"
    RUNNING = "running"
    EXPECTED = "expected"
    OVER = "over"


_ORDER = list(Attention)


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate on the console."""

    enrolment: Enrolment
    attention: Attention
    answered: int
    of: int
    incidents: int
    last_seen: datetime | None
    time_left: timedelta | None
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Console:
    """A session as its proctor sees it now."""

    session: Session
    rows: tuple[Row, ...]
    now: datetime


def console(house: House, actor: Person, session: SessionId, now: datetime) -> Console:
    """All candidates of a session by need; sittings whose time is over are closed on the way."""
    sweep(house, actor, session, now)
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        enrolments = sitting_rows.load_session(connection, session)
        ids = [e.id for e in enrolments]
        signs = connection.execute(select(SignOfLife.sitting_id, SignOfLife.at).where(SignOfLife.sitting_id.in_(ids)))
        seen = {sign.sitting_id: sign.at for sign in signs}
        reported = Counter(i.sitting for i in incident_rows.of_sittings(connection, ids))
    rows = [_row(house, slot, e, _last_sign(e, seen.get(e.id)), reported[e.id], now) for e in enrolments]
    rows.sort(key=lambda row: _ORDER.index(row.attention))
    return Console(slot, tuple(rows), now)


def sweep(house: House, actor: Person, session: SessionId, now: datetime) -> None:
    """Close every sitting of an actor's session whose time is over; idempotent. Raises `NoSuchSession`."""
    with house.db.read() as connection:
        session_of(connection, actor, session)
        late = [e.id for e in sitting_rows.load_session(connection, session) if commands.expire(e.sitting, now).events]
    for sitting in late:
        with house.db.write() as connection:
            enrolment = sitting_rows.load(connection, sitting)
            sitting_rows.save(connection, commands.expire(enrolment.sitting, now))


def authorise(house: House, actor: Person, sitting: SittingId, identity_checked: bool, now: datetime) -> None:
    """Let a candidate in. Raises `IdentityNotChecked`."""
    if not identity_checked:
        raise IdentityNotChecked("Tick the identity check first.")
    _act(house, actor, sitting, lambda s: commands.authorise(s, actor.id, now))


def refuse(house: House, actor: Person, sitting: SittingId, reason: str, now: datetime) -> None:
    """Do not let a candidate in. Raises `ReasonNeeded`."""
    _act(house, actor, sitting, lambda s: commands.refuse(s, actor.id, _reason(reason), now))


def pause(house: House, actor: Person, sitting: SittingId, reason: str, now: datetime) -> None:
    """Stop a candidate's clock. Raises `ReasonNeeded`."""
    _act(house, actor, sitting, lambda s: commands.pause(s, actor.id, _reason(reason), now))


def resume(house: House, actor: Person, sitting: SittingId, now: datetime) -> None:
    """Let a candidate's clock run again."""
    _act(house, actor, sitting, lambda s: commands.resume(s, actor.id, now))


def grant_time(house: House, actor: Person, sitting: SittingId, minutes: int, reason: str, now: datetime) -> None:
    """Give a candidate minutes. Raises `BadGrant`, `ReasonNeeded`."""
    if not 0 < minutes <= LONGEST_GRANT:
        raise BadGrant(f"{minutes} min cannot be given.", minutes=minutes)
    _act(house, actor, sitting, lambda s: commands.grant_time(s, actor.id, 60 * minutes, _reason(reason), now))


def terminate(house: House, actor: Person, sitting: SittingId, reason: str, technical: bool, now: datetime) -> None:
    """End a candidate's test. Raises `ReasonNeeded`."""
    _act(house, actor, sitting, lambda s: commands.terminate(s, actor.id, _reason(reason), technical, now))


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


def _act(house: House, actor: Person, sitting: SittingId, command: Callable[[Sitting], Step]) -> None:
    """One command on a sitting of an open session that the actor watches, in one transaction."""
    with house.db.write() as connection:
        session, enrolment = sitting_of(connection, actor, sitting)
        require_open(session.state)
        sitting_rows.save(connection, command(enrolment.sitting))


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonNeeded("Say why.")
    return text.strip()[:500]


def _last_sign(enrolment: Enrolment, heartbeat: datetime | None) -> datetime | None:
    """The last sign of a candidate: the page's own, or an answer, all that there is without scripts."""
    answers = enrolment.sitting.answers
    signs = [at for at in (heartbeat, answers[-1].at if answers else None) if at]
    return max(signs, default=None)


def _row(
    house: House, session: Session, enrolment: Enrolment, seen: datetime | None, incidents: int, now: datetime
) -> Row:
    sitting = enrolment.sitting
    plan = house.catalogue.plan(session.release_digest, session.rules_digest, enrolment.track)
    waiting = None
    if _asks_for_the_proctor(sitting):
        waiting = max((e.at for e in enrolment.events if e.kind == "checked_in"), default=None)
    return Row(
        enrolment=enrolment,
        attention=_attention(sitting, seen, now),
        answered=len(sitting.answers),
        of=sum(plan.asked),
        incidents=incidents,
        last_seen=seen,
        time_left=sitting.clock.time_left(now) if sitting.clock and not sitting.state.is_over else None,
        waiting_since=waiting,
    )


def _asks_for_the_proctor(sitting: Sitting) -> bool:
    return sitting.state is State.CHECKED_IN or (sitting.asks_to_return and sitting.authorised_at is None)


def _attention(sitting: Sitting, seen: datetime | None, now: datetime) -> Attention:
    if sitting.state.is_over:
        return Attention.OVER
    if _asks_for_the_proctor(sitting):
        return Attention.TO_AUTHORISE
    if sitting.state is State.PAUSED:
        return Attention.PAUSED
    if sitting.state is State.RUNNING:
        if sitting.clock and sitting.clock.has_rung(now):
            return Attention.TIME_IS_UP
        if seen is None or now - seen > SILENT_AFTER:
            return Attention.SILENT
        return Attention.RUNNING
    if sitting.state in (State.AUTHORISED, State.ENTERED):
        return Attention.AUTHORISED
    return Attention.EXPECTED
