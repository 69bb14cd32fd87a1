"""`palier tool`: which proctoring tools of others may control the sittings of a centre."""

from typing import TextIO

import click

from web import french
from web.commands.opened import database_of
from web.config import Settings
from web.db import people
from web.now import wall_clock
from web.services import tools


@click.group()
def tool() -> None:
    """Look after proctoring tools of others."""


@tool.command("add")
@click.argument("name")
@click.option("--centre", "centre_name", required=True, help="The centre whose sittings it may control.")
@click.option("--may-terminate", is_flag=True, help="Let it end a test by itself; otherwise it proposes to.")
@click.option("--keys", type=click.File(), help="A JWK Set of public keys, for a tool that signs (LTI 1.3).")
def add_tool(name: str, centre_name: str, may_terminate: bool, keys: TextIO | None) -> None:
    """Let the tool NAME in, and print its secret once; a tool with keys has none."""
    database = database_of(Settings())
    with database.read() as connection:
        centre = people.centre_named(connection, centre_name)
    if centre is None:
        raise click.ClickException(f"There is no centre {centre_name}: add it with `palier centre add`.")
    made = tools.add(database, centre, name, may_terminate, wall_clock(), keys.read() if keys else "")
    click.echo(f"Tool {made.tool.name} may {'end' if may_terminate else 'propose to end'} tests at {centre_name}.")
    click.echo(f"client_id      {made.tool.client_id}")
    if made.secret:
        click.echo(f"client_secret  {made.secret}")
        click.echo("The secret is not stored: keep it now.")
    click.echo("How the tool connects: docs/assessment-control.md")


@tool.command("list")
def list_tools() -> None:
    """Every tool: client id, state, last use, centre and name."""
    database = database_of(Settings())
    found = tools.everywhere(database)
    if not found:
        click.echo("No tool is let in yet: `palier tool add`.")
    with database.read() as connection:
        centres = people.centre_names(connection)
    for known in found:
        one, last = known.tool, known.last_used_at
        state = "revoked" if not one.is_active else "may end tests" if one.may_terminate else "in service"
        used = f"last used {last.astimezone(french.PARIS):%Y-%m-%d %H:%M}" if last else "never used"
        click.echo(f"{one.client_id}  {state:13}  {used:26}  {centres[one.centre_id]} · {one.name}")


@tool.command("revoke")
@click.argument("client_id")
def revoke_tool(client_id: str) -> None:
    """Put the tool CLIENT_ID out of service at once."""
    revoked = tools.revoke(database_of(Settings()), client_id)
    click.echo(f"Tool {revoked.name} is out of service; its tokens are good for nothing any more.")
