"""`palier bank release` and `compare`: freeze the approved items, and say what a release has that another has not."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError, ProgrammingError

from engine.calibration.file import Calibration
from engine.items.bank import Bank
from engine.items.compare import NOTABLE, Comparison, compare
from engine.items.freeze import Manifest, ParameterRow, freeze, freeze_calibrated
from engine.items.release import Provenance
from engine.kernel import ItemId
from web.commands.bank import problems_of_items, problems_of_whole, root_option, tell, whole_bank
from web.commands.calibration_file import read_calibration
from web.commands.opened import database_of
from web.commands.output import writable, write_all
from web.config import Settings
from web.services.bank_desk import open_matters


@click.command("release")
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
@click.option("--since", metavar="NAME", help="The release to compare with; by default the one that is replaced.")
@click.option("--force", is_flag=True, help="Replace a release of this name.")
def release_command(
    root: Path,
    name: str,
    provenance: str | None,
    calibration: Path | None,
    seed: int,
    since: str | None,
    force: bool,
) -> None:
    """Freeze the approved items under NAME in releases/, with those in pre-test listed beside them.

    Refused while `palier bank check` finds a problem, while comments are open or decisions wait on these items, and
    when an item changed under the same version. Sittings in progress keep the copy that they started with.
    """
    if (provenance is None) == (calibration is None):
        raise click.UsageError("Say where the parameters come from: either --provenance or --calibration.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name):
        raise click.UsageError(f"{name}: a release is named with small letters, digits, points and hyphens.")
    items = whole_bank(root)
    told = [sentence for _, sentence in problems_of_items(root, items)] + problems_of_whole(root, items)
    tell(told + _said_at_the_desk(root, items))
    if calibration is not None:
        manifest = _from_calibration(items, name, read_calibration(calibration))
    else:
        manifest = freeze(items, name, Provenance(str(provenance)), seed)
    path = root / "releases" / f"{name}.json"
    known = _read(root, name) if path.exists() else None
    if known and not force and known.digest != manifest.digest:
        raise click.ClickException(
            f"There is a release {name} with other items or parameters: give another name, or --force to replace it."
        )
    before = _read(root, since) if since else known
    if before:
        found = compare(before, manifest)
        _require_versions(found, before.name)
        _tell(found, before.name, name)
    write_all(writable(path.parent), {path.name: manifest.model_dump_json(indent=1) + "\n"})
    click.echo(f"{path}: {len(manifest.items)} items, {manifest.provenance}, digest {manifest.digest[:12]}")


@click.command("compare")
@root_option
@click.argument("old")
@click.argument("new")
def compare_command(root: Path, old: str, new: str) -> None:
    """What release NEW has otherwise than release OLD: items added, changed, gone, parameters moved."""
    _tell(compare(_read(root, old), _read(root, new)), old, new)


def _tell(found: Comparison, old: str, new: str) -> None:
    if found.is_empty:
        click.echo(f"{new} holds what {old} holds.")
        return
    click.echo(f"From {old} to {new}:")
    for what, ids in (
        ("added", found.added),
        ("changed", [f"{i} (version {a} → {b})" for i, a, b in found.changed]),
        ("changed under the same version", found.unversioned),
        ("gone", found.gone),
        ("counted now, in pre-test before", found.promoted),
        ("in pre-test now, counted before", found.demoted),
    ):
        if ids:
            click.echo(f"  {len(ids)} {what}: {', '.join(_some(ids))}")
    if found.moved:
        click.echo(f"  {len(found.moved)} have other parameters, {len(found.notable)} by {NOTABLE} logits or more")
    if found.notable:
        table = Table("item", "b", "b now", "moved by", "a", "a now")
        for m in found.notable[:20]:
            table.add_row(m.item, *(f"{x:.2f}" for x in (*m.b, m.shift, *m.a)))
        Console().print(table)


def _some(ids: Sequence[str], most: int = 12) -> Iterable[str]:
    yield from ids[:most]
    if len(ids) > most:
        yield f"and {len(ids) - most} more"


def _require_versions(found: Comparison, before: str) -> None:
    if found.unversioned:
        raise click.ClickException(
            f"{len(found.unversioned)} items changed since {before} under the same version: "
            f"{', '.join(_some(found.unversioned))}. Raise `version` in each, so that their answers can be told apart."
        )


def _read(root: Path, name: str) -> Manifest:
    path = root / "releases" / f"{name}.json"
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        there = ", ".join(sorted(p.stem for p in path.parent.glob("*.json"))) or "none"
        raise click.ClickException(f"There is no release {name}; there are: {there}.") from error
    except ValidationError as error:
        raise click.ClickException(f"{path} is no release: {error.errors()[0]['msg']}.") from error


def _said_at_the_desk(root: Path, bank: Bank) -> list[str]:
    """Open comments and waiting decisions on the items, if this is the bank of an installation that has a database."""
    settings = Settings()
    there = settings.database_url or (settings.data / "palier.sqlite").is_file()
    if not there or root.resolve() != settings.bank.resolve():
        return []
    try:
        return [str(matter) for matter in open_matters(database_of(settings), bank)]
    except (OperationalError, ProgrammingError):
        click.echo("The database has no comments and decisions yet (palier db upgrade): none were looked at.", err=True)
        return []


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
