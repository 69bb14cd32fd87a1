"""The database of a command, let go when it ends."""

import click

from web.config import Settings
from web.db.database import Database


def database_of(settings: Settings) -> Database:
    """The database that the settings name; the running command lets it go at its end."""
    database = Database(settings.database)
    click.get_current_context().call_on_close(database.close)
    return database
