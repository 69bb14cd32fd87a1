"""Answers in the letters of a questionnaire, and the choices, prompts and menus that they mean."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from engine.delivery.screen import arranged
from engine.items.item import (
    Choice,
    Gaps,
    Interaction,
    Item,
    Matching,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
)
from engine.items.response import EmptyReply, MalformedReply, Reply, is_correct, parse

PASS = "?"


_REFUSED: Mapping[type[Interaction], str] = {
    SingleChoice: "il faut une lettre.",
    MultipleChoice: "chaque lettre se donne une fois.",
    ShortText: "le texte est trop long ou tient sur plusieurs lignes.",
    Number: "ce n'est pas un nombre.",
    Ordering: "il faut toutes les lettres, une fois chacune.",
    Matching: "une lettre sert une fois au plus.",
    Gaps: "il faut une lettre pour chaque menu.",
}
"""What the engine refuses, in words for the reader."""


class NotAnAnswer(ValueError):
    """What stands on the line of an answer cannot be read as one; says why, in French."""


@dataclass(frozen=True, slots=True)
class Question:
    """An item at its place in a questionnaire, its choices in the order that the reader sees."""

    item: Item
    shown: Interaction

    @classmethod
    def at(cls, item: Item, seed: int, place: int) -> "Question":
        """The item as it stands at a place, from 1."""
        return cls(item, arranged(item.interaction, seed, place))


def reply(question: Question, answer: str) -> Reply:
    """What the reader's letters mean; `None` for a pass. Raises `NotAnAnswer`."""
    if answer.strip() == PASS:
        return None
    try:
        return parse(question.shown, _raw(question.shown, answer))
    except EmptyReply as refusal:
        raise NotAnAnswer("la réponse est incomplète.") from refusal
    except MalformedReply as refusal:
        raise NotAnAnswer(_REFUSED[type(question.shown)]) from refusal


def as_answer(question: Question, given: Reply) -> str:
    """A reply in the letters of the questionnaire: what `reply` reads."""
    it = question.shown
    match it, given:
        case _, None:
            return PASS
        case ((SingleChoice() | MultipleChoice() | Ordering()), (str() | list())):
            letters = _letter_of(it.choices)
            return " ".join(letters[i] for i in ([given] if isinstance(given, str) else given))
        case Matching(), dict():
            letters = _letter_of(it.choices)
            return " ".join(f"{n}{letters[given[p.id]]}" for n, p in enumerate(it.prompts, start=1))
        case Gaps(), dict():
            return " ".join(f"{g.id[1:]}{_letter_of(g.choices)[given[g.id]]}" for g in it.gaps)
        case _:
            return str(given)


def agrees(question: Question, given: Reply) -> bool:
    """Whether it is what the key says."""
    return is_correct(question.item.interaction, given)


def shown_reply(question: Question, given: Reply) -> str:
    """A reply in words, with the letters of the questionnaire."""
    it = question.shown
    match it, given:
        case _, None:
            return "ne sait pas"
        case ((SingleChoice() | MultipleChoice() | Ordering()), (str() | list())):
            ids = [given] if isinstance(given, str) else given
            return " ; ".join(_named(it.choices)[i] for i in ids)
        case Matching(), dict():
            prompts = {p.id: p.text for p in it.prompts}
            return " ; ".join(f"{prompts[p]} → {_named(it.choices)[c]}" for p, c in given.items())
        case Gaps(), dict():
            return " ; ".join(f"menu {g.id[1:]} → {_named(g.choices)[given[g.id]]}" for g in it.gaps)
        case _:
            return str(given)


def shown_key(question: Question) -> str:
    """The key in words, with the letters of the questionnaire."""
    match question.shown:
        case SingleChoice(key=key):
            return shown_reply(question, key)
        case MultipleChoice(key=keys):
            return shown_reply(question, [c.id for c in question.shown.choices if c.id in keys])
        case Ordering(key=order):
            return shown_reply(question, list(order))
        case Matching(key=pairs) | Gaps(key=pairs):
            return shown_reply(question, dict(pairs))
        case ShortText(key=keys):
            return " ou ".join(f"« {k} »" for k in keys)
        case Number(key=value, unit=unit, absolute=absolute, relative=relative):
            within = f", à {absolute:n} près" if absolute else f", à {relative:.0%} près" if relative else ""
            return f"{value:n} {unit}".strip() + within


def lettered(choices: Sequence[Choice]) -> list[str]:
    """A line for each choice, with its letter."""
    return [f"    {letter}. {c.text}" for letter, c in zip(ascii_uppercase, choices, strict=False)]


def _letter_of(choices: Sequence[Choice]) -> Mapping[str, str]:
    return {c.id: letter for letter, c in zip(ascii_uppercase, choices, strict=False)}


def _named(choices: Sequence[Choice]) -> Mapping[str, str]:
    return {c.id: f"{letter}. {c.text}" for letter, c in zip(ascii_uppercase, choices, strict=False)}


def how(it: Interaction) -> str:
    """How an answer is written, in words for the reader."""
    match it:
        case SingleChoice():
            return 'Une lettre : answer = "B"'
        case MultipleChoice():
            return 'Toutes les lettres justes : answer = "A C"'
        case ShortText():
            return 'Un mot ou quelques mots : answer = "…"'
        case Number():
            return 'Un nombre : answer = "12,5"'
        case Ordering():
            return f'Toutes les lettres, dans l\'ordre : answer = "{" ".join(ascii_uppercase[: len(it.choices)])}"'
        case Matching():
            return (
                f'Une lettre pour chaque numéro : answer = "{_pairs_of([str(n + 1) for n in range(len(it.prompts))])}"'
            )
        case Gaps():
            return f'Une lettre pour chaque menu : answer = "{_pairs_of([g.id[1:] for g in it.gaps], same=True)}"'


def _pairs_of(numbers: Sequence[str], same: bool = False) -> str:
    return " ".join(f"{n}{'A' if same else letter}" for n, letter in zip(numbers, ascii_uppercase, strict=False))


def _raw(it: Interaction, answer: str) -> object:
    match it:
        case ShortText() | Number():
            return answer
        case SingleChoice():
            found = _letters(answer)
            if len(found) > 1:
                raise NotAnAnswer("plusieurs lettres, et une seule réponse est juste.")
            return _ids_of(it.choices, found)[0]
        case MultipleChoice() | Ordering():
            return _ids_of(it.choices, _letters(answer))
        case Matching():
            numbers = {str(n): p.id for n, p in enumerate(it.prompts, start=1)}
            return _by_number(answer, numbers, lambda _: it.choices)
        case Gaps():
            menus = {g.id: g.choices for g in it.gaps}
            return _by_number(answer, {g.id[1:]: g.id for g in it.gaps}, lambda gap: menus[gap])


def _letters(answer: str) -> list[str]:
    """The letters of « B », « A, C » or « ACB ».

    >>> _letters("a, C"), _letters("ACB"), _letters("B.")
    (['A', 'C'], ['A', 'C', 'B'], ['B'])
    """
    if not re.fullmatch(r"[A-Za-z\s,;.>→/-]+", answer) or re.search(r"[A-Za-z]{9}", answer):
        raise NotAnAnswer(f"« {answer} » : ce ne sont pas des lettres.")
    found = re.findall(r"[A-Z]", answer.upper())
    if not found:
        raise NotAnAnswer("il n'y a pas de lettre.")
    return found


def _ids_of(choices: Sequence[Choice], letters: Sequence[str]) -> list[str]:
    known = {letter: c.id for letter, c in zip(ascii_uppercase, choices, strict=False)}
    unknown = [letter for letter in letters if letter not in known]
    if unknown:
        raise NotAnAnswer(f"{', '.join(unknown)} : les lettres vont de A à {max(known)}.")
    return [known[letter] for letter in letters]


def _by_number(
    answer: str, numbers: Mapping[str, str], choices: Callable[[str], Sequence[Choice]]
) -> Mapping[str, str]:
    pairs = re.findall(r"([0-9]+)\s*[-:=.→>]*\s*([A-Za-z])(?![A-Za-z])", answer)
    if not pairs or re.sub(r"([0-9]+)\s*[-:=.→>]*\s*([A-Za-z])(?![A-Za-z])|[\s,;]+", "", answer):
        raise NotAnAnswer("il faut une lettre pour chaque numéro, par exemple 1B 2A.")
    unknown = [n for n, _ in pairs if n not in numbers]
    if unknown or len({n for n, _ in pairs}) < len(pairs):
        raise NotAnAnswer(f"les numéros vont de {min(numbers)} à {max(numbers)}, une fois chacun.")
    return {numbers[n]: _ids_of(choices(numbers[n]), [letter.upper()])[0] for n, letter in pairs}
