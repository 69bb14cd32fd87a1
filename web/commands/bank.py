"""`palier bank`: what authors and release managers do with the item bank."""

from pathlib import Path

import click

from engine.items.bank import Bank, Problem
from engine.items.item import Status
from engine.items.likeness import near_duplicates
from engine.items.read import line_of, read_bank
from engine.items.targets import missed, read_targets
from engine.items.wording import faults_of_wording
from engine.kernel import ItemId
from web.commands.bank_keys import faults_of_keys, stray_scripts

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
    tell(told)
    click.echo(f"{len(items)} items, no problem.")


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
    tell(list(map(str, problems)))
    assert items is not None
    return items


def tell(problems: list[str]) -> None:
    """Write the problems and stop, if there is one."""
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        counted = "1 problem: mend it" if len(problems) == 1 else f"{len(problems)} problems: mend them"
        raise click.ClickException(f"{counted}, then run the command again.")
