"""The check-in list: what a proctor looked at before letting a candidate in. No document and no number is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from sqlalchemy import Connection

from engine.delivery import commands
from engine.delivery.events import Entered
from engine.delivery.session import Mode, require_open
from engine.kernel import EngineError, PersonId, SittingId
from web.db import checks as rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.db.sittings import Enrolment
from web.services.house import House
from web.services.scope import sitting_of

LONGEST_NOTE = 300


class Line(StrEnum):
    """What is checked."""

    IDENTITY = "identity"
    PLACE = "place"
    DOCUMENT = "document"
    FACE = "face"
    ROOM = "room"
    SECOND_SCREEN = "second_screen"
    PHONE = "phone"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    SCREEN_SHARING = "screen_sharing"
    NETWORK = "network"


class Result(StrEnum):
    """How a line stands."""

    GOOD = "ok"
    PROBLEM = "problem"
    NOT_APPLICABLE = "not_applicable"


LINES: dict[Mode, tuple[Line, ...]] = {
    Mode.ON_SITE: (Line.IDENTITY, Line.PLACE),
    Mode.REMOTE: tuple(Line)[2:],
}
"""The list of each way to supervise."""
WHO: dict[Mode, tuple[Line, ...]] = {Mode.ON_SITE: (Line.IDENTITY,), Mode.REMOTE: (Line.DOCUMENT, Line.FACE)}
"""The lines that say who somebody is: nobody enters unless they are good."""
OVERRIDE = "entry"
"""The line that holds why somebody was let in in spite of a problem."""


class IdentityNotChecked(EngineError):
    """A candidate is let in after the proctor has checked who they are."""

    code = "identity_not_checked"


class ProblemNotExplained(EngineError):
    """A candidate is let in with a problem on the list, and nobody says why."""

    code = "problem_not_explained"


class UnknownCheck(EngineError):
    """A line or a result that is not on the list."""

    code = "unknown_check"


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a line."""

    line: Line
    result: Result
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Checks:
    """The list of one sitting as it stands."""

    mode: Mode
    done: Mapping[Line, Checked]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the list, in order."""
        return LINES[self.mode]

    @property
    def problems(self) -> tuple[Line, ...]:
        """The lines on which there is a problem."""
        return tuple(line for line in self.lines if line in self.done and self.done[line].result is Result.PROBLEM)

    @property
    def knows_who(self) -> bool:
        """Whether every line that says who they are is good."""
        return all(line in self.done and self.done[line].result is Result.GOOD for line in WHO[self.mode])

    @property
    def summary(self) -> tuple[int, int, int]:
        """Lines done, lines in all, problems."""
        return sum(line in self.done for line in self.lines), len(self.lines), len(self.problems)


Given = Mapping[str, tuple[str, str]]
"""By line: a result, and a note."""


def of_sittings(db: Connection, mode: Mode, enrolments: Sequence[Enrolment]) -> dict[SittingId, Checks]:
    """The lists of some sittings: one statement. A later row on the same line replaces an earlier one.

    An entry uses its checks up: who comes back, or comes from another device, is looked at again.
    """
    used = {e.id: max((v.at for v in e.events if isinstance(v, Entered)), default=None) for e in enrolments}
    found: dict[SittingId, dict[Line, Checked]] = {e.id: {} for e in enrolments}
    for row in rows.of_sittings(db, list(used)):
        entered = used[row.sitting]
        if row.line != OVERRIDE and (entered is None or row.at > entered):
            line = Line(row.line)
            found[row.sitting][line] = Checked(line, Result(row.result), row.text, row.at)
    return {s: Checks(mode, done) for s, done in found.items()}


@dataclass(frozen=True, slots=True)
class Look:
    """What one person noted at one moment."""

    sitting: SittingId
    author: PersonId
    at: datetime
    lines: tuple[Checked, ...]
    override: str
    """Why the candidate was let in in spite of a problem; empty without one."""


def history(db: Connection, sittings: Sequence[SittingId]) -> list[Look]:
    """All that was ever noted of some sittings, for the log: nothing of it is changed."""
    order = [OVERRIDE, *map(str, Line)]
    looks = []
    found = sorted(rows.of_sittings(db, sittings), key=lambda c: (c.at, c.sitting, c.author, order.index(c.line)))
    for (sitting, author, at), those in groupby(found, lambda c: (c.sitting, c.author, c.at)):
        noted = list(those)
        lines = tuple(Checked(Line(r.line), Result(r.result), r.text, r.at) for r in noted if r.line != OVERRIDE)
        why = next((r.text for r in noted if r.line == OVERRIDE), "")
        looks.append(Look(sitting, author, at, lines, why))
    return looks


def record(house: House, actor: Person, sitting: SittingId, given: Given, now: datetime) -> None:
    """Keep the lines that changed. Raises `UnknownCheck`, `SessionNotOpen`, `NoSuchSitting`."""
    with house.db.write() as connection:
        slot, enrolment = sitting_of(connection, actor, sitting)
        require_open(slot.state)
        _record(connection, slot.mode, enrolment, actor.id, given, now)


def authorise(
    house: House,
    actor: Person,
    sitting: SittingId,
    given: Given,
    now: datetime,
    *,
    identity_checked: bool = False,
    override: str = "",
) -> None:
    """Let a candidate in once, within 15 minutes; what was checked is kept with it, or neither.

    `identity_checked`, one tick for the whole, makes good the lines that say who they are. Other problems need a reason
    in `override`. Raises `IdentityNotChecked`, `ProblemNotExplained`, `UnknownCheck`.
    """
    with house.db.write() as connection:
        slot, enrolment = sitting_of(connection, actor, sitting)
        require_open(slot.state)
        ticked = {line.value: (Result.GOOD.value, "") for line in WHO[slot.mode]} if identity_checked else {}
        checks = _record(connection, slot.mode, enrolment, actor.id, {**given, **ticked}, now)
        if not checks.knows_who:
            raise IdentityNotChecked("The lines that say who they are must be good.", sitting=sitting)
        why = override.strip()[:LONGEST_NOTE]
        if checks.problems:
            if not why:
                raise ProblemNotExplained("Say why they enter in spite of it.", lines=checks.problems)
            rows.add(connection, [rows.Checked(sitting, OVERRIDE, Result.PROBLEM, why, actor.id, now)])
        sitting_rows.save(connection, commands.authorise(enrolment.sitting, actor.id, now))


def _record(db: Connection, mode: Mode, enrolment: Enrolment, author: PersonId, given: Given, now: datetime) -> Checks:
    """Keep the lines that changed, and the list as it stands then."""
    before = of_sittings(db, mode, [enrolment])[enrolment.id]
    done = dict(before.done)
    for name, (result, text) in given.items():
        if name not in {str(line) for line in LINES[mode]} or result not in set(Result):
            raise UnknownCheck(f"There is no check {name} = {result}.", line=name, result=result)
        line = Line(name)
        if line in WHO[mode] and result == Result.NOT_APPLICABLE:
            raise UnknownCheck(f"{name} always applies.", line=name, result=result)
        checked = Checked(line, Result(result), text.strip()[:LONGEST_NOTE], now)
        old = done.get(line)
        if old is None or (old.result, old.text) != (checked.result, checked.text):
            done[line] = checked
    new = [c for line, c in done.items() if c is not before.done.get(line)]
    rows.add(db, [rows.Checked(enrolment.id, c.line, c.result, c.text, author, now) for c in new])
    return Checks(mode, done)
