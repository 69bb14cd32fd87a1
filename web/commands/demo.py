"""`palier demo`: the whole application on this machine, ready to try."""

import os
import shutil
import sys

import click
from rich.console import Console
from rich.table import Table

from web.app import create_app
from web.commands.ports import is_free
from web.config import ROOT, Environment, SecondFactor, Settings
from web.now import wall_clock
from web.services import demo as demos

DATA = ROOT / "var" / "demo"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--fresh", is_flag=True, help="Start anew: forget everything of the earlier demo.")
@click.option("--no-serve", is_flag=True, help="Prepare and print, do not serve.")
def demo(port: int, fresh: bool, no_serve: bool) -> None:
    """Prepare the demo on embedded SQLite, print every seat, and serve on 127.0.0.1."""
    if not no_serve and not is_free(port):
        raise click.ClickException(f"Port {port} is taken: choose another one, for example make demo PORT={port + 1}")
    if fresh and DATA.exists():
        shutil.rmtree(DATA)
    DATA.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        environment=Environment.DEMO, data=DATA, database_url="", release="demo", second_factor=SecondFactor.OFF
    )
    app = create_app(settings)
    house = app.extensions["palier"]
    house.db.upgrade()
    seats = demos.prepare(house, DATA / "demo.json", wall_clock())
    house.db.close()
    _print(seats, f"http://127.0.0.1:{port}")
    if no_serve:
        return
    os.environ |= {
        "PALIER_ENVIRONMENT": "demo",
        "PALIER_DATA": str(DATA),
        "PALIER_DATABASE_URL": "",
        "PALIER_RELEASE": "demo",
        "PALIER_SECOND_FACTOR": "off",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "web.wsgi:app"])


def _print(seats: demos.Demo, address: str) -> None:
    console = Console(width=max(100, Console().width))
    console.print(f"\n[bold]Palier[/bold] · démonstration, paramètres simulés, sans valeur officielle → {address}\n")
    staff = Table("siège", "adresse", "identifiant", "mot de passe", box=None, pad_edge=False, padding=(0, 3, 0, 0))
    paths = {"manager": "/centre", "proctor": "/surveillance", "jury": "/jury", "admin": "/administration"}
    for login, _, role in demos.PEOPLE:
        staff.add_row(paths[role].strip("/"), f"{address}{paths[role]}", login, demos.PASSWORD)
    console.print(staff)
    console.print("\nsecond facteur : désactivé ici (PALIER_SECOND_FACTOR=off), obligatoire en production")
    console.print(f"\ncandidats → {address}/candidat   code de session [bold]{seats.session_code}[/bold]\n")
    table = Table("nom", "prénom", "né(e) le", "code personnel", box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for c in seats.candidates:
        table.add_row(c.last_name, c.first_name, c.birth_date, c.code)
    console.print(table)
    console.print("\nArrêter : Ctrl-C. Recommencer à neuf : make demo FRESH=1\n")
