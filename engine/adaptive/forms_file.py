"""The file of fixed forms: what was assembled for one track of one release, under one digest."""

import hashlib
import json
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.adaptive.forms import Forms
from engine.adaptive.levels import Cuts
from engine.adaptive.model import Pool
from engine.items.frameworks import Track
from engine.kernel import EngineError, ItemId


class BrokenForms(EngineError):
    """A file of forms that is not one, or whose content is not what its digest says."""

    code = "broken_forms"


class OtherRelease(EngineError):
    """Forms that were assembled for another release or another track."""

    code = "other_release"


_Percents = tuple[int, int, int]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FormRow(_Strict):
    """One form: its items in the order of asking (null where it has none), and what it reaches."""

    items: tuple[str | None, ...]
    deviation: tuple[tuple[float, float, float], tuple[float, float, float]]
    """Expected score minus its aim at the three cuts of the CRCN-Édu and of the CRCN, items."""
    largest_domain_deviation: float
    expected_seconds: float


class FormsFile(_Strict):
    """What a file of forms holds; `digest` is the SHA-256 of all the rest."""

    release: str
    release_digest: str
    track: Track
    seed: int
    edu_total: _Percents
    edu_domain: _Percents
    crcn_total: _Percents
    tolerance: float
    domain_tolerance: float
    parallel: bool
    """Whether every form keeps both tolerances."""
    from_tags: bool
    forms: Annotated[tuple[FormRow, ...], Field(min_length=1)]
    digest: str = ""

    @classmethod
    def of(cls, pool: Pool, forms: Forms) -> Self:
        """The file of these forms."""
        worst = np.abs(forms.domain_deviation).max(axis=(1, 2))
        rows = tuple(
            FormRow(
                items=tuple(pool.ids[row] if row >= 0 else None for row in forms.rows[f].tolist()),
                deviation=forms.deviation[f].round(6).tolist(),
                largest_domain_deviation=round(float(worst[f]), 6),
                expected_seconds=float(forms.expected_seconds[f]),
            )
            for f in range(len(forms.rows))
        )
        file = cls(
            release=forms.release,
            release_digest=forms.release_digest,
            track=forms.track,
            seed=forms.seed,
            edu_total=forms.cuts.edu_total,
            edu_domain=forms.cuts.edu_domain,
            crcn_total=forms.cuts.crcn_total,
            tolerance=forms.tolerance,
            domain_tolerance=forms.domain_tolerance,
            parallel=forms.is_parallel,
            from_tags=forms.from_tags,
            forms=rows,
        )
        return file.model_copy(update={"digest": file.computed_digest()})

    def computed_digest(self) -> str:
        """SHA-256 over the canonical JSON of everything but the digest."""
        content = self.model_dump(mode="json", exclude={"digest"})
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


def read_forms(text: str | bytes, pool: Pool) -> Forms:
    """The forms of a file, measured anew on the pool. Raises `BrokenForms` and `OtherRelease`."""
    try:
        file = FormsFile.model_validate_json(text)
        cuts = Cuts(file.edu_total, file.edu_domain, file.crcn_total)
    except (ValidationError, ValueError) as error:
        raise BrokenForms(f"This is no file of forms: {error}") from error
    if file.digest != file.computed_digest():
        raise BrokenForms("The forms are not those that their digest names.", digest=file.digest)
    if (file.release_digest, file.track) != (pool.digest, pool.track):
        raise OtherRelease(
            f"These forms belong to release {file.release} ({file.release_digest[:12]}), track {file.track}; "
            f"asked for {pool.release} ({pool.digest[:12]}), track {pool.track}.",
            release=file.release,
            track=file.track,
        )
    items = [[-1 if i is None else pool.row(ItemId(i)) for i in form.items] for form in file.forms]
    if len({len(form) for form in items}) != 1 or len(items[0]) != 64:
        raise BrokenForms("A form has not 64 places.", digest=file.digest)
    return Forms.measured(pool, cuts, file.seed, np.array(items), file.from_tags)
