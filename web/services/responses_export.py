"""The answers of published sessions, for calibration, without anything that says whose they are.

A sitting gets a label drawn anew at every export and kept nowhere: two files cannot be joined, and a candidate who sits
twice has two labels. Within a session the sittings come in the order of these labels, so their order tells nothing
either; the sessions come in the order of their dates, because drift is looked for along the file.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from engine.delivery.commands import observed
from engine.delivery.session import SessionState
from engine.items.release import Release
from engine.kernel import EngineError, ItemId, SittingId
from engine.proctoring.ruling import WITHOUT_RESULT, Ruling, decided, neutralised, proposed
from web.db import incidents as incident_rows
from web.db import sessions as session_rows
from web.db import sittings as sitting_rows
from web.db.database import Database
from web.db.sessions import Session
from web.db.sittings import Enrolment
from web.french import paris_day
from web.services.catalogue import Catalogue

COLUMNS = ("person", "item", "correct", "track", "mode", "scored")


class MixedVersions(EngineError):
    """Answers to two versions of an item, which are not answers to the same question."""

    code = "mixed_versions"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions to export; a bound that is `None` does not bind."""

    release: str | None = None
    """The name of the release that they pinned."""
    since: date | None = None
    until: date | None = None

    def holds(self, session: Session, release: Release) -> bool:
        """Whether a session is among them."""
        day = paris_day(session.starts_at)
        return (
            (self.release is None or release.name == self.release)
            and (self.since is None or day >= self.since)
            and (self.until is None or day <= self.until)
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One answer; `scored` is false for an item in pre-test."""

    person: str
    item: ItemId
    correct: bool
    track: str
    mode: str
    scored: bool

    @property
    def cells(self) -> tuple[str, str, int, str, str, int]:
        """As COLUMNS name them."""
        return self.person, self.item, int(self.correct), self.track, self.mode, int(self.scored)


def sessions(db: Database, catalogue: Catalogue, wanted: Wanted) -> list[Session]:
    """The published sessions that are wanted, the oldest first.

    Raises `MixedVersions` if they put different versions of an item.
    """
    with db.read() as connection:
        published = [s for s in session_rows.all_of_them(connection) if s.state is SessionState.PUBLISHED]
    kept = [s for s in published if wanted.holds(s, catalogue.release(s.release_digest))]
    versions: dict[ItemId, int] = {}
    for digest in sorted({s.release_digest for s in kept}):
        for item in catalogue.release(digest).items:
            if versions.setdefault(item.id, item.version) != item.version:
                raise MixedVersions(
                    f"Item {item.id} was put in versions {versions[item.id]} and {item.version}: export the sessions "
                    "of one release, with --release.",
                    item=item.id,
                )
    return sorted(kept, key=lambda s: (s.starts_at, s.id))


def answers(db: Database, catalogue: Catalogue, session: Session) -> Iterator[Row]:
    """The answers of one session: four statements, however many sat."""
    release = catalogue.release(session.release_digest)
    with db.read() as connection:
        enrolments = sitting_rows.load_session(connection, session.id)
        rulings = _rulings(connection, enrolments)
    labelled = {secrets.token_hex(8): e for e in enrolments if e.sitting.state.was_taken}
    for label, enrolment in sorted(labelled.items()):
        yield from _rows(label, enrolment, release, session, rulings[enrolment.id])


def _rows(label: str, enrolment: Enrolment, release: Release, session: Session, ruled: list[Ruling]) -> Iterator[Row]:
    """The answers of one sitting in order; none if it gave no result or may be a fraud, and no neutralised item."""
    if proposed(ruled) or any(r.decision in WITHOUT_RESULT for r in decided(ruled).values()):
        return
    for answer in observed(enrolment.sitting, release, without=neutralised(ruled)):
        scored = answer.item not in release.pretest
        yield Row(label, answer.item, answer.correct, enrolment.track.value, session.mode.value, scored)


def _rulings(connection: Connection, enrolments: list[Enrolment]) -> Mapping[SittingId, list[Ruling]]:
    """What was ruled of each sitting."""
    incidents = incident_rows.of_sittings(connection, [e.id for e in enrolments])
    of = {i.id: i.sitting for i in incidents}
    ruled: dict[SittingId, list[Ruling]] = {e.id: [] for e in enrolments}
    for ruling in incident_rows.rulings_on(connection, incidents):
        ruled[of[ruling.incident]].append(ruling)
    return ruled
