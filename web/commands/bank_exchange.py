"""`palier bank export` and `palier bank import`: items to and from other systems."""

import os
from pathlib import Path

import click

from engine.items.bank import Bank
from engine.items.exchange.drafts import Draft, Target, drafts
from engine.items.exchange.formats import READERS, Format, recognised
from engine.items.exchange.model import Faulty, Reading, Unsupported
from engine.items.exchange.package import LARGEST_CONTENT
from engine.items.exchange.qti_out import export
from engine.items.frameworks import Framework
from engine.items.item import Item, Status
from web.commands.bank import root_option, tell, whole_bank
from web.commands.competence_name import CompetenceName


@click.command("export")
@root_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", "to", type=click.Choice([Format.QTI3.value]), required=True, help="The format.")
@click.option("--items", "only", multiple=True, help="Items whose ids begin so (crcn-1.3), else all approved.")
@click.option("--with-keys", is_flag=True, help="Give the keys, their reasons and the sources too.")
def export_command(root: Path, file: Path, to: str, only: tuple[str, ...], with_keys: bool) -> None:
    """Write items as a QTI 3 package, and say what the format could not carry.

    Without --with-keys the package holds nothing that tells what is right.
    """
    del to  # there is one so far
    bank = whole_bank(root)
    items = [item for item in bank if (item.id.startswith(only) if only else item.status is Status.APPROVED)]
    if not items:
        raise click.ClickException("No item to export: name some with --items.")
    try:
        data, notes = export(items, _files(root, bank, items), with_keys)
    except Unsupported as refusal:
        raise click.ClickException(str(refusal)) from refusal
    _write({file: data})
    for sentence in dict.fromkeys(sentence for _, sentence in notes):
        those = [item for item, said in notes if said == sentence]
        shown = f"{', '.join(those[:3])} …" if len(those) > 3 else ", ".join(those)
        click.echo(f"{len(those)} of {len(items)} ({shown}): {sentence}")
    click.echo(f"{len(items)} items in {file}, {'with' if with_keys else 'without'} keys.")


@click.command("import")
@root_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--format", "form", type=click.Choice(["auto", *Format]), default="auto", help="Else seen from the file.")
@click.option("--competence", type=CompetenceName(), help="Where questions go that do not say it.")
@click.option("--level", default="", help="initie … expert (CRCN-Édu), 1 … 8 (CRCN).")
@click.option("--author", default="", help="Who wrote the questions.")
@click.option("--licence", default="", help="Under which licence they may be used.")
@click.option("--keep-ids", is_flag=True, help="Of items that Palier exported, if the bank does not use them.")
@click.option("--leave-out", is_flag=True, help="Import the others if Palier has no such question as some are.")
@click.option("--dry-run", is_flag=True, help="Say what would be made, and write nothing.")
def import_command(
    root: Path,
    file: Path,
    form: str,
    competence: tuple[Framework, str] | None,
    level: str,
    author: str,
    licence: str,
    keep_ids: bool,
    leave_out: bool,
    dry_run: bool,
) -> None:
    """Make drafts of the questions in FILE: QTI 2 or 3 (a package or one item), Moodle XML, GIFT.

    All of them are imported or none. Everything that an item cannot hold is named, and what is to be filled in.
    """
    if file.stat().st_size > LARGEST_CONTENT:
        raise click.ClickException(f"{file.name} is larger than {LARGEST_CONTENT // 2**20} MiB: cut it into several.")
    data = file.read_bytes()
    reader = READERS[recognised(data) if form == "auto" else Format(form)]
    try:
        reading = reader(data, file.name)
    except Faulty as fault:
        tell(list(map(str, fault.problems)))
        raise
    _refuse(reading, leave_out)
    framework, code = competence or (None, "")
    used = {path.stem for path in (root / "items").glob("*/*/*.md")}
    made, problems = drafts(reading, Target(framework, code, level, author, licence), used, keep_ids)
    tell(list(map(str, problems)))
    if not made:
        raise click.ClickException(f"No question in {file.name}.")
    if not dry_run:
        _write({root / d.path: d.text.encode() for d in made} | _beside(root, made))
    _report(reading, made, leave_out)
    verb = "would be made" if dry_run else "made"
    click.echo(f"{len(made)} drafts {verb}. Fill in what is missing; palier bank check asks for it.")


def _files(root: Path, bank: Bank, items: list[Item]) -> dict[str, bytes]:
    """The images and attachments of some items by their names, which are unique in a bank."""
    folders = {item.id: (root / bank.sources[item.id].path).parent for item in items}
    return {name: (folders[item.id] / name).read_bytes() for item in items for name in item.files}


def _refuse(reading: Reading, leave_out: bool) -> None:
    """Stop at whatever keeps a question from being imported; with `leave_out` a question of another kind does not."""
    told = list(map(str, reading.problems))
    if not leave_out:
        told += map(str, reading.unsupported)
    if told and reading.unsupported and not leave_out:
        click.echo("Nothing is imported. --leave-out imports the questions that Palier has items for.", err=True)
    tell(told)


def _report(reading: Reading, made: list[Draft], leave_out: bool) -> None:
    for draft in made:
        click.echo(f"{draft.path}  « {draft.question.name} »")
        for sentence in draft.question.lost:
            click.echo(f"  lost: {sentence}")
        for sentence in draft.missing:
            click.echo(f"  to fill in: {sentence}")
    for remark in reading.remarks:
        click.echo(f"lost: {remark}")
    if leave_out:
        for problem in reading.unsupported:
            click.echo(f"left out: {problem}")


def _beside(root: Path, made: list[Draft]) -> dict[Path, bytes]:
    return {(root / d.path).parent / name: content for d in made for name, content in d.files.items()}


def _write(files: dict[Path, bytes]) -> None:
    """All files or none: each is whole before the first gets its name, and no file of an item is overwritten."""
    there = [str(path) for path in files if path.exists()]
    if there:
        raise click.ClickException(f"{', '.join(there[:5])} is there already: name another, or move it away.")
    unfinished = {path: path.with_name(f".{path.name}.part") for path in files}
    done: list[Path] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished[path].write_bytes(content)
        for path, part in unfinished.items():
            os.replace(part, path)
            done.append(path)
    except OSError as error:
        for path in (*done, *unfinished.values()):
            path.unlink(missing_ok=True)
        raise click.ClickException(f"Nothing was written: {error.filename}: {error.strerror}.") from error
