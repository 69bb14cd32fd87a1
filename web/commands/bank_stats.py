"""`palier bank stats`: what the bank holds, on the screen and in its README."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from engine.items.check import coverage, longest_is_key, tags_of
from engine.items.frameworks import Framework, Level, Track, competences_of
from engine.items.item import Item, Kind, Status
from engine.items.targets import chance_of, key_places
from web.commands.bank import root_option, whole_bank

BETWEEN = re.compile(r"(<!-- coverage -->\n).*?(<!-- /coverage -->)", re.DOTALL)
LETTERS = {Level.INITIE: "I", Level.CONFIRME: "C", Level.AVANCE: "A", Level.EXPERT: "E"}
NAMES = {Framework.CRCN_EDU: "CRCN-Édu", Framework.CRCN: "CRCN"}


@click.command("stats")
@root_option
@click.option("--readme", is_flag=True, help="Write the tables into the README of the bank as well.")
def stats_command(root: Path, readme: bool) -> None:
    """Show how the items spread over competences, levels and interactions."""
    items = list(whole_bank(root))
    approved = [i for i in items if i.status is Status.APPROVED]
    console = Console()
    for framework in Framework:
        head, *rows = coverage_rows(approved, framework)
        table = Table(title=f"{NAMES[framework]}: approved items per competence and level", box=SIMPLE_HEAD, padding=0)
        table.add_column(head[0], no_wrap=True, overflow="ellipsis", max_width=18)
        for name in head[1:]:
            table.add_column(name, justify="right", no_wrap=True)
        for row in rows:
            table.add_row(*row, style="bold" if row is rows[-1] else None)
        console.print(table)
    for sentence in sentences(items):
        console.print(sentence, highlight=False)
    if readme:
        write_coverage(root / "README.md", items)


def coverage_rows(approved: Sequence[Item], framework: Framework) -> list[list[str]]:
    """A head, a row for each competence and the sums.

    Columns: items at each level, in all, for the first and the second degree; subjects, those with two items or more.
    """
    tags = tags_of(framework)
    letters = [LETTERS[Level(t)] if framework is Framework.CRCN_EDU else str(t) for t in tags]
    head = [NAMES[framework], *letters, "items", "1st", "2nd", "subjects", "twice"]
    found = coverage(approved, framework)
    rows = []
    for c in competences_of(framework):
        own = [i for i in approved if (i.framework, i.competence) == (framework, c.code)]
        subjects = Counter(i.subject for i in own)
        tracks = [sum(track in i.tracks for i in own) for track in Track]
        counts = [*(found[c.code, t] for t in tags), len(own), *tracks]
        rows.append([f"{c.code} {c.title}", *map(str, [*counts, len(subjects), sum(n > 1 for n in subjects.values())])])
    sums = [str(sum(int(row[n]) for row in rows)) for n in range(1, len(head))]
    return [head, *rows, ["all", *sums]]


def sentences(items: Sequence[Item]) -> list[str]:
    """What else there is to say of a bank, a sentence each."""
    approved = [i for i in items if i.status is Status.APPROVED]
    if not approved:
        return ["No item is approved yet."]
    kinds = Counter(i.kind for i in approved)
    parts = [f"{kind.replace('_', ' ')} {kinds[kind]} ({kinds[kind] / len(approved):.0%})" for kind in Kind]
    longest, total = longest_is_key(approved)
    places = "; ".join(
        f"{n} choices {' '.join(map(str, found))} (p = {chance_of(found):.2f})"
        for n, found in sorted(key_places(approved).items())
    )
    others = Counter(i.status for i in items if i.status is not Status.APPROVED)
    files = [len(i.variants) + 1 for i in approved if i.kind is Kind.FILE_TASK]
    return [
        f"{len(approved)} approved items; beside them: "
        + (", ".join(f"{n} {status}" for status, n in sorted(others.items())) or "none")
        + ".",
        f"Interactions: {', '.join(parts)}.",
        f"The {len(files)} file tasks have {sum(files)} variants.",
        f"The one longest choice is the key of {longest} single choices of {total}.",
        f"Places of their keys: {places or 'none'}.",
    ]


def markdown(items: Sequence[Item]) -> str:
    """The tables and sentences as they stand in a README."""
    approved = [i for i in items if i.status is Status.APPROVED]
    tables = []
    for framework in Framework:
        head, *rows = coverage_rows(approved, framework)
        lines = [_line(head), "|---|" + "--:|" * (len(head) - 1), *map(_line, rows)]
        tables.append("\n".join(lines))
    return "\n\n".join([*tables, "\n".join(f"- {sentence}" for sentence in sentences(items))]) + "\n"


def write_coverage(readme: Path, items: Sequence[Item]) -> None:
    """Put the tables between the two comments of a README. Raises `ClickException` when it has none."""
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    if not BETWEEN.search(text):
        raise click.ClickException(
            f"{readme} has no place for the tables: write <!-- coverage --> and <!-- /coverage -->."
        )
    readme.write_text(BETWEEN.sub(lambda m: m[1] + markdown(items) + m[2], text), encoding="utf-8")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
