"""`palier news`: the service that tells consoles when to look."""

import click
from aiohttp import web

from web import logs
from web.config import Settings
from web.news import make_app
from web.now import wall_clock
from web.secret import secret_of

GRACE = 2.0
"""Seconds for streams to end: they end by themselves, and their pages ask elsewhere."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8002, show_default=True)
def news(host: str, port: int) -> None:
    """Tell open consoles when something changed in their session.

    Needs PostgreSQL. Behind the same reverse proxy as the application, under /nouvelles; PALIER_NEWS=1 tells the
    pages that it is there. Several at a time do no harm; without any, pages ask every second by themselves.
    """
    settings = Settings()
    logs.configure(as_json=settings.is_production)
    if not settings.database.startswith("postgresql"):
        raise click.ClickException("News come from PostgreSQL: set PALIER_DATABASE_URL.")
    app = make_app(settings.database, secret_of(settings), wall_clock)
    web.run_app(app, host=host, port=port, access_log=None, print=None, shutdown_timeout=GRACE)
