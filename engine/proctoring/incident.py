"""What a proctor or a candidate reported: a kind from the taxonomy, a time, an author."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.kernel import EngineError, IncidentId, ItemId, PersonId, SittingId

LONGEST_TEXT = 2_000


class Category(StrEnum):
    """What an incident is about."""

    FRAUD = "fraud"
    BEHAVIOUR = "behaviour"
    ENVIRONMENT = "environment"
    IDENTITY = "identity"
    TECHNICAL = "technical"
    ITEM = "item"
    ORGANISATION = "organisation"
    CANDIDATE = "candidate"
    OTHER = "other"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IncidentKind(_Strict):
    """One row of the taxonomy; `label` is what people read (French)."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{3}-[0-9]{2}$")]
    category: Category
    severity: Annotated[float, Field(ge=0, le=1)]
    blocks: bool
    label: str
    text_required: bool = False


class _File(_Strict):
    kinds: Annotated[tuple[IncidentKind, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _codes_stand_once(self) -> "_File":
        codes = [kind.code for kind in self.kinds]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice")
        return self


def read_taxonomy(text: str) -> Mapping[str, IncidentKind]:
    """The kinds by their code, in the order of the file. Raises pydantic's `ValidationError`, `TOMLDecodeError`."""
    return {kind.code: kind for kind in _File.model_validate(tomllib.loads(text)).kinds}


class Source(StrEnum):
    """Where a report came from."""

    CONSOLE = "console"
    CANDIDATE = "candidate"
    ACS = "acs"
    """A proctoring tool, by the Assessment Control Service."""
    JURY = "jury"
    """Told to the jury after the session, even after publication."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A report; nothing in it is ever edited."""

    id: IncidentId
    sitting: SittingId
    kind: IncidentKind
    occurred_at: datetime
    recorded_at: datetime
    author: PersonId
    item: ItemId | None = None
    text: str = ""
    source: Source = Source.CONSOLE


class IncidentRefused(EngineError):
    """A report that cannot be taken as it is."""

    code = "incident_refused"


class IncidentTextMissing(IncidentRefused):
    """A kind that says nothing without a text."""

    code = "incident_text_missing"


class IncidentTextTooLong(IncidentRefused):
    """A text over the limit."""

    code = "incident_text_too_long"


class IncidentInFuture(IncidentRefused):
    """An incident cannot have occurred after it is recorded."""

    code = "incident_in_future"


def report(incident: Incident) -> Incident:
    """The incident, if it can be taken. Raises a kind of `IncidentRefused`."""
    if incident.kind.text_required and not incident.text.strip():
        raise IncidentTextMissing(f"{incident.kind.code} needs a text.", kind=incident.kind.code)
    if len(incident.text) > LONGEST_TEXT:
        raise IncidentTextTooLong(f"The text is longer than {LONGEST_TEXT} characters.", length=len(incident.text))
    if incident.occurred_at > incident.recorded_at:
        raise IncidentInFuture(
            "The incident would have occurred after it is recorded.",
            occurred_at=incident.occurred_at,
            recorded_at=incident.recorded_at,
        )
    return incident
