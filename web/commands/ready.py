"""`palier ready`: what a node lacks before it may serve."""

import click

from web import logs
from web.config import Settings
from web.db.database import Database
from web.now import wall_clock
from web.services import readiness
from web.services.catalogue import Catalogue
from web.services.house import House
from web.services.readiness import Lack

SENTENCES = {
    Lack.LEAVING: "This process is about to stop.",
    Lack.DATABASE: "The database does not answer.",
    Lack.SCHEMA: "The schema is older than this version: run `palier db upgrade`.",
    Lack.CLOCK: "The clock of this node is more than a second from the database's: look at the time service of both.",
    Lack.DISK: "Less than 512 MiB are free where the data folder is.",
    Lack.CONTENT: "A release or rule set that a session pins is not installed here: copy releases/, rules/ and forms/ "
    "of the data folder from another node.",
}


@click.command()
def ready() -> None:
    """Say whether this node may be given requests; what it lacks, with exit status 1, if not."""
    settings = Settings()
    logs.configure(as_json=settings.is_production)
    house = House(Database(settings.database), Catalogue(settings), "")
    found = readiness.lacks(house, settings, wall_clock)
    house.db.close()
    if found:
        raise click.ClickException(" ".join(SENTENCES[lack] for lack in found))
    click.echo("Ready.")
