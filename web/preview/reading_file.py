"""The questionnaire of a blind second reading: items without their keys as a text, and what was answered in it.

Everything that must not be seen beforehand stays out: key, rationale, level, source. Choices stand in an order of their
own under new letters, which the seed in the head of the file gives back.
"""

import hashlib
import json
import re
import textwrap
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

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
from web.preview.letters import PASS, Question, how, lettered

WIDTH = 110


@dataclass(frozen=True, slots=True)
class Answered:
    """What the reader wrote under one question."""

    line: int
    item: str
    version: int
    variant: int
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


def seen(root: Path, item: Item) -> str:
    """A digest of what a reader sees of an item: its text, its choices, its files; not its key."""
    it = item.interaction
    texts = [[(c.id, c.text) for c in group] for group in _groups(it)]
    unit = it.unit if isinstance(it, Number) else ""
    total = hashlib.sha256(json.dumps([item.body, texts, unit, [m.alt for m in item.media]]).encode())
    for path in files_of(root, item):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def files_of(root: Path, item: Item) -> list[Path]:
    """Where the images and attachments of an item are, in one of its variants."""
    return [root / "items" / item.framework / item.competence / name for name in item.files]


def written(reader: str, date: str, seed: int, questions: Sequence[tuple[Question, int, str, Sequence[str]]]) -> str:
    """The text of a questionnaire: each question with its variant, the digest of what is seen, and its files."""
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
    for n, (question, variant, digest, files) in enumerate(questions, start=1):
        item = question.item
        text = [*_body(item), "", *_offered(question.shown), *(f"Fichier à ouvrir : {f}" for f in files)]
        head += [
            "",
            f"# ─── {n} / {of} " + "─" * 90,
            "[[answers]]",
            f"item = {quoted(item.id)}",
            f"version = {item.version}",
            f"variant = {variant}",
            f"seen = {quoted(digest)}",
            "#",
            *(f"# {line}".rstrip() for line in _wrapped(text)),
            "#",
            f"# → {how(question.shown)}",
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


def filled(text: str, place: int, answer: str, level: str, doubts: str) -> str:
    """The text of a questionnaire with what was said of the question at a place, from 1; the rest stays as it is."""
    lines = text.split("\n")
    starts = [n for n, line in enumerate(lines) if line.strip() == "[[answers]]"]
    first = next(n for n in range(starts[place - 1], len(lines)) if re.match(r"\s*answer\s*=", lines[n]))
    end = next((n for n in range(first, len(lines)) if lines[n].startswith("# ───")), len(lines))
    said = [f"answer = {quoted(answer)}", f"level = {quoted(level)}", f"doubts = {quoted(doubts)}", ""]
    return "\n".join([*lines[:first], *said, *lines[end:]])


def quoted(text: str) -> str:
    """A text as a TOML string on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _answered(line: int, row: Any) -> Answered:
    texts = {"item": str, "seen": str, "version": int, "variant": int}
    row = {"variant": 1, **row} if isinstance(row, dict) else {}
    if any(not isinstance(row.get(name), kind) for name, kind in texts.items()):
        raise click.ClickException(
            f"ligne {line} : les lignes item, version, variant et seen de cette question ont changé."
        )
    answer = row.get("answer", "")
    if isinstance(answer, list):
        answer = " ".join(map(str, answer))
    return Answered(
        line,
        row["item"],
        row["version"],
        row["variant"],
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
            return lettered(it.choices)
        case Matching():
            return [*(f"  {n}. {p.text}" for n, p in enumerate(it.prompts, start=1)), "", *lettered(it.choices)]
        case Gaps():
            return [line for g in it.gaps for line in (f"  menu {g.id[1:]} :", *lettered(g.choices))]
        case ShortText():
            return []
        case Number():
            return [f"  Unité : {it.unit}"] if it.unit else []
