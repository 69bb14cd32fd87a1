"""What an enrolment says, and how another saying differs from it."""

from collections.abc import Collection
from dataclasses import dataclass

from engine.items.item import Demand
from web import french
from web.db.sittings import Enrolment
from web.services.enrolment import NewCandidate

_PERSONAL = frozenset({"email", "external_id"})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an enrolment says otherwise than before, in words for people."""

    what: str
    old: str
    new: str

    @property
    def title(self) -> str:
        """What it is, in French."""
        return french.ENROLMENT[self.what]

    @property
    def is_of_the_place(self) -> bool:
        """Whether it belongs to the enrolment; the rest is personal data and stays out of logs."""
        return self.what not in _PERSONAL


def changes_of(known: Enrolment, new: NewCandidate) -> tuple[Change, ...]:
    """How what is said now differs from what holds; who the candidate is cannot differ."""
    time = known.sitting.accommodation
    pairs: dict[str, tuple[str, str]] = {
        "email": (known.email, new.email),
        "external_id": (known.external_id, new.external_id),
        "track": (french.TRACKS[known.track], french.TRACKS[new.track]),
        "target": (french.LEVELS[known.target.slug], french.LEVELS[new.target.slug]),
        "extra_third": (_yes(time.third), _yes(new.extra_third)),
        "extra_minutes": (str(time.minutes), str(new.extra_minutes)),
        "needs": (needs_told(known.needs), needs_told(new.needs)),
    }
    return tuple(Change(what, old, said) for what, (old, said) in pairs.items() if old != said)


def needs_told(needs: Collection[str]) -> str:
    """Needs in a few words, in the order of the list."""
    return ", ".join(french.NEEDS_IN_FILES[need] for need in Demand if need in needs) or "aucun"


def _yes(said: bool) -> str:
    return "oui" if said else "non"
