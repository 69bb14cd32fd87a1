"""What a proctor sees. The console never shows item content, answers, ability or level."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from engine.delivery import commands
from engine.delivery.sitting import Sitting
from engine.delivery.states import State
from engine.items.release import Release
from engine.kernel import SessionId, SittingId
from engine.proctoring.incident import Incident
from web.db import incidents as incident_rows
from web.db import messages as message_rows
from web.db import signs
from web.db import sittings as sitting_rows
from web.db.messages import Said
from web.db.people import Person
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.services import checkin, connectivity, control, facts, supervision
from web.services.checkin import Checks
from web.services.connectivity import SILENCE, Gap
from web.services.exam import ADVISED_PARTS
from web.services.facts import Standing
from web.services.house import House
from web.services.messages import Exchange
from web.services.scope import session_of
from web.services.supervision import SILENT_AFTER

LATELY = timedelta(minutes=5)
SHAKY = timedelta(seconds=60)
"""So much silence lately, or two silences, and a connection is unstable."""
RIBBON = 15
"""Minutes of connectivity that a row shows."""


class Attention(StrEnum):
    """What a row of the console asks for, the most pressing first."""

    ALERT = "alert"
    SILENT = "silent"
    UNSTABLE = "unstable"
    HELP = "help"
    TO_AUTHORISE = "to_authorise"
    TIME_IS_UP = "time_is_up"
    PAUSED = "paused"
    FLAGGED = "flagged"
    RUNNING = "running"
    AUTHORISED = "authorised"
    EXPECTED = "expected"
    OVER = "over"


_ORDER = list(Attention)
NEEDS = frozenset(_ORDER[: _ORDER.index(Attention.FLAGGED) + 1])
"""What "needs me" shows."""


class View(StrEnum):
    """Which rows to show. An open alert is in every one of them."""

    ALL = "all"
    NEEDS = "needs"
    RUNNING = "running"
    OVER = "over"


class Cell(StrEnum):
    """One minute of the ribbon."""

    NONE = "none"
    HEARD = "heard"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A question that its candidate says is faulty, and where it stands; never what it is."""

    at: datetime
    text: str
    part: int
    number: int


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
    alert: OpenAlert | None
    help: Said | None
    proposal: Incident | None
    """A tool proposes to end the test: a person decides."""
    unread: int
    """Messages of proctors that the candidate, who is there to read them, has not acknowledged."""
    facts: Standing
    checks: Checks
    ribbon: tuple[Cell, ...]
    cut: timedelta
    """How long the page was silent within the ribbon."""

    @property
    def is_other_device(self) -> bool:
        """Whether somebody asks to come back on a device that is not the one that writes."""
        return self.enrolment.sitting.asks_to_return and not self.enrolment.sitting.state.is_over


@dataclass(frozen=True, slots=True)
class Console:
    """A session as its proctor sees it now."""

    session: Session
    rows: tuple[Row, ...]
    now: datetime

    def seen_by(self, view: View, name: str = "") -> tuple[Row, ...]:
        """The rows of a view and of those whose name has these letters; an open alert is never left out."""
        return tuple(r for r in self.rows if r.alert or (_is_in(r, view) and name.casefold() in _name(r).casefold()))

    @property
    def alerts(self) -> tuple[Row, ...]:
        """Who waits for a decision on a question, the longest wait first."""
        return tuple(sorted((r for r in self.rows if r.alert), key=lambda r: (r.alert and r.alert.at, r.enrolment.id)))

    @property
    def asking(self) -> tuple[Row, ...]:
        """Who asks for help and has no answer yet, the longest wait first."""
        return tuple(sorted((r for r in self.rows if r.help), key=lambda r: (r.help and r.help.at, r.enrolment.id)))

    def count(self, *wanted: Attention) -> int:
        """How many rows ask for one of these."""
        return sum(r.attention in wanted for r in self.rows)

    def in_state(self, *states: State) -> tuple[Row, ...]:
        """The rows of sittings in one of these states, in the order of names."""
        found = (r for r in self.rows if r.enrolment.sitting.state in states)
        return tuple(sorted(found, key=lambda r: (_name(r), r.enrolment.id)))

    @property
    def key(self) -> str:
        """All that the rows show, for an ETag: times are as coarse here as they are on the screen."""
        return f"{self.session.state}/{[shown(r, self.now) for r in self.rows]}"


def console(house: House, actor: Person, session: SessionId, now: datetime) -> Console:
    """All candidates of a session by need; sittings whose time is over are closed on the way. Raises `NoSuchSession`.

    Asked every second: a handful of statements however many candidates there are, and only logs that grew are read.
    """
    slot, enrolments, known = _look(house, actor, session)
    if any(commands.expire(e.sitting, now).events for e in enrolments):
        supervision.sweep(house, actor, session, now)
        slot, enrolments, known = _look(house, actor, session)
    release = house.catalogue.release(slot.release_digest)
    of = {
        track: sum(house.catalogue.plan(slot.release_digest, slot.rules_digest, track).asked)
        for track in {e.track for e in enrolments}
    }
    rows = [_row(e, known, of[e.track], release, now) for e in enrolments]
    rows.sort(key=_pressing)
    return Console(slot, tuple(rows), now)


def _look(house: House, actor: Person, session: SessionId) -> tuple[Session, list[Enrolment], "_Known"]:
    with house.db.read() as connection:
        slot = session_of(connection, actor, session)
        enrolments = sitting_rows.watch_session(connection, session)
        return slot, enrolments, _Known.of(connection, slot, enrolments)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a session's sittings besides their logs."""

    signs: Mapping[SittingId, datetime]
    silences: Mapping[SittingId, tuple[Gap, ...]]
    incidents: Counter[SittingId]
    proposals: Mapping[SittingId, Incident]
    exchange: Exchange
    facts: Mapping[SittingId, Standing]
    checks: Mapping[SittingId, Checks]

    @classmethod
    def of(cls, db: Connection, session: Session, enrolments: Sequence[Enrolment]) -> "_Known":
        """One statement for each."""
        ids = [e.id for e in enrolments]
        return cls(
            signs.last_of(db, ids),
            connectivity.silences(db, ids),
            Counter(i.sitting for i in incident_rows.of_sittings(db, ids)),
            {p.sitting: p.incident for p in control.proposals(db, enrolments)},
            Exchange(tuple(message_rows.of_session(db, session.id))),
            facts.standing(db, ids),
            checkin.of_sittings(db, session.mode, enrolments),
        )


def _row(enrolment: Enrolment, known: _Known, of: int, release: Release, now: datetime) -> Row:
    sitting = enrolment.sitting
    seen = last_sign(sitting, known.signs.get(enrolment.id))
    gaps = connectivity.with_running(known.silences.get(enrolment.id, ()), seen, sitting, now)
    waiting = None
    if asks_for_the_proctor(sitting):
        waiting = max((e.at for e in enrolment.events if e.kind == "checked_in"), default=None)
    asked = known.exchange.open_help.get(enrolment.id)
    incidents = known.incidents[enrolment.id]
    return Row(
        enrolment=enrolment,
        attention=_attention(sitting, seen, gaps, asked is not None, incidents, now),
        answered=len(sitting.answers),
        of=of,
        incidents=incidents,
        last_seen=seen,
        time_left=sitting.clock.time_left(now) if sitting.clock and not sitting.state.is_over else None,
        waiting_since=waiting,
        alert=_alert(sitting, release),
        help=asked,
        proposal=known.proposals.get(enrolment.id),
        unread=0 if _is_away(sitting) else len(known.exchange.of(enrolment.id).unread),
        facts=known.facts[enrolment.id],
        checks=known.checks[enrolment.id],
        ribbon=_ribbon(sitting, seen, gaps, now),
        cut=_silent(gaps, now - timedelta(minutes=RIBBON), now),
    )


def last_sign(sitting: Sitting, heartbeat: datetime | None) -> datetime | None:
    """The last sign of a candidate: the page's own, or the start or an answer, all that there is without scripts."""
    started = sitting.clock.started_at if sitting.clock else None
    answered = sitting.answers[-1].at if sitting.answers else None
    return max((at for at in (heartbeat, started, answered) if at), default=None)


def _is_away(sitting: Sitting) -> bool:
    """Whether nobody is at the page: not come yet, or gone."""
    return sitting.state is State.ENROLLED or sitting.state.is_over


def asks_for_the_proctor(sitting: Sitting) -> bool:
    """Whether a candidate waits to be let in."""
    return sitting.state is State.CHECKED_IN or (sitting.asks_to_return and sitting.authorised_at is None)


def _attention(
    sitting: Sitting, seen: datetime | None, gaps: Iterable[Gap], asks_help: bool, incidents: int, now: datetime
) -> Attention:
    if sitting.state.is_over:
        return Attention.OVER
    if sitting.alert:
        return Attention.ALERT
    runs = sitting.state is State.RUNNING
    rung = runs and sitting.clock is not None and sitting.clock.has_rung(now)
    waits = asks_for_the_proctor(sitting)
    if runs and not rung and not waits and (seen is None or now - seen > SILENT_AFTER):
        return Attention.SILENT
    if runs and not rung and not waits and _is_unstable(seen, gaps, now):
        return Attention.UNSTABLE
    if asks_help:
        return Attention.HELP
    if waits:
        return Attention.TO_AUTHORISE
    if rung:
        return Attention.TIME_IS_UP
    if sitting.state is State.PAUSED:
        return Attention.PAUSED
    if runs:
        return Attention.FLAGGED if incidents else Attention.RUNNING
    if sitting.state in (State.AUTHORISED, State.ENTERED):
        return Attention.AUTHORISED
    return Attention.EXPECTED


def _is_unstable(seen: datetime | None, gaps: Iterable[Gap], now: datetime) -> bool:
    if seen is not None and now - seen > SILENCE:
        return True
    lately = [gap for gap in gaps if gap.ended_at > now - LATELY]
    return len(lately) > 1 or _silent(lately, now - LATELY, now) >= SHAKY


def _silent(gaps: Iterable[Gap], since: datetime, to: datetime) -> timedelta:
    """How much silence there is between two instants."""
    return sum((max(timedelta(), min(g.ended_at, to) - max(g.began_at, since)) for g in gaps), timedelta())


def _ribbon(sitting: Sitting, seen: datetime | None, gaps: Sequence[Gap], now: datetime) -> tuple[Cell, ...]:
    """The last minutes of the test, the newest last; cells begin with the minutes of the clock on the wall."""
    minute = now.replace(second=0, microsecond=0)
    began = sitting.clock.started_at if sitting.clock else None
    over = sitting.ended_at or now
    cells = []
    for back in range(RIBBON - 1, -1, -1):
        since = minute - timedelta(minutes=back)
        to = since + timedelta(minutes=1)
        if began is None or seen is None or to <= began or since > over:
            cells.append(Cell.NONE)
        else:
            cells.append(Cell.CUT if _silent(gaps, since, to) else Cell.HEARD)
    return tuple(cells)


def _alert(sitting: Sitting, release: Release) -> OpenAlert | None:
    if sitting.alert is None:
        return None
    framework = release.item(sitting.alert.item).framework
    put = (i for i in sitting.presented if i not in sitting.excluded)
    number = sum(release.item(i).framework is framework for i in put)
    return OpenAlert(sitting.alert.at, sitting.alert.text, ADVISED_PARTS.index(framework) + 1, number)


def _pressing(row: Row) -> tuple[int, float, str, str]:
    """By need; among the same the longest wait first, then by name."""
    since = {
        Attention.ALERT: row.alert and row.alert.at,
        Attention.HELP: row.help and row.help.at,
        Attention.TO_AUTHORISE: row.waiting_since,
    }.get(row.attention)
    return _ORDER.index(row.attention), since.timestamp() if since else 0.0, _name(row), row.enrolment.id


def _is_in(row: Row, view: View) -> bool:
    match view:
        case View.ALL:
            return True
        case View.NEEDS:
            return row.attention in NEEDS
        case View.RUNNING:
            return row.enrolment.sitting.state in (State.RUNNING, State.PAUSED)
        case View.OVER:
            return row.enrolment.sitting.state.is_over


def _name(row: Row) -> str:
    return row.enrolment.full_name


def shown(row: Row, now: datetime) -> tuple[object, ...]:
    """All that is shown of a candidate, as coarse as it is shown."""
    return (
        row.enrolment.id,
        row.enrolment.full_name,
        row.enrolment.sitting.version,
        row.attention,
        row.incidents,
        row.time_left and -(-int(row.time_left.total_seconds()) // 60),
        age_shown(row.last_seen, now),
        row.help and row.help.id,
        row.unread,
        [(t.kind, t.at) for t in row.facts.lost],
        row.facts.times_left,
        row.checks.summary,
        row.ribbon,
    )


def age_shown(seen: datetime | None, now: datetime) -> int | None:
    """The seconds since a sign as the console tells them: by quarters of a minute, by minutes after two."""
    if seen is None:
        return None
    age = int(max(timedelta(), now - seen).total_seconds())
    return 0 if age < 30 else age // 15 * 15 if age < 120 else age // 60 * 60
