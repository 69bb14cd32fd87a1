"""The front matter of an item file: what may stand in it, and the `Item` that it describes."""

import re
from itertools import product
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from engine.items.frameworks import COMPETENCE_INDEX, CRCN_TAGS, Framework, Level, Track
from engine.items.item import (
    Attachment,
    Choice,
    Demand,
    Forgiven,
    Gap,
    Gaps,
    Interaction,
    Item,
    Kind,
    Matching,
    Medium,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
    Status,
    Variant,
)
from engine.items.variants import LARGEST
from engine.kernel import ItemId

Text: TypeAlias = Annotated[str, Field(min_length=1)]
Slug: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
FileName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9._-]*\.[a-z0-9]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Choice(_Strict):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]?$")]
    text: Text
    why: str = ""

    def value(self) -> Choice:
        return Choice(self.id, self.text, self.why)


class _Gap(_Strict):
    id: Annotated[str, Field(pattern=r"^g[0-9]+$")]
    choices: Annotated[tuple[_Choice, ...], Field(min_length=2, max_length=8)]


class _Medium(_Strict):
    file: FileName
    alt: Text


class _Attachment(_Strict):
    file: FileName
    title: Text

    def value(self) -> Attachment:
        return Attachment(self.file, self.title)


class _Variant(_Strict):
    """Read on its own for what every variant has; its key is read with the interaction of the item."""

    id: Annotated[str, Field(pattern=r"^v[2-6]$")]
    key: Any
    attachments: Annotated[tuple[_Attachment, ...], Field(min_length=1)]
    rationale: str = ""


class _TextTolerance(_Strict):
    case: bool = True
    accents: bool = True
    spaces: bool = True
    punctuation: bool = True
    typos: bool = False


class _NumberTolerance(_Strict):
    absolute: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    relative: Annotated[float, Field(ge=0, lt=1)] = 0.0


def _known(key: set[str], ids: list[str]) -> None:
    unknown = sorted(key - set(ids))
    if unknown:
        raise ValueError(f"the key names {', '.join(unknown)}, which is not among {', '.join(ids)}")


def _distinct(choices: tuple[_Choice, ...]) -> None:
    for what in ("id", "text"):
        values = [getattr(c, what).casefold() for c in choices]
        twice = sorted({v for v in values if values.count(v) > 1})
        if twice:
            raise ValueError(f"the {what} {twice[0]!r} stands twice")


def _reasons(choices: tuple[_Choice, ...], right: set[str]) -> None:
    silent = [c.id for c in choices if c.id not in right and not c.why]
    if silent:
        raise ValueError(f"say in `why` what is wrong with choice {', '.join(silent)}")


class _SingleChoice(_Strict):
    choices: Annotated[tuple[_Choice, ...], Field(min_length=3, max_length=6)]
    key: str
    fixed_order: bool = False

    @model_validator(mode="after")
    def _holds(self) -> "_SingleChoice":
        _distinct(self.choices)
        _known({self.key}, [c.id for c in self.choices])
        _reasons(self.choices, {self.key})
        return self

    def value(self) -> Interaction:
        return SingleChoice(tuple(c.value() for c in self.choices), self.key, self.fixed_order)


class _MultipleChoice(_Strict):
    choices: Annotated[tuple[_Choice, ...], Field(min_length=4, max_length=7)]
    key: Annotated[tuple[str, ...], Field(min_length=2)]
    fixed_order: bool = False

    @model_validator(mode="after")
    def _holds(self) -> "_MultipleChoice":
        _distinct(self.choices)
        _known(set(self.key), [c.id for c in self.choices])
        _reasons(self.choices, set(self.key))
        if len(set(self.key)) >= len(self.choices):
            raise ValueError("at least one choice must be wrong")
        return self

    def value(self) -> Interaction:
        return MultipleChoice(tuple(c.value() for c in self.choices), frozenset(self.key), self.fixed_order)


class _ShortText(_Strict):
    key: Annotated[tuple[Text, ...], Field(min_length=1)]
    refused: tuple[Text, ...] = ()
    tolerance: _TextTolerance = _TextTolerance()

    def value(self) -> Interaction:
        return ShortText(self.key, self.refused, Forgiven(**self.tolerance.model_dump()))


class _Number(_Strict):
    key: Annotated[float, Field(allow_inf_nan=False)]
    unit: str = ""
    tolerance: _NumberTolerance = _NumberTolerance()

    def value(self) -> Interaction:
        return Number(self.key, self.unit, self.tolerance.absolute, self.tolerance.relative)


class _Ordering(_Strict):
    choices: Annotated[tuple[_Choice, ...], Field(min_length=3, max_length=7)]
    key: tuple[str, ...]

    @model_validator(mode="after")
    def _holds(self) -> "_Ordering":
        _distinct(self.choices)
        if sorted(self.key) != sorted(c.id for c in self.choices):
            raise ValueError("the key must name each choice once")
        return self

    def value(self) -> Interaction:
        return Ordering(tuple(c.value() for c in self.choices), self.key)


class _Matching(_Strict):
    prompts: Annotated[tuple[_Choice, ...], Field(min_length=2, max_length=6)]
    choices: Annotated[tuple[_Choice, ...], Field(min_length=2, max_length=8)]
    key: dict[str, str]
    fixed_order: bool = False

    @model_validator(mode="after")
    def _holds(self) -> "_Matching":
        _distinct(self.prompts)
        _distinct(self.choices)
        if list(self.key) != [p.id for p in self.prompts]:
            raise ValueError("the key must name each prompt once, in their order")
        _known(set(self.key.values()), [c.id for c in self.choices])
        if len(set(self.key.values())) < len(self.key):
            raise ValueError("a choice serves at most once")
        return self

    def value(self) -> Interaction:
        return Matching(
            tuple(p.value() for p in self.prompts),
            tuple(c.value() for c in self.choices),
            tuple(self.key.items()),
            self.fixed_order,
        )


class _Gaps(_Strict):
    gaps: Annotated[tuple[_Gap, ...], Field(min_length=1, max_length=8)]
    key: dict[str, str]

    @model_validator(mode="after")
    def _holds(self) -> "_Gaps":
        if list(self.key) != [g.id for g in self.gaps]:
            raise ValueError("the key must name each gap once, in their order")
        for gap in self.gaps:
            _distinct(gap.choices)
            _known({self.key[gap.id]}, [c.id for c in gap.choices])
        return self

    def value(self) -> Interaction:
        gaps = tuple(Gap(g.id, tuple(c.value() for c in g.choices)) for g in self.gaps)
        return Gaps(gaps, tuple(self.key.items()))


_INTERACTIONS: dict[Kind, type[_Strict]] = {
    Kind.SINGLE_CHOICE: _SingleChoice,
    Kind.MULTIPLE_CHOICE: _MultipleChoice,
    Kind.SHORT_TEXT: _ShortText,
    Kind.NUMBER: _Number,
    Kind.ORDERING: _Ordering,
    Kind.MATCHING: _Matching,
    Kind.GAPS: _Gaps,
}
FILE_ANSWERS = (Kind.SINGLE_CHOICE, Kind.SHORT_TEXT, Kind.NUMBER)
_OWN = {name for model in _INTERACTIONS.values() for name in model.model_fields}


class FrontMatter(_Strict):
    """Everything about an item but its body; the interaction's own fields are checked by its own model."""

    id: Annotated[str, Field(pattern=r"^(edu|crcn)-[1-5]\.[1-5]-[0-9]{2,3}$")]
    version: Annotated[int, Field(ge=1)]
    status: Status
    framework: Framework
    competence: str
    subject: Slug
    tracks: Annotated[tuple[Track, ...], Field(min_length=1)]
    level: Literal["initie", "confirme", "avance", "expert"] | int
    level_reason: Text
    interaction: Kind
    answer: Kind | None = None
    expected_seconds: Annotated[int, Field(ge=15, le=600)]
    author: Text
    licence: Text
    enemies: tuple[str, ...] = ()
    demands: tuple[Demand, ...] = ()
    rationale: Text
    source: Text
    learn_more: str = ""
    media: tuple[_Medium, ...] = ()
    attachments: tuple[_Attachment, ...] = ()
    variants: Annotated[tuple[_Variant, ...], Field(max_length=LARGEST - 1)] = ()

    @field_validator("variants")
    @classmethod
    def _variants_follow(cls, variants: tuple[_Variant, ...]) -> tuple[_Variant, ...]:
        wanted = [f"v{n}" for n in range(2, len(variants) + 2)]
        if [v.id for v in variants] != wanted:
            raise ValueError(f"the item itself is the first: the others are {', '.join(wanted)}, in this order")
        return variants

    @field_validator("level")
    @classmethod
    def _level_is_known(cls, level: str | int) -> str | int:
        if isinstance(level, int) and level not in CRCN_TAGS:
            raise ValueError("a CRCN level lies between 1 and 8")
        return level

    @field_validator("demands")
    @classmethod
    def _each_demand_once(cls, demands: tuple[Demand, ...]) -> tuple[Demand, ...]:
        if len(set(demands)) < len(demands):
            raise ValueError("a demand is named once")
        return demands

    @model_validator(mode="after")
    def _fits_its_framework(self) -> "FrontMatter":
        if (self.framework, self.competence) not in COMPETENCE_INDEX:
            raise ValueError(f"{self.framework} has no competence {self.competence}")
        prefix = "edu" if self.framework is Framework.CRCN_EDU else "crcn"
        if not self.id.startswith(f"{prefix}-{self.competence}-"):
            raise ValueError(f"the id must start with {prefix}-{self.competence}-")
        if isinstance(self.level, str) != (self.framework is Framework.CRCN_EDU):
            raise ValueError("CRCN-Édu levels are names, CRCN levels are numbers")
        if (self.interaction is Kind.FILE_TASK) != (self.answer is not None):
            raise ValueError("`answer` is given for a file_task, and only there")
        if self.answer is not None and self.answer not in FILE_ANSWERS:
            raise ValueError(f"a file task is answered by {', '.join(FILE_ANSWERS)}")
        if self.interaction is Kind.FILE_TASK and not self.attachments:
            raise ValueError("a file task needs [[attachments]]")
        if self.variants and self.interaction is not Kind.FILE_TASK:
            raise ValueError("only a file task has [[variants]]: write another item of the same subject")
        return self


def faults_of(front: dict[str, Any]) -> list[ErrorDetails]:
    """Every fault of a front matter: those of the interaction are told even when the rest has some."""
    rest, own = _parts(front)
    models: list[tuple[type[BaseModel], dict[str, Any]]] = [(FrontMatter, rest)]
    answered_by = rest.get("answer", rest.get("interaction"))
    models += [(model, own) for kind, model in _INTERACTIONS.items() if kind == answered_by]
    models += [(model, {**own, "key": key}) for (model, _), key in product(models[1:], _keys_of(rest))]
    faults = []
    for model, part in models:
        try:
            model.model_validate(part)
        except ValidationError as error:
            faults += error.errors()
    return faults


def _keys_of(rest: dict[str, Any]) -> list[Any]:
    """The keys of the variants, as far as they can be seen in a front matter that may be wrong."""
    variants = rest.get("variants")
    return [v["key"] for v in variants if isinstance(v, dict) and "key" in v] if isinstance(variants, list) else []


def _parts(front: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What every item has, and what belongs to its interaction."""
    return {k: v for k, v in front.items() if k not in _OWN}, {k: v for k, v in front.items() if k in _OWN}


def parse_item(front: dict[str, Any], body: str) -> Item:
    """The item that a front matter and a body describe. Raises pydantic's `ValidationError`."""
    rest, own = _parts(front)
    head = FrontMatter.model_validate(rest)
    answered_by = head.answer or head.interaction
    adapter: Any = TypeAdapter(_INTERACTIONS[answered_by])
    variants = tuple(
        Variant(
            v.id,
            adapter.validate_python({**own, "key": v.key}).value(),
            tuple(a.value() for a in v.attachments),
            v.rationale,
        )
        for v in head.variants
    )
    return Item(
        id=ItemId(head.id),
        version=head.version,
        status=head.status,
        framework=head.framework,
        competence=head.competence,
        subject=head.subject,
        tracks=frozenset(head.tracks),
        tag=Level[head.level.upper()] if isinstance(head.level, str) else head.level,
        kind=head.interaction,
        interaction=adapter.validate_python(own).value(),
        body=body,
        expected_seconds=head.expected_seconds,
        enemies=frozenset(ItemId(e) for e in head.enemies),
        demands=frozenset(head.demands),
        media=tuple(Medium(m.file, m.alt) for m in head.media),
        attachments=tuple(a.value() for a in head.attachments),
        variants=variants,
        author=head.author,
        licence=head.licence,
        level_reason=head.level_reason,
        rationale=head.rationale,
        source=head.source,
        learn_more=head.learn_more,
    )


GAP_MARK = re.compile(r"\[\[(g[0-9]+)\]\]")
"""Where a menu stands in the body of a text with gaps."""
