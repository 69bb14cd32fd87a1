"""`palier bank`: check the item bank, freeze releases of it."""

import re
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from engine.calibration.file import Calibration
from engine.items.bank import Bank, Problem
from engine.items.check import coverage, longest_is_key, tags_of
from engine.items.frameworks import Framework, competences_of
from engine.items.freeze import Manifest, ParameterRow, freeze, freeze_calibrated
from engine.items.item import Kind, Status
from engine.items.likeness import near_duplicates
from engine.items.read import line_of, read_bank
from engine.items.release import Provenance
from engine.items.targets import missed, read_targets
from engine.items.wording import faults_of_wording
from engine.kernel import ItemId
from web.commands.bank_keys import faults_of_keys, stray_scripts
from web.commands.calibration_file import read_calibration
from web.commands.output import writable, write_all

ROOT = Path(__file__).resolve().parents[2] / "item_bank"
root_option = click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=ROOT,
    help="The folder that holds items/ and releases/.",
)


@click.group()
def bank() -> None:
    """Check the item bank and freeze releases of it."""


@bank.command()
@root_option
@click.argument("only", nargs=-1)
def check(root: Path, only: tuple[str, ...]) -> None:
    """Report every problem of every item file, and of the bank as a whole; exit 1 if there is one.

    With ONLY, of the items whose ids begin so (crcn-1.3, edu-2.1-07), and not of the whole. Runs the scripts of the
    bank, which find the keys of file tasks again: check only a bank that you trust.
    """
    items = whole_bank(root)
    told = [sentence for item, sentence in problems_of_items(root, items) if not only or item.startswith(only)]
    if not only:
        told += problems_of_whole(root, items)
    for sentence in told:
        click.echo(sentence, err=True)
    if told:
        raise click.ClickException(f"{len(told)} problems: mend them, then run the command again.")
    click.echo(f"{len(items)} items, no problem.")


@bank.command()
@root_option
def stats(root: Path) -> None:
    """Show how the items spread over competences, levels and interactions."""
    items = whole_bank(root)
    approved = [i for i in items if i.status is Status.APPROVED]
    console = Console()
    for framework in Framework:
        table = Table(title=f"{framework} — approved items per competence and level")
        table.add_column("competence")
        tags = tags_of(framework)
        for tag in tags:
            table.add_column(str(tag), justify="right")
        table.add_column("items", justify="right", style="bold")
        table.add_column("subjects", justify="right")
        found = coverage(items, framework)
        for c in competences_of(framework):
            counts = [found[(c.code, tag)] for tag in tags]
            subjects = {i.subject for i in approved if (i.framework, i.competence) == (framework, c.code)}
            table.add_row(f"{c.code} {c.title}", *map(str, counts), str(sum(counts)), str(len(subjects)))
        console.print(table)
    table = Table(title="interactions")
    for kind in Kind:
        table.add_column(kind)
    table.add_row(*(str(sum(i.kind is kind for i in approved)) for kind in Kind))
    console.print(table)
    longest, total = longest_is_key(approved)
    console.print(f"In pre-test: {sum(i.status is Status.PRETEST for i in items)} items.")
    console.print(f"The one longest choice is the key of {longest} single choices of {total}.")


@bank.command()
@root_option
@click.argument("name")
@click.option(
    "--provenance",
    type=click.Choice([Provenance.TAGS.value, Provenance.SIMULATED.value]),
    help="Where the parameters come from, if not from a calibration.",
)
@click.option(
    "--calibration",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A calibration.json of palier study calibrate: its parameters, and the data behind them.",
)
@click.option("--seed", type=int, default=2023, show_default=True, help="For simulated parameters.")
@click.option("--force", is_flag=True, help="Replace a release of this name.")
def release(root: Path, name: str, provenance: str | None, calibration: Path | None, seed: int, force: bool) -> None:
    """Freeze the approved items under NAME in releases/, with those in pre-test listed beside them."""
    if (provenance is None) == (calibration is None):
        raise click.UsageError("Say where the parameters come from: either --provenance or --calibration.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name):
        raise click.UsageError(f"{name}: a release is named with small letters, digits, points and hyphens.")
    items = whole_bank(root)
    if calibration is not None:
        manifest = _from_calibration(items, name, read_calibration(calibration))
    else:
        manifest = freeze(items, name, Provenance(str(provenance)), seed)
    path = root / "releases" / f"{name}.json"
    if path.exists() and not force and Manifest.model_validate_json(path.read_bytes()).digest != manifest.digest:
        raise click.ClickException(
            f"There is a release {name} with other items or parameters: give another name, or --force to replace it."
        )
    write_all(writable(path.parent), {path.name: manifest.model_dump_json(indent=1) + "\n"})
    click.echo(f"{path}: {len(manifest.items)} items, {manifest.provenance}, digest {manifest.digest[:12]}")


def _from_calibration(bank: Bank, name: str, found: Calibration) -> Manifest:
    """The manifest of a release on the parameters of a calibration. Raises `UncalibratedItems`."""
    if not found.converged:
        raise click.ClickException("This calibration did not converge: look at its report before anything rests on it.")
    rows = {
        ItemId(row.item): ParameterRow(
            a=row.a,
            b=row.b,
            c=row.c,
            responses=row.n,
            se_b=row.se_b,
            fit=row.fit,
            flags=tuple(flag.value for flag in row.flags),
        )
        for row in found.items
    }
    note = f"Paramètres estimés sur {found.answers} réponses de {found.persons} passations, modèle {found.model.value}."
    return freeze_calibrated(bank, name, rows, found.heldout_error, note)


def problems_of_items(root: Path, bank: Bank) -> list[tuple[ItemId, str]]:
    """What is wrong with single items that can all be read, each with its file and line: wording, likeness, files."""
    usable = [item for item in bank if item.status is not Status.RETIRED]
    alike = near_duplicates(usable)
    found = [
        *faults_of_wording(usable),
        *((a, "", f"nearly the body of {b} ({j:.0%} in common): ask in another form") for a, b, j in alike),
        *faults_of_keys(root, bank),
    ]
    told = []
    for item, key, sentence in sorted(found):
        path = bank.sources[item].path
        line = line_of((root / path).read_text(encoding="utf-8"), key)
        told.append((item, str(Problem(path, line, sentence))))
    return told


def problems_of_whole(root: Path, bank: Bank) -> list[str]:
    """What is wrong with a bank as a whole: scripts of no item, and the targets that its approved items miss."""
    told = [f"{script}: no file task has this script: remove it" for script in stray_scripts(root, bank)]
    targets = root / "targets.toml"
    if targets.is_file():
        approved = [item for item in bank if item.status is Status.APPROVED]
        told += missed(approved, read_targets(targets.read_text(encoding="utf-8")))
    return told


def whole_bank(root: Path) -> Bank:
    """The bank below `root`; every problem of every file is told instead, if there is one."""
    items, problems = read_bank(root)
    for problem in problems:
        click.echo(problem, err=True)
    if items is None:
        raise click.ClickException(f"{len(problems)} problems: mend them, then run the command again.")
    return items
