"""`palier bank preview`: the bank on a page of this machine, as candidates see it."""

import logging
import webbrowser
from pathlib import Path

import click
from werkzeug.serving import WSGIRequestHandler, make_server

from web.commands.bank import root_option
from web.commands.ports import is_free
from web.preview.app import create_preview

HOST = "127.0.0.1"


class Quiet(WSGIRequestHandler):
    """Says nothing of requests: the pages ask every second whether a file has changed."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@click.command("preview")
@root_option
@click.argument("only", metavar="[ITEM]...", nargs=-1)
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True)
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
def preview_command(root: Path, only: tuple[str, ...], port: int, opens: bool) -> None:
    """Show items as candidates see them, scored, and again whenever a file is saved.

    ITEM is an id or its beginning (crcn-1.3-02, edu-2.1); without one, the whole bank. Only this machine sees it.
    """
    app = create_preview(root, only)
    entries = app.extensions["palier.shelf"].entries()
    chosen = [e for e in entries if not only or e.id.startswith(only)]
    if only and not chosen:
        raise click.ClickException(f"Aucune épreuve ne commence par {', '.join(only)} dans {root}.")
    if not is_free(port):
        raise click.ClickException(f"Le port {port} est pris : choisissez-en un autre avec --port {port + 1}.")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(HOST, port, app, threaded=True, request_handler=Quiet)
    address = f"http://{HOST}:{port}/" + (f"epreuve/{chosen[0].id}" if len(chosen) == 1 else "")
    click.echo(f"Aperçu de {len(chosen)} épreuve{'s' if len(chosen) > 1 else ''} → {address}")
    click.echo("La page s'actualise à chaque enregistrement. Arrêter : Ctrl-C.")
    if opens:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("\nAperçu arrêté.")
    finally:
        server.server_close()
