"""`palier audit`: the key, signed ends of chains, and the verification of everything."""

import json
import os
import time
from pathlib import Path
from typing import TextIO, TypeAlias

import click
import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from web import logs
from web.commands.opened import database_of
from web.commands.processes import in_processes
from web.config import Settings
from web.db.database import Database
from web.now import wall_clock
from web.services import audit_keys, audit_seal, audit_verify
from web.services.audit_report import Findings, first_of
from web.services.audit_verify import Job
from web.services.catalogue import Catalogue
from web.services.house import House

log = structlog.get_logger()
MOST_TOLD = 20
"""Faults that are told one by one to people; --json tells all."""

Work: TypeAlias = tuple[Settings, list[Job]]
_houses: list[House] = []
"""The database of this worker process, opened once."""


@click.group()
def audit() -> None:
    """Prove that nothing was changed behind the application's back."""


@audit.command("key")
@click.option("--replace", is_flag=True, help="Make another for the blocks to come; the old public key is kept.")
def key_command(replace: bool) -> None:
    """Make the key that ends of chains are signed with."""
    path = Settings().signing_key
    name = audit_keys.make(path, replace=replace)
    click.echo(f"Key {name} is at {path}; give {path.parent / (name + '.pub.pem')} to whoever verifies.")


@audit.command()
@click.option("--every", type=click.IntRange(min=1), help="Go on for ever, this many seconds apart.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write each new block to a file of this folder, which should be on another machine.",
)
def seal(every: int | None, into: Path | None) -> None:
    """Sign the ends of the chains that have grown. Run it from a timer, or with --every as a service of its own."""
    settings = Settings()
    logs.configure(as_json=settings.is_production)
    database, signer = database_of(settings), audit_keys.signer(settings.signing_key)
    while True:
        try:
            made = audit_seal.seal(database, signer, wall_clock())
            if into is not None:
                audit_seal.keep(database, settings.signing_key, into)
        except DBAPIError as error:
            if every is None:
                raise click.ClickException("The database does not answer.") from error
            log.warning("database_silent")  # the next round tries again
        else:
            if every is None:
                click.echo("Nothing is new." if made is None else f"Block {made[0]} holds {made[1]} ends.")
                return
            if made is not None:
                log.info("sealed", block=made[0], ends=made[1])
        time.sleep(every)


@audit.command()
@click.argument("out", type=click.File("w", encoding="utf-8", atomic=True), default="-")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only blocks after this number.")
def export(out: TextIO, after: int) -> None:
    """Write the signed ends of chains to OUT as lines of JSON, to be kept elsewhere."""
    settings = Settings()
    for line in audit_seal.exported(database_of(settings), settings.signing_key, after):
        click.echo(line, file=out)


@audit.command()
@click.option(
    "--heads",
    "kept",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Signed ends that were kept elsewhere: a file, or a folder of them.",
)
@click.option("--json", "as_json", is_flag=True, help="Tell everything as JSON.")
@click.option("--workers", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default="processors")
def verify(kept: tuple[Path, ...], as_json: bool, workers: int) -> None:
    """Recompute every chain and signature, and take every sitting through the engine again.

    Exits 1 when a row does not fit, and names the first.
    """
    settings = Settings()
    began = time.perf_counter()
    database = database_of(settings)
    files = [f for path in kept for f in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    try:
        with database.read() as connection:
            blocks = audit_verify.check_blocks(connection, settings.signing_key, files)
            jobs = audit_verify.jobs(connection)
        database.close()
        found = Findings()
        for part in in_processes(piece, (settings, jobs), len(jobs), workers):
            found.join(part)
        found.join(blocks)  # seen first, so that rows that come meanwhile are no riddle
    except DBAPIError as error:
        raise click.ClickException(
            "The database has no audit yet, or cannot be read: run `palier db upgrade` first, or look at "
            f"PALIER_DATABASE_URL. ({error.orig})"
        ) from error
    seconds = time.perf_counter() - began
    if as_json:
        click.echo(json.dumps({**found.as_json, "seconds": round(seconds, 1)}, ensure_ascii=False))
    else:
        _tell(found, seconds)
    if found.faults:
        raise click.exceptions.Exit(1)


def piece(work: Work, number: int) -> Findings:
    """One part of the verification, in a process of its own."""
    settings, jobs = work
    if not _houses:
        _houses.append(House(Database(settings.database), Catalogue(settings), ""))
    with _houses[0].db.read() as connection:
        return audit_verify.check(_houses[0], connection, jobs[number])


def _tell(found: Findings, seconds: float) -> None:
    console = Console()
    first = first_of(found.faults)
    counts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in sorted(found.counts.items()) if n)
    console.print(f"Checked in {seconds:.1f} s: {counts or 'nothing'}.", highlight=False)
    if found.counts["unsigned_chains"]:
        console.print(
            f"{found.counts['unsigned_chains']} chains have rows that no block holds yet: what is cut off at their end "
            "would not be found. Run `palier audit seal`.",
            highlight=False,
        )
    if first is None:
        console.print("[green]Everything fits.[/green]")
        return
    table = Table("Table", "Row", "What", "Expected", title=f"{len(found.faults)} rows do not fit", show_lines=False)
    for fault in found.faults[:MOST_TOLD]:
        table.add_row(fault.table, fault.key, fault.kind.value, fault.expected)
    console.print(table)
    console.print(f"[red]The first row that does not fit: {first}[/red]", highlight=False, soft_wrap=True)
