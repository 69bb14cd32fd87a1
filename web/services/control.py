"""What a proctoring tool asks of a sitting: the Assessment Control Service, action by action (docs/adr/0022).

A report of a tool is never lost: it is stored as an incident even where the action itself cannot be done any more.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from sqlalchemy import Connection

from engine.delivery import commands
from engine.delivery.commands import Step
from engine.delivery.events import Event, Paused, TimeGranted
from engine.delivery.session import SessionState
from engine.delivery.sitting import Sitting, enrolled, replay
from engine.delivery.states import State
from engine.kernel import EngineError, IncidentId, ItemId, PersonId, SessionId, SittingId, Transition
from engine.proctoring.incident import (
    LONGEST_TEXT,
    Category,
    Incident,
    IncidentInFuture,
    IncidentKind,
    Source,
    report,
)
from web import french
from web.db import incidents as incident_rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db import tools as tool_rows
from web.db.sessions import NoSuchSession, Session
from web.db.sittings import Enrolment, Superseded
from web.db.tools import ControlRepeated, Tool
from web.services import expiry
from web.services.codes import canonical
from web.services.control_request import Action, ControlReply, ControlRequest, Status, read
from web.services.house import House
from web.services.supervision import ResultsArePublished

CLOCK_SKEW = timedelta(minutes=2)
TRIES = 5
OTHER = "OTH-00"
LONGEST_REASON = 500
NOT_THEIR_DOING = frozenset({Category.TECHNICAL, Category.ITEM, Category.ORGANISATION})


class NoSuchAttempt(EngineError):
    """There is no such attempt at the tool's centre; which part is wrong is not told."""

    code = "no_such_attempt"


class ControlConflict(EngineError):
    """The same action at the same time of incident, telling something else."""

    code = "control_conflict"


@dataclass(frozen=True, slots=True)
class _Told:
    """A request with what it means here."""

    tool: Tool
    asked: ControlRequest
    kind: IncidentKind
    text: str
    occurred_at: datetime
    now: datetime


def control(house: House, tool: Tool, body: bytes, now: datetime) -> ControlReply:
    """Do what a tool asks, once: the same again is answered in the same words.

    Raises `BadControl`, `NoSuchAttempt`, `IncidentInFuture`, `ResultsArePublished`, `ControlConflict`, `Superseded`.
    """
    asked = read(body)
    if asked.incident_time > now + CLOCK_SKEW:
        raise IncidentInFuture("incident_time is in the future.", occurred_at=asked.incident_time, recorded_at=now)
    for _ in range(TRIES - 1):
        try:
            return _control(house, tool, asked, body, now)
        except (Superseded, ControlRepeated):
            continue  # somebody wrote to the sitting at the same moment: look again
    return _control(house, tool, asked, body, now)


def _control(house: House, tool: Tool, asked: ControlRequest, body: bytes, now: datetime) -> ControlReply:
    at = asked.incident_time.astimezone(UTC).isoformat(timespec="microseconds")
    with house.db.write() as connection:
        session, place = _attempt(connection, tool, asked)
        known = tool_rows.control(connection, tool.id, place.id, asked.action, at)
        if known is not None:
            if not read(known.body.encode()).tells_the_same_as(asked):
                raise ControlConflict(
                    f"A request to {asked.action} with this incident_time told something else: give another time."
                )
            return ControlReply.model_validate(known.reply)
        if session.state is SessionState.PUBLISHED:
            raise ResultsArePublished(f"The results of session {session.id} are published.")
        told = _told(house, tool, asked, now)
        incident_rows.add(connection, _incident(place, told))
        sitting, events = place.sitting, place.events
        if session.state is SessionState.OPEN:
            step = expiry.with_draft(connection, house, session.pins, _act(sitting, events, told), now)
            sitting_rows.save(connection, step)
            sitting, events = step.state, events + step.events
        reply = ControlReply(status=_status(sitting.state), extra_time=_minutes_given(events))
        tool_rows.add_control(
            connection,
            {
                "id": str(uuid.uuid4()),
                "tool_id": tool.id,
                "sitting_id": place.id,
                "action": asked.action.value,
                "incident_time": at,
                "body": body.decode(),
                "reply": reply.model_dump(mode="json"),
                "at": now,
            },
        )
    return reply


def _attempt(connection: Connection, tool: Tool, asked: ControlRequest) -> tuple[Session, Enrolment]:
    """The one sitting that a request names, at the tool's own centre. Raises `NoSuchAttempt`."""
    link, user = asked.resource_link.id, asked.user.sub
    code = canonical(link)
    try:
        session = session_rows.with_code(connection, f"{code[:3]}-{code[3:]}")
        session = session or session_rows.load(connection, SessionId(link))
    except NoSuchSession:
        session = None
    if session is not None and session.centre_id == tool.centre_id and asked.attempt_number == 1:
        found = tool_rows.attempts(connection, session.id, user)
        if len(found) == 1:
            return session, sitting_rows.load(connection, found[0])
    raise NoSuchAttempt("There is no such attempt.")


def _told(house: House, tool: Tool, asked: ControlRequest, now: datetime) -> _Told:
    sentence = french.CONTROLS[_manner(tool, asked)].format(tool=tool.name)
    kind = house.catalogue.taxonomy.get(asked.reason_code or "")
    reason = asked.reason_msg or ""
    if kind is None:
        reason = " · ".join(filter(None, (asked.reason_code, asked.reason_msg)))
        other = house.catalogue.taxonomy[OTHER]
        severity = other.severity if asked.incident_severity is None else asked.incident_severity
        # To go on, or to get time, accuses nobody: such a report is kept, and no result waits for a ruling on it.
        blocks = asked.action not in (Action.RESUME, Action.UPDATE)
        kind = other.model_copy(update={"severity": severity, "blocks": blocks})
    elif asked.action is Action.TERMINATE:
        kind = kind.model_copy(update={"blocks": True})
    text = _cut(f"{sentence} {reason}".strip(), LONGEST_TEXT)
    return _Told(tool, asked, kind, text, min(asked.incident_time, now), now)


def _manner(tool: Tool, asked: ControlRequest) -> str:
    return "propose" if asked.action is Action.TERMINATE and not tool.may_terminate else asked.action.value


def _incident(place: Enrolment, told: _Told) -> Incident:
    return report(
        Incident(
            id=IncidentId(str(uuid.uuid4())),
            sitting=place.id,
            kind=told.kind,
            occurred_at=told.occurred_at,
            recorded_at=told.now,
            author=told.tool.id,
            item=_on_screen_at(place, told.occurred_at),
            text=told.text,
            source=Source.ACS,
        )
    )


def _on_screen_at(place: Enrolment, at: datetime) -> ItemId | None:
    """The item that was on screen at an instant: a tool may report later than it saw."""
    start = enrolled(place.id, place.sitting.seed, place.sitting.accommodation)
    return replay(start, takewhile(lambda event: event.at <= at, place.events)).on_screen


def _act(sitting: Sitting, events: Iterable[Event], told: _Told) -> Step:
    """What comes of a request; a sitting that cannot do it stays as it is."""
    now, by, reason = told.now, told.tool.id, _cut(told.text, LONGEST_REASON)
    done = commands.expire(sitting, now)  # so that the status is told as it stands
    state = done.state.state
    match told.asked.action:
        case Action.PAUSE if state is State.RUNNING:
            done = _then(done, commands.pause(done.state, by, reason, now))
        case Action.RESUME if state is State.PAUSED and _paused_by(events) == by:
            done = _then(done, commands.resume(done.state, by, now))
        case Action.TERMINATE if told.tool.may_terminate and state in (State.RUNNING, State.PAUSED):
            technical = told.kind.category in NOT_THEIR_DOING
            done = _then(done, commands.terminate(done.state, by, reason, technical, now))
        case _:
            pass
    minutes = told.asked.extra_time
    if minutes and done.state.state in (State.RUNNING, State.PAUSED):
        done = _then(done, commands.grant_time(done.state, by, 60 * minutes, reason, now))
    return done


def _then(done: Step, more: Step) -> Step:
    return Transition(more.state, done.events + more.events)


def _paused_by(events: Iterable[Event]) -> PersonId | None:
    """Who set the last pause: what a proctor stopped, no tool sets going."""
    by = None
    for event in events:
        if isinstance(event, Paused):
            by = event.by
    return by


def _status(state: State) -> Status:
    match state:
        case State.RUNNING:
            return Status.RUNNING
        case State.PAUSED:
            return Status.PAUSED
        case State.TERMINATED:
            return Status.TERMINATED
        case State.SUBMITTED | State.EXPIRED:
            return Status.COMPLETE
        case _:
            return Status.NONE


def _minutes_given(events: Iterable[Event]) -> int:
    """All the minutes that were given during the test, by whomever."""
    return sum(e.seconds for e in events if isinstance(e, TimeGranted)) // 60


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A tool proposes to end a test, and the proctor has not done so."""

    sitting: SittingId
    incident: Incident


def proposals(connection: Connection, sittings: Iterable[Enrolment]) -> list[Proposal]:
    """The open proposals to end a test among some sittings, for the console."""
    running = {e.id for e in sittings if e.sitting.state in (State.RUNNING, State.PAUSED)}
    asked = tool_rows.asked_to_end(connection, list(running))
    found = incident_rows.of_sittings(connection, list(running)) if asked else []
    return [
        Proposal(i.sitting, i)
        for i in found
        if i.source is Source.ACS and (i.sitting, i.author, i.recorded_at) in asked
    ]
