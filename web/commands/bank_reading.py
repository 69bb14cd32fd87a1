"""`palier bank reading`: a second reading without the keys, and what it found."""

import secrets
import shutil
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from engine.items import variants
from engine.items.bank import Problem
from engine.items.frameworks import Framework, Level
from engine.items.item import Item, Status
from engine.items.read import read_what_can_be
from engine.items.response import Reply
from engine.kernel import ItemId
from web import french
from web.commands.bank import root_option
from web.commands.competence_name import CompetenceName
from web.commands.output import writable, write_all
from web.now import wall_clock
from web.preview import letters, reading_file
from web.preview.letters import NotAnAnswer, Question
from web.preview.reading_file import Answered, Questionnaire, quoted

OPEN, MENDED, KEPT = "open", "mended", "kept"


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
@click.option("--every-variant", is_flag=True, help="Every variant of a file task, not one that is drawn.")
@click.option("--unread", is_flag=True, help="Only items that no log has in this version.")
def new(
    root: Path,
    file: Path,
    reader: str,
    competence: tuple[tuple[Framework, str], ...],
    ids: tuple[str, ...],
    status: tuple[str, ...],
    every_variant: bool,
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
    questions: list[tuple[Question, int, str, list[str]]] = []
    for item, variant in _to_read(wanted, every_variant, seed):
        one = variants.every_variant(item)[variant - 1]
        paths = reading_file.files_of(root, one)
        if paths:
            folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            shutil.copyfile(path, folder / path.name)
        shown = [f"{folder.name}/{path.name}" for path in paths]
        questions.append((Question.at(one, seed, len(questions) + 1), variant, reading_file.seen(root, one), shown))
    text = reading_file.written(reader, wall_clock().date().isoformat(), seed, questions)
    write_all(file.parent, {file.name: text})
    click.echo(f"{file} : {_count(len(questions), 'question')} à lire.")
    if folder.exists():
        click.echo(f"{folder} : les images et les fichiers à ouvrir.")
    click.echo(f"Répondez à l'écran (palier bank preview --reading {file}) ou dans le fichier,")
    click.echo(f"puis : palier bank reading compare {file}")


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
        raise click.ClickException(f"{_count(len(faults), 'réponse')} à corriger ; puis recommencez.")
    for one in found:
        _show(one)
    agreed = sum(one.agreed for one in found)
    click.echo(f"\n{_count(len(found), 'réponse')}, {agreed} comme la clé, {len(found) - agreed} autrement.")
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
        return letters.agrees(self.question, self.given)

    @property
    def level_differs(self) -> bool:
        """Whether the reader would give it another level."""
        return bool(self.answered.level) and self.answered.level.casefold() not in _level_names(self.question.item)

    @property
    def findings(self) -> tuple[str, ...]:
        """Sentences for the log: none for an item that was answered as the key says, without doubts."""
        said = []
        if not self.agreed:
            reply = letters.shown_reply(self.question, self.given)
            said.append(f"Réponse sans la clé : {reply}. La clé : {letters.shown_key(self.question)}.")
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


def _to_read(items: Iterable[Item], every_variant: bool, seed: int) -> Iterable[tuple[Item, int]]:
    """Items with the number of the variant that is read."""
    for n, item in enumerate(items):
        numbers = range(1, len(item.variants) + 2)
        yield from ((item, v) for v in (numbers if every_variant else [numbers[(seed + n) % len(numbers)]]))


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
        several = variants.every_variant(item) if item else ()
        one = several[answered.variant - 1] if 1 <= answered.variant <= len(several) else None
        if one is None or reading_file.seen(root, one) != answered.seen:
            stale.append(answered.item)
            continue
        question = Question.at(one, questionnaire.seed, place)
        try:
            found.append(Read(question, answered, letters.reply(question, answered.answer)))
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
        click.echo(f"  réponse  : {letters.shown_reply(one.question, one.given)}")
        click.echo(f"  clé      : {letters.shown_key(one.question)}")
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
    now: dict[tuple[str, int], bool] = {}
    for r in found:  # an item of which several variants were read agrees if all do
        at_row = (str(r.question.item.id), r.question.item.version)
        now[at_row] = now.get(at_row, True) and r.agreed
    rows |= now
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


def _warn(problems: Iterable[Problem]) -> None:
    told = list(problems)
    if told:
        click.echo(f"{_count(len(told), 'problème')} dans la banque (palier bank check) ; le reste se lit.", err=True)


def _count(n: int, word: str) -> str:
    return f"{n} {word}{'s' if n > 1 else ''}"
