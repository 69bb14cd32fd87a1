"""The `palier` command."""

from typing import Any

import click

from engine.kernel import EngineError
from web.commands.admin import account, centre, db
from web.commands.audit import audit
from web.commands.backup import backup, backup_key, restore
from web.commands.bank import bank
from web.commands.bank_decisions import decisions_command
from web.commands.bank_exchange import export_command as bank_export_command
from web.commands.bank_exchange import import_command as bank_import_command
from web.commands.bank_forms import forms_command
from web.commands.bank_new import new_command
from web.commands.bank_preview import preview_command
from web.commands.bank_reading import reading
from web.commands.bank_release import compare_command, release_command
from web.commands.bank_stats import stats_command
from web.commands.demo import demo
from web.commands.metrics import metrics
from web.commands.news import news
from web.commands.privacy import privacy
from web.commands.ready import ready
from web.commands.sittings import sittings
from web.commands.study import study
from web.commands.study_calibrate import calibrate_command
from web.commands.study_export import export_command
from web.commands.study_simulate import simulate_command
from web.commands.tool import tool


class Refusing(click.Group):
    """Tells a refusal as one sentence and exits 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand."""
        try:
            return super().invoke(ctx)
        except EngineError as refusal:
            raise click.ClickException(str(refusal)) from refusal


@click.group(cls=Refusing, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="palier")
def main() -> None:
    """Palier: an open adaptive test engine."""


bank.add_command(compare_command)
bank.add_command(decisions_command)
bank.add_command(bank_export_command)
bank.add_command(bank_import_command)
bank.add_command(forms_command)
bank.add_command(new_command)
bank.add_command(preview_command)
bank.add_command(reading)
bank.add_command(release_command)
bank.add_command(stats_command)
study.add_command(calibrate_command)
study.add_command(simulate_command)
study.add_command(export_command)
for command in (
    account,
    audit,
    backup,
    backup_key,
    bank,
    centre,
    db,
    demo,
    metrics,
    news,
    privacy,
    ready,
    restore,
    sittings,
    study,
    tool,
):
    main.add_command(command)
