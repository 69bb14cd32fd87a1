"""A sitting as it went, for the jury: everything in order, from every source.

It tells neither an answer nor whether it was right. A passed item is told like an answered one: to pass is to be wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.delivery import events as happened
from engine.items.frameworks import Framework
from engine.items.release import Release
from engine.kernel import IncidentId, ItemId, SittingId
from engine.proctoring.incident import Incident
from engine.proctoring.ruling import Ruling
from web.db import checks, followups, messages, people, signs
from web.db import incidents as incident_rows
from web.db.people import Person
from web.db.sittings import Enrolment
from web.services import facts
from web.services.house import House
from web.services.scope import sitting_of

_ENDS = (happened.Submitted.kind, happened.Expired.kind, happened.Terminated.kind)


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, or that lasted `until`; `kind` names it, `detail` is what people wrote about it."""

    at: datetime
    kind: str
    author: str = ""
    """A person's name; empty: the candidate, or nobody."""
    detail: str = ""
    until: datetime | None = None
    position: int | None = None
    """Of an item: its number on the candidate's screen."""
    framework: Framework | None = None
    competence: str = ""
    recorded_at: datetime | None = None
    incident: IncidentId | None = None
    is_marked: bool = False
    """It is the incident that is looked at, or the item that was on screen then."""
    extra: str = ""
    """A word of the kind's own: the result of a check-in line, the code of an incident, minutes given."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the whole time, as shares of it between 0 and 1."""

    start: float
    end: float
    moment: Moment


@dataclass(frozen=True, slots=True)
class Timeline:
    """A sitting as it went."""

    moments: tuple[Moment, ...]
    at_incident: int | None
    """The number of the item that was on screen when the incident that is looked at occurred."""

    @property
    def began_at(self) -> datetime:
        """Where the axis begins: when the candidate came in, or else with the first moment."""
        return next((m.at for m in self.moments if m.kind in ("entered", "started")), self.moments[0].at)

    @property
    def ended_at(self) -> datetime:
        """Where the axis ends: with the test, or else with the last moment."""
        over = [m.at for m in self.moments if m.kind in _ENDS]
        return over[-1] if over else max(m.until or m.at for m in self.moments)

    @property
    def groups(self) -> tuple[tuple[Moment, ...], ...]:
        """The moments with unmarked items that follow each other put together."""
        found: list[list[Moment]] = []
        for moment in self.moments:
            joins = bool(found) and _is_plain_item(moment) and _is_plain_item(found[-1][-1])
            if joins:
                found[-1].append(moment)
            else:
                found.append([moment])
        return tuple(map(tuple, found))

    def spans(self, *kinds: str) -> tuple[Span, ...]:
        """The moments of some kinds on the axis."""
        return tuple(Span(self.share(m.at), self.share(m.until or m.at), m) for m in self.moments if m.kind in kinds)

    def share(self, at: datetime) -> float:
        """Where an instant lies on the axis, from 0 to 1."""
        whole = (self.ended_at - self.began_at).total_seconds()
        return min(1.0, max(0.0, (at - self.began_at).total_seconds() / whole)) if whole else 0.0


def timeline(house: House, actor: Person, sitting: SittingId, looked_at: IncidentId | None = None) -> Timeline | None:
    """A sitting as it went, one of its incidents marked; `None` if nothing has happened. Raises `NoSuchSitting`."""
    with house.db.read() as connection:
        session, enrolment = sitting_of(connection, actor, sitting)
        names = people.names(connection)
        incidents = incident_rows.of_sittings(connection, [sitting])
        rulings = incident_rows.rulings_on(connection, incidents)
        ids = [i.id for i in incidents]
        moments = [
            *_of_the_log(enrolment, house.catalogue.release(session.release_digest), names),
            *(
                Moment(began, "silence", until=ended)
                for began, ended in signs.silences_of(connection, [sitting]).get(sitting, ())
            ),
            *(Moment(f.at, "fact", extra=f.kind) for f in facts.of_sittings(connection, [sitting])),
            *(
                Moment(c.at, "check_line", names.get(c.author, ""), c.text, extra=f"{c.line}:{c.result}")
                for c in checks.of_sittings(connection, [sitting])
            ),
            *(
                Moment(
                    said.at,
                    "message" if said.author else "message_from_candidate",
                    names.get(said.author, "") if said.author else "",
                    said.text,
                    recorded_at=said.read.get(sitting),
                    extra="" if said.sitting else "to_all",
                )
                for said in messages.of_sitting(connection, session.id, sitting)
                if said.sitting or _was_there(enrolment, said.at)
            ),
            *_of_incidents(incidents, rulings, names),
            *(
                Moment(
                    added.at,
                    "follow_up",
                    names.get(added.author, ""),
                    added.text,
                    incident=added.incident,
                    extra=next(i.kind.code for i in incidents if i.id == added.incident),
                )
                for added in followups.of_incidents(connection, ids)
            ),
        ]
    if not moments:
        return None
    moments.sort(key=lambda m: m.at)
    marked = next((i for i in incidents if i.id == looked_at), None)
    position = _on_screen(moments, enrolment, marked) if marked else None
    return Timeline(tuple(_marked(m, looked_at, position) for m in moments), position)


def _of_the_log(enrolment: Enrolment, release: Release, names: Mapping[str, str]) -> list[Moment]:
    """The log, with one moment for each item from when it was put to when it left the screen."""
    found: list[Moment] = []
    open_item: int | None = None
    pauses: list[int] = []
    position = 0
    for event in enrolment.events:
        by = names.get(getattr(event, "by", ""), "")
        match event:
            case happened.Presented(at, item):
                position += 1
                known = release.item(item)
                open_item = len(found)
                found.append(
                    Moment(at, "item", position=position, framework=known.framework, competence=known.competence)
                )
                continue
            case happened.Answered(at, late=late):
                if open_item is not None:
                    found[open_item] = replace(found[open_item], until=at, extra="late" if late else "answered")
                open_item = None
                continue
            case happened.Paused():
                pauses.append(len(found))
            case happened.Resumed(at=at):
                while pauses:
                    place = pauses.pop()
                    found[place] = replace(found[place], until=at)
            case happened.AlertAccepted(at=at) if open_item is not None:
                found[open_item] = replace(found[open_item], until=at, extra="replaced")
                open_item = None
            case happened.Submitted(at=at) | happened.Expired(at=at) | happened.Terminated(at=at):
                for place in (*pauses, *([open_item] if open_item is not None else [])):
                    found[place] = replace(found[place], until=at)
                pauses, open_item = [], None
            case _:
                pass
        found.append(_told(event, by, _position(enrolment, event)))
    return found


def _was_there(enrolment: Enrolment, at: datetime) -> bool:
    """Whether a candidate could hear what was said to all."""
    ended = enrolment.sitting.ended_at
    return bool(enrolment.events) and enrolment.events[0].at <= at and (ended is None or at <= ended)


def _position(enrolment: Enrolment, event: happened.Event) -> int | None:
    """The number of the item that an event is about."""
    item: ItemId | None = getattr(event, "item", None)
    put = enrolment.sitting.presented
    return put.index(item) + 1 if item in put else None


def _told(event: happened.Event, by: str, position: int | None) -> Moment:
    text = getattr(event, "reason", "") or getattr(event, "text", "")
    extra = ""
    match event:
        case happened.TimeGranted(seconds=seconds):
            extra = str(seconds // 60)
        case happened.Terminated(technical=technical):
            extra = "technical" if technical else "candidate"
        case happened.Submitted(early=early):
            extra = "early" if early else ""
        case _:
            pass
    return Moment(event.at, event.kind, by, text, position=position, extra=extra)


def _of_incidents(incidents: Sequence[Incident], rulings: Sequence[Ruling], names: Mapping[str, str]) -> list[Moment]:
    codes = {i.id: i.kind.code for i in incidents}
    found = [
        Moment(
            i.occurred_at,
            "incident",
            names.get(i.author, ""),
            " · ".join(filter(None, (i.kind.label, i.text))),
            recorded_at=i.recorded_at,
            incident=i.id,
            extra=i.kind.code,
        )
        for i in incidents
    ]
    for r in rulings:
        code = codes[r.incident]
        found.append(
            Moment(r.at, f"ruling_{r.decision}", names.get(r.author, ""), r.reason, incident=r.incident, extra=code)
        )
        if r.confirmation:
            said = r.confirmation
            kind = "ruling_confirmed" if said.agrees else "ruling_refused"
            found.append(Moment(said.at, kind, names.get(said.author, ""), said.text, incident=r.incident, extra=code))
    return found


def _on_screen(moments: Sequence[Moment], enrolment: Enrolment, incident: Incident) -> int | None:
    """The number of the item that was on screen when an incident occurred."""
    put = enrolment.sitting.presented
    if incident.occurred_at == incident.recorded_at and incident.item in put:
        return put.index(incident.item) + 1  # as it was noted on the spot
    at = incident.occurred_at
    shown = [m for m in moments if m.kind == "item" and m.at <= at and (m.until is None or at < m.until)]
    return shown[-1].position if shown else None


def _marked(moment: Moment, looked_at: IncidentId | None, position: int | None) -> Moment:
    is_it = moment.kind == "incident" and moment.incident == looked_at and looked_at is not None
    is_item = moment.kind == "item" and moment.position == position and position is not None
    return replace(moment, is_marked=True) if is_it or is_item else moment


def _is_plain_item(moment: Moment) -> bool:
    return moment.kind == "item" and not moment.is_marked
