"""`palier db`, `palier centre`, `palier account`: what an administrator of an installation does."""

import uuid

import click

from web.commands.opened import database_of
from web.config import Settings
from web.db import grants, people
from web.db.grants import NoRoles, NoSuchRole
from web.db.people import Role
from web.services import accounts
from web.services.accounts import NewAccount


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the schema to the newest revision."""
    settings = Settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    database_of(settings).upgrade()
    click.echo("The schema is up to date.")


@db.command("grant")
@click.argument("role")
def grant_command(role: str) -> None:
    """Let the PostgreSQL role ROLE do what the web does: no log and no ruling can be changed or deleted by it.

    Run it as the owner of the tables, after every upgrade.
    """
    try:
        with database_of(Settings()).write() as connection:
            grants.grant(connection, role)
    except (NoRoles, NoSuchRole) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{role} may do what the web does.")


@click.group()
def centre() -> None:
    """Look after centres."""


@centre.command("add")
@click.argument("name")
@click.option("--academy", required=True, help="The academy that the centre belongs to.")
def add_centre(name: str, academy: str) -> None:
    """Add the centre NAME."""
    database = database_of(Settings())
    with database.write() as connection:
        if people.centre_named(connection, name):
            raise click.ClickException(f"There is a centre {name} already.")
        people.add_centre(connection, str(uuid.uuid4()), name, academy)
    click.echo(f"Centre {name} added.")


@click.group()
def account() -> None:
    """Look after accounts."""


@account.command("add")
@click.argument("login")
@click.option("--name", required=True, help="First and last name.")
@click.option("--role", type=click.Choice([r.value for r in Role]), required=True)
@click.option(
    "--centre", "centre_name", help="The centre of a manager or proctor; the one that a jury member judges nobody of."
)
@click.password_option(help="Asked for when it is not given.")
def add_account(login: str, name: str, role: str, centre_name: str | None, password: str) -> None:
    """Add an account LOGIN."""
    database = database_of(Settings())
    needed = {Role.MANAGER: True, Role.PROCTOR: True, Role.ADMIN: False}.get(Role(role))
    if needed is not None and needed != (centre_name is not None):
        raise click.ClickException(
            "A manager or proctor has a --centre, an admin has none, a jury member may have one."
        )
    with database.read() as connection:
        centre = people.centre_named(connection, centre_name) if centre_name else None
    if centre_name and centre is None:
        raise click.ClickException(f"There is no centre {centre_name}: add it with `palier centre add`.")
    accounts.create(database, NewAccount(login, name, Role(role), centre, password))
    click.echo(f"Account {login} added.")
