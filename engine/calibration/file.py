"""What a calibration file holds: parameters, how sure they are, and what they were estimated from."""

import math
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from engine.calibration.em import Scale
from engine.items.frameworks import Framework


class Model(StrEnum):
    """The response models that can be calibrated."""

    ONE = "1pl"
    TWO = "2pl"
    TREE = "2pl-tree"
    THREE = "3pl"


class Flag(StrEnum):
    """What a person should look at. Nothing happens by itself."""

    MISFIT = "misfit"
    FLAT = "flat"
    """The slope is at its lower end: the item hardly tells abilities apart, or its key is wrong."""
    UNSURE = "unsure"
    """The standard error of the difficulty is too great to use the item."""
    DIF = "dif"
    DRIFT = "drift"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ItemEstimate(_Strict):
    """One item."""

    item: str
    a: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    b: Annotated[float, Field(allow_inf_nan=False)]
    c: Annotated[float, Field(ge=0, lt=1)] = 0.0
    se_a: float | None
    se_b: float | None
    n: Annotated[int, Field(ge=0)]
    """Answers that the parameters rest on; an anchor keeps those of its own calibration."""
    answers: Annotated[int, Field(ge=0)]
    """Answers in these data."""
    right: float | None
    """Share of them that is right."""
    fit: float | None
    """z of the item fit."""
    outfit: float | None
    anchor: bool = False
    promoted: bool | None = None
    """For a new item beside anchors: ready to count in a score."""
    flags: tuple[Flag, ...] = ()


class SetAside(_Strict):
    """An item without an estimate."""

    item: str
    n: int
    reason: str


class PopulationRow(_Strict):
    """The candidates, on the scale of the items; variances of G, F and S for the tree, of ability otherwise."""

    mean: float
    variances: tuple[float, ...]


class Calibration(_Strict):
    """A calibration, as its file tells it."""

    format: int = 1
    model: Model
    scale: Scale
    priors: bool
    release: str | None
    anchor: str | None
    """Digest of the data behind the calibration that the anchors come from."""
    data: str
    """SHA-256 of the answers."""
    persons: int
    answers: int
    log_likelihood: float
    iterations: int
    converged: bool
    population: PopulationRow
    heldout_error: dict[Framework, float] = {}
    items: tuple[ItemEstimate, ...]
    set_aside: tuple[SetAside, ...] = ()


def rounded(value: float, digits: int = 6) -> float:
    """A figure as files hold it."""
    return round(float(value), digits)


def known(value: float, digits: int = 6) -> float | None:
    """A figure as files hold it, or nothing when there is none."""
    return rounded(value, digits) if math.isfinite(value) else None
