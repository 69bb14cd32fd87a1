"""The papers of a session as tagged PDF: convocations, attendance sheet, procès-verbal; each from the log alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.delivery.events import Authorised, CheckedIn
from engine.delivery.session import Mode, SessionState
from engine.delivery.states import State
from engine.kernel import EngineError, SessionId, SittingId
from web import french
from web.db import papers, people
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sittings import Enrolment
from web.services import codes as personal_codes
from web.services.house import House
from web.services.minutes import minutes_facts
from web.services.paper_facts import (
    Attendance,
    Convocations,
    Fact,
    Letter,
    Present,
    Times,
    extra_time,
    head,
    joined,
    moment,
    time_allowed,
)
from web.services.scope import session_of
from web.services.typeset import Pdf, file_name, pdf

NEEDS = {
    "colour": "ne distingue pas les couleurs",
    "sight": "ne voit pas l'écran",
    "hearing": "n'entend pas le son",
    "pointer": "n'utilise pas de souris",
}
"""What the candidate cannot use, as the convocation says it back."""

_STATES: Mapping[State, str] = {
    State.ENROLLED: "Attendu",
    State.CHECKED_IN: "Arrivé",
    State.AUTHORISED: "Arrivé",
    State.ENTERED: "Arrivé",
    State.RUNNING: "En cours",
    State.PAUSED: "En pause",
    State.SUBMITTED: "Présent",
    State.EXPIRED: "Présent",
    State.TERMINATED: "Présent, test arrêté",
    State.REFUSED: "Non admis",
    State.ABSENT: "Absent",
    State.CANCELLED: "Inscription annulée",
}


class WrongCodeGiven(EngineError):
    """A code that is not the candidate's must not stand on their convocation."""

    code = "wrong_code_given"


class NobodyToConvoke(EngineError):
    """There is no convocation to make."""

    code = "nobody_to_convoke"


def convocations(
    house: House,
    actor: Person,
    session: SessionId,
    codes: Mapping[SittingId, str],
    site: str = "",
    only: SittingId | None = None,
) -> Pdf:
    """The convocations to a session, a page each, or that of one candidate.

    `codes` has the personal codes that are known in clear, right after they were made; the others are handed over
    separately. Raises `NoSuchSession`, `NobodyToConvoke`, `WrongCodeGiven`.
    """
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        places = sitting_rows.load_session(connection, session)
        made_at = papers.last_entry(connection, session)
    places = [e for e in places if e.sitting.state is not State.CANCELLED and only in (None, e.id)]
    if not places:
        raise NobodyToConvoke(f"Nobody is enrolled in session {session}.")
    for enrolment in places:
        code = codes.get(enrolment.id)
        if code and not personal_codes.matches(code, enrolment.code_hash, house.secret):
            raise WrongCodeGiven(f"This is not the code of {enrolment.id}.", sitting=enrolment.id)
    one = places[0] if only else None
    address = site.rstrip("/")
    facts = Convocations(
        head=head(house, slot, f"Convocation – {_polite(one)}" if one else f"Convocations, {slot.label}"),
        when=moment(slot.starts_at),
        remote=slot.mode is Mode.REMOTE,
        place=slot.place,
        video_link=slot.video_link or "",
        address=f"{address}/candidat" if address else "",
        check_address=f"{address}/candidat/verification" if address else "",
        letters=tuple(_letter(e, codes.get(e.id, "")) for e in places),
    )
    # No name in a header: proxies write headers down.
    name = ("convocation", slot.code, one.id[:8]) if one else ("convocations", slot.code)
    return Pdf(file_name(*name), pdf("convocation", facts, made_at))


def attendance(house: House, actor: Person, session: SessionId) -> Pdf:
    """The attendance sheet: before the session to be filled in by hand, afterwards as the log has it."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        places = sitting_rows.load_session(connection, session)
        proctors = session_rows.proctors_of(connection, session)
        names = people.names(connection)
        made_at = papers.last_entry(connection, session)
    blank = slot.state is SessionState.PLANNED
    times = Times(slot.starts_at)
    facts = Attendance(
        head=head(house, slot, "Feuille d'émargement"),
        when=moment(slot.starts_at),
        place=slot.place,
        blank=blank,
        remote=slot.mode is Mode.REMOTE,
        as_of=moment(made_at),
        proctors=joined(proctors),
        rows=tuple(_present(e, times, names) for e in places if not (blank and e.sitting.state is State.CANCELLED)),
        totals=totals(places),
    )
    return Pdf(file_name("feuille-emargement", slot.code), pdf("attendance", facts, made_at))


def minutes(house: House, actor: Person, session: SessionId) -> Pdf:
    """The procès-verbal: a draft until somebody has signed it."""
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        facts, made_at = minutes_facts(house, connection, slot, totals)
    return Pdf(file_name("proces-verbal", slot.code), pdf("minutes", facts, made_at))


def note_download(house: House, actor: Person, session: SessionId, paper: str, now: datetime) -> None:
    """Write down who fetched a paper."""
    with house.db.write() as connection:
        session_of(connection, actor, session)
        session_rows.note(connection, session, actor.id, "downloaded", now, paper=paper)


def totals(places: Sequence[Enrolment]) -> tuple[Fact, ...]:
    """How many were enrolled, and what became of them."""
    count = Counter(e.sitting.state for e in places)
    taken = sum(n for state, n in count.items() if state.was_taken)
    going = count[State.RUNNING] + count[State.PAUSED]
    found = [Fact("Inscrits", str(len(places)))]
    if going or taken or not count[State.ENROLLED]:
        found.append(Fact("Ont composé", str(taken + going)))
    for states, label in (
        ((State.ENROLLED,), "Attendus"),
        ((State.CHECKED_IN, State.AUTHORISED, State.ENTERED), "Arrivés, test non commencé"),
        ((State.ABSENT,), "Absents"),
        ((State.REFUSED,), "Non admis"),
        ((State.CANCELLED,), "Inscriptions annulées"),
    ):
        number = sum(count[s] for s in states)
        if number:
            found.append(Fact(label, str(number)))
    return tuple(found)


def _polite(enrolment: Enrolment) -> str:
    return f"{enrolment.first_name} {enrolment.last_name.upper()}"


def _letter(enrolment: Enrolment, code: str) -> Letter:
    return Letter(
        name=_polite(enrolment),
        birth=french.day(enrolment.birth_date),
        track=french.TRACKS[enrolment.track],
        target=french.LEVELS[enrolment.target.slug],
        duration=time_allowed(enrolment.sitting.accommodation),
        needs=tuple(NEEDS.get(need, need) for need in enrolment.needs),
        code=code,
    )


def _present(enrolment: Enrolment, times: Times, names: Mapping[str, str]) -> Present:
    sitting, log = enrolment.sitting, enrolment.events
    arrived = next((e.at for e in log if isinstance(e, CheckedIn)), None)
    checked = next((e for e in log if isinstance(e, Authorised)), None)
    started = sitting.clock.started_at if sitting.clock else None
    return Present(
        name=enrolment.full_name,
        birth=french.day(enrolment.birth_date),
        track=french.TRACKS[enrolment.track],
        duration=french.duration(sitting.accommodation.allowance),
        extra=extra_time(sitting.accommodation),
        arrived=times.to_minute(arrived),
        identity=f"{times.to_minute(checked.at)}, {names.get(checked.by, '–')}" if checked else "–",
        started=times.to_minute(started),
        ended=times.to_minute(sitting.ended_at if started else None),
        state=_STATES[sitting.state],
        came=arrived is not None,
    )
