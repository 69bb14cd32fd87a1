"""Which items of the bank an author wants to see."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.items.frameworks import Level
from engine.items.item import Item
from web.preview.shelf import Entry

NAMES = ("referentiel", "competence", "niveau", "interaction", "statut", "texte")


@dataclass(frozen=True, slots=True)
class Filter:
    """What was chosen; an empty field lets everything through. `only` are beginnings of ids, from the command line."""

    referentiel: str = ""
    competence: str = ""
    niveau: str = ""
    interaction: str = ""
    statut: str = ""
    texte: str = ""
    only: tuple[str, ...] = ()

    @classmethod
    def of(cls, arguments: Mapping[str, str], only: tuple[str, ...] = ()) -> "Filter":
        """From the address of a page."""
        return cls(**{name: arguments.get(name, "").strip() for name in NAMES}, only=only)

    @property
    def address(self) -> dict[str, str]:
        """As it stands in addresses."""
        return {name: value for name in NAMES if (value := getattr(self, name))}

    def of_all(self, entries: Iterable[Entry]) -> list[Entry]:
        """Those that it lets through."""
        return [e for e in entries if self._lets(e)]

    def _lets(self, entry: Entry) -> bool:
        if self.only and not entry.id.startswith(self.only):
            return False
        if self.referentiel and entry.framework != self.referentiel:
            return False
        if self.competence and f"{entry.framework}:{entry.competence}" != self.competence:
            return False
        if self.statut == "a-corriger" and not entry.problems:
            return False
        if entry.item is None:  # nothing more is known of it
            return self.statut in ("", "a-corriger") and not (self.niveau or self.interaction or self.texte)
        if (self.niveau and level_of(entry.item) != self.niveau) or self.statut not in (
            "",
            "a-corriger",
            entry.item.status,
        ):
            return False
        if self.interaction and entry.item.kind != self.interaction:
            return False
        return all(word in _said(entry.item) for word in plain(self.texte).split())


def level_of(item: Item) -> str:
    """As it is written in files."""
    return item.tag.slug if isinstance(item.tag, Level) else str(int(item.tag))


def plain(text: str) -> str:
    """Without accents and capitals, so that a search finds both."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


def _said(item: Item) -> str:
    choices = " ".join(c.text for c in getattr(item.interaction, "choices", ()))
    return plain(f"{item.id} {item.subject} {item.author} {item.body} {choices}")
