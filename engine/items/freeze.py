"""Freezing a release: its manifest, and the parameters of a bank that has no response data yet."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from engine.items.bank import Bank
from engine.items.frameworks import Framework
from engine.items.item import Item, Status
from engine.items.release import TAG_SPREAD, Provenance, tag_difficulty
from engine.kernel import EngineError, ItemId

SIMULATED_RESPONSES = 400  # what a demo pretends to rest on: enough for every gate, see docs/adr/0004
SIMULATED_SE = 0.2
SIMULATED_HELDOUT_ERROR = 0.02


class UncalibratedItems(EngineError):
    """A calibration that does not fit the bank."""

    code = "uncalibrated_items"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ParameterRow(_Strict):
    """2PL or 3PL parameters of one item, with what they rest on."""

    a: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    b: Annotated[float, Field(allow_inf_nan=False)]
    c: Annotated[float, Field(ge=0, lt=1)] = 0.0
    responses: Annotated[int, Field(ge=0)] = 0
    se_b: Annotated[float, Field(gt=0)] | None = None
    # Left out of a manifest where they say nothing: the digests of earlier releases stay what they were.
    fit: Annotated[float | None, Field(allow_inf_nan=False, exclude_if=lambda fit: fit is None)] = None
    flags: Annotated[tuple[str, ...], Field(exclude_if=lambda flags: not flags)] = ()


class ItemRow(_Strict):
    """One frozen item: where it lies, what it was, its parameters."""

    id: str
    version: int
    path: str
    digest: str
    parameters: ParameterRow
    pretest: Annotated[bool, Field(exclude_if=lambda pretest: not pretest)] = False


class Manifest(_Strict):
    """What a release file holds; `digest` is the SHA-256 of all the rest."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    provenance: Provenance
    note: str
    heldout_error: dict[Framework, float] = {}
    items: tuple[ItemRow, ...]
    digest: str = ""

    def computed_digest(self) -> str:
        """SHA-256 over the canonical JSON of everything but the digest."""
        content = self.model_dump(mode="json", exclude={"digest"})
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


def from_tags(item: Item) -> ParameterRow:
    """Difficulty from the level tag alone, discrimination one: no response stands behind it."""
    return ParameterRow(a=1.0, b=tag_difficulty(item.framework, item.tag))


def simulated(item: Item, rng: np.random.Generator) -> ParameterRow:
    """Parameters drawn from the tag priors: ln a ~ N(.1, .3²), b ~ N(tag, .9²)."""
    a = float(np.exp(rng.normal(0.1, 0.3)))
    b = float(rng.normal(tag_difficulty(item.framework, item.tag), TAG_SPREAD))
    return ParameterRow(a=round(a, 4), b=round(b, 4), responses=SIMULATED_RESPONSES, se_b=SIMULATED_SE)


def freeze(bank: Bank, name: str, provenance: Provenance, seed: int = 0) -> Manifest:
    """The manifest of a release of all approved items, with parameters from tags or simulated ones.

    Items in pre-test are listed too; their parameters come from tags, and simulated ones are drawn without them.

    Raises `ValueError` for calibrated parameters: they come from `freeze_calibrated`.
    """
    approved = [item for item in bank if item.status is Status.APPROVED]
    match provenance:
        case Provenance.TAGS:
            rows = [from_tags(item) for item in approved]
            note = "Paramètres déduits des niveaux annoncés : aucune donnée de réponse."
            errors: dict[Framework, float] = {}
        case Provenance.SIMULATED:
            rng = np.random.default_rng(seed)
            rows = [simulated(item, rng) for item in approved]
            note = f"Paramètres simulés (graine {seed}), sans valeur officielle."
            errors = dict.fromkeys(Framework, SIMULATED_HELDOUT_ERROR)
        case Provenance.CALIBRATED:
            raise ValueError("a calibrated release is made from a calibration")
    known = {item.id: row for item, row in zip(approved, rows, strict=True)}
    return _manifest(bank, name, provenance, note, errors, known)


def freeze_calibrated(
    bank: Bank, name: str, known: Mapping[ItemId, ParameterRow], heldout_error: Mapping[Framework, float], note: str
) -> Manifest:
    """The manifest of a release of all approved items with the parameters of a calibration.

    Items in pre-test are listed with what is known of them, and go on not counting until their status says so. Raises
    `UncalibratedItems` when an approved item has no parameters, or parameters are of no item of the bank.
    """
    usable = {item.id for item in bank if item.status in (Status.APPROVED, Status.PRETEST)}
    missing = sorted(item.id for item in bank if item.status is Status.APPROVED and item.id not in known)
    if missing:
        raise UncalibratedItems(
            f"The calibration has no parameters for {len(missing)} approved items: {', '.join(missing)}. Give them "
            'status "pretest" until they have answers, or retire them.',
            items=missing,
        )
    unknown = sorted(known.keys() - {item.id for item in bank})
    if unknown:
        raise UncalibratedItems(
            f"The calibration names {len(unknown)} items that the bank does not have: {', '.join(unknown)}.",
            items=unknown,
        )
    kept = {item: row for item, row in known.items() if item in usable}
    return _manifest(bank, name, Provenance.CALIBRATED, note, dict(heldout_error), kept)


def _manifest(
    bank: Bank,
    name: str,
    provenance: Provenance,
    note: str,
    errors: dict[Framework, float],
    known: Mapping[ItemId, ParameterRow],
) -> Manifest:
    items = tuple(
        ItemRow(
            id=item.id,
            version=item.version,
            path=str(bank.sources[item.id].path),
            digest=bank.sources[item.id].digest,
            parameters=known[item.id] if item.id in known else from_tags(item),
            pretest=item.status is Status.PRETEST,
        )
        for item in bank
        if item.status in (Status.APPROVED, Status.PRETEST)
    )
    manifest = Manifest(name=name, provenance=provenance, note=note, heldout_error=errors, items=items)
    return manifest.model_copy(update={"digest": manifest.computed_digest()})
