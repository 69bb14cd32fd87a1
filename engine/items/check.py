"""Content rules: what a machine can see of an item's soundness."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise, permutations

from engine.items.frameworks import CRCN_TAGS, Framework, Level
from engine.items.item import Gaps, Interaction, Item, Kind, Number, ShortText, SingleChoice, Status
from engine.items.response import is_correct, normalised, parse
from engine.items.schema import GAP_MARK
from engine.items.variants import every_variant
from engine.kernel import EngineError, ItemId

IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
CATCH_ALL = re.compile(
    r"\b(toutes? les (réponses|propositions)|aucune (des )?(réponses?|propositions?)|tout ce qui précède)\b",
    re.IGNORECASE,
)


def problems_of(item: Item) -> Iterable[tuple[str, str]]:
    """Pairs (front-matter key, sentence) for one item."""
    if not item.body:
        yield "", "the body is empty: write the situation and the question"
    if re.search(r"<[a-z/]", re.sub(r"`[^`]*`|```.*?```", "", item.body, flags=re.DOTALL | re.IGNORECASE)):
        yield "", "the body holds raw HTML: use Markdown, or put code between backquotes"
    yield from _images(item)
    marks = GAP_MARK.findall(item.body)
    gaps = [g.id for g in item.interaction.gaps] if isinstance(item.interaction, Gaps) else []
    if sorted(marks) != sorted(gaps):
        yield "gaps", f"the body must hold each gap once: it holds {marks}, the front matter {gaps}"
    if isinstance(item.interaction, SingleChoice):
        for choice in item.interaction.choices:
            if CATCH_ALL.search(choice.text):
                yield "choices", f"choice {choice.id} is a catch-all: write a real proposition"
    for one in every_variant(item):
        if isinstance(one.interaction, ShortText):
            yield from _short_text(one.interaction)
    yield from _variants(item)
    if item.status is Status.PRETEST and item.framework is not Framework.CRCN:
        yield "status", "only items of the CRCN are pre-tested: the CRCN-Édu has one question for each competence"
    if item.id in item.enemies:
        yield "enemies", "an item is not its own enemy"


def _images(item: Item) -> Iterable[tuple[str, str]]:
    shown = IMAGE.findall(item.body)
    named = {m.file for m in item.media}
    for alt, target in shown:
        if target not in named:
            yield "media", f"image {target} is not in [[media]]"
        if alt:
            yield (
                "media",
                f"image {target}: its alternative text stands in [[media]], leave the brackets empty",
            )
    for file in sorted(named - {target for _, target in shown}):
        yield "media", f"{file} is never shown in the body"


def _variants(item: Item) -> Iterable[tuple[str, str]]:
    """Neighbours share nothing: each variant has files of its own, and a key that none of the others accepts."""
    named = [a.file for one in every_variant(item) for a in one.attachments]
    for file, n in Counter(named).items():
        if n > 1:
            yield "variants", f"{file} is named by {n} variants: give each variant its own file"
    for a, b in permutations(every_variant(item), 2):
        for key in _as_replies(a.interaction):
            if is_correct(b.interaction, parse(b.interaction, key)):
                yield "variants", f"{key!r} is right in two variants: two neighbours could share it"


def _as_replies(interaction: Interaction) -> tuple[str, ...]:
    """What a candidate would send who knows the key of a file task."""
    match interaction:
        case ShortText(key=keys):
            return keys
        case SingleChoice(key=key):
            return (key,)
        case Number(key=value):
            return (f"{value:f}",)
        case _:
            return ()


def _short_text(interaction: ShortText) -> Iterable[tuple[str, str]]:
    for refused in interaction.refused:
        if normalised(refused, interaction.forgiven) in {normalised(k, interaction.forgiven) for k in interaction.key}:
            yield "refused", f"{refused!r} is accepted by the key: it cannot be refused too"
    for key in interaction.key:
        if not normalised(key, interaction.forgiven):
            yield "key", f"{key!r} is forgiven as a whole: switch off what must count in [tolerance]"
        try:
            accepted = is_correct(interaction, parse(interaction, key))
        except EngineError as error:
            yield "key", f"{key!r} could never be given: {error}"
        else:
            if not accepted:
                yield "key", f"{key!r} is not accepted as written"


def problems_between(items: Sequence[Item], unread: Collection[str] = ()) -> Iterable[tuple[ItemId, str, str]]:
    """Triples (item, front-matter key, sentence) for what is wrong between items; of those `unread` nothing is said."""
    by_id = {item.id: item for item in items}
    for twice, n in Counter(item.id for item in items).items():
        if n > 1:
            yield twice, "id", f"{n} files have the id {twice}"
    for item in items:
        for enemy in sorted(item.enemies):
            if enemy in unread:
                continue
            if enemy not in by_id:
                yield item.id, "enemies", f"{enemy} does not exist"
            elif item.id not in by_id[enemy].enemies:
                yield item.id, "enemies", f"{enemy} does not name {item.id} as its enemy: enmity is mutual"
    stems: dict[str, ItemId] = {}
    for item in items:
        stem = " ".join(re.findall(r"\w+", item.body.casefold()))
        if stem in stems:
            yield item.id, "", f"its body is the same as that of {stems[stem]}"
        stems.setdefault(stem, item.id)


def coverage(items: Iterable[Item], framework: Framework) -> dict[tuple[str, int], int]:
    """Approved items per (competence, tag)."""
    return Counter(
        (i.competence, int(i.tag)) for i in items if i.framework is framework and i.status is Status.APPROVED
    )


def tags_of(framework: Framework) -> tuple[int, ...]:
    """The level tags of a framework, in order."""
    return tuple(int(level) for level in Level) if framework is Framework.CRCN_EDU else tuple(CRCN_TAGS)


def longest_is_key(items: Iterable[Item]) -> tuple[int, int]:
    """How many single-choice items have the one longest choice as their key, of how many."""
    longest = total = 0
    for item in items:
        if item.kind is Kind.SINGLE_CHOICE and isinstance(item.interaction, SingleChoice):
            total += 1
            ordered = sorted(item.interaction.choices, key=lambda c: len(c.text), reverse=True)
            first, second = next(pairwise(ordered))
            longest += first.id == item.interaction.key and len(first.text) > len(second.text)
    return longest, total
