"""`palier study export`: the answers of published sessions, for `palier study calibrate`."""

import csv
import importlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import click
from sqlalchemy.exc import DBAPIError

from web.commands.opened import database_of
from web.config import Settings
from web.db.database import StorageAway
from web.services import responses_export
from web.services.catalogue import Catalogue
from web.services.responses_export import COLUMNS, Row, Wanted

Write: TypeAlias = Callable[[Iterable[Row]], None]
a_day = click.DateTime(["%Y-%m-%d"])


@click.command("export")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A .csv or .parquet file.")
@click.option("--release", help="Only sessions that pinned the release of this name.")
@click.option("--since", type=a_day, help="Only sessions from this day on, such as 2026-09-01.")
@click.option("--until", type=a_day, help="Only sessions up to this day.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export_command(out: Path, release: str | None, since: datetime | None, until: datetime | None, force: bool) -> None:
    """Write the answers of published sessions, without anything that says whose they are.

    One row an answer: person (a label drawn anew at every export), item, correct, track, mode, scored.
    """
    if out.exists() and not force:
        raise click.ClickException(f"{out} is there already: give another name, or --force to replace it.")
    if since and until and since > until:
        raise click.UsageError("--since is later than --until.")
    settings = Settings()
    database, catalogue = database_of(settings), Catalogue(settings)
    wanted = Wanted(release, _day(since), _day(until))
    try:
        slots = responses_export.sessions(database, catalogue, wanted)
    except (DBAPIError, StorageAway) as error:
        raise click.ClickException(
            "The database has no tables yet, or cannot be read: run `palier db upgrade` first, or look at "
            f"PALIER_DATABASE_URL. ({error})"
        ) from error
    people, count = 0, 0
    with _whole(out) as write:
        for slot in slots:
            rows = list(responses_export.answers(database, catalogue, slot))
            write(rows)
            people += len({row.person for row in rows})
            count += len(rows)
        if not count:
            raise click.ClickException("No published session has answers to export: nothing was written.")
    click.echo(f"{out}: {count} answers of {people} sittings in {len(slots)} published sessions.")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@contextmanager
def _whole(out: Path) -> Iterator[Write]:
    """A file that is there whole or not at all."""
    opened = {".csv": _csv, ".parquet": _parquet}.get(out.suffix.lower())
    if opened is None:
        raise click.ClickException(f"{out}: answers are written to .csv or .parquet.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        aside = Path(folder) / out.name
        with opened(aside) as write:
            yield write
        aside.replace(out)


@contextmanager
def _csv(path: Path) -> Iterator[Write]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        yield lambda rows: writer.writerows(row.cells for row in rows)


@contextmanager
def _parquet(path: Path) -> Iterator[Write]:
    try:
        arrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ModuleNotFoundError as missing:
        raise click.ClickException(
            "Parquet files need pyarrow, which is not installed: pip install 'palier[parquet]', or name a .csv file."
        ) from missing
    kinds = {"correct": arrow.int8(), "scored": arrow.int8()}
    schema = arrow.schema([(name, kinds.get(name, arrow.string())) for name in COLUMNS])
    with parquet.ParquetWriter(path, schema) as writer:

        def write(rows: Iterable[Row]) -> None:
            cells = list(zip(*(row.cells for row in rows), strict=True))
            if cells:
                writer.write_table(arrow.table(dict(zip(COLUMNS, cells, strict=True)), schema=schema))

        yield write
