"""SQL by hand, on whichever database: for what no use case does."""

from typing import Any

from sqlalchemy import Connection, CursorResult, text


def sql(connection: Connection, statement: str, values: tuple[object, ...] = ()) -> CursorResult[Any]:
    """Run a statement in which `?` stands for each value."""
    parts = statement.split("?")
    named = "".join(f"{part}:v{n}" for n, part in enumerate(parts[:-1])) + parts[-1]
    return connection.execute(text(named), {f"v{n}": value for n, value in enumerate(values)})
