"""The end of a day: what is missing before the minutes can be signed, and signing them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from engine.delivery.events import AlertAccepted, AlertRaised, AlertRefused, Cancelled, Expired, Refused, Terminated
from engine.delivery.session import SessionState, moved
from engine.delivery.sitting import Sitting
from engine.delivery.states import State
from engine.kernel import EngineError, SessionId, SittingId
from engine.proctoring.incident import Incident, Source
from web.db import checks, day_log, due, followups, messages, signs
from web.db import incidents as incident_rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.checks import Checked
from web.db.followups import Added
from web.db.messages import Said
from web.db.people import Person
from web.db.sessions import Note, Session
from web.db.sittings import Enrolment
from web.services.checkin import OVERRIDE, Result
from web.services.house import House
from web.services.scope import session_of
from web.services.supervision import SILENT_AFTER, sweep

LONGEST_EXPLANATION = 500
LONGEST_REMARK = 2_000
YES = "yes"
IN_ORDER = frozenset({Result.GOOD, Result.NOT_APPLICABLE})
"""Results of a check-in line that need no word."""


class StillMissing(EngineError):
    """The minutes are signed when nothing is missing from them."""

    code = "still_missing"


class Remedy(StrEnum):
    """What has to be done about a point of the list."""

    ACT = "act"
    """Something else has to be done first."""
    EXPLAIN = "explain"
    """A sentence is needed: it goes into the minutes."""
    CONFIRM = "confirm"
    """Somebody has to say that it is so."""
    NOTE = "note"
    """Nothing: whoever signs should know it."""


class Lack(StrEnum):
    """Why a point is on the list."""

    UNFINISHED = "unfinished"
    OPEN_ALERT = "open_alert"
    ABSENT = "absent"
    NO_PROCTOR = "no_proctor"
    TEXT_MISSING = "text_missing"
    REASON_MISSING = "reason_missing"
    CHECK_FAILED = "check_failed"
    HELP_UNANSWERED = "help_unanswered"
    NOT_COME = "not_come"
    ALERT_UNSETTLED = "alert_unsettled"
    WITHOUT_WORDS = "without_words"
    SILENT_AT_END = "silent_at_end"
    QUARANTINED = "quarantined"


REMEDIES: dict[Lack, Remedy] = {
    Lack.UNFINISHED: Remedy.ACT,
    Lack.OPEN_ALERT: Remedy.ACT,
    Lack.ABSENT: Remedy.CONFIRM,
    Lack.NO_PROCTOR: Remedy.EXPLAIN,
    Lack.TEXT_MISSING: Remedy.EXPLAIN,
    Lack.REASON_MISSING: Remedy.EXPLAIN,
    Lack.CHECK_FAILED: Remedy.EXPLAIN,
    Lack.HELP_UNANSWERED: Remedy.EXPLAIN,
    Lack.NOT_COME: Remedy.NOTE,
    Lack.ALERT_UNSETTLED: Remedy.NOTE,
    Lack.WITHOUT_WORDS: Remedy.NOTE,
    Lack.SILENT_AT_END: Remedy.NOTE,
    Lack.QUARANTINED: Remedy.NOTE,
}


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the list, about one candidate or about the session."""

    lack: Lack
    about: str
    """What it is about, in the names of rows: the same point has the same key as long as it is there."""
    name: str = ""
    detail: str = ""
    sitting: SittingId | None = None
    at: datetime | None = None

    @property
    def key(self) -> str:
        """The name of its field in the form."""
        return f"{self.lack}.{self.about}"

    @property
    def remedy(self) -> Remedy:
        """What has to be done about it."""
        return REMEDIES[self.lack]

    def is_met_by(self, answers: Mapping[str, str]) -> bool:
        """Whether what was given in the form does away with it."""
        given = answers.get(self.key, "").strip()
        match self.remedy:
            case Remedy.NOTE:
                return True
            case Remedy.ACT:
                return False
            case Remedy.CONFIRM:
                return given == YES
            case Remedy.EXPLAIN:
                return bool(given)


@dataclass(frozen=True, slots=True)
class Explained:
    """A point that was explained or confirmed in the minutes."""

    lack: Lack
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Finalisation:
    """Who signed the minutes, when, on what log, and what they had to say."""

    author: str
    at: datetime
    digest: str
    explained: tuple[Explained, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a day as the one sees it who has to sign."""

    session: Session
    points: tuple[Point, ...]
    states: Mapping[State, int]
    finalisation: Finalisation | None
    log_is_as_signed: bool
    """Whether the log still has the digest that was signed; true before it is signed."""
    erased_at: datetime | None = None
    """When personal data of the session were last erased: from then on the digest cannot be made again."""

    def those(self, *remedies: Remedy) -> tuple[Point, ...]:
        """The points that ask for some remedies."""
        return tuple(p for p in self.points if p.remedy in remedies)


def closing(house: House, actor: Person, session: SessionId, now: datetime) -> Closing:
    """Where the end of the day stands. Raises `NoSuchSession`."""
    sweep(house, actor, session, now)
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        enrolments = sitting_rows.load_session(connection, session)
        signed = signature(session_rows.notes(connection, session))
        return Closing(
            slot,
            () if signed else _points(connection, slot, enrolments),
            Counter(e.sitting.state for e in enrolments),
            signed,
            signed is None or day_log.digest(connection, session, signed.at) == signed.digest,
            due.last_erasure(connection, session),
        )


def missing(house: House, actor: Person, session: SessionId) -> tuple[Point, ...]:
    """What stands between a session and its minutes, and what whoever signs should know. Raises `NoSuchSession`."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        return _points(connection, slot, sitting_rows.load_session(connection, session))


def finalise(
    house: House, actor: Person, session: SessionId, answers: Mapping[str, str], remark: str, now: datetime
) -> None:
    """Sign the minutes of a closed session. `answers` has a word for each point that needs one.

    Raises `SessionRefusal`, `StillMissing` with the names of the candidates it is about.
    """
    with house.db.write() as connection:
        slot = session_of(connection, actor, session)
        to = moved(slot.state, SessionState.FINALISED)
        points = _points(connection, slot, sitting_rows.load_session(connection, session))
        lacking = [p for p in points if not p.is_met_by(answers)]
        if lacking:
            raise StillMissing(
                f"{len(lacking)} points are missing.", names=[p.name for p in lacking], keys=[p.key for p in lacking]
            )
        explained = [
            {"lack": p.lack.value, "name": p.name, "text": _given(answers[p.key], LONGEST_EXPLANATION)}
            for p in points
            if p.remedy in (Remedy.CONFIRM, Remedy.EXPLAIN)
        ]
        session_rows.move(connection, slot, to)
        session_rows.note(
            connection,
            session,
            actor.id,
            "finalised",
            now,
            digest=day_log.digest(connection, session, now),
            explained=explained,
            remark=_given(remark, LONGEST_REMARK),
        )


def signature(notes: Sequence[Note]) -> Finalisation | None:
    """The signing of the minutes among what was done to a session."""
    for note in notes:
        if note.kind == "finalised":
            said: Mapping[str, Any] = note.data
            explained = tuple(Explained(Lack(e["lack"]), e["name"], e["text"]) for e in said["explained"])
            return Finalisation(note.author, note.at, said["digest"], explained, said["remark"])
    return None


def _given(text: str, longest: int) -> str:
    return text.strip()[:longest]


def _points(connection: Connection, slot: Session, enrolments: Sequence[Enrolment]) -> tuple[Point, ...]:
    ids = [e.id for e in enrolments]
    names = {e.id: e.full_name for e in enrolments}
    incidents = [i for i in incident_rows.of_sittings(connection, ids) if i.source is not Source.JURY]
    added = followups.of_incidents(connection, [i.id for i in incidents])
    found: list[Point] = []
    if not session_rows.proctors_of(connection, slot.id):
        found.append(Point(Lack.NO_PROCTOR, "session"))
    last_signs = signs.last_of(connection, ids)
    for enrolment in enrolments:
        found += _of_sitting(enrolment, last_signs.get(enrolment.id))
    found += [_of_incident(i, names[i.sitting]) for i in incidents if not _has_words(i, added)]
    found += [
        Point(Lack.CHECK_FAILED, f"{c.sitting}.{c.line}", names[c.sitting], c.line, c.sitting, c.at)
        for c in _unexplained(checks.standing(connection, ids))
    ]
    found += [
        Point(Lack.HELP_UNANSWERED, said.id, names.get(said.sitting, ""), said.text, said.sitting, said.at)
        for said in _unanswered(messages.of_session(connection, slot.id))
        if said.sitting
    ]
    order = list(Lack)
    return tuple(sorted(found, key=lambda p: (order.index(p.lack), p.name, p.about)))


def _of_sitting(enrolment: Enrolment, sign: datetime | None) -> list[Point]:
    """What the log of one sitting leaves open."""
    sitting, log = enrolment.sitting, enrolment.events
    last = log[-1] if log else None

    def point(lack: Lack, detail: str = "", at: datetime | None = None) -> Point:
        return Point(lack, enrolment.id, enrolment.full_name, detail, enrolment.id, at)

    found = []
    if sitting.state is State.ENROLLED:
        found.append(point(Lack.NOT_COME))
    elif not sitting.state.is_over:
        found.append(point(Lack.UNFINISHED, sitting.state.value))
    if sitting.alert:
        found.append(point(Lack.OPEN_ALERT, sitting.alert.text, sitting.alert.at))
    if sitting.state is State.ABSENT:
        found.append(point(Lack.ABSENT))
    ends = [e for e in log if isinstance(e, Terminated | Refused | Cancelled)]
    found += [point(Lack.REASON_MISSING, e.kind, e.at) for e in ends if not e.reason.strip()]
    raised = [e for e in log if isinstance(e, AlertRaised)]
    settled = sum(isinstance(e, AlertRefused | AlertAccepted) for e in log)
    if sitting.state.is_over and len(raised) > settled:
        found.append(point(Lack.ALERT_UNSETTLED, raised[-1].text, raised[-1].at))
    if isinstance(last, Expired) and _was_silent(sitting, sign, last.at):
        found.append(point(Lack.SILENT_AT_END, at=sign))
    if sitting.quarantined:
        found.append(point(Lack.QUARANTINED, str(len(sitting.quarantined)), sitting.quarantined[-1].at))
    return found


def _was_silent(sitting: Sitting, sign: datetime | None, end: datetime) -> bool:
    """Whether nothing had been heard of the candidate for a while when the time ran out."""
    heard = [at for at in (sign, sitting.answers[-1].at if sitting.answers else None) if at]
    deadline = min(end, sitting.clock.deadline(end)) if sitting.clock else end
    return not heard or deadline - max(heard) > SILENT_AFTER


def _of_incident(incident: Incident, name: str) -> Point:
    """A report that says nothing but its kind; some kinds say nothing without a text."""
    lack = Lack.TEXT_MISSING if incident.kind.text_required else Lack.WITHOUT_WORDS
    detail = f"{incident.kind.code} · {incident.kind.label}"
    return Point(lack, incident.id, name, detail, incident.sitting, incident.occurred_at)


def _has_words(incident: Incident, added: Sequence[Added]) -> bool:
    """Whether a report has a text or a follow-up, or needs neither."""
    needs = incident.kind.blocks or incident.kind.text_required
    return not needs or bool(incident.text.strip()) or any(a.incident == incident.id for a in added)


def _unexplained(lines: Sequence[Checked]) -> list[Checked]:
    """The check-in lines that are not in order, without a note of their own or a reason to let in in spite of them."""
    told = {c.sitting for c in lines if c.line == OVERRIDE and c.text.strip()}
    return [
        c
        for c in lines
        if c.result not in IN_ORDER and c.line != OVERRIDE and not c.text.strip() and c.sitting not in told
    ]


def _unanswered(said: Sequence[Said]) -> list[Said]:
    """The messages of candidates that no proctor acknowledged, and after which none wrote to them."""
    return [
        asked
        for asked in said
        if asked.author is None
        and not asked.read
        and not any(s.author and s.sitting == asked.sitting and s.at >= asked.at for s in said)
    ]
