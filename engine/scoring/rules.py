"""A rule set: thresholds and policies as versioned data, each with its source."""

import hashlib
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.adaptive.levels import Cuts
from engine.items.frameworks import Framework, Level
from engine.kernel import EngineError

Percent = Annotated[int, Field(ge=0, le=100)]


class BadRules(EngineError):
    """A rule set that cannot be used; `faults` names everything wrong in it."""

    code = "bad_rules"


class NotReached(StrEnum):
    """What an item counts as that the candidate, by their own doing, never saw."""

    WRONG = "wrong"
    IGNORED = "ignored"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Thresholds(_Strict):
    """The three rows of one level, percent."""

    level: Literal["initie", "confirme", "avance", "expert"]
    crcn_edu: Percent
    crcn_edu_per_domain: Percent
    crcn: Percent
    source: Annotated[str, Field(min_length=1)]

    @property
    def value(self) -> Level:
        """The level itself."""
        return Level[self.level.upper()]


class Lengths(_Strict):
    """How many items each framework has at most."""

    crcn_edu: Literal[16]
    crcn: Annotated[int, Field(ge=16, le=48)]
    source: str


class CountedAtLeast(_Strict):
    """Below any of these the result is inconclusive."""

    crcn_edu: Annotated[int, Field(ge=0)]
    crcn_edu_per_domain: Annotated[int, Field(ge=0)]
    crcn: Annotated[int, Field(ge=0)]
    source: str


class _File(_Strict):
    name: str
    title: str
    decides: Literal["R1"]
    cap_at_target: bool
    not_reached: NotReached
    validity_years: Annotated[int, Field(ge=1)]
    validity_source: str
    cross_framework: bool
    length: Lengths
    counted_at_least: CountedAtLeast
    levels: Annotated[tuple[Thresholds, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _levels_rise(self) -> "_File":
        order = [t.value for t in self.levels]
        if order != sorted(set(order)):
            raise ValueError("levels must stand once each, from the lowest to the highest")
        missing = {Level.CONFIRME, Level.AVANCE, Level.EXPERT} - set(order)
        if missing:
            raise ValueError(f"no thresholds for {', '.join(level.slug for level in sorted(missing))}")
        for row in ("crcn_edu", "crcn_edu_per_domain", "crcn"):
            values = [getattr(t, row) for t in self.levels]
            if values != sorted(values):
                raise ValueError(f"the thresholds of {row} must not fall from one level to the next: {values}")
        return self


@dataclass(frozen=True)
class RuleSet:
    """A rule set as it was read; `digest` is the SHA-256 of its file, which a session pins."""

    name: str
    digest: str
    title: str
    cap_at_target: bool
    not_reached: NotReached
    validity_years: int
    cross_framework: bool
    length: dict[Framework, int]
    counted_at_least: CountedAtLeast
    levels: tuple[Thresholds, ...]

    @property
    def cuts(self) -> Cuts:
        """What the adaptive core aims at: the thresholds of Confirmé, Avancé and Expert."""
        first, second, third = self.levels[-3:]
        return Cuts(
            edu_total=(first.crcn_edu, second.crcn_edu, third.crcn_edu),
            edu_domain=(first.crcn_edu_per_domain, second.crcn_edu_per_domain, third.crcn_edu_per_domain),
            crcn_total=(first.crcn, second.crcn, third.crcn),
        )


def read_rules(text: str) -> RuleSet:
    """The rule set that a TOML text holds. Raises `BadRules`, every fault named."""
    try:
        file = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadRules(f"The rule set is not TOML: {error}.", faults=[str(error)]) from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        raise BadRules(f"The rule set cannot be used: {'; '.join(faults)}.", faults=faults) from error
    return RuleSet(
        name=file.name,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        title=file.title,
        cap_at_target=file.cap_at_target,
        not_reached=file.not_reached,
        validity_years=file.validity_years,
        cross_framework=file.cross_framework,
        length={Framework.CRCN_EDU: file.length.crcn_edu, Framework.CRCN: file.length.crcn},
        counted_at_least=file.counted_at_least,
        levels=file.levels,
    )
