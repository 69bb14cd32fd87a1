"""News of sessions, as PostgreSQL tells them: triggers notify at the commit (migration 0009)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from engine.kernel import SessionId

CHANNEL = "palier_news"
ASKED_EVERY = 5.0
"""Seconds after which a silent database is asked whether it is still there."""
PATIENCE = 5.0


class NotTold(Exception):
    """The database cannot be listened to now."""


async def listen(url: str) -> AsyncIterator[SessionId | None]:
    """Each session in which something changed; `None` whenever the database was found to be there.

    Raises `NotTold` as soon as it is not.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(_conninfo(url), autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            while True:
                yield None
                async for told in connection.notifies(timeout=ASKED_EVERY):
                    yield SessionId(told.payload)
                async with asyncio.timeout(PATIENCE):
                    await connection.execute("SELECT 1")
    except (psycopg.Error, TimeoutError) as error:
        raise NotTold("The database does not tell its news.") from error


def _conninfo(url: str) -> str:
    """The address as libpq takes it."""
    address = make_url(url)
    parts: dict[str, Any] = {
        **address.translate_connect_args(username="user", database="dbname"),
        **address.query,
        "connect_timeout": int(PATIENCE),
        "application_name": "palier news",
    }
    return make_conninfo("", **parts)
