"""`palier bank reading`: a second reading without the keys, and what it found."""

import secrets
import shutil
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from engine.items.bank import Problem
from engine.items.frameworks import COMPETENCE_INDEX, Framework, Level
from engine.items.item import Item, Status
from engine.items.read import read_what_can_be
from engine.items.response import Reply
from engine.kernel import ItemId
from web import french
from web.commands import reading_file
from web.commands.bank import root_option
from web.commands.output import writable, write_all
from web.commands.reading_file import Answered, NotAnAnswer, Question, Questionnaire, quoted
from web.now import wall_clock

OPEN, MENDED, KEPT = "open", "mended", "kept"


class CompetenceName(click.ParamType[tuple[Framework, str]]):
    """A competence as `crcn:1.3` or `edu:1.3`."""

    name = "crcn:1.3"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Framework, str]:
        """The framework and the code. Fails with the way to write it."""
        if isinstance(value, tuple):
            return value
        prefix, _, code = str(value).partition(":")
        framework = {"crcn": Framework.CRCN, "edu": Framework.CRCN_EDU, "crcn_edu": Framework.CRCN_EDU}.get(prefix)
        if framework is None or (framework, code) not in COMPETENCE_INDEX:
            self.fail(f"{value} : écrivez crcn:1.3 ou edu:1.3 (compétences 1.1 à 5.2).", param, ctx)
        return framework, code


@click.group()
def reading() -> None:
    """Read items a second time, without their keys."""


@reading.command()
@root_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--reader", prompt="Votre nom", help="Who reads: stands in the log.")
@click.option("--competence", type=CompetenceName(), multiple=True, help="Items of this competence; may be repeated.")
@click.option("--item", "ids", multiple=True, help="This item, whatever its status; may be repeated.")
@click.option(
    "--status",
    type=click.Choice([s.value for s in Status]),
    multiple=True,
    default=[Status.DRAFT.value],
    show_default=True,
    help="Items of this status; may be repeated.",
)
@click.option("--unread", is_flag=True, help="Only items that no log has in this version.")
def new(
    root: Path,
    file: Path,
    reader: str,
    competence: tuple[tuple[Framework, str], ...],
    ids: tuple[str, ...],
    status: tuple[str, ...],
    unread: bool,
) -> None:
    """Write a questionnaire without keys to FILE, and the files to open beside it."""
    if file.exists():
        raise click.ClickException(f"{file} existe déjà : donnez un autre nom.")
    items, problems = read_what_can_be(root)
    _warn(problems)
    known = {i.id: i for i in items}
    unknown = [i for i in ids if i not in known]
    if unknown:
        raise click.ClickException(f"{', '.join(unknown)} : aucune épreuve lisible de ce nom.")
    wanted = [
        i
        for i in items
        if i.id in ids
        or (
            (competence or not ids)
            and i.status in status
            and (not competence or (i.framework, i.competence) in competence)
        )
    ]
    if unread:
        done = read_already(root)
        wanted = [i for i in wanted if (str(i.id), i.version) not in done]
    if not wanted:
        raise click.ClickException("Aucune épreuve à lire : changez --competence, --item ou --status.")
    writable(file.parent)
    folder = file.with_name(f"{file.stem}-fichiers")
    seed = secrets.randbelow(2**31)
    questions = []
    for place, item in enumerate(wanted, start=1):
        paths = _paths(root, item)
        if paths:
            folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            shutil.copyfile(path, folder / path.name)
        shown = [f"{folder.name}/{path.name}" for path in paths]
        questions.append((Question.at(item, seed, place), _seen(root, item), shown))
    text = reading_file.written(reader, wall_clock().date().isoformat(), seed, questions)
    write_all(file.parent, {file.name: text})
    click.echo(f"{file} : {_count(len(wanted), 'épreuve')} à lire.")
    if folder.exists():
        click.echo(f"{folder} : les images et les fichiers à ouvrir.")
    click.echo(f"Répondez dans le fichier, puis : palier bank reading compare {file}")


@reading.command()
@root_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--log", type=click.Path(path_type=Path, dir_okay=False), help="Default: reviews/<name of FILE>.toml.")
@click.option("--no-log", is_flag=True, help="Only show, write nothing.")
def compare(root: Path, file: Path, log: Path | None, no_log: bool) -> None:
    """Hold the answers in FILE against the keys, and write what was found into the log."""
    try:
        questionnaire = reading_file.read(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} n'est pas en UTF-8 : enregistrez-le en UTF-8.") from error
    items, _ = read_what_can_be(root)
    found, faults, stale, unanswered = _held_against(root, questionnaire, {i.id: i for i in items})
    for answered, sentence in faults:
        click.echo(f"{file}:{answered.line}: {answered.item} : {sentence}", err=True)
    if faults:
        raise click.ClickException(f"{_count(len(faults), 'réponse')} illisible(s) : corrigez, puis recommencez.")
    for one in found:
        _show(one)
    agreed = sum(one.agreed for one in found)
    click.echo(f"\n{_count(len(found), 'épreuve')} lue(s), {agreed} comme la clé, {len(found) - agreed} autrement.")
    if unanswered:
        click.echo(f"Sans réponse : {', '.join(unanswered)}")
    if stale:
        click.echo(f"Modifiées depuis la lecture ou illisibles, à relire : {', '.join(stale)}")
    if no_log or not found:
        return
    path = log or root / "reviews" / f"{file.stem}.toml"
    writable(path.parent)
    write_all(path.parent, {path.name: _logged(path, questionnaire, found)})
    click.echo(f"Journal : {path}. Dites dans « action » ce qui a été fait : {MENDED} (corrigé) ou {KEPT} (gardé).")


@dataclass(frozen=True, slots=True)
class Read:
    """What the reading of one item came to."""

    question: Question
    answered: Answered
    given: Reply

    @property
    def agreed(self) -> bool:
        """Whether the reader found the key."""
        return reading_file.agrees(self.question, self.given)

    @property
    def level_differs(self) -> bool:
        """Whether the reader would give it another level."""
        return bool(self.answered.level) and self.answered.level.casefold() not in _level_names(self.question.item)

    @property
    def findings(self) -> tuple[str, ...]:
        """Sentences for the log: none for an item that was answered as the key says, without doubts."""
        said = []
        if not self.agreed:
            reply = reading_file.shown_reply(self.question, self.given)
            said.append(f"Réponse sans la clé : {reply}. La clé : {reading_file.shown_key(self.question)}.")
        if self.answered.doubts:
            said.append(" ".join(self.answered.doubts.split()))
        if self.level_differs:
            said.append(f"Niveau lu : {self.answered.level} ; annoncé : {_level_names(self.question.item)[-1]}.")
        return tuple(said)


def read_already(root: Path) -> frozenset[tuple[str, int]]:
    """Items and versions that a log in reviews/ names as read."""
    done = set()
    for path in sorted((root / "reviews").glob("*.toml")):
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise click.ClickException(f"{path} : ce n'est pas du TOML ({error}).") from error
        done |= {(r["item"], r["version"]) for r in found.get("read", [])}
    return frozenset(done)


def _held_against(
    root: Path, questionnaire: Questionnaire, items: dict[ItemId, Item]
) -> tuple[list[Read], list[tuple[Answered, str]], list[str], list[str]]:
    """What was read; answers that are none; items that changed; items without an answer."""
    found, faults, stale, unanswered = [], [], [], []
    for place, answered in enumerate(questionnaire.answers, start=1):
        if not answered.answer.strip():
            unanswered.append(answered.item)
            continue
        item = items.get(ItemId(answered.item))
        if item is None or _seen(root, item) != answered.seen:
            stale.append(answered.item)
            continue
        question = Question.at(item, questionnaire.seed, place)
        try:
            found.append(Read(question, answered, reading_file.reply(question, answered.answer)))
        except NotAnAnswer as refusal:
            faults.append((answered, str(refusal)))
    return found, faults, stale, unanswered


def _show(one: Read) -> None:
    item = one.question.item
    if one.agreed and not one.findings:
        return
    click.echo()
    click.secho(f"{item.id} : {'comme la clé' if one.agreed else 'AUTREMENT que la clé'}", bold=True)
    if not one.agreed:
        question = [line for line in item.body.split("\n") if line.strip()][-1].strip("* ")
        click.echo(f"  question : {question}")
        click.echo(f"  réponse  : {reading_file.shown_reply(one.question, one.given)}")
        click.echo(f"  clé      : {reading_file.shown_key(one.question)}")
        click.echo(f"  raison   : {item.rationale}")
    if one.answered.doubts:
        click.echo(f"  doutes   : {one.answered.doubts}")
    if one.level_differs:
        click.echo(f"  niveau   : lu {one.answered.level}, annoncé {_level_names(item)[-1]}")


def _logged(path: Path, questionnaire: Questionnaire, found: Sequence[Read]) -> str:
    """The log with this reading in it; findings that stand in it already stay as they are, word for word."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    at = before.find("[[findings]]")
    kept, old = (before[at:].rstrip() + "\n", tomllib.loads(before)) if at >= 0 else ("", {})
    notes = [line for line in before[: max(at, 0)].split("\n") if line.startswith("#")]
    rows = {(r["item"], r["version"]): r["agreed"] for r in old.get("read", [])}
    rows |= {(str(r.question.item.id), r.question.item.version): r.agreed for r in found}
    head = [
        f"date = {quoted(wall_clock().date().isoformat())}",
        f"reader = {quoted(questionnaire.reader)}",
        *notes,
        f"items_read = {len(rows)}",
        f"agreed_blind = {sum(rows.values())}",
        "read = [",
        *(
            f"  {{ item = {quoted(item)}, version = {version}, agreed = {str(agreed).lower()} }},"
            for (item, version), agreed in sorted(rows.items())
        ),
        "]",
    ]
    known = {(f.get("item"), f.get("finding")) for f in old.get("findings", [])}
    added = [
        f"[[findings]]\nitem = {quoted(r.question.item.id)}\nfinding = {quoted(said)}\naction = {quoted(OPEN)}\n"
        for r in found
        for said in r.findings
        if (str(r.question.item.id), said) not in known
    ]
    return "\n".join(["\n".join(head) + "\n", *([kept] if kept else []), *added])


def _level_names(item: Item) -> tuple[str, ...]:
    if isinstance(item.tag, Level):
        return item.tag.slug, french.LEVELS[item.tag.slug].casefold()
    return (str(int(item.tag)),)


def _seen(root: Path, item: Item) -> str:
    return reading_file.seen(item, [path.read_bytes() for path in _paths(root, item)])


def _paths(root: Path, item: Item) -> list[Path]:
    return [root / "items" / item.framework / item.competence / name for name in item.files]


def _warn(problems: Iterable[Problem]) -> None:
    told = list(problems)
    if told:
        click.echo(f"{_count(len(told), 'problème')} dans la banque (palier bank check) ; le reste se lit.", err=True)


def _count(n: int, word: str) -> str:
    return f"{n} {word}{'s' if n > 1 else ''}"
