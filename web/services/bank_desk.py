"""What administrators see of the item bank, say of its items and decide on them (docs/adr/0035).

The files are the bank; the server reads them and never writes them. Comments and decisions are rows beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.delivery.session import SessionState
from engine.items.approval import (
    LONGEST_REASON,
    Decision,
    DecisionReasonMissing,
    ItemChanged,
    Standing,
    require_step,
    standing,
    steps_of,
)
from engine.items.bank import Bank, Problem
from engine.items.item import Item, Status
from engine.items.release import Parameters, Release
from engine.items.reviews import Reading, is_read
from engine.kernel import EngineError, ItemId
from web.db import item_log, people
from web.db import sessions as session_rows
from web.db.database import Database
from web.db.item_log import Comment, Said, Thread
from web.db.people import Person
from web.services.house import House
from web.services.shelf import Shelved

LONGEST_COMMENT = 2000


class NoSuchBankItem(EngineError):
    """An item that the bank does not have, or whose file cannot be read."""

    code = "no_such_bank_item"


class CommentMissing(EngineError):
    """A comment without words, or with too many."""

    code = "comment_missing"


class NoSuchThread(EngineError):
    """A thread that is not one of this item's."""

    code = "no_such_thread"


class DecidedMeanwhile(EngineError):
    """Somebody else decided on the item after this person had read its page."""

    code = "decided_meanwhile"


@dataclass(frozen=True, slots=True)
class InRelease:
    """An item as an installed release holds it."""

    release: Release
    is_current: bool
    version: int
    is_tried: bool
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Line:
    """An item in the list."""

    item: Item
    waiting: Decision | None
    open_comments: int
    is_read: bool
    """Somebody else answered this version as its key says."""
    releases: tuple[InRelease, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole bank."""

    shelved: Shelved
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ItemDesk:
    """One item with all that is known of it."""

    item: Item
    digest: str
    path: str
    problems: tuple[Problem, ...]
    threads: tuple[Thread, ...]
    decisions: tuple[Decision, ...]
    """The oldest first; the last one counts."""
    standing: Standing | None
    """Of the last decision."""
    readings: tuple[Reading, ...]
    releases: tuple[InRelease, ...]
    open_sessions: int
    """Sessions in progress that may put this item."""
    names: Mapping[str, str]
    before: ItemId | None
    after: ItemId | None

    @property
    def waiting(self) -> Decision | None:
        """The decision that the file does not say yet."""
        return self.decisions[-1] if self.standing is Standing.WAITING else None

    @property
    def last_decision(self) -> str:
        """The id of the decision that counts, empty if there is none: a page says what it has read."""
        return self.decisions[-1].id if self.decisions else ""

    @property
    def steps(self) -> tuple[Status, ...]:
        """What can be decided: another status, or the one that it has, to take a decision back."""
        others = tuple(s for s in steps_of(self.item) if self.waiting is None or s is not self.waiting.becomes)
        return (*others, *((self.item.status,) if self.waiting else ()))

    @property
    def is_read(self) -> bool:
        """Whether somebody else answered this version as its key says."""
        return is_read(self.readings, self.item.version)

    @property
    def open_comments(self) -> int:
        """How many threads nobody has settled."""
        return sum(t.is_open for t in self.threads)


def desk(house: House) -> Desk:
    """The bank, as its files and the database are now: two statements, however many items."""
    shelved = house.catalogue.shelf.look()
    with house.db.read() as connection:
        threads, decided = item_log.threads(connection), item_log.decisions(connection)
    installed = _installed(house)
    lines = tuple(
        Line(
            item,
            _waiting(item, shelved.digest(item.id), decided.get(item.id, ())),
            sum(t.is_open for t in threads.get(item.id, ())),
            is_read(shelved.readings.get(item.id, ()), item.version),
            _in_releases(installed, item.id),
        )
        for item in shelved.bank
    )
    return Desk(shelved, lines)


def one(house: House, item_id: ItemId) -> ItemDesk:
    """An item with all that is known of it. Raises `NoSuchBankItem`."""
    shelved = house.catalogue.shelf.look()
    item = _item(shelved, item_id)
    releases = _in_releases(_installed(house), item.id)
    holding = {r.release.digest for r in releases}
    with house.db.read() as connection:
        threads = item_log.threads(connection, item.id).get(item.id, ())
        decided = item_log.decisions(connection, item.id).get(item.id, ())
        open_now = session_rows.in_state(connection, SessionState.OPEN)
        names = people.names(connection)
    digest = shelved.digest(item.id)
    ids = [i.id for i in shelved.bank]
    place = ids.index(item.id)
    return ItemDesk(
        item,
        digest,
        str(shelved.bank.sources[item.id].path),
        shelved.problems_of.get(item.id, ()),
        threads,
        decided,
        standing(decided[-1], item.status, digest) if decided else None,
        shelved.readings.get(item.id, ()),
        releases,
        sum(s.release_digest in holding for s in open_now),
        names,
        ids[place - 1] if place else None,
        ids[place + 1] if place + 1 < len(ids) else None,
    )


def comment(
    house: House, who: Person, item_id: ItemId, said: Said, text: str, thread: str | None, now: datetime
) -> None:
    """Say something of an item: open a thread, reply to one, settle it or open it again.

    Raises `NoSuchBankItem`, `NoSuchThread`, `CommentMissing`.
    """
    shelved = house.catalogue.shelf.look()
    item = _item(shelved, item_id)
    told = text.strip()
    if len(told) > LONGEST_COMMENT or not (told or said in (Said.SETTLED, Said.REOPENED)):
        raise CommentMissing(f"A comment has 1 to {LONGEST_COMMENT} characters, this one {len(told)}.")
    own = item_log.new_id()
    with house.db.write() as connection:
        item_log.hold(connection, item.id)
        if said is not Said.OPENED:
            known = {t.id: t for t in item_log.threads(connection, item.id).get(item.id, ())}
            if thread not in known:
                raise NoSuchThread(f"Item {item.id} has no thread {thread}.", item=item.id)
            if said is not Said.REPLIED and known[thread].is_open != (said is Said.SETTLED):
                return  # somebody else was first: it stands as this person wants it
        row = Comment(own, item.id, item.version, shelved.digest(item.id), thread or own, said, told, who.id, now)
        item_log.add_comment(connection, row)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decides on an item, and what they had read when they did."""

    becomes: Status
    reason: str
    digest: str
    """Of the files that the page showed."""
    seen: str
    """The id of the last decision that the page showed, empty for none."""


def decide(house: House, who: Person, item_id: ItemId, verdict: Verdict, now: datetime) -> Decision:
    """Decide what an item is to become; it waits until the release manager writes it into the file.

    Raises `NoSuchBankItem`, `ItemChanged`, `DecidedMeanwhile`, `DecisionReasonMissing` and what `require_step` raises.
    """
    shelved = house.catalogue.shelf.look()
    item = _item(shelved, item_id)
    digest = shelved.digest(item.id)
    if verdict.digest != digest:
        raise ItemChanged(f"The files of item {item.id} changed since they were read.", item=item.id)
    reason = verdict.reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise DecisionReasonMissing(f"A reason has 1 to {LONGEST_REASON} characters, this one {len(reason)}.")
    with house.db.write() as connection:
        item_log.hold(connection, item.id)
        decided = item_log.decisions(connection, item.id).get(item.id, ())
        last = item_log.last(decided)
        if (last.id if last else "") != verdict.seen:
            raise DecidedMeanwhile(f"Somebody decided on item {item.id} meanwhile.", item=item.id)
        open_comments = sum(t.is_open for t in item_log.threads(connection, item.id).get(item.id, ()))
        waiting = _waiting(item, digest, decided)
        readings = shelved.readings.get(item.id, ())
        require_step(item, verdict.becomes, waiting, readings, open_comments, who.name)
        made = Decision(
            item_log.new_id(), item.id, item.version, digest, item.status, verdict.becomes, reason, who.id, now
        )
        item_log.add_decision(connection, made)
    return made


@dataclass(frozen=True, slots=True)
class Pending:
    """The last decision on an item, by somebody of that name, where the file does not say it."""

    item: Item
    decision: Decision
    by: str
    standing: Standing
    """Waiting, or lapsed."""


def pending(database: Database, bank: Bank) -> list[Pending]:
    """The decisions that wait to be written into files of the bank, and those that lapsed: in the order of items."""
    with database.read() as connection:
        decided, names = item_log.decisions(connection), people.names(connection)
    found = []
    for item in bank:
        last = item_log.last(decided.get(item.id, ()))
        if last is not None:
            stands = standing(last, item.status, bank.sources[item.id].digest)
            if stands in (Standing.WAITING, Standing.LAPSED):
                found.append(Pending(item, last, names.get(last.author, ""), stands))
    return found


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """Something that must be dealt with before an item goes into a release."""

    item: ItemId
    sentence: str

    def __str__(self) -> str:
        return f"{self.item}: {self.sentence}"


def open_matters(database: Database, bank: Bank) -> list[OpenMatter]:
    """What stands in the way of a release of this bank: open comments and waiting decisions on its items.

    Those are the items that are approved or in pre-test, and those that a waiting decision would make so.
    """
    entering = (Status.APPROVED, Status.PRETEST)
    waiting = {p.item.id: p.decision for p in pending(database, bank) if p.standing is Standing.WAITING}
    with database.read() as connection:
        threads = item_log.threads(connection)
    found = []
    for item in bank:
        decision = waiting.get(item.id)
        if item.status not in entering and (decision is None or decision.becomes not in entering):
            continue
        n = sum(t.is_open for t in threads.get(item.id, ()))
        if n:
            found.append(OpenMatter(item.id, f"{n} open comment{'s' if n > 1 else ''}: settle them"))
        if decision is not None:
            told = f"a decision waits ({decision.was} → {decision.becomes}): palier bank decisions --apply"
            found.append(OpenMatter(item.id, told))
    return found


def _item(shelved: Shelved, item_id: ItemId) -> Item:
    try:
        return shelved.items[item_id]
    except KeyError:
        raise NoSuchBankItem(f"The bank has no item {item_id} that can be read.", item=item_id) from None


def _waiting(item: Item, digest: str, decided: tuple[Decision, ...]) -> Decision | None:
    last = item_log.last(decided)
    return last if last and standing(last, item.status, digest) is Standing.WAITING else None


def _installed(house: House) -> list[tuple[Release, bool]]:
    """The releases that are installed here, the one in force first, then the newest."""
    current = house.catalogue.current[0]
    found = sorted(house.catalogue.installed(), key=lambda pair: (pair[0].digest != current, -pair[1].timestamp()))
    return [(release, release.digest == current) for release, _ in found]


def _in_releases(installed: list[tuple[Release, bool]], item: ItemId) -> tuple[InRelease, ...]:
    return tuple(
        InRelease(r, is_current, r.items[row].version, item in r.pretest, r.parameters[row])
        for r, is_current in installed
        if (row := r.row_of.get(item)) is not None
    )
