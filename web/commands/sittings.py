"""`palier sittings`: what must happen to tests although nobody looks."""

import time

import click
import structlog
from sqlalchemy.exc import DBAPIError

from web import logs
from web.commands.opened import database_of
from web.config import SWEPT, Settings
from web.db.database import StorageAway
from web.now import wall_clock
from web.services import expiry
from web.services.catalogue import Catalogue
from web.services.house import House

log = structlog.get_logger()


@click.group()
def sittings() -> None:
    """Look after tests that run."""


@sittings.command("close-expired")
@click.option("--every", type=click.IntRange(min=1), help="Go on for ever, this many seconds apart.")
def close_expired(every: int | None) -> None:
    """Close every test whose time and grace are over.

    Pages of candidates, proctors and jury do it too when they look; this does it when nobody does. Run it from a
    timer, or with --every as a service of its own. More than one at a time do no harm.
    """
    settings = Settings()
    logs.configure(settings.is_production, settings.level.value, node=settings.node_name, role="sweeper")
    house = House(database_of(settings), Catalogue(settings), "")
    while True:
        try:
            closed = expiry.expire_all(house, wall_clock())
        except (DBAPIError, StorageAway) as error:
            if every is None:
                raise click.ClickException("The database does not answer.") from error
            closed = []
            log.warning("database_silent")  # the next round tries again
        else:
            _note_the_run(settings)
        for sitting in closed:
            log.info("expired", sitting=sitting)
        if every is None:
            click.echo(f"{len(closed)} closed.")
            return
        time.sleep(every)


def _note_the_run(settings: Settings) -> None:
    """Metrics tell when it was."""
    if settings.metrics_dir is not None:
        settings.metrics_dir.mkdir(parents=True, exist_ok=True)
        (settings.metrics_dir / SWEPT).touch()
