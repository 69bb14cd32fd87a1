"""The log of a session: what happened, when, by whom, from every source in one order."""

from dataclasses import dataclass
from datetime import datetime

from engine.delivery import events as happened
from engine.kernel import SessionId, SittingId
from web.db import incidents as incident_rows
from web.db import people, rosters
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.french import CHECK_LINES, CHECK_RESULTS
from web.services import checkin, followups
from web.services.checkin import Look
from web.services.house import House
from web.services.notes import told
from web.services.scope import session_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log; `kind` names what happened, `detail` holds what belongs to it."""

    at: datetime
    author: str
    kind: str
    candidate: str = ""
    detail: str = ""
    recorded_at: datetime | None = None


# Items put and answered are the candidate's own matter; the log tells of what people did.
_SILENT = (happened.Presented, happened.Answered)


def journal(house: House, actor: Person, session: SessionId) -> list[Entry]:
    """The log of a session, the newest first."""
    with house.db.read() as connection:
        session_of(connection, actor, session)
        enrolments = {e.id: e for e in sitting_rows.watch_session(connection, session)}
        incidents = incident_rows.of_sittings(connection, list(enrolments))
        rulings = incident_rows.rulings_on(connection, incidents)
        notes = session_rows.notes(connection, session)
        names = people.names(connection)
        gone = {str(n.data["sitting"]) for n in notes if "sitting" in n.data} - set(enrolments)
        elsewhere = {
            s: f"{last.upper()} {first}".strip() for s, (last, first) in rosters.names_of(connection, [*gone]).items()
        }
        added = followups.of_incidents(connection, [i.id for i in incidents])
        checks = checkin.history(connection, list(enrolments))
    entries: list[Entry] = []
    for note in notes:
        if note.kind == "ruled":
            continue  # the ruling itself tells more
        about = str(note.data.get("sitting", ""))
        who = enrolments[SittingId(about)].full_name if about in enrolments else elsewhere.get(about, "")
        entries.append(Entry(note.at, note.author, note.kind, who, told(note)))
    for enrolment in enrolments.values():
        for event in enrolment.events:
            if isinstance(event, _SILENT):
                continue
            by = getattr(event, "by", None)
            author = names.get(by, "") if by else enrolment.full_name
            entries.append(Entry(event.at, author, event.kind, enrolment.full_name, _detail(event)))
    about_incident = {i.id: i for i in incidents}
    entries += [
        Entry(
            incident.occurred_at,
            names.get(incident.author, ""),
            "incident",
            enrolments[incident.sitting].full_name,
            " · ".join(filter(None, (incident.kind.code, incident.kind.label, incident.text))),
            incident.recorded_at,
        )
        for incident in incidents
    ]
    entries += [
        Entry(
            more.at,
            more.author,
            "follow_up",
            enrolments[about_incident[more.incident].sitting].full_name,
            f"{about_incident[more.incident].kind.code} · {more.text}",
        )
        for more in added
    ]
    entries += [
        Entry(done.at, names.get(done.author, ""), "checked", enrolments[done.sitting].full_name, _checks(done))
        for done in checks
    ]
    for ruling in rulings:
        incident = about_incident[ruling.incident]
        entries.append(
            Entry(
                ruling.at,
                names.get(ruling.author, ""),
                f"ruling_{ruling.decision}",
                enrolments[incident.sitting].full_name,
                f"{incident.kind.code} · {ruling.reason}",
            )
        )
        if said := ruling.confirmation:
            entries.append(
                Entry(
                    said.at,
                    names.get(said.author, ""),
                    "ruling_confirmed" if said.agrees else "ruling_refused",
                    enrolments[incident.sitting].full_name,
                    " · ".join(filter(None, (incident.kind.code, said.text))),
                )
            )
    # Turned round after sorting: of two things in one instant the later one stands first.
    return sorted(entries, key=lambda e: e.recorded_at or e.at)[::-1]


def _checks(done: Look) -> str:
    told = [
        f"{CHECK_LINES[c.line]} : {CHECK_RESULTS[c.result].lower()}{f' ({c.text})' if c.text else ''}"
        for c in done.lines
    ]
    if done.override:
        told.append(f"entrée malgré un problème : {done.override}")
    return " · ".join(told)


def _detail(event: happened.Event) -> str:
    match event:
        case happened.TimeGranted(seconds=seconds, reason=reason):
            return f"{seconds // 60} min · {reason}"
        case (
            happened.Paused(reason=reason)
            | happened.Terminated(reason=reason)
            | happened.Refused(reason=reason)
            | happened.Cancelled(reason=reason)
            | happened.AlertRefused(reason=reason)
            | happened.AlertAccepted(reason=reason)
        ):
            return reason
        case happened.Quarantined(draft=True):
            return "brouillon non validé"
        case happened.AlertRaised(text=text):
            return text
        case _:
            return ""
