"""What the jury decided about an incident: from a closed list, with a reason, never by the person who reported it.

A rejection for fraud takes two: one proposes it, another confirms or refuses it (docs/adr/0025).
Nothing here knows whether an answer was right: a neutralisation is a decision on the item (docs/adr/0007).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from engine.kernel import EngineError, IncidentId, ItemId, PersonId, RulingId
from engine.proctoring.incident import Incident


class Decision(StrEnum):
    """The closed list, the mildest first."""

    NO_EFFECT = "no_effect"
    NEUTRALISE = "neutralise"
    NEW_SESSION = "new_session"
    """The time that was lost is given back as a new session, free: a closed sitting is never opened again."""
    VOID = "void"
    FRAUD = "fraud"
    """Only proposed until a second person confirms it."""


WITHOUT_RESULT = frozenset({Decision.NEW_SESSION, Decision.VOID, Decision.FRAUD})
"""After these a sitting gives no result, whatever was answered in it."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a second person says of a ruling that needs one."""

    ruling: RulingId
    author: PersonId
    agrees: bool
    text: str
    at: datetime


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
    heard: str = ""
    """For a fraud: how and when the candidate was heard, or had the chance."""
    confirmation: Confirmation | None = None

    @property
    def waits(self) -> bool:
        """Whether a second person has still to speak."""
        return self.decision is Decision.FRAUD and self.confirmation is None

    @property
    def was_refused(self) -> bool:
        """Whether a second person did not agree, so that nothing is decided."""
        return self.confirmation is not None and not self.confirmation.agrees

    @property
    def decides(self) -> bool:
        """Whether it has an effect."""
        return not self.waits and not self.was_refused


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
    """Every ruling says why, and so does a refusal to confirm one."""

    code = "ruling_reason_missing"


class HearingMissing(RulingRefused):
    """Nobody is rejected for fraud who could not speak: the proposal says how and when."""

    code = "hearing_missing"


class ConfirmedByProposer(RulingRefused):
    """Who proposed a rejection for fraud cannot confirm it."""

    code = "confirmed_by_proposer"


class NothingToConfirm(RulingRefused):
    """No proposal waits under this number: it was answered or replaced in the meantime."""

    code = "nothing_to_confirm"


def rule(incident: Incident, earlier: Sequence[Ruling], ruling: Ruling, presented: Iterable[ItemId]) -> Ruling:
    """The ruling, if it can stand; `ruling.number` says how many rulings its author has seen, plus one.

    Raises `RuledByReporter`, `AlreadyRuled`, `ReasonMissing`, `HearingMissing`, `NothingToNeutralise`.
    """
    if ruling.incident != incident.id:
        raise ValueError(f"ruling {ruling.id} is about incident {ruling.incident}, not {incident.id}")
    if ruling.confirmation is not None:
        raise ValueError(f"ruling {ruling.id} is new and has a confirmation")
    if ruling.author == incident.author:
        raise RuledByReporter(f"{ruling.author} reported incident {incident.id}.", author=ruling.author)
    if ruling.number != len(earlier) + 1:
        raise AlreadyRuled(f"Incident {incident.id} was ruled in the meantime.", rulings=len(earlier))
    if not ruling.reason.strip():
        raise ReasonMissing("A ruling needs a reason.", incident=incident.id)
    if ruling.decision is Decision.FRAUD and not ruling.heard.strip():
        raise HearingMissing("A fraud is proposed after the candidate was heard.", incident=incident.id)
    put = set(presented)
    if (ruling.decision is Decision.NEUTRALISE) != bool(ruling.items) or not put.issuperset(ruling.items):
        raise NothingToNeutralise(
            "A neutralisation names items that were put, other decisions none.", items=ruling.items
        )
    return ruling


def confirm(incident: Incident, rulings: Iterable[Ruling], said: Confirmation) -> Ruling:
    """The last ruling on an incident with what a second person says of it.

    Raises `NothingToConfirm`, `ConfirmedByProposer`, `RuledByReporter`, `ReasonMissing`.
    """
    last = standing(rulings).get(incident.id)
    if last is None or last.id != said.ruling or not last.waits:
        raise NothingToConfirm(f"No ruling {said.ruling} on incident {incident.id} waits for anybody.")
    if said.author == last.author:
        raise ConfirmedByProposer(f"{said.author} proposed ruling {last.id}.", author=said.author)
    if said.author == incident.author:
        raise RuledByReporter(f"{said.author} reported incident {incident.id}.", author=said.author)
    if not said.agrees and not said.text.strip():
        raise ReasonMissing("A refusal to confirm says why.", incident=incident.id)
    return replace(last, confirmation=said)


def standing(rulings: Iterable[Ruling]) -> dict[IncidentId, Ruling]:
    """The ruling that stands on each incident: the last, whether or not it has an effect yet."""
    last: dict[IncidentId, Ruling] = {}
    for ruling in sorted(rulings, key=lambda r: r.number):
        last[ruling.incident] = ruling
    return last


def decided(rulings: Iterable[Ruling]) -> dict[IncidentId, Ruling]:
    """The rulings that have an effect: those that stand, without proposals and without what a second person refused."""
    return {incident: ruling for incident, ruling in standing(rulings).items() if ruling.decides}


def proposed(rulings: Iterable[Ruling]) -> dict[IncidentId, Ruling]:
    """The rejections for fraud that wait for a second person."""
    return {incident: ruling for incident, ruling in standing(rulings).items() if ruling.waits}


def open_incidents(incidents: Iterable[Incident], rulings: Iterable[Ruling]) -> tuple[Incident, ...]:
    """What a result waits for: incidents that can change it and are not decided, and every proposal of a fraud."""
    rulings = tuple(rulings)
    done, waiting = decided(rulings), proposed(rulings)
    return tuple(i for i in incidents if i.id in waiting or (i.kind.blocks and i.id not in done))


def neutralised(rulings: Iterable[Ruling]) -> frozenset[ItemId]:
    """The items taken out by the rulings that stand."""
    return frozenset(i for r in decided(rulings).values() if r.decision is Decision.NEUTRALISE for i in r.items)


def was_blind(incidents: Iterable[Incident], rulings: Iterable[Ruling], ruling: Ruling) -> bool:
    """Whether the result was withheld from everybody when a ruling was made, because something had not been decided."""
    known = [i for i in incidents if i.recorded_at <= ruling.at]
    before = [_as_of(r, ruling.at) for r in rulings if r.at < ruling.at and r.id != ruling.id]
    return bool(open_incidents(known, before))


def _as_of(ruling: Ruling, at: datetime) -> Ruling:
    said = ruling.confirmation
    return replace(ruling, confirmation=None) if said is not None and said.at >= at else ruling
