"""The questionnaire of a blind second reading: items without their keys as a text, and what was answered in it.

Everything that must not be seen beforehand stays out: key, rationale, level, source. Choices stand in an order of their
own under new letters, which the seed in the head of the file gives back.
"""

import hashlib
import json
import re
import textwrap
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

import click

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
WIDTH = 110

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


@dataclass(frozen=True, slots=True)
class Answered:
    """What the reader wrote under one question."""

    line: int
    item: str
    version: int
    seen: str
    answer: str
    level: str
    doubts: str


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A file as it came back."""

    reader: str
    date: str
    seed: int
    answers: tuple[Answered, ...]


def seen(item: Item, files: Sequence[bytes]) -> str:
    """A digest of what a reader sees of an item: its text, its choices, its files; not its key."""
    it = item.interaction
    texts = [[(c.id, c.text) for c in group] for group in _groups(it)]
    unit = it.unit if isinstance(it, Number) else ""
    total = hashlib.sha256(json.dumps([item.body, texts, unit, [m.alt for m in item.media]]).encode())
    for file in files:
        total.update(hashlib.sha256(file).digest())
    return total.hexdigest()[:16]


def written(reader: str, date: str, seed: int, questions: Sequence[tuple[Question, str, Sequence[str]]]) -> str:
    """The text of a questionnaire: each question with the digest of what is seen, and where its files are."""
    head = [
        "# Seconde lecture, sans les clés.",
        "#",
        "# Répondez à chaque question comme une personne candidate, sur la ligne « answer », entre les guillemets.",
        '# Si la réponse contient un guillemet droit, entourez-la d\'apostrophes : answer = \'=SI(B2>9;"Oui";"Non")\'.',
        f'# Vous ne savez pas : answer = "{PASS}". Une réponse laissée vide : l\'épreuve compte comme non lue.',
        "# « level » (facultatif) : le niveau que vous donneriez, initie, confirme, avance ou expert ; 1 à 8 (CRCN).",
        "# « doubts » (facultatif) : autre réponse défendable, indice, formulation, fichier : tout ce qui vous gêne ;",
        '#   sur plusieurs lignes, entre trois guillemets : doubts = """…""".',
        "# Ne changez pas les autres lignes. Ensuite : palier bank reading compare CE-FICHIER",
        "",
        f"reader = {quoted(reader)}",
        f"date = {quoted(date)}",
        f"seed = {seed}",
    ]
    of = len(questions)
    for n, (question, digest, files) in enumerate(questions, start=1):
        item = question.item
        text = [*_body(item), "", *_offered(question.shown), *(f"Fichier à ouvrir : {f}" for f in files)]
        head += [
            "",
            f"# ─── {n} / {of} " + "─" * 90,
            "[[answers]]",
            f"item = {quoted(item.id)}",
            f"version = {item.version}",
            f"seen = {quoted(digest)}",
            "#",
            *(f"# {line}".rstrip() for line in _wrapped(text)),
            "#",
            f"# → {_how(question.shown)}",
            'answer = ""',
            'level = ""',
            'doubts = ""',
        ]
    return "\n".join(head) + "\n"


def read(text: str) -> Questionnaire:
    """A questionnaire from its text. Raises `ClickException`, with the line."""
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else 1
        raise click.ClickException(
            f"ligne {line} : ce n'est plus du TOML ({error}). Une réponse tient entre guillemets droits, sur sa ligne."
        ) from error
    rows = found.get("answers")
    head = (found.get("reader"), found.get("date"), found.get("seed"))
    if not (isinstance(rows, list) and isinstance(head[2], int) and all(isinstance(h, str) for h in head[:2])):
        raise click.ClickException(
            "ligne 1 : il manque reader, date, seed ou [[answers]] : ce n'est pas un questionnaire."
        )
    starts = [n for n, line in enumerate(text.split("\n"), start=1) if line.strip() == "[[answers]]"]
    starts += [1] * (len(rows) - len(starts))
    lines = text.split("\n")
    answers = []
    for start, row in zip(starts, rows, strict=False):
        given = next((n for n in range(start, len(lines)) if re.match(r"\s*answer\s*=", lines[n])), start - 1) + 1
        answers.append(_answered(given, row))
    return Questionnaire(str(head[0]), str(head[1]), int(head[2]), tuple(answers))


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


def quoted(text: str) -> str:
    """A text as a TOML string on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _answered(line: int, row: Any) -> Answered:
    texts = {"item": str, "seen": str, "version": int}
    if not isinstance(row, dict) or any(not isinstance(row.get(name), kind) for name, kind in texts.items()):
        raise click.ClickException(f"ligne {line} : les lignes item, version et seen de cette question ont changé.")
    answer = row.get("answer", "")
    if isinstance(answer, list):
        answer = " ".join(map(str, answer))
    return Answered(
        line,
        row["item"],
        row["version"],
        row["seen"],
        str(answer),
        str(row.get("level", "")).strip(),
        str(row.get("doubts", "")).strip(),
    )


def _groups(it: Interaction) -> tuple[tuple[Choice, ...], ...]:
    match it:
        case SingleChoice() | MultipleChoice() | Ordering():
            return (it.choices,)
        case Matching():
            return (it.prompts, it.choices)
        case Gaps():
            return tuple(g.choices for g in it.gaps)
        case ShortText() | Number():
            return ()


def _wrapped(lines: Sequence[str]) -> list[str]:
    """Long paragraphs on several lines; tables and code as they are; never two empty lines."""
    out: list[str] = []
    for line in lines:
        in_one = len(line) <= WIDTH or line.lstrip().startswith(("|", "`"))
        out += [line] if in_one else textwrap.wrap(line, WIDTH, subsequent_indent=_indent(line))
    return [line for n, line in enumerate(out) if line or (n and out[n - 1] and n + 1 < len(out))]


def _indent(line: str) -> str:
    """Below the text of « A. … » or « 1. … »."""
    found = re.match(r"\s*([A-Z0-9]\. )?", line)
    return " " * len(found[0]) if found else ""


def _body(item: Item) -> list[str]:
    body = re.sub(r"\[\[g([0-9]+)\]\]", r"[menu \1]", item.body)
    alt = {m.file: m.alt for m in item.media}
    return re.sub(r"!\[\]\(([^)\s]+)\)", lambda m: f"[Image : {alt.get(m[1], '')}]", body).split("\n")


def _offered(it: Interaction) -> list[str]:
    match it:
        case SingleChoice() | MultipleChoice() | Ordering():
            return _lettered(it.choices)
        case Matching():
            return [*(f"  {n}. {p.text}" for n, p in enumerate(it.prompts, start=1)), "", *_lettered(it.choices)]
        case Gaps():
            return [line for g in it.gaps for line in (f"  menu {g.id[1:]} :", *_lettered(g.choices))]
        case ShortText():
            return []
        case Number():
            return [f"  Unité : {it.unit}"] if it.unit else []


def _lettered(choices: Sequence[Choice]) -> list[str]:
    return [f"    {letter}. {c.text}" for letter, c in zip(ascii_uppercase, choices, strict=False)]


def _named(choices: Sequence[Choice]) -> Mapping[str, str]:
    return {c.id: f"{letter}. {c.text}" for letter, c in zip(ascii_uppercase, choices, strict=False)}


def _how(it: Interaction) -> str:
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
