"""`palier bank decisions`: what administrators decided on items, and writing it into their files."""

import os
import tempfile
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from engine.items.approval import Standing, with_status
from engine.items.bank import Bank
from engine.items.item import Status
from engine.items.read import read_what_can_be
from web.commands.bank import root_option
from web.commands.opened import database_of
from web.config import Settings
from web.french import PARIS
from web.services.bank_desk import Pending, pending


@click.command("decisions")
@root_option
@click.option("--apply", "really", is_flag=True, help="Write the status lines; nothing else in the files changes.")
def decisions_command(root: Path, really: bool) -> None:
    """List the decisions on items that their files do not say yet, and those that lapsed.

    With --apply, write the `status` line of each item whose decision waits, for the release manager to look at and
    commit. A decision lapses when the item's files changed after it was taken: then somebody reads and decides again.
    Files that cannot be read are told and left alone.
    """
    bank, problems = read_what_can_be(root)
    for problem in problems:
        click.echo(str(problem), err=True)
    try:
        found = pending(database_of(Settings()), bank)
    except (OperationalError, ProgrammingError) as error:  # no such table
        raise click.ClickException(
            "This database holds no decisions. Name the one of the service in PALIER_DATABASE_URL, or bring this one "
            "up to date: palier db upgrade."
        ) from error
    waiting = [p for p in found if p.standing is Standing.WAITING]
    for one in waiting:
        if really:
            _write(root, bank, one)
        _tell(one)
    lapsed = [p for p in found if p.standing is Standing.LAPSED]
    if lapsed:
        click.echo(f"{_counted(len(lapsed), 'decision')} lapsed, the files having changed since:")
        for one in lapsed:
            _tell(one)
    if not waiting:
        click.echo("No decision waits.")
    elif really:
        click.echo(f"{_counted(len(waiting), 'file')} written: look at them and commit them.")
    else:
        click.echo(f"{_counted(len(waiting), 'decision')} waiting: --apply writes them into the files.")


def _tell(one: Pending) -> None:
    d = one.decision
    day = d.at.astimezone(PARIS).date().isoformat()
    said = " ".join(d.reason.split())
    click.echo(
        f"{one.item.id} (version {d.version}): {d.was} → {d.becomes}, {day}, {one.by or 'erased account'}: {said}"
    )


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'s' if n > 1 else ''}"


def _write(root: Path, bank: Bank, one: Pending) -> None:
    """Put the status into the file, in one step, so that nobody ever reads half of one."""
    path = root / bank.sources[one.item.id].path
    text = path.read_bytes().decode("utf-8")
    changed = with_status(text, Status(one.decision.becomes))
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=".", delete=False) as aside:
        aside.write(changed.encode("utf-8"))
        aside.flush()
        os.fsync(aside.fileno())
    made = Path(aside.name)
    made.chmod(path.stat().st_mode & 0o777)
    made.replace(path)
