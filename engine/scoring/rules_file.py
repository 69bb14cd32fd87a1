"""The TOML of a rule set: its shape, and every fault of one that has it wrong."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.items.frameworks import Level
from engine.kernel import EngineError

Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Whole = Annotated[int, Field(strict=True, ge=0)]
Probability = Annotated[float, Field(strict=True, gt=0, lt=1)]
"""A probability that neither certainty nor impossibility can stand for."""
Share = Annotated[float, Field(strict=True, gt=0, le=1)]
Cost = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
Source = Annotated[str, Field(min_length=1)]

CRCN_EDU = 16
"""One item of the CRCN-Édu in each competence, always."""


class BadRules(EngineError):
    """A rule set that cannot be used; `faults` names everything wrong in it."""

    code = "bad_rules"


class Rule(StrEnum):
    """How a level is decided; docs/psychometrics.md, section 7."""

    R1 = "R1"
    """The official rule: observed counts, compared as integers."""
    R2 = "R2"
    """Double key: R1, and the level is probable."""
    R3 = "R3"
    """Posterior: the level is probable enough."""
    R4 = "R4"
    """Totals by R1, the minimum of each domain by its probability."""

    @property
    def needs_posterior(self) -> bool:
        """Whether counts alone cannot decide by it."""
        return self is not Rule.R1


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
    source: Source

    @property
    def value(self) -> Level:
        """The level itself."""
        return Level[self.level.upper()]


class Lengths(_Strict):
    """How many items each framework has at most."""

    crcn_edu: Literal[16]
    crcn: Annotated[int, Field(strict=True, ge=16, le=48)]
    source: str


class CountedAtLeast(_Strict):
    """Below any of these the result is inconclusive."""

    crcn_edu: Whole
    crcn_edu_per_domain: Whole
    crcn: Whole
    source: str


class PosteriorTable(_Strict):
    """`[posterior]`: what the rules and the flags that use probabilities require."""

    gamma: Probability | None = None
    cost_over: Cost | None = None
    cost_under: Cost | None = None
    double_key: Probability = 0.5
    minimum: Share = 0.8
    fragile_below: Probability = 0.5
    reexamine_from: Share = 0.75
    source: Source


class SelectionTable(_Strict):
    """`[selection]`: how items are chosen."""

    selector: Literal["steer", "maximum_information", "stratified", "forms"] | None = None
    gamma: Probability | None = None
    rho: Probability | None = None
    forms: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    """Digests of files of fixed forms, one for each track."""
    source: Source


class ExposureTable(_Strict):
    """`[exposure]`: the greatest share of sittings that sees an item."""

    crcn_edu: Share = 0.20
    crcn: Share = 0.25
    source: Source


class StoppingTable(_Strict):
    """`[stopping]`: when a test under R3 may end early."""

    epsilon: Probability = 0.1
    at_least: Annotated[int, Field(strict=True, ge=16, le=48)] = 16
    every: Annotated[int, Field(strict=True, ge=1, le=48)] = 2
    source: Source


class PretestTable(_Strict):
    """`[pretest]`: items that are tried and do not count."""

    per_sitting: Annotated[int, Field(strict=True, ge=2, le=4)]
    source: Source


class RulesFile(_Strict):
    """The whole file."""

    name: str
    title: str
    decides: Rule
    cap_at_target: bool
    not_reached: NotReached
    validity_years: Annotated[int, Field(strict=True, ge=1)]
    validity_source: str
    cross_framework: bool
    length: Lengths
    counted_at_least: CountedAtLeast
    levels: Annotated[tuple[Thresholds, ...], Field(min_length=1)]
    posterior: PosteriorTable | None = None
    selection: SelectionTable | None = None
    exposure: ExposureTable | None = None
    stopping: StoppingTable | None = None
    pretest: PretestTable | None = None


def parse(text: str) -> RulesFile:
    """The file that a TOML text holds. Raises `BadRules`: what is no TOML says so, anything else names every fault."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRules(f"The rule set is not TOML: {error}.", faults=[str(error)]) from error
    try:
        file, errors = RulesFile.model_validate(tables), []
    except ValidationError as refused:
        file, errors = None, refused.errors()
    faults = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in errors]
    faults += _between_fields(tables, [e["loc"] for e in errors])
    if file is None or faults:
        raise BadRules(f"The rule set cannot be used: {'; '.join(faults)}.", faults=faults)
    return file


def _between_fields(tables: Mapping[str, Any], at_fault: Sequence[tuple[int | str, ...]]) -> list[str]:
    """The faults that lie between fields, judged on the fields that are sound by themselves.

    A field at fault has been named already, and what depends on it cannot be judged.
    """
    sound = _Sound(tables, at_fault)
    return [
        *_of_levels(sound),
        *_of_posterior(sound),
        *_of_selection(sound),
        *_of_stopping(sound),
        *_of_counts(sound),
    ]


class _Sound:
    """The fields of a file that hold what their type asks for; any other is `None`."""

    def __init__(self, tables: Mapping[str, Any], at_fault: Sequence[tuple[int | str, ...]]) -> None:
        self._tables = tables
        self._at_fault = at_fault

    def has(self, *path: str) -> bool:
        """Whether something stands there, sound or not."""
        here: Any = self._tables
        for name in path:
            if not isinstance(here, dict) or name not in here:
                return False
            here = here[name]
        return True

    def value(self, table: str, name: str | None = None, default: Any = None) -> Any:
        """A field, its default if nothing stands there; `None` if it is at fault."""
        path = (table,) if name is None else (table, name)
        if any(loc[: len(path)] == path[: len(loc)] for loc in self._at_fault):
            return None
        if not self.has(*path):
            return default
        found: Any = self._tables[table] if name is None else self._tables[table][name]
        if path == ("decides",):
            return Rule(found)
        return found

    def column(self, name: str) -> list[Any]:
        """One field of every level; nothing if one of them is at fault."""
        whole = any(loc[0] == "levels" and len(loc) < 3 for loc in self._at_fault)
        if whole or any(loc[0] == "levels" and loc[-1] == name for loc in self._at_fault):
            return []
        return [row[name] for row in self._tables["levels"]] if self.has("levels") else []


def _of_levels(sound: _Sound) -> Iterator[str]:
    names = sound.column("level")
    order = [Level[name.upper()] for name in names]
    if order != sorted(set(order)):
        yield "levels: they must stand once each, from the lowest to the highest"
    missing = {Level.CONFIRME, Level.AVANCE, Level.EXPERT} - set(order)
    if names and missing:
        yield f"levels: no thresholds for {', '.join(level.slug for level in sorted(missing))}"
    for row in ("crcn_edu", "crcn_edu_per_domain", "crcn"):
        values = sound.column(row)
        if values != sorted(values):
            yield f"levels: the thresholds of {row} must not fall from one level to the next: {values}"


def _of_posterior(sound: _Sound) -> Iterator[str]:
    gamma = sound.has("posterior", "gamma")
    costs = [name for name in ("cost_over", "cost_under") if sound.has("posterior", name)]
    if gamma and costs:
        yield f"posterior: give gamma or the two costs, not both; gamma stands beside {' and '.join(costs)}"
    elif len(costs) == 1:
        yield f"posterior: {costs[0]} stands alone; cost_over and cost_under go together"
    if sound.value("decides") is Rule.R3 and not gamma and not costs:
        yield "posterior: R3 decides, so give gamma, or cost_over and cost_under"


def _of_selection(sound: _Sound) -> Iterator[str]:
    selector = sound.value("selection", "selector")
    if selector not in (None, "steer"):
        for name in ("gamma", "rho"):
            if sound.has("selection", name):
                yield f"selection: {name} belongs to steering, and the selector is {selector}"
    if selector != "forms" and sound.has("selection", "forms"):
        yield f"selection: forms belongs to the selector forms, and the selector is {selector}"


def _of_stopping(sound: _Sound) -> Iterator[str]:
    if not sound.has("stopping"):
        return
    rule = sound.value("decides")
    if rule not in (None, Rule.R3):
        yield f"stopping: only R3 can stop early; under {rule} the denominator is fixed in advance"
    at_least = sound.value("stopping", "at_least", StoppingTable.model_fields["at_least"].default)
    counted = sound.value("counted_at_least", "crcn")
    if None not in (at_least, counted) and counted > at_least:
        yield (
            f"counted_at_least.crcn: {counted} is more than stopping.at_least, {at_least}: "
            "a test that stops early would be inconclusive"
        )


def _of_counts(sound: _Sound) -> Iterator[str]:
    length = sound.value("length", "crcn")
    unscored = sound.value("pretest", "per_sitting", 0)
    if None in (length, unscored):
        return
    scored = length - unscored
    for table, name in (("counted_at_least", "crcn"), ("stopping", "at_least")):
        least = sound.value(table, name)
        if least is not None and least > scored:
            yield f"{table}.{name}: {least} is more than the {scored} scored items of the CRCN"
    least = sound.value("counted_at_least", "crcn_edu")
    if least is not None and least > CRCN_EDU:
        yield f"counted_at_least.crcn_edu: {least} is more than the {CRCN_EDU} items of the CRCN-Édu"
