"""The TOML that says how long each class of personal data is kept, and every fault of one that has it wrong."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.kernel import EngineError
from web.config import Settings
from web.db.data_classes import KEPT_WITHOUT_IDENTITY, DataClass

Days = Annotated[int, Field(strict=True, ge=1, le=36_525)]
Text = Annotated[str, Field(min_length=10)]
WITHOUT_IDENTITY = "without_identity"
Keep: TypeAlias = Days | Literal["without_identity"]


class BadRetention(EngineError):
    """Retention rules that cannot be used; `faults` names everything wrong in them."""

    code = "bad_retention"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Appeal(_Strict):
    """For how long after its publication a result can be contested."""

    days: Days
    reason: Text
    source: Text


class Period(_Strict):
    """How long a class is kept, why, and who says so."""

    days: Keep
    reason: Text
    source: Text


class RetentionRules(_Strict):
    """A period for every class."""

    format: Literal[1]
    appeal: Appeal
    classes: Mapping[DataClass, Period]

    def days(self, kept: DataClass) -> int | None:
        """The days of a class; none for what is kept without identity."""
        days = self.classes[kept].days
        return days if isinstance(days, int) else None


def read_retention(text: str) -> RetentionRules:
    """The rules of a TOML text. Raises `BadRetention`, which names what is unknown, missing or out of range."""
    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRetention(f"The retention rules are no TOML: {error}", faults=[str(error)]) from error
    given = raw.get("classes")
    named = set(given) if isinstance(given, dict) else set()
    faults = [f"classes.{name}: unknown class" for name in sorted(named - set(DataClass))]
    faults += [f"classes.{name}: missing" for name in sorted(set(DataClass) - named)]
    rules = None
    try:
        rules = RetentionRules.model_validate(raw)
    except ValidationError as error:
        faults += [
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
            if "[key]" not in fault["loc"]
        ]
    if rules is not None:
        faults += [
            f"classes.{kept}: days must {'be' if kept in KEPT_WITHOUT_IDENTITY else 'not be'} {WITHOUT_IDENTITY!r}"
            for kept, period in rules.classes.items()
            if (period.days == WITHOUT_IDENTITY) != (kept in KEPT_WITHOUT_IDENTITY)
        ]
    if faults or rules is None:
        raise BadRetention("The retention rules are wrong: " + "; ".join(faults), faults=faults)
    return rules


def retention_of(settings: Settings) -> RetentionRules:
    """The rules of an installation: the file of its settings, else the one of the item bank. Raises `BadRetention`."""
    path: Path = settings.retention or settings.bank / "rules" / "retention.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRetention(f"The retention rules {path} cannot be read.", faults=[str(path)]) from error
    return read_retention(text)
