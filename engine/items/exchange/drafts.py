"""Questions of others → drafts of the bank: files with what is known, and what is still to be filled in."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from engine.items.bank import Problem
from engine.items.exchange.model import Question, Reading
from engine.items.exchange.to_markdown import written_address
from engine.items.frameworks import COMPETENCE_INDEX, CRCN_TAGS, Framework, Level, Track
from engine.items.item import Attachment, Item, Kind, Medium, Status, Variant
from engine.items.read import LARGEST_FILE
from engine.items.schema import FILE_ANSWERS, faults_of
from engine.items.write import KIND_OF, item_text, own_lines, quoted
from engine.kernel import ItemId

TO_FILL_IN: Mapping[str, str] = {
    "subject": '""  # à compléter : ce qui est testé, en minuscules et traits d\'union',
    "tracks": '["first_degree", "second_degree"]  # à compléter : un degré, ou les deux',
    "level": '""  # à compléter : "initie" à "expert" (CRCN-Édu), 1 à 8 (CRCN)',
    "level_reason": '""  # à compléter : pourquoi ce niveau, en une phrase',
    "expected_seconds": "60  # à compléter : de 15 à 600, lecture comprise",
    "author": '""  # à compléter',
    "licence": '""  # à compléter : sous quelle licence la question peut être reprise',
    "rationale": '""  # à compléter : pourquoi la réponse est juste',
    "source": '""  # à compléter : un texte public, par son nom',
}
"""Fields that every item has and few sources: as comments, so that `palier bank check` asks for each."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is said once for all questions of a file; what an item of Palier says of itself goes first."""

    framework: Framework | None = None
    competence: str = ""
    level: str = ""
    author: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file to be written, with those beside it by their names, and what is to be told about it."""

    id: ItemId
    path: PurePosixPath
    text: str
    files: Mapping[str, bytes]
    question: Question
    missing: tuple[str, ...]


def drafts(
    reading: Reading, target: Target, used: Collection[str], keep_ids: bool = False
) -> tuple[list[Draft], list[Problem]]:
    """A draft for each question, numbered on from the ids that are `used`; or every problem that stands in the way."""
    problems: list[Problem] = []
    named: list[tuple[Question, ItemId, Framework, str]] = []
    taken = set(used)
    for question in reading.questions:
        place = _place(question, target)
        if place is None:
            problems.append(question.place.problem(f"« {question.name} »: say its competence (--competence crcn:1.3)"))
            continue
        own = str(question.own.get("id", ""))
        if keep_ids and own:
            if own in taken:
                problems.append(question.place.problem(f"the id {own} is used in the bank: import without --keep-ids"))
            name = ItemId(own)
        else:
            name = _next(taken, *place)
        taken.add(name)
        named.append((question, name, *place))
    now = {str(q.own["id"]): name for q, name, _, _ in named if q.own.get("id")}
    made = []
    for question, name, framework, competence in named:
        files = _names(question, name)
        problems += _too_large(question, files, reading.files)
        found = question.record
        if found is not None:
            text = item_text(_renamed(found, name, files, now))
        else:
            text = _text(question, name, framework, competence, target, files, now)
        made.append(
            Draft(
                id=name,
                path=PurePosixPath("items") / framework / competence / f"{name}.md",
                text=text,
                files={new: reading.files[old] for old, new in files.items()},
                question=question,
                missing=tuple(_missing(text)),
            )
        )
    return made, problems


def _place(question: Question, target: Target) -> tuple[Framework, str] | None:
    own = (question.own.get("framework", ""), question.own.get("competence", ""))
    for framework, competence in (own, (target.framework or "", target.competence)):
        if framework in set(Framework) and (Framework(framework), competence) in COMPETENCE_INDEX:
            return Framework(framework), competence
    return None


def _next(taken: Collection[str], framework: Framework, competence: str) -> ItemId:
    """The next number of a competence; numbers from 900 on are those of the tutorial."""
    prefix = f"{'edu' if framework is Framework.CRCN_EDU else 'crcn'}-{competence}-"
    numbers = [
        int(name.removeprefix(prefix)) for name in taken if re.fullmatch(re.escape(prefix) + r"[0-9]{2,3}", name)
    ]
    return ItemId(f"{prefix}{max((n for n in numbers if n < 900), default=0) + 1:02d}")


def _named(question: Question) -> list[str]:
    """The files that a question names, its variants among them, in the source."""
    attached = (*question.attachments, *(a for v in question.variants for a in v.attachments))
    return list(dict.fromkeys([*(m.file for m in question.media), *(a.file for a in attached)]))


def _names(question: Question, item: ItemId) -> dict[str, str]:
    """A name that starts with the id for each file of a question."""
    before = str(question.own.get("id", ""))
    names: dict[str, str] = {}
    for file in _named(question):
        stem, _, ending = PurePosixPath(file).name.rpartition(".")
        stem, ending = (stem, ending) if stem else (ending, "bin")
        if before and stem.startswith(before):
            rest = re.sub(r"[^A-Za-z0-9._-]", "", stem.removeprefix(before))
        else:
            rest = f"-{slug(stem) or 'fichier'}"
        ending = re.sub(r"[^a-z0-9]", "", ending.lower()) or "bin"
        new, n = f"{item}{rest}.{ending}", 1
        while new in names.values():
            n += 1
            new = f"{item}{rest}-{n}.{ending}"
        names[file] = new
    return names


def slug(text: str) -> str:
    """Words in small letters and hyphens.

    >>> slug("Le plan (n° 1) d'été")
    'le-plan-n-1-d-ete'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def _too_large(question: Question, names: Iterable[str], files: Mapping[str, bytes]) -> Iterable[Problem]:
    for name in names:
        if not files[name]:
            yield question.place.problem(f"« {question.name} »: the file {name} is empty")
        if len(files[name]) > LARGEST_FILE:
            yield question.place.problem(f"« {question.name} »: the file {name} is larger than 2 MiB: make it smaller")


def _renamed(item: Item, name: ItemId, files: Mapping[str, str], now: Mapping[str, str]) -> Item:
    """An item under another id, as a draft, with its files; enemies that did not come along are no longer named."""
    new = {PurePosixPath(old).name: name for old, name in files.items()}

    def attached(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
        return tuple(replace(a, file=new[a.file]) for a in attachments)

    body = item.body
    for old, fresh in new.items():
        body = body.replace(f"]({old})", f"]({fresh})")
    return replace(
        item,
        id=name,
        status=Status.DRAFT,
        body=body,
        enemies=frozenset(ItemId(now[e]) for e in item.enemies if e in now),
        media=tuple(replace(m, file=new[m.file]) for m in item.media),
        attachments=attached(item.attachments),
        variants=tuple(replace(v, attachments=attached(v.attachments)) for v in item.variants),
    )


def _text(
    question: Question,
    name: ItemId,
    framework: Framework,
    competence: str,
    target: Target,
    files: Mapping[str, str],
    now: Mapping[str, str],
) -> str:
    """The file of a question, with what its source lacks as comments."""
    own = question.own
    kind = _kind(question)
    facts: dict[str, Any] = {
        "id": name,
        "version": 1,
        "status": Status.DRAFT,
        "framework": framework,
        "competence": competence,
        "subject": own.get("subject"),
        "tracks": [t for t in Track if t in own.get("tracks", ())] or None,
        "level": _level(str(own.get("level") or target.level), framework),
        "level_reason": own.get("level_reason"),
        "interaction": kind,
        "expected_seconds": own.get("expected_seconds"),
        "author": own.get("author") or target.author or None,
        "licence": own.get("licence") or target.licence or None,
        "enemies": sorted(now[e] for e in own.get("enemies", ()) if e in now),
        "demands": own.get("demands"),
        "rationale": question.rationale or None,
        "source": own.get("source"),
        "learn_more": own.get("learn_more"),
    }
    lines = []
    for field, value in facts.items():
        if value is not None:
            lines.append(f"{field} = {_value(value)}")
        elif field in TO_FILL_IN:
            lines.append(f"# {field} = {TO_FILL_IN[field]}")
    lines.append("")
    variants = tuple(Variant(v.id, v.interaction, _moved(v.attachments, files), v.rationale) for v in question.variants)
    media = [Medium(files[m.file], m.alt) for m in question.media]
    lines += own_lines(kind, question.interaction, media, _moved(question.attachments, files), variants)
    body = question.body
    for old, fresh in files.items():
        body = body.replace(f"![]({written_address(old)})", f"![]({fresh})")
    return "\n".join(["+++", *lines, "+++", "", body.strip(), ""])


def _moved(attachments: Iterable[Attachment], files: Mapping[str, str]) -> tuple[Attachment, ...]:
    return tuple(Attachment(files[a.file], a.title) for a in attachments)


def _kind(question: Question) -> Kind:
    kind = KIND_OF[type(question.interaction)]
    plain = question.own.get("interaction") == kind
    return Kind.FILE_TASK if question.attachments and kind in FILE_ANSWERS and not plain else kind


def _level(text: str, framework: Framework) -> str | int | None:
    if framework is Framework.CRCN:
        return int(text) if text.isdecimal() and int(text) in CRCN_TAGS else None
    return text if text in {level.slug for level in Level} else None


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(quoted, value)) + "]"
    return str(value) if isinstance(value, int) else quoted(value)


def _missing(text: str) -> Iterable[str]:
    """What `palier bank check` will ask for, field by field."""
    front = tomllib.loads(text.split("+++\n", 2)[1])
    told = [(".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, ")) for e in faults_of(front)]
    lacking = [field for field, message in told if message == "Field required"]
    if lacking:
        yield ", ".join(f"`{field}`" for field in lacking)
    yield from (f"{field}: {message}" if field else message for field, message in told if message != "Field required")
