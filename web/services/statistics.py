"""Figures of published sessions, in the layout of the jury report 2022-2023, 5.1: candidates by track and level.

They rest on the published documents alone, each in its newest version: what is not published is in no figure.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from engine.delivery.session import SessionState
from engine.items.frameworks import Level, Track
from engine.kernel import SessionId
from engine.proctoring.incident import Category
from engine.proctoring.ruling import Decision, Ruling, standing
from engine.scoring.result import Cause, Flag
from web import french
from web.db import docket as docket_rows
from web.db import incidents as incident_rows
from web.db import results as result_rows
from web.db import sessions as session_rows
from web.db.docket import Reported
from web.db.people import Person
from web.db.sessions import Session
from web.french import paris_day
from web.services.house import House

NOT_PRESENT = frozenset({Cause.ABSENT.value, Cause.REFUSED.value, Cause.CANCELLED.value})
SMALL = 5
"""A count below this may tell who somebody is."""

Cell: TypeAlias = int | float | None
"""A count; a share between 0 and 1; nothing, for a share of nobody."""
LEVELS = tuple(level.slug for level in Level)
ROWS: Mapping[str, str] = {
    Track.FIRST_DEGREE.value: "Premier degré",
    Track.SECOND_DEGREE.value: "Second degré",
    "all": "TOTAL",
}


ENROLLED, PRESENT = "Inscrits", "Présents"
WITH_LEVEL, WITH_TARGET = "Un niveau obtenu", "Niveau visé atteint"


@dataclass(frozen=True, slots=True)
class Table:
    """Figures with their heads; the last row is a total where `has_total`."""

    name: str
    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    note: str = ""
    has_total: bool = True

    @property
    def is_small(self) -> bool:
        """Whether a count in it is so small that it may tell of a person."""
        return any(isinstance(c, int) and 0 < c < SMALL for _, cells in self.rows for c in cells)

    def row(self, label: str) -> tuple[Cell, ...]:
        """The cells of the first row of a name."""
        return next(cells for name, cells in self.rows if name == label)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which sessions are counted: by day, both ends included, or by name. All `None`: all that are published."""

    first: date | None = None
    last: date | None = None
    sessions: frozenset[SessionId] = frozenset()

    def takes(self, session: Session) -> bool:
        """Whether a session is counted."""
        day = paris_day(session.starts_at)
        return (
            (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
            and (not self.sessions or session.id in self.sessions)
        )


@dataclass(frozen=True, slots=True)
class Statistics:
    """The tables of the sessions that were chosen."""

    counted: tuple[Session, ...]
    published: tuple[Session, ...]
    """All that could be chosen."""
    hidden: int
    """Published sessions of the jury member's own centre."""
    tables: tuple[Table, ...]

    @property
    def is_small(self) -> bool:
        """Whether some figure may tell of a person."""
        return any(table.is_small for table in self.tables)

    @property
    def funnel(self) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
        """For each track: how many enrolled, came, were awarded a level, and the one that they came for."""
        summary = self.table("synthese")
        steps = (ENROLLED, PRESENT, WITH_LEVEL, WITH_TARGET)
        return tuple(
            (track, tuple((step, int(summary.row(step)[n] or 0)) for step in steps))
            for n, track in enumerate(summary.columns)
        )

    def table(self, name: str) -> Table:
        """One table by its name."""
        return next(t for t in self.tables if t.name == name)


@dataclass(frozen=True, slots=True)
class Ended:
    """One published result as the figures need it."""

    track: str
    target: str
    outcome: str
    cause: str | None
    level: str | None
    flags: tuple[str, ...]

    @property
    def was_present(self) -> bool:
        """Whether the candidate took the test."""
        return self.cause not in NOT_PRESENT

    @property
    def has_level(self) -> bool:
        """Whether a level was awarded."""
        return self.level is not None

    @property
    def has_target(self) -> bool:
        """Whether the level is the one that the candidate came for, or a higher one."""
        return self.level is not None and LEVELS.index(self.level) >= LEVELS.index(self.target)


def ended(track: str, document: Mapping[str, Any]) -> Ended:
    """A published document as the figures need it."""
    return Ended(
        track,
        document["target"],
        document["outcome"],
        document.get("cause"),
        document.get("level"),
        tuple(document.get("jury", {}).get("flags", ())),
    )


def statistics(house: House, actor: Person, choice: Choice) -> Statistics:
    """The figures of the published sessions that the actor may see and has chosen."""
    with house.db.read() as connection:
        visible = session_rows.outside(connection, actor.centre_id)
        own = session_rows.of_centre(connection, actor.centre_id) if actor.centre_id else []
        published = [s for s in visible if s.state is SessionState.PUBLISHED]
        counted = [s for s in published if choice.takes(s)]
        ids = {s.id for s in counted}
        documents = result_rows.newest_of_sessions(connection, ids)
        reported = [
            r
            for r in docket_rows.reported_outside(connection, actor.centre_id, [SessionState.PUBLISHED])
            if r.session in ids
        ]
        rulings = incident_rows.rulings_on(connection, [r.incident for r in reported])
    everybody = [ended(track, document) for track, document in documents]
    return Statistics(
        tuple(counted),
        tuple(published),
        sum(s.state is SessionState.PUBLISHED for s in own),
        tables(everybody, reported, rulings),
    )


def tables(everybody: Sequence[Ended], reported: Sequence[Reported], rulings: Sequence[Ruling]) -> tuple[Table, ...]:
    """All tables, in the order in which they are read."""
    present = [e for e in everybody if e.was_present]
    return (
        _by_level("inscrits", "Inscrits, par niveau visé", everybody, lambda e: e.target),
        _by_level("presents", "Présents, par niveau visé", present, lambda e: e.target),
        _by_level(
            "obtenus",
            "Volet automatisé obtenu, par niveau obtenu",
            [e for e in present if e.has_level],
            lambda e: e.level,
            present,
        ),
        _summary(everybody),
        *(
            _crossed(
                f"vise-obtenu-{slug}" if slug != "all" else "vise-obtenu",
                f"Niveau visé et niveau obtenu, {'ensemble' if slug == 'all' else name.lower()}",
                _of(present, slug),
            )
            for slug, name in ROWS.items()
        ),
        _flags(present),
        _incidents(reported, rulings),
    )


def share(part: int, whole: int) -> float | None:
    """A part of a whole, between 0 and 1; of nobody, nothing.

    >>> share(1, 4), share(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None


def _of(everybody: Iterable[Ended], row: str) -> list[Ended]:
    return [e for e in everybody if row in ("all", e.track)]


def _by_level(
    name: str,
    title: str,
    found: Sequence[Ended],
    level: Callable[[Ended], str | None],
    of: Sequence[Ended] | None = None,
) -> Table:
    """The layout of the report: a row for each track, a column for each level, totals; with shares of `of` if given."""
    rows: list[tuple[str, tuple[Cell, ...]]] = []
    for slug, label in ROWS.items():
        counts = Counter(level(e) for e in _of(found, slug))
        cells: tuple[Cell, ...] = (*(counts[x] for x in LEVELS), counts.total())
        if of is not None:
            cells = (*cells, share(counts.total(), len(_of(of, slug))))
        rows.append((label, cells))
    columns = (*(french.LEVELS[x] for x in LEVELS), "TOTAL", *(("Part des présents",) if of is not None else ()))
    return Table(name, title, "Statut", columns, tuple(rows))


def _summary(everybody: Sequence[Ended]) -> Table:
    groups = [_of(everybody, slug) for slug in ROWS]

    def count(what: Callable[[Ended], bool]) -> tuple[Cell, ...]:
        return tuple(sum(map(what, group)) for group in groups)

    def part(what: Callable[[Ended], bool]) -> tuple[Cell, ...]:
        return tuple(share(sum(map(what, g)), sum(e.was_present for e in g)) for g in groups)

    rows = (
        (ENROLLED, count(lambda _: True)),
        ("Absents", count(lambda e: e.cause == Cause.ABSENT)),
        ("Non admis à composer", count(lambda e: e.cause == Cause.REFUSED)),
        ("Inscriptions annulées", count(lambda e: e.cause == Cause.CANCELLED)),
        (PRESENT, count(lambda e: e.was_present)),
        (WITH_LEVEL, count(lambda e: e.has_level)),
        ("Part des présents", part(lambda e: e.has_level)),
        (WITH_TARGET, count(lambda e: e.has_target)),
        ("Part des présents", part(lambda e: e.has_target)),
        ("Aucun niveau", count(lambda e: e.outcome == "scored" and not e.has_level)),
        ("Non concluants", count(lambda e: e.outcome == "inconclusive")),
        ("Nouvelle session accordée", count(lambda e: e.cause == Cause.NEW_SESSION)),
        ("Passations annulées", count(lambda e: e.cause == Cause.VOIDED)),
        ("Rejets pour fraude", count(lambda e: e.cause == Cause.FRAUD)),
    )
    note = "Le niveau visé est atteint par qui obtient ce niveau ou un niveau supérieur."
    return Table("synthese", "Synthèse", "Effectif", tuple(ROWS.values()), rows, note, has_total=False)


def _crossed(name: str, title: str, present: Sequence[Ended]) -> Table:
    columns = (
        *(french.LEVELS[x] for x in LEVELS),
        "Aucun niveau",
        "Non concluant",
        "Nouvelle session",
        "Annulée",
        "Fraude",
        "TOTAL",
        "Niveau visé atteint",
        "Part",
    )
    rows: list[tuple[str, tuple[Cell, ...]]] = []
    for target in (*LEVELS, None):
        group = [e for e in present if target in (None, e.target)]
        levels, causes = Counter(e.level for e in group), Counter(e.cause for e in group)
        reached = sum(e.has_target for e in group)
        rows.append(
            (
                french.LEVELS[target] if target else "TOTAL",
                (
                    *(levels[x] for x in LEVELS),
                    sum(e.outcome == "scored" and not e.has_level for e in group),
                    sum(e.outcome == "inconclusive" for e in group),
                    causes[Cause.NEW_SESSION],
                    causes[Cause.VOIDED],
                    causes[Cause.FRAUD],
                    len(group),
                    reached,
                    share(reached, len(group)),
                ),
            )
        )
    note = "Une ligne par niveau visé, une colonne par niveau obtenu ou par issue ; les présents seulement."
    return Table(name, title, "Niveau visé", columns, tuple(rows), note)


def _flags(present: Sequence[Ended]) -> Table:
    scored = [e for e in present if e.outcome == "scored"]
    rows: list[tuple[str, tuple[Cell, ...]]] = []
    for slug, label in ROWS.items():
        group = _of(scored, slug)
        counts = Counter(flag for e in group for flag in e.flags)
        flagged: tuple[Cell, ...] = tuple(counts[f] for f in Flag)
        rows.append((label, (*flagged, sum(not e.flags for e in group), len(group))))
    columns = (*(french.FLAG_NAMES[f] for f in Flag), "Sans signal", "Résultats")
    note = "Un résultat peut porter deux signaux. Les signaux ne changent aucun niveau : ils sont dits au jury."
    return Table("signaux", "Signaux portés sur les résultats", "Statut", columns, tuple(rows), note)


def _incidents(reported: Sequence[Reported], rulings: Sequence[Ruling]) -> Table:
    last = standing(rulings)
    columns = ("Signalés", *(french.DECISIONS[d] for d in Decision), "Sans décision")
    rows: list[tuple[str, tuple[Cell, ...]]] = []
    for category in (*Category, None):
        group = [r.incident for r in reported if category in (None, r.incident.kind.category)]
        ruled = [last[i.id] for i in group if i.id in last and last[i.id].decides]
        counts = Counter(r.decision for r in ruled)
        cells: tuple[Cell, ...] = tuple(counts[d] for d in Decision)
        rows.append(
            (french.CATEGORIES[category] if category else "TOTAL", (len(group), *cells, len(group) - len(ruled)))
        )
    note = "Un incident pour information n'a pas besoin de décision."
    return Table("incidents", "Incidents, par catégorie et par décision", "Catégorie", columns, tuple(rows), note)
