"""What stands on the papers of a session, as plain words: the templates only lay it out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_datetime

from engine.delivery.clock import TEST_TIME, Accommodation
from engine.items.release import Provenance
from web import french
from web.db.sessions import Session
from web.french import PARIS
from web.services.house import House
from web.typography import NBSP, spaced

SIMULATED = "Démonstration : paramètres simulés, sans valeur officielle"


@dataclass(frozen=True, slots=True)
class Head:
    """What every paper says of itself and of its session."""

    title: str
    centre: str
    academy: str
    session: str
    code: str
    notice: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it says."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Letter:
    """The convocation of one candidate."""

    name: str
    birth: str
    track: str
    target: str
    duration: str
    needs: tuple[str, ...]
    code: str
    """The personal code; empty when it is handed over separately."""


@dataclass(frozen=True, slots=True)
class Convocations:
    """Convocations to one session."""

    head: Head
    when: str
    remote: bool
    place: str
    video_link: str
    address: str
    check_address: str
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """A line of the attendance sheet."""

    name: str
    birth: str
    track: str
    duration: str
    extra: str
    arrived: str
    identity: str
    started: str
    ended: str
    state: str
    came: bool


@dataclass(frozen=True, slots=True)
class Attendance:
    """The attendance sheet; `blank` before the session: to be filled in by hand."""

    head: Head
    when: str
    place: str
    blank: bool
    remote: bool
    as_of: str
    proctors: str
    rows: tuple[Present, ...]
    totals: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened."""

    at: str
    what: str
    who: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """How the test of one candidate went."""

    name: str
    started: str
    ended: str
    allowed: str
    granted: str
    stopped: str
    end: str
    notes: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """An incident with what was added to it."""

    code: str
    label: str
    name: str
    occurred: str
    recorded: str
    author: str
    text: str
    added: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """The procès-verbal."""

    head: Head
    facts: tuple[Fact, ...]
    people: tuple[Fact, ...]
    totals: tuple[Fact, ...]
    timeline: tuple[Line, ...]
    courses: tuple[Course, ...]
    incidents: tuple[Reported, ...]
    explained: tuple[Line, ...]
    remark: str
    signed_by: str
    """Empty while nobody has signed."""
    signed_at: str
    digest: str


def head(house: House, slot: Session, title: str) -> Head:
    """The head of a paper of a session."""
    simulated = house.catalogue.release(slot.release_digest).provenance is Provenance.SIMULATED
    return Head(title, slot.centre, slot.academy, slot.label, slot.code, spaced(SIMULATED) if simulated else "")


class Times:
    """Instants as a paper says them: the hour in Paris, with the day where it is not the day of the session."""

    def __init__(self, day: datetime) -> None:
        self.day = french.paris_day(day)

    def to_second(self, at: datetime | None) -> str:
        """As in a log; a dash for never."""
        return self._said(at, "HH:mm:ss")

    def to_minute(self, at: datetime | None) -> str:
        """As in a list; a dash for never."""
        return self._said(at, "HH:mm")

    def _said(self, at: datetime | None, how: str) -> str:
        if at is None:
            return "–"
        if french.paris_day(at) != self.day:
            how = f"dd/MM/y {how}"
        return str(format_datetime(at.astimezone(PARIS), how, locale="fr"))


def span(time: timedelta) -> str:
    """A duration to the second.

    >>> [span(timedelta(seconds=s)).replace(NBSP, " ") for s in (372, 3661, 300, 0)]
    ['6 min 12 s', '1 h 01 min 01 s', '5 min', '–']
    """
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(f"{hours} h")
    if minutes or (hours and seconds):
        parts.append(f"{minutes:02d} min" if hours else f"{minutes} min")
    if seconds:
        parts.append(f"{seconds:02d} s" if parts else f"{seconds} s")
    return " ".join(parts).replace(" ", NBSP) if parts else "–"


def extra_time(accommodation: Accommodation) -> str:
    """What is added to the time of everybody; empty for nothing.

    >>> extra_time(Accommodation(third=True, minutes=10)).replace(NBSP, " ")
    'tiers temps et 10 min'
    """
    parts = ["tiers temps"] if accommodation.third else []
    if accommodation.minutes:
        parts.append(f"{accommodation.minutes}{NBSP}min")
    return " et ".join(parts)


def time_allowed(accommodation: Accommodation) -> str:
    """The whole time of a candidate."""
    allowed = french.duration(accommodation.allowance).replace(" ", NBSP)
    if accommodation.allowance == TEST_TIME:
        return allowed
    return f"{allowed}, temps supplémentaire compris ({extra_time(accommodation)})"


def moment(at: datetime) -> str:
    """A day and an hour in full, in Paris."""
    return french.moment(at).replace(" h ", f"{NBSP}h{NBSP}")


def joined(names: Iterable[str]) -> str:
    """Names in a row; a dash for nobody."""
    return ", ".join(names) or "–"
