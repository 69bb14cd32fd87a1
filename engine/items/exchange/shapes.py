"""What several formats share in how their questions become ours."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.items.exchange.ids import fresh
from engine.items.exchange.model import Unsupported
from engine.items.item import (
    Choice,
    Gap,
    Gaps,
    Matching,
    MultipleChoice,
    Number,
    ShortText,
    SingleChoice,
)

NO_KEY = "it says of no answer that it is right: `key` is to be filled in"
TWO_CHOICES = "true or false leaves two choices: Palier wants three at least, or another question"
PARTLY = "points for answers that are partly right: an item is right or wrong"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with what it is worth, from 0 to 1 (Moodle gives percents), and what is said to whoever gives it."""

    text: str
    worth: float
    said: str = ""


def paired(
    prompts: Sequence[Choice], choices: Sequence[Choice], pairs: Sequence[tuple[str, str]], fixed_order: bool = False
) -> Matching | tuple[str, Gaps]:
    """A matching; or, where a choice serves twice, lines with menus for the body and the gaps in them.

    Raises `Unsupported` where a prompt has no partner or several. Without any pair the key is to be filled in.
    """
    partners = Counter(prompt for prompt, _ in pairs)
    several = [p.text for p in prompts if partners[p.id] > 1]
    alone = [p.text for p in prompts if pairs and not partners[p.id]]
    if several:
        raise Unsupported(f"{several[0]!r} is paired with several choices: Palier pairs each with one")
    if alone:
        raise Unsupported(f"{alone[0]!r} is paired with nothing: Palier pairs every one")
    key = dict(pairs)
    if len(set(key.values())) == len(key):
        return Matching(tuple(prompts), tuple(choices), tuple((p.id, key[p.id]) for p in prompts if key), fixed_order)
    names = {p.id: f"g{n}" for n, p in enumerate(prompts, 1)}
    lines = "\n".join(f"- {p.text} : [[{names[p.id]}]]" for p in prompts)
    gaps = tuple(Gap(names[p.id], tuple(choices)) for p in prompts)
    return lines, Gaps(gaps, tuple((names[p.id], key[p.id]) for p in prompts))


def chosen(answers: Sequence[Answer], single: bool, fixed_order: bool, lost: set[str]) -> SingleChoice | MultipleChoice:
    """Choices with their key; says what points become."""
    ids = fresh(len(answers))
    choices = tuple(Choice(i, a.text, a.said) for i, a in zip(ids, answers, strict=True))
    best = max((a.worth for a in answers), default=0.0)
    if best <= 0:
        lost.add(NO_KEY)
        return SingleChoice(choices, "", fixed_order) if single else MultipleChoice(choices, frozenset(), fixed_order)
    right = [i for i, a in zip(ids, answers, strict=True) if a.worth > 0 and (not single or a.worth == best)]
    if single:
        if len(right) > 1:
            raise Unsupported("a single choice has several right answers: make it a multiple choice")
        if best < 1 or any(0 < a.worth < best for a in answers):
            lost.add(PARTLY)
        return SingleChoice(choices, right[0], fixed_order)
    lost.add("points for each choice: a multiple choice is right as a whole or wrong")
    if len(right) == 1:
        lost.add("several choices may be chosen, but one alone is right: it becomes a single choice")
        return SingleChoice(choices, right[0], fixed_order)
    return MultipleChoice(choices, frozenset(right), fixed_order)


def written(answers: Sequence[Answer], lost: set[str]) -> ShortText:
    """Accepted texts, and refused ones: those that are worth nothing. Raises `Unsupported` for wildcards."""
    answers = [a for a in answers if a.text.strip() not in ("", "*")]
    best = max((a.worth for a in answers), default=0.0)
    right = [a.text for a in answers if a.worth == best > 0]
    for text in right:
        if "*" in text.replace("\\*", ""):
            raise Unsupported(f"the answer {text!r} holds the wildcard *: write out the answers that are right")
    partly = [a.text for a in answers if 0 < a.worth < best]
    if partly:
        lost.add(f"answers that are partly right: {', '.join(partly)}")
    if not right:
        lost.add(NO_KEY)
    if any(a.said for a in answers):
        lost.add("what is said to single answers")
    keys = tuple(dict.fromkeys(t.replace("\\*", "*") for t in right))
    refused = tuple(dict.fromkeys(a.text for a in answers if a.worth <= 0 and "*" not in a.text))
    return ShortText(keys, refused)


def counted(values: Sequence[tuple[float, float, float]], unit: str, lost: set[str]) -> Number:
    """A number from triples (value, tolerance, worth): the one that is worth most."""
    if not values:
        lost.add(NO_KEY)
        return Number(float("nan"), unit)
    value, tolerance, _ = max(values, key=lambda v: v[2])
    if len(values) > 1:
        lost.add(f"other right numbers than {value:g}, or points for one that is nearly right")
    return Number(value, unit, abs(tolerance))
