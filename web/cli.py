"""The `palier` command."""

import click

from web.commands.bank import bank


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="palier")
def main() -> None:
    """Palier: an open adaptive test engine."""


main.add_command(bank)
