"""`palier bank preview`: the bank on a page of this machine, as candidates see it."""

import logging
import webbrowser
from pathlib import Path

import click
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from web.commands.bank import root_option
from web.commands.ports import is_free
from web.preview.app import create_preview, create_reading

HOST = "127.0.0.1"


class Quiet(WSGIRequestHandler):
    """Says nothing of requests: the pages ask every second whether a file has changed."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@click.command("preview")
@root_option
@click.argument("only", metavar="[ITEM]...", nargs=-1)
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True)
@click.option(
    "--reading",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Answer a questionnaire of palier bank reading on screen, without keys.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
def preview_command(root: Path, only: tuple[str, ...], port: int, reading: Path | None, opens: bool) -> None:
    """Show items as candidates see them, scored, and again whenever a file is saved.

    ITEM is an id or its beginning (crcn-1.3-02, edu-2.1); without one, the whole bank. Only this machine sees it.
    """
    if not is_free(port):
        raise click.ClickException(f"Le port {port} est pris : choisissez-en un autre avec --port {port + 1}.")
    if reading is not None:
        app, what, page = create_reading(root, reading.resolve()), f"Lecture sans clé de {reading}", ""
    else:
        app, what, page = _of_items(root, only)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(HOST, port, app, threaded=True, request_handler=Quiet)
    address = f"http://{HOST}:{port}/{page}"
    click.echo(f"{what} → {address}\nArrêter : Ctrl-C.")
    if opens:
        webbrowser.open(address)
    try:
        server.serve_forever()  # until Ctrl-C
    finally:
        server.server_close()
    click.echo("\nArrêté.")


def _of_items(root: Path, only: tuple[str, ...]) -> tuple[Flask, str, str]:
    """The application, what it shows in words, and the page to begin with."""
    app = create_preview(root, only)
    chosen = [e for e in app.extensions["palier.shelf"].entries() if not only or e.id.startswith(only)]
    if only and not chosen:
        raise click.ClickException(f"Aucune épreuve ne commence par {', '.join(only)} dans {root}.")
    what = f"Aperçu de {len(chosen)} épreuve{'s' if len(chosen) > 1 else ''}, actualisé à chaque enregistrement"
    return app, what, f"epreuve/{chosen[0].id}" if len(chosen) == 1 else ""
