"""The facts of a procès-verbal, from the log of a session: never an answer, an item, a score."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.delivery.events import (
    AlertAccepted,
    AlertRaised,
    AlertRefused,
    Authorised,
    Cancelled,
    Entered,
    Event,
    Paused,
    Quarantined,
    Refused,
    Reinstated,
    Resumed,
    Submitted,
    Terminated,
    TimeGranted,
)
from engine.delivery.states import State
from engine.kernel import SittingId
from engine.proctoring.incident import Incident, Source
from web import french
from web.db import checks as check_rows
from web.db import day_log, followups, messages, papers, people
from web.db import incidents as incident_rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.checks import Checked
from web.db.followups import Added
from web.db.messages import Said
from web.db.sessions import Note, Session
from web.db.sittings import Enrolment
from web.services.checkin import OVERRIDE
from web.services.closing import IN_ORDER, YES, Explained, signature
from web.services.house import House
from web.services.paper_facts import Course, Fact, Line, Minutes, Reported, Times, head, joined, moment, span
from web.typography import spaced

_ENDS: Mapping[State, str] = {
    State.SUBMITTED: "Terminé",
    State.EXPIRED: "Temps écoulé",
    State.TERMINATED: "Arrêté",
    State.REFUSED: "Non admis",
    State.ABSENT: "Absent",
    State.CANCELLED: "Inscription annulée",
}
_NOT_TOLD = frozenset({"created", "enrolled", "imported", "enrolment_edited", "codes_downloaded", *day_log.AFTERWARDS})


@dataclass(frozen=True, slots=True)
class _Log:
    """How instants and accounts are said in one paper."""

    times: Times
    names: Mapping[str, str]

    def at(self, instant: datetime) -> str:
        return self.times.to_second(instant)

    def who(self, account: str) -> str:
        return self.names.get(account, "")


def minutes_facts(
    house: House, db: Connection, slot: Session, totals: Callable[[Sequence[Enrolment]], tuple[Fact, ...]]
) -> tuple[Minutes, datetime]:
    """What stands in the procès-verbal of a session, and as of when: once signed, as of its signature."""
    notes = session_rows.notes(db, slot.id)
    signed = signature(notes)
    made_at = signed.at if signed else papers.last_entry(db, slot.id)
    places = sitting_rows.load_session(db, slot.id)
    ids = [e.id for e in places]
    # What came to the jury later is the jury's: signed minutes never change.
    incidents = [
        i
        for i in incident_rows.of_sittings(db, ids)
        if i.source is not Source.JURY and (i.recorded_at <= made_at or not signed)
    ]
    added = [a for a in followups.of_incidents(db, [i.id for i in incidents]) if a.at <= made_at or not signed]
    said = messages.of_session(db, slot.id)
    checks = check_rows.standing(db, ids)
    proctors = session_rows.proctors_of(db, slot.id)
    log = _Log(Times(slot.starts_at), people.names(db))
    names = {e.id: e.full_name for e in places}
    release = house.catalogue.release(slot.release_digest)
    done = {note.kind: note for note in notes}
    facts = Minutes(
        head=head(house, slot, "Procès-verbal de session"),
        facts=(
            Fact("Centre", f"{slot.centre} (académie de {slot.academy})"),
            Fact("Convocation", moment(slot.starts_at)),
            Fact("Surveillance", french.MODES[slot.mode]),
            Fact("Lieu", slot.place),
            Fact("Code de session", slot.code),
            Fact("Ouverture", moment(done["opened"].at) if "opened" in done else "–"),
            Fact("Clôture", moment(done["closed"].at) if "closed" in done else "–"),
            Fact("Banque d'épreuves", f"{release.name}, {french.PROVENANCES[release.provenance].lower()}"),
            Fact("Règles", house.catalogue.rules(slot.rules_digest).name),
        ),
        people=(
            Fact("Surveillants désignés", joined(proctors)),
            *(Fact(label, done[kind].author) for kind, label in _CHARGES if kind in done),
        ),
        totals=totals(places),
        timeline=tuple(line for _, line in sorted(_timeline(notes, places, said, log), key=lambda found: found[0])),
        courses=tuple(_course(e, [c for c in checks if c.sitting == e.id], log) for e in places),
        incidents=tuple(_reported(i, names, added, log) for i in incidents),
        explained=tuple(map(_explained, signed.explained)) if signed else (),
        remark=signed.remark if signed else "",
        signed_by=signed.author if signed else "",
        signed_at=moment(signed.at) if signed else "",
        digest=signed.digest if signed else day_log.digest(db, slot.id),
    )
    return facts, made_at


_CHARGES = (("created", "Session prévue par"), ("opened", "Ouverte par"), ("closed", "Clôturée par"))


def _timeline(
    notes: Sequence[Note], places: Sequence[Enrolment], said: Sequence[Said], log: _Log
) -> list[tuple[datetime, Line]]:
    """What happened to the session as a whole."""
    names: Mapping[str, str] = {e.id: e.full_name for e in places}
    found = [
        (
            note.at,
            Line(
                log.at(note.at),
                french.HAPPENED.get(note.kind, note.kind),
                note.author,
                names.get(note.data.get("sitting", ""), ""),
            ),
        )
        for note in notes
        if note.kind not in _NOT_TOLD
    ]
    found += [
        (s.at, Line(log.at(s.at), "Annonce à tous", log.who(s.author), s.text))
        for s in said
        if s.author and s.sitting is None
    ]
    stops: Counter[Paused] = Counter(e for p in places for e in p.events if isinstance(e, Paused))
    starts: Counter[Resumed] = Counter(e for p in places for e in p.events if isinstance(e, Resumed))
    found += [
        (stop.at, Line(log.at(stop.at), f"Pause de {n} candidats", log.who(stop.by), stop.reason))
        for stop, n in stops.items()
        if n > 1
    ]
    found += [
        (start.at, Line(log.at(start.at), f"Reprise de {n} candidats", log.who(start.by)))
        for start, n in starts.items()
        if n > 1
    ]
    return found


def _course(enrolment: Enrolment, checks: Sequence[Checked], log: _Log) -> Course:
    sitting, events = enrolment.sitting, enrolment.events
    clock = sitting.clock
    granted = sum(e.seconds for e in events if isinstance(e, TimeGranted))
    return Course(
        name=enrolment.full_name,
        started=log.at(clock.started_at) if clock else "–",
        ended=log.at(sitting.ended_at) if clock and sitting.ended_at else "–",
        allowed=french.duration(sitting.accommodation.allowance),
        granted=span(timedelta(seconds=granted)),
        stopped=span(_stopped(events)),
        end=_end(enrolment),
        notes=(
            *(line for _, line in sorted([*_notes(events, log), *_checked(checks, log)], key=lambda found: found[0])),
            *_counts(events),
        ),
    )


def _end(enrolment: Enrolment) -> str:
    match enrolment.events[-1:]:
        case (Terminated(technical=technical),):
            return "Arrêté, cause technique" if technical else "Arrêté, du fait du candidat"
        case (Submitted(early=True),):
            return "Terminé par le candidat avant la fin"
        case _:
            return _ENDS.get(enrolment.sitting.state, "Non terminé")


def _stopped(events: Sequence[Event]) -> timedelta:
    """For how long the clock of a sitting stood still."""
    total, since, holds = timedelta(), None, 0
    for event in events:
        match event:
            case Paused() | AlertRaised():
                since = event.at if holds == 0 else since
                holds += 1
            case Resumed() | AlertRefused() | AlertAccepted():
                holds -= 1
            case Terminated():
                holds = 0
        if holds == 0 and since is not None:
            total, since = total + (event.at - since), None
    return total


def _notes(events: Sequence[Event], log: _Log) -> list[tuple[datetime, Line]]:
    """What is worth telling of one sitting, in order; the content of items and answers is not."""
    found: list[tuple[datetime, Line]] = []
    device: str | None = None
    let_in_by = ""

    def tell(at: datetime, what: str, by: str = "", detail: str = "") -> None:
        found.append((at, Line(log.at(at), spaced(what), log.who(by) if by else "", detail)))

    for n, event in enumerate(events):
        match event:
            case Authorised(by=by):
                let_in_by = by
            case Entered(at=at, device=own):
                if device is not None:
                    tell(at, "Changement d'appareil" if own != device else "Nouvelle entrée, même appareil", let_in_by)
                device = own
            case Paused(at, by, reason):
                end = next((e.at for e in events[n:] if isinstance(e, Resumed | Terminated)), None)
                lasted = f", {span(end - at)}" if end else ""
                tell(at, f"Mis en pause{lasted}", by, reason)
            case TimeGranted(at, by, seconds, reason):
                tell(at, f"Temps ajouté : {span(timedelta(seconds=seconds))}", by, reason)
            case AlertRaised(at=at, text=text):
                tell(at, "Problème signalé par le candidat sur une question", "", text)
                if not any(isinstance(e, AlertRefused | AlertAccepted) for e in events[n:]):
                    tell(events[-1].at, "Problème signalé resté sans réponse")
            case AlertRefused(at, by, reason):
                tell(at, "Signalement refusé, la question a continué", by, reason)
            case AlertAccepted(at, by, reason):
                tell(at, "Signalement accepté, question remplacée", by, reason)
            case Terminated(at, by, reason):
                tell(at, "Test arrêté", by, reason)
            case Refused(at, by, reason):
                tell(at, "Entrée refusée", by, reason)
            case Cancelled(at, by, reason):
                tell(at, "Inscription annulée", by, reason)
            case Reinstated(at, by):
                tell(at, "Inscription rétablie", by)
            case _:
                pass
    return found


def _counts(events: Sequence[Event]) -> list[Line]:
    """How many items were replaced and how many replies came too late."""
    counts = (
        (sum(isinstance(e, AlertAccepted) for e in events), "Questions remplacées pendant le test"),
        (sum(isinstance(e, Quarantined) for e in events), "Réponses arrivées hors délai, conservées pour le jury"),
    )
    return [Line("", spaced(f"{what} : {n}")) for n, what in counts if n]


def _checked(checks: Sequence[Checked], log: _Log) -> list[tuple[datetime, Line]]:
    """The check-in lines that were not in order, and why somebody was let in all the same."""

    def what(check: Checked) -> str:
        if check.line == OVERRIDE:
            return "Entrée autorisée malgré un problème"
        return f"Vérification d'entrée non satisfaisante : {french.CHECK_NAMES.get(check.line, check.line)}"

    return [
        (c.at, Line(log.at(c.at), spaced(what(c)), log.who(c.author), c.text))
        for c in checks
        if c.result not in IN_ORDER
    ]


def _reported(incident: Incident, names: Mapping[SittingId, str], added: Sequence[Added], log: _Log) -> Reported:
    return Reported(
        code=incident.kind.code,
        label=incident.kind.label,
        name=names[incident.sitting],
        occurred=log.at(incident.occurred_at),
        recorded=log.at(incident.recorded_at),
        author=log.who(incident.author) or "–",
        text=incident.text,
        added=tuple(
            Line(log.at(a.at), "Complément", log.who(a.author), a.text) for a in added if a.incident == incident.id
        ),
    )


def _explained(said: Explained) -> Line:
    return Line("", french.EXPLAINED[said.lack], said.name, "Constatée" if said.text == YES else said.text)
