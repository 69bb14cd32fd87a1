"""What the jury decided about an incident: once, from a closed list, never by the person who reported it.

Nothing here knows whether an answer was right: a neutralisation is a decision on the item (docs/adr/0007).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.kernel import EngineError, IncidentId, ItemId, PersonId, RulingId
from engine.proctoring.incident import Incident


class Decision(StrEnum):
    """The closed list."""

    NO_EFFECT = "no_effect"
    NEUTRALISE = "neutralise"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision with its reason; `number` counts the rulings on one incident, the last one stands."""

    id: RulingId
    incident: IncidentId
    number: int
    decision: Decision
    items: tuple[ItemId, ...]
    reason: str
    author: PersonId
    at: datetime


class RulingRefused(EngineError):
    """A ruling that cannot stand."""

    code = "ruling_refused"


class RuledByReporter(RulingRefused):
    """The person who reported an incident cannot rule on it."""

    code = "ruled_by_reporter"


class AlreadyRuled(RulingRefused):
    """A ruling stands, and the new one does not say that it replaces it."""

    code = "already_ruled"


class NothingToNeutralise(RulingRefused):
    """A neutralisation names at least one item that was put, and only such."""

    code = "nothing_to_neutralise"


class ReasonMissing(RulingRefused):
    """Every ruling says why."""

    code = "ruling_reason_missing"


def rule(incident: Incident, earlier: Sequence[Ruling], ruling: Ruling, presented: Iterable[ItemId]) -> Ruling:
    """The ruling, if it can stand; `ruling.number` says how many rulings its author has seen, plus one.

    Raises `RuledByReporter`, `AlreadyRuled`, `ReasonMissing`, `NothingToNeutralise`.
    """
    if ruling.incident != incident.id:
        raise ValueError(f"ruling {ruling.id} is about incident {ruling.incident}, not {incident.id}")
    if ruling.author == incident.author:
        raise RuledByReporter(f"{ruling.author} reported incident {incident.id}.", author=ruling.author)
    if ruling.number != len(earlier) + 1:
        raise AlreadyRuled(f"Incident {incident.id} was ruled in the meantime.", rulings=len(earlier))
    if not ruling.reason.strip():
        raise ReasonMissing("A ruling needs a reason.", incident=incident.id)
    put = set(presented)
    if (ruling.decision is Decision.NEUTRALISE) != bool(ruling.items) or not put.issuperset(ruling.items):
        raise NothingToNeutralise(
            "A neutralisation names items that were put, other decisions none.", items=ruling.items
        )
    return ruling


def standing(rulings: Iterable[Ruling]) -> dict[IncidentId, Ruling]:
    """The ruling that stands on each incident: the last."""
    last: dict[IncidentId, Ruling] = {}
    for ruling in sorted(rulings, key=lambda r: r.number):
        last[ruling.incident] = ruling
    return last


def open_incidents(incidents: Iterable[Incident], rulings: Iterable[Ruling]) -> tuple[Incident, ...]:
    """The incidents that can change a result and have no ruling."""
    ruled = standing(rulings)
    return tuple(i for i in incidents if i.kind.blocks and i.id not in ruled)


def neutralised(rulings: Iterable[Ruling]) -> frozenset[ItemId]:
    """The items taken out by the rulings that stand."""
    return frozenset(i for r in standing(rulings).values() if r.decision is Decision.NEUTRALISE for i in r.items)
