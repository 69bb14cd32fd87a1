"""`palier privacy`: how long data are kept, what is stored of one person, and their erasure. Run on the server."""

import getpass
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from web import french
from web.birth_dates import NotADate, birth_date
from web.commands.opened import owner_database_of
from web.commands.output import writable, write_all
from web.commands.report_pages import report_templates
from web.config import Settings
from web.db import access_log, due
from web.now import wall_clock
from web.privacy_words import PERSONAL_TABLES
from web.services import erasure, person_export, retention
from web.services.retention import Line
from web.services.retention_rules import retention_of


def operator() -> str:
    """The account on the server that runs the command: it stands in the log of accesses and erasures."""
    return getpass.getuser()[:100]


@click.group()
def privacy() -> None:
    """Look after personal data."""


@privacy.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def apply(dry_run: bool, as_json: bool) -> None:
    """Erase what was kept long enough, and say what was done. Run it every night."""
    settings = Settings()
    rules = retention_of(settings)
    report = retention.apply(owner_database_of(settings), rules, operator(), wall_clock(), not dry_run)
    if as_json:
        lines = {kept.value: _told(line) for kept, line in report.lines.items()}
        click.echo(json.dumps({"at": report.at.isoformat(), "dry_run": dry_run, "classes": lines}, indent=2))
        return
    click.echo("Nothing is changed: this is what would be done." if dry_run else "Done:")
    for kept, line in report.lines.items():
        if line.before is None:
            click.echo(f"{kept:15}  kept without identity")
            continue
        counts = f"{line.rows:7} rows" + (f", {line.sessions} sessions" if line.sessions else "")
        held = f"; {line.held_back} older sessions wait for their results" if line.held_back else ""
        click.echo(f"{kept:15}  before {line.before:%Y-%m-%d} ({line.days} days)  {counts}{held}")


def _told(line: Line) -> Mapping[str, Any]:
    return {
        "days": line.days,
        "before": line.before.isoformat() if line.before else None,
        "rows": line.rows,
        "sessions": line.sessions,
        "people": line.people,
        "sessions_held_back": line.held_back,
    }


@privacy.command()
@click.option("--last-name", prompt=True)
@click.option("--first-name", prompt=True)
@click.option("--birth-date", "born", prompt=True, help="Day, month, year.")
def find(last_name: str, first_name: str, born: str) -> None:
    """Find a person's number in each centre. Asked for when not given, so that no name stays in the shell's history."""
    try:
        day = birth_date(born)
    except NotADate as error:
        raise click.ClickException(f"{born} is no birth date: write 12/03/1985.") from error
    database = owner_database_of(Settings())
    found = erasure.find(database, last_name, first_name, day, operator(), wall_clock())
    for one in found:
        click.echo(f"{one.id}  {one.sittings} sittings  {one.centre}")
    if not found:
        raise click.ClickException("Nobody has this name and day of birth.")


@privacy.command()
@click.argument("person")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("."),
    help="The folder for PERSON.json and PERSON.html.",
)
def export(person: str, out: Path) -> None:
    """Write all data of PERSON (a number that `find` gives) as JSON and as a page."""
    folder = writable(out)
    made = person_export.export(owner_database_of(Settings()), person, operator(), wall_clock())
    templates = report_templates()
    templates.filters["moment"] = french.moment
    page = templates.get_template("privacy/person.html").render(
        made_at=made.made_at, tables=made.tables, titles=PERSONAL_TABLES
    )
    files = {f"{person}.json": json.dumps(made.document, ensure_ascii=False, indent=2), f"{person}.html": page}
    write_all(folder, files)
    for name in files:
        (folder / name).chmod(0o600)
        click.echo(folder / name)


@privacy.command()
@click.argument("person")
@click.option("--reason", required=True, help="Why, such as the reference of the request; no name.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(person: str, reason: str, yes: bool) -> None:
    """Erase PERSON for good. Sittings, answers and results stay, as nobody's."""
    settings = Settings()
    days = retention_of(settings).appeal.days
    database = owner_database_of(settings)
    erasure.require_erasable(database, person, days, wall_clock())
    if not yes:
        click.confirm(f"Erase {person}? This cannot be undone.", abort=True)
    rows = erasure.erase(database, person, reason, operator(), days, wall_clock())
    for kept, count in rows.items():
        if count:
            click.echo(f"{kept:15}  {count} rows")
    click.echo(f"{person} is erased. Backups made before still hold them: see docs/privacy.md.")


@privacy.command()
def erasures() -> None:
    """Who was erased, as JSON lines: number, day, cause. Keep them beside the backups, which hold these people."""
    with owner_database_of(Settings()).read() as connection:
        for candidate, at, cause in due.erased_people(connection):
            click.echo(json.dumps({"person": candidate, "at": at.isoformat(), "cause": cause}))


@privacy.command("access-log")
@click.option("--days", type=click.IntRange(min=1), default=30, show_default=True, help="How far back.")
@click.option("--subject", help="Only what was shown of this session, sitting, incident or person (its id).")
def accesses(days: int, subject: str | None) -> None:
    """Who was shown whose data, the newest first, as JSON lines."""
    now = wall_clock()
    with owner_database_of(Settings()).read() as connection:
        for seen in access_log.since(connection, now - timedelta(days=days), subject):
            about = {"subject": seen.subject, "subject_id": seen.subject_id}
            who = seen.operator or seen.who or seen.account
            click.echo(
                json.dumps({"at": seen.at.isoformat(), "who": who, "what": seen.what, **about}, ensure_ascii=False)
            )
