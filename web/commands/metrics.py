"""`palier metrics`: the figures of this node for Prometheus."""

import ipaddress
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import click
from prometheus_client.exposition import ThreadingWSGIServer

from web import logs
from web.commands.opened import database_of
from web.config import Settings
from web.now import wall_clock
from web.scrape import Day, Processes, Version, exporter
from web.services.catalogue import Catalogue
from web.services.house import House
from web.version import installed


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Scrapes are not worth a line."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="An address, not a name.")
@click.option("--port", type=click.IntRange(0, 65535), default=9464, show_default=True)
def metrics(host: str, port: int) -> None:
    """Answer Prometheus at /metrics, for all processes of this node.

    They leave their figures in the folder of PALIER_METRICS_DIR. On an address that other machines can reach,
    PALIER_METRICS_TOKEN must be set, and Prometheus must show it.
    """
    settings = Settings()
    logs.configure(settings.is_production, settings.level.value, node=settings.node_name, role="metrics")
    token = settings.metrics_token.get_secret_value()
    if settings.metrics_dir is None:
        raise click.ClickException("Nobody leaves figures: set PALIER_METRICS_DIR, for the servers of this node too.")
    if not token and not _is_of_this_machine(host):
        raise click.ClickException("Other machines can reach this address: set PALIER_METRICS_TOKEN.")
    house = House(database_of(settings), Catalogue(settings), "")
    about = Version(installed(), settings.release, settings.rules)
    app = exporter((Processes(settings.metrics_dir), Day(house, wall_clock), about), token)
    with make_server(host, port, app, ThreadingWSGIServer, _Silent) as server:
        click.echo(f"http://{host}:{server.server_port}/metrics")
        server.serve_forever()


def _is_of_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
