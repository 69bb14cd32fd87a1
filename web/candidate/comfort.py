"""The comfort menu: how a candidate reads best, as classes of the page.

It is kept with the sitting, so that another device finds it again; of somebody who is not known yet, in the cookie. A
sitting's own does not go there: the answer to an older request, arriving late, would bring the old cookie back.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from engine.kernel import SittingId
from web.services import comfort as kept_comfort
from web.services.house import House

KEY = "comfort"

CHOICES: Mapping[str, Mapping[str, str]] = {
    "text": {"100": "Normale", "125": "125 %", "150": "150 %", "200": "200 %"},
    "spacing": {"normal": "Normal", "wide": "Aéré"},
    "contrast": {"normal": "Normal", "strong": "Renforcé", "dark": "Sombre"},
    "font": {"normal": "Atkinson Hyperlegible", "dyslexic": "OpenDyslexic"},
    "timer": {"shown": "Affiché", "hidden": "Masqué"},
}
LABELS: Mapping[str, str] = {
    "text": "Taille du texte",
    "spacing": "Interligne et espaces",
    "contrast": "Contraste",
    "font": "Police",
    "timer": "Temps restant",
}


@dataclass(frozen=True, slots=True)
class Comfort:
    """One value of each row of the menu; the first of each is what everybody starts from."""

    text: str = "100"
    spacing: str = "normal"
    contrast: str = "normal"
    font: str = "normal"
    timer: str = "shown"

    @property
    def classes(self) -> str:
        """The classes of the page, without those that change nothing.

        >>> Comfort(text="150", timer="hidden").classes
        'text-150 hide-timer'
        """
        plain = Comfort()
        found = [
            f"{f.name}-{getattr(self, f.name)}"
            for f in fields(self)
            if f.name != "timer" and getattr(self, f.name) != getattr(plain, f.name)
        ]
        return " ".join(found + (["hide-timer"] if self.timer == "hidden" else []))


def of(given: Mapping[str, Any]) -> Comfort:
    """The choice that a form, a cookie or a row holds; what is not on the menu is left as everybody has it.

    >>> of({"text": "150", "font": "comic"})
    Comfort(text='150', spacing='normal', contrast='normal', font='normal', timer='shown')
    """
    return Comfort(**{name: str(given[name]) for name, choices in CHOICES.items() if str(given.get(name)) in choices})


def current(house: House, cookie: Mapping[str, Any]) -> Comfort:
    """What this browser shows."""
    sitting = cookie.get("sitting")
    found = kept_comfort.kept(house, SittingId(sitting)) if isinstance(sitting, str) else cookie.get(KEY)
    return of(found) if isinstance(found, dict) else Comfort()


def choose(house: House, cookie: MutableMapping[str, Any], chosen: Comfort) -> None:
    """Show it from now on; somebody who is recognised finds it on another device too."""
    sitting = cookie.get("sitting")
    if isinstance(sitting, str):
        kept_comfort.keep(house, SittingId(sitting), asdict(chosen))
    else:
        cookie[KEY] = asdict(chosen)


def recognised(house: House, cookie: MutableMapping[str, Any], sitting: SittingId) -> None:
    """Somebody was recognised in this browser: what they chose just before goes with them, unless they kept another."""
    chosen = cookie.pop(KEY, None)
    if isinstance(chosen, dict) and kept_comfort.kept(house, sitting) is None:
        kept_comfort.keep(house, sitting, asdict(of(chosen)))
