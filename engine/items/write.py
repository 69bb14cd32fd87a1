"""An `Item` → the text of its file, so that reading what was written gives the same item."""

import math
from collections.abc import Iterable, Mapping

from engine.items.frameworks import Level, Track
from engine.items.item import (
    Attachment,
    Choice,
    Demand,
    Forgiven,
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
    Variant,
)

_LONGEST_INTEGER = 1e15
_ESCAPED = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\r"): "\\r", ord("\b"): "\\b", ord("\f"): "\\f"}
_ESCAPED |= {n: f"\\u{n:04x}" for n in (*range(32), 127) if n not in _ESCAPED and n != ord("\t")}

KIND_OF: Mapping[type[Interaction], Kind] = {
    SingleChoice: Kind.SINGLE_CHOICE,
    MultipleChoice: Kind.MULTIPLE_CHOICE,
    ShortText: Kind.SHORT_TEXT,
    Number: Kind.NUMBER,
    Ordering: Kind.ORDERING,
    Matching: Kind.MATCHING,
    Gaps: Kind.GAPS,
}
"""What an interaction is called; a file task is called otherwise, and answered by one of these."""


def item_text(item: Item) -> str:
    """The whole file of an item."""
    return f"+++\n{front_matter(item)}+++\n\n{item.body.strip()}\n"


def front_matter(item: Item) -> str:
    """The TOML between the fences, one field a line, in the order in which authors write them."""
    lines = [
        f"id = {quoted(item.id)}",
        f"version = {item.version}",
        f"status = {quoted(item.status)}",
        f"framework = {quoted(item.framework)}",
        f"competence = {quoted(item.competence)}",
        f"subject = {quoted(item.subject)}",
        f"tracks = {_list(t for t in Track if t in item.tracks)}",
        f"level = {quoted(item.tag.slug) if isinstance(item.tag, Level) else int(item.tag)}",
        f"level_reason = {quoted(item.level_reason)}",
        f"interaction = {quoted(item.kind)}",
        f"expected_seconds = {item.expected_seconds}",
        f"author = {quoted(item.author)}",
        f"licence = {quoted(item.licence)}",
        f"enemies = {_list(sorted(item.enemies))}",
    ]
    if item.demands:
        lines.append(f"demands = {_list(d for d in Demand if d in item.demands)}")
    lines += [f"rationale = {quoted(item.rationale)}", f"source = {quoted(item.source)}"]
    if item.learn_more:
        lines.append(f"learn_more = {quoted(item.learn_more)}")
    lines.append("")
    return (
        "\n".join([*lines, *own_lines(item.kind, item.interaction, item.media, item.attachments, item.variants)]) + "\n"
    )


def own_lines(
    kind: Kind,
    interaction: Interaction,
    media: Iterable[Medium] = (),
    attachments: Iterable[Attachment] = (),
    variants: Iterable[Variant] = (),
) -> list[str]:
    """The fields of an interaction, then its tables and those of files; what a draft lacks is left out."""
    lines = [f"answer = {quoted(KIND_OF[type(interaction)])}"] if kind is Kind.FILE_TASK else []
    lines += _own(interaction)
    for medium in media:
        lines += ["[[media]]", f"file = {quoted(medium.file)}", f"alt = {quoted(medium.alt)}"]
    for attachment in attachments:
        lines += _attachment("attachments", attachment)
    for variant in variants:
        lines += _variant(variant)
    return lines


def quoted(text: str) -> str:
    r"""A text as a TOML basic string.

    >>> quoted('Le "mot"')
    '"Le \\"mot\\""'
    """
    return f'"{str(text).translate(_ESCAPED)}"'


def _own(interaction: Interaction) -> list[str]:
    """The fields of an interaction; its tables come last."""
    fixed = ["fixed_order = true"] if getattr(interaction, "fixed_order", False) else []
    match interaction:
        case SingleChoice(choices=choices) | MultipleChoice(choices=choices) | Ordering(choices=choices):
            return [*key_line(interaction), *fixed, *_choices("choices", choices)]
        case Matching(prompts=prompts, choices=choices):
            return [
                *fixed,
                *_choices("prompts", prompts),
                *_choices("choices", choices),
                *key_line(interaction),
            ]
        case Gaps(gaps=gaps):
            rows = [f"  {{ id = {quoted(g.id)}, choices = [ {', '.join(map(_choice, g.choices))} ] }}," for g in gaps]
            return ["gaps = [", *rows, "]", *key_line(interaction)]
        case ShortText(refused=refused, forgiven=forgiven):
            lines = [*key_line(interaction), *([f"refused = {_list(refused)}"] if refused else [])]
            usual = Forgiven()
            other = [
                f"{name} = {'true' if getattr(forgiven, name) else 'false'}"
                for name in Forgiven.__slots__
                if getattr(forgiven, name) != getattr(usual, name)
            ]
            return lines + (["[tolerance]", *other] if other else [])
        case Number(unit=unit, absolute=absolute, relative=relative):
            lines = [*key_line(interaction), *([f"unit = {quoted(unit)}"] if unit else [])]
            margins = [f"absolute = {_number(absolute)}"]
            margins += [f"relative = {_number(relative)}"] if relative else []
            return [*lines, "[tolerance]", *margins]


def key_line(interaction: Interaction) -> list[str]:
    """The key, if there is one yet: a draft may still lack it."""
    if isinstance(interaction, Number):
        return [] if math.isnan(interaction.key) else [f"key = {_number(interaction.key)}"]
    return [f"key = {_key(interaction)}"] if interaction.key else []


def _key(interaction: Interaction) -> str:
    match interaction:
        case SingleChoice(key=key):
            return quoted(key)
        case MultipleChoice(choices=choices, key=keys):
            return _list(c.id for c in choices if c.id in keys)
        case ShortText(key=texts) | Ordering(key=texts):
            return _list(texts)
        case Number(key=number):
            return _number(number)
        case Matching(key=pairs) | Gaps(key=pairs):
            return "{ " + ", ".join(f"{a} = {quoted(b)}" for a, b in pairs) + " }"


def _choices(name: str, choices: Iterable[Choice]) -> list[str]:
    return [f"{name} = [", *(f"  {_choice(c)}," for c in choices), "]"]


def _choice(choice: Choice) -> str:
    why = f", why = {quoted(choice.why)}" if choice.why else ""
    return f"{{ id = {quoted(choice.id)}, text = {quoted(choice.text)}{why} }}"


def _attachment(table: str, attachment: Attachment) -> list[str]:
    return [f"[[{table}]]", f"file = {quoted(attachment.file)}", f"title = {quoted(attachment.title)}"]


def _variant(variant: Variant) -> list[str]:
    lines = ["[[variants]]", f"id = {quoted(variant.id)}", *key_line(variant.interaction)]
    if variant.rationale:
        lines.append(f"rationale = {quoted(variant.rationale)}")
    for attachment in variant.attachments:
        lines += _attachment("variants.attachments", attachment)
    return lines


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(quoted, texts)) + "]"


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < _LONGEST_INTEGER else repr(value)
