"""The database of a command, let go when it ends."""

import click

from web.config import Settings
from web.db.database import Database


def database_of(settings: Settings) -> Database:
    """The database that the settings name; the running command lets it go at its end."""
    return _opened(settings.database)


def owner_database_of(settings: Settings) -> Database:
    """The same as the owner of its tables, who may erase."""
    return _opened(settings.owner_database)


def _opened(url: str) -> Database:
    database = Database(url)
    click.get_current_context().call_on_close(database.close)
    return database
