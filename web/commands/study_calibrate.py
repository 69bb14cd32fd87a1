"""`palier study calibrate`: answers → a calibration file and a report."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from engine.calibration.calibrate import Outcome, calibrate
from engine.calibration.check import checked
from engine.calibration.file import Model
from engine.calibration.responses import Responses
from engine.calibration.wish import Wish
from engine.items.read import read_release
from engine.items.release import Release
from web.commands.bank import root_option
from web.commands.calibration_file import read_calibration
from web.commands.calibration_report import as_json, as_page
from web.commands.output import writable, write_all
from web.commands.responses_file import rows_of

file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("calibrate")
@click.argument("responses", type=file)
@click.option("--model", type=click.Choice([m.value for m in Model]), default=Model.TWO.value, show_default=True)
@click.option("--fixed-c", type=click.FloatRange(0, 0.5), help="Guessing of every item of the 3PL.")
@click.option("--priors/--no-priors", default=None, help="Priors on a and b; on when a release tells levels.")
@click.option("--anchor", type=file, help="A calibration whose items are held; new items come onto its scale.")
@click.option("--earlier", type=file, help="A calibration to compare difficulties with, nothing being held.")
@click.option("--group", "groups", multiple=True, help="A column to test items for differential functioning by.")
@click.option("--release", "name", help="The release that the items belong to.")
@root_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where to write.")
def calibrate_command(
    responses: Path,
    model: str,
    fixed_c: float | None,
    priors: bool | None,
    anchor: Path | None,
    earlier: Path | None,
    groups: tuple[str, ...],
    name: str | None,
    root: Path,
    out: Path,
) -> None:
    """Calibrate the items that RESPONSES (.csv or .parquet) holds answers to.

    Writes calibration.json, report.json and report.html into the folder given with --out.
    """
    if fixed_c is not None and model != Model.THREE:
        raise click.UsageError(f"--fixed-c belongs to --model 3pl, not to {model}.")
    release = read_release(root, name) if name else None
    answers = _read(responses, release, groups)
    wish = Wish(
        model=Model(model),
        priors=release is not None if priors is None else priors,
        guessing=fixed_c,
        release=release,
        anchor=read_calibration(anchor) if anchor else None,
        earlier=read_calibration(earlier) if earlier else None,
    )
    outcome = calibrate(answers, wish)
    page, report = as_page(outcome, responses.name), as_json(outcome)
    told = outcome.calibration.model_dump_json(indent=1) + "\n"
    write_all(writable(out), {"calibration.json": told, "report.json": report, "report.html": page})
    _tell(outcome, out)


def _read(path: Path, release: Release | None, groups: tuple[str, ...]) -> Responses:
    """All answers, or every bad row named and exit 1."""
    items = frozenset(release.row_of) if release else None
    found = checked(rows_of(path, groups), items, groups, release.name if release else "")
    if isinstance(found, Responses):
        return found
    for row in found:
        click.echo(f"{path}, {row}", err=True)
    raise click.ClickException(f"{len(found)} problems: nothing was written. Mend the rows, then run it again.")


def _tell(outcome: Outcome, out: Path) -> None:
    """The result in a few lines."""
    c = outcome.calibration
    click.echo(
        f"{len(c.items)} items from {c.answers} answers of {c.persons} people, model {c.model.value}: "
        f"log-likelihood {c.log_likelihood:.3f} after {c.iterations} rounds"
        f"{'' if c.converged else ', NOT converged'}."
    )
    flagged = sum(bool(row.flags) for row in c.items)
    click.echo(f"{flagged} items to look at, {len(c.set_aside)} set aside.")
    if outcome.coverage:
        table = Table(title=f"what release {c.release} could be used for with these parameters")
        for column in (
            "framework",
            "items",
            "≥ 60 answers",
            "≥ 125 answers",
            "median SE(b)",
            "held-out error",
            "stage",
        ):
            table.add_column(column)
        for row in outcome.coverage:
            figures = [f"{v:.3f}" if v is not None else "–" for v in (row.median_se_b, row.heldout_error)]
            stages = f"{row.before.value} → {row.after.value}"
            table.add_row(row.framework, *map(str, (row.items, row.some_data, row.enough)), *figures, stages)
        Console().print(table)
    click.echo(f"{out}: calibration.json, report.json, report.html")
