"""The `palier` command."""

import click

from web.commands.admin import account, centre, db
from web.commands.bank import bank
from web.commands.demo import demo


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="palier")
def main() -> None:
    """Palier: an open adaptive test engine."""


for command in (account, bank, centre, db, demo):
    main.add_command(command)
