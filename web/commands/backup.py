"""`palier backup`, `palier restore`, `palier backup-key`: the database, enciphered; see docs/privacy.md."""

import os
from pathlib import Path
from typing import TextIO

import click

from web.commands.opened import owner_database_of
from web.config import Settings
from web.services import backups
from web.services.backups import Tools

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup-key")
@click.argument("file", type=FILE)
def backup_key(file: Path) -> None:
    """Write a new private key to FILE, and say the public one. Keep FILE away from the server."""
    private, public = backups.new_key()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(f"# public key: {public}\n{private}\n")
    click.echo(public)


@click.command()
@click.argument("file", type=FILE)
@click.option("--recipient", "recipients", multiple=True, help="A public key; else those of PALIER_BACKUP_RECIPIENTS.")
def backup(file: Path, recipients: tuple[str, ...]) -> None:
    """Write a backup of the database to FILE, enciphered, and read it again. Tests that run go on meanwhile."""
    settings = Settings()
    made = backups.back_up(settings.owner_database, file, recipients or settings.backup_recipients, _tools(settings))
    click.echo(f"{made.path}  {made.size} bytes, written and read again")
    click.echo(f"sha256 of the database in it: {made.digest}")


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--identity",
    type=click.File(encoding="utf-8"),
    required=True,
    help="The private key; - reads it from standard input, so that it is on no disk here.",
)
def restore(file: Path, identity: TextIO) -> None:
    """Bring the backup FILE into the database of the settings, which must be empty."""
    settings = Settings()
    backups.restore(file, settings.owner_database, identity.read(), _tools(settings))
    database = owner_database_of(settings)
    with database.read() as connection:
        counts = {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in _COUNTED}
    click.echo("Restored: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    click.echo("Now: palier db upgrade; on PostgreSQL palier db grant ROLE; erase again who was erased since.")


_COUNTED = ("exam_session", "candidate", "sitting", "sitting_event", "result")


def _tools(settings: Settings) -> Tools:
    return Tools(settings.postgres_tools, dict(os.environ))
