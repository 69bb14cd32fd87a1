"""SQL by hand, on whichever database: for what no use case does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, text

WEB = "palier_web"
"""The role of the web in PostgreSQL."""


def sql(connection: Connection, statement: str, values: tuple[object, ...] = ()) -> CursorResult[Any]:
    """Run a statement in which `?` stands for each value, as the owner of the tables."""
    parts = statement.split("?")
    named = "".join(f"{part}:v{n}" for n, part in enumerate(parts[:-1])) + parts[-1]
    with owner(connection):
        return connection.execute(text(named), {f"v{n}": value for n, value in enumerate(values)})


@contextmanager
def owner(connection: Connection) -> Iterator[None]:
    """For what the web may not do: change what is only ever added to."""
    if connection.dialect.name == "sqlite":
        yield
        return
    connection.execute(text("SET LOCAL ROLE postgres"))
    yield
    connection.execute(text(f"SET LOCAL ROLE {WEB}"))
