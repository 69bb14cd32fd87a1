"""A list of candidates in a file: its columns by their French or English names, and every fault of every line."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from engine.items.frameworks import Level, Track
from engine.items.item import Demand
from engine.kernel import EngineError
from web import french
from web.birth_dates import NotADate, birth_date
from web.services.enrolment import EMAIL, LONGEST_EXTRA, NewCandidate, name_key
from web.services.sheet_file import Rows, SheetFile

T = TypeVar("T")
MOST_LINES = 5000
LONGEST_NAME, LONGEST_EMAIL, LONGEST_ID = 100, 200, 100
_HEAD = 10  # rows among which the names of the columns are looked for
_SHOWN = 40  # signs of a cell that a reason repeats


class WrongColumns(EngineError):
    """A file in which columns are missing, or stand twice."""

    code = "wrong_columns"


class TooManyLines(EngineError):
    """A file with more than 5 000 candidates."""

    code = "too_many_lines"


class NoCandidates(EngineError):
    """A file with columns and nobody below them."""

    code = "no_candidates"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its name in the field of an enrolment, its title, other names, and what goes into it."""

    key: str
    title: str
    aliases: tuple[str, ...]
    required: bool
    explained: str


COLUMNS = (
    Column("last_name", "Nom", ("nom de famille", "nom d'usage", "last name", "surname"), True, "Nom d'usage"),
    Column("first_name", "Prénom", ("prenoms", "first name", "given name"), True, "Prénom usuel"),
    Column(
        "birth_date",
        "Date de naissance",
        ("ne le", "nee le", "ne(e) le", "naissance", "birth date", "date of birth"),
        True,
        "Jour/mois/année, ou une case au format Date",
    ),
    Column(
        "email",
        "Courriel",
        ("email", "e-mail", "mail", "mel", "adresse electronique", "adresse e-mail", "adresse mail"),
        True,
        "Une adresse complète",
    ),
    Column(
        "external_id",
        "Identifiant externe",
        ("identifiant", "id externe", "external id", "numen", "matricule"),
        False,
        "Votre propre numéro, si vous en avez un",
    ),
    Column("track", "Parcours", ("track", "degre"), True, "1er degré ou 2nd degré"),
    Column("target", "Niveau visé", ("niveau", "target", "target level"), True, "Initié, Confirmé, Avancé ou Expert"),
    Column("extra_third", "Tiers temps", ("1/3 temps", "extra third", "extra time"), False, "oui ou non"),
    Column(
        "extra_minutes",
        "Minutes supplémentaires",
        ("minutes", "temps supplementaire", "extra minutes"),
        False,
        f"Un nombre entre 0 et {LONGEST_EXTRA}",
    ),
    Column(
        "needs",
        "Besoins",
        ("besoin", "amenagement", "amenagements", "needs"),
        False,
        "Un ou plusieurs de : couleurs, vision, audition, souris ; séparés par une virgule",
    ),
)
OPTIONAL = frozenset(c.key for c in COLUMNS if not c.required)

_YES = {"oui", "o", "yes", "y", "x", "vrai", "true", "1", "13"}
_NO = {"non", "n", "no", "faux", "false", "0", ""}
_TRACKS = {
    **dict.fromkeys(("1er degre", "1er", "1", "1d", "premier degre", "first degree", "primaire"), Track.FIRST_DEGREE),
    **dict.fromkeys(
        ("2nd degre", "2nd", "2", "2d", "2d degre", "2e degre", "second degre", "seconddegre", "second degree",
         "secondaire", "2nde degre"),
        Track.SECOND_DEGREE,
    ),
}  # fmt: skip
_LEVELS = {level.slug: level for level in Level}
_NEEDS = {
    **dict.fromkeys(("couleur", "couleurs", "daltonisme", "colour", "color"), Demand.COLOUR),
    **dict.fromkeys(("vision", "vue", "lecteur d ecran", "braille"), Demand.SIGHT),
    **dict.fromkeys(("audition", "ouie", "son", "hearing"), Demand.HEARING),
    **dict.fromkeys(("souris", "pointeur", "clavier seul", "pointer", "mouse"), Demand.POINTER),
}


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a file below its columns, not yet judged; each line with its row number."""

    columns: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]
    ignored: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The table as it is stored."""
        return {"columns": self.columns, "lines": self.lines, "ignored": self.ignored}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> "Table":
        """A table that was stored."""
        return Table(
            tuple(stored["columns"]),
            tuple((number, tuple(cells)) for number, cells in stored["lines"]),
            tuple(stored["ignored"]),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the candidate that it means, or every reason why it means none."""

    number: int
    name: str
    candidate: NewCandidate | None
    faults: tuple[str, ...]
    person: tuple[str, date] | None = None
    """What tells the candidate from others: name key and birth date."""


def table_of(file: SheetFile) -> Table:
    """The table of a file: in the first sheet that has the columns.

    Raises `WrongColumns`, `TooManyLines`, `NoCandidates`.
    """
    heads = [(rows, *_head(rows)) for rows in file.sheets]
    rows, top, columns = max(heads, key=lambda head: len({*head[2].values()} & _REQUIRED))
    missing = [c.title for c in COLUMNS if c.required and c.key not in columns.values()]
    twice = sorted({_TITLES[key] for key in columns.values() if list(columns.values()).count(key) > 1})
    if missing or twice:
        raise WrongColumns(f"Columns missing: {missing}; twice: {twice}.", missing=missing, twice=twice)
    lines = tuple(
        (number, tuple(row[at] if at < len(row) else "" for at in columns))
        for number, row in enumerate(rows[top + 1 :], start=top + 2)
        if any(row[at] for at in columns if at < len(row))
    )
    if len(lines) > MOST_LINES:
        raise TooManyLines(f"More than {MOST_LINES} candidates.", lines=len(lines))
    if not lines:
        raise NoCandidates("Nobody stands below the columns.")
    ignored = tuple(title[:_SHOWN] for at, title in enumerate(rows[top]) if title and at not in columns)
    return Table(tuple(columns.values()), lines, ignored)


def lines_of(table: Table) -> list[Line]:
    """Every line with its candidate or its faults; nobody stands in two lines."""
    found: list[Line] = []
    first_with: dict[object, int] = {}
    for number, cells in table.lines:
        line = _line(number, dict(zip(table.columns, cells, strict=True)))
        if line.candidate:
            again = []
            for key, sentence in (
                (line.person, "Même personne que la ligne {}."),
                (line.candidate.external_id, "Identifiant externe : le même que celui de la ligne {}."),
            ):
                if key and first_with.setdefault(key, number) != number:
                    again.append(sentence.format(first_with[key]))
            if again:
                line = Line(number, line.name, None, tuple(again))
        found.append(line)
    return found


_REQUIRED = {c.key for c in COLUMNS if c.required}
_TITLES = {c.key: c.title for c in COLUMNS}


def _folded(text: str) -> str:
    """A text without accents, case and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


_NAMES = {_folded(name): c.key for c in COLUMNS for name in (c.title, c.key, *c.aliases)}


def _head(rows: Rows) -> tuple[int, dict[int, str]]:
    """The row that names the columns, and which column stands where."""
    best: tuple[int, dict[int, str]] = (0, {})
    for top, row in enumerate(rows[:_HEAD]):
        columns = {at: key for at, title in enumerate(row) if (key := _NAMES.get(_folded(title)))}
        if len(columns) > len(best[1]):
            best = top, columns
    return best


class _Fault(Exception):
    """What is wrong with one cell."""


def _line(number: int, cells: Mapping[str, str]) -> Line:
    faults: list[str] = []

    def read(key: str, reader: Callable[[str], T], otherwise: T) -> T:
        text = cells.get(key, "")
        try:
            if not text and key in _REQUIRED:
                raise _Fault("cette case est vide.")
            return reader(text)
        except _Fault as fault:
            faults.append(f"{_TITLES[key]} : {fault}")
            return otherwise

    candidate = NewCandidate(
        read("last_name", _name, ""),
        read("first_name", _name, ""),
        read("birth_date", _born, date.min),
        read("email", _email, ""),
        read("track", _one_of(_TRACKS, "écrivez « 1er degré » ou « 2nd degré »."), Track.FIRST_DEGREE),
        read("target", _one_of(_LEVELS, "écrivez Initié, Confirmé, Avancé ou Expert."), Level.CONFIRME),
        read("extra_third", _yes_or_no, False),
        read("extra_minutes", _minutes, 0),
        read("external_id", _external_id, ""),
        read("needs", _needs, frozenset()),
    )
    name = " ".join(filter(None, (cells.get("last_name", "").upper(), cells.get("first_name", ""))))
    name = name[: 2 * LONGEST_NAME]
    if faults:
        return Line(number, name, None, tuple(faults))
    return Line(
        number, name, candidate, (), (name_key(candidate.last_name, candidate.first_name), candidate.birth_date)
    )


def _quoted(text: str) -> str:
    return f"« {text if len(text) <= _SHOWN else text[:_SHOWN] + '…'} »"


def _name(text: str) -> str:
    if len(text) > LONGEST_NAME:
        raise _Fault(f"plus de {LONGEST_NAME} caractères.")
    if not re.search(r"[^\W\d_]", text):
        raise _Fault(f"{_quoted(text)} ne contient aucune lettre.")
    return text


def _born(text: str) -> date:
    if re.fullmatch(r"\d{4,5}", text, re.ASCII):
        raise _Fault(f"{_quoted(text)} est un nombre. Donnez à la colonne le format Date, ou écrivez jour/mois/année.")
    try:
        return birth_date(text)
    except NotADate as fault:
        told = str(fault)
        raise _Fault(f"{_quoted(text)} : {told[0].lower()}{told[1:]}") from None


def _email(text: str) -> str:
    if len(text) > LONGEST_EMAIL:
        raise _Fault(f"plus de {LONGEST_EMAIL} caractères.")
    if not re.match(EMAIL, text):
        raise _Fault(f"{_quoted(text)} n'est pas une adresse complète (nom@domaine.fr).")
    return text


def _external_id(text: str) -> str:
    if len(text) > LONGEST_ID:
        raise _Fault(f"plus de {LONGEST_ID} caractères.")
    return text


def _one_of(known: Mapping[str, T], otherwise: str) -> Callable[[str], T]:
    def read(text: str) -> T:
        found = known.get(_folded(text))
        if found is None:
            raise _Fault(f"{_quoted(text)} n'est pas dans la liste ; {otherwise}")
        return found

    return read


def _yes_or_no(text: str) -> bool:
    said = _folded(text).replace(" ", "")
    if said not in _YES | _NO:
        raise _Fault(f"{_quoted(text)} ; écrivez oui ou non.")
    return said in _YES


def _minutes(text: str) -> int:
    plain = re.sub(r"\s*(min|mn|minutes?)\.?$", "", text.casefold())
    if not plain and not text:
        return 0
    if not re.fullmatch(r"\d{1,4}", plain, re.ASCII) or int(plain) > LONGEST_EXTRA:
        raise _Fault(f"{_quoted(text)} ; donnez un nombre de minutes entre 0 et {LONGEST_EXTRA}.")
    return int(plain)


def _needs(text: str) -> frozenset[Demand]:
    found = set()
    for part in re.split(r"[,;+/|]| et ", text):
        word = _folded(part)
        if word in ("", "non", "aucun", "neant"):
            continue
        need = _NEEDS.get(word)
        if need is None:
            known = ", ".join(french.NEEDS_IN_FILES.values())
            raise _Fault(f"{_quoted(part.strip())} n'est pas dans la liste ; choisissez parmi {known}.")
        found.add(need)
    return frozenset(found)
