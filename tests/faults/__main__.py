"""`python -m tests.faults`: the whole run, with its report."""

import json
import sys
from dataclasses import fields
from pathlib import Path

import click
from rich.console import Console

from tests.faults import chaos, network
from tests.faults.report import default_path, figures, show
from tests.faults.run import Plan, run
from web.config import ROOT

FAULTS = [*network.KINDS, *chaos.KINDS]
USUAL = {f.name: f.default for f in fields(Plan)}


@click.command()
@click.option("--candidates", default=USUAL["candidates"], type=click.IntRange(min=1))
@click.option("--items", default=USUAL["items"], type=click.IntRange(1, 64), help="Answers that each gives, then ends.")
@click.option("--minutes", default=USUAL["minutes"], type=float, help="Of faults; then whoever is at it ends early.")
@click.option("--calm", default=USUAL["calm"], type=float, help="Seconds without faults before them.")
@click.option("--seed", default=USUAL["seed"], type=int)
@click.option("--haste", default=USUAL["haste"], type=float, help="How much faster than a real page all waiting is.")
@click.option("--think", default=USUAL["think"], type=float, help="Seconds for one question.")
@click.option("--beat", default=USUAL["beat"], type=float, help="Seconds between two signs of life.")
@click.option("--hold", default=USUAL["hold"], type=float, help="Seconds for which somebody holds a lock.")
@click.option("--nodes", default=USUAL["nodes"], type=click.IntRange(min=1))
@click.option("--workers", default=USUAL["workers"], type=click.IntRange(min=1), help="Of each node.")
@click.option("--without", multiple=True, type=click.Choice(FAULTS), help="A fault to leave out.")
@click.option("--report", default=default_path(ROOT), type=click.Path(path_type=Path), help="Where the JSON goes.")
def main(report: Path, without: tuple[str, ...], **asked: float) -> None:
    """Candidates take tests while everything between them and their answers breaks; then every answer is counted."""
    outcome = run(Plan(**asked, without=frozenset(without)), report.parent)  # type: ignore[arg-type]
    found = figures(outcome)
    report.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(found, Console())
    sys.exit(not outcome.holds)


if __name__ == "__main__":
    main()
