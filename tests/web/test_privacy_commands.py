"""`palier privacy` as who runs a server uses it: find a person, export them, erase them, see who looked."""

import getpass
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.house.dom import read
from tests.house.pages import faults
from tests.web.person import BORN, MARK, candidate_id, everything, much_is_known, owner_url
from tests.web.sql import sql
from tests.web.world import Seat, World
from web.cli import main
from web.db import personal
from web.privacy_words import PERSONAL_TABLES

PUBLISHED_LONG_AGO = "2019-01-01 00:00:00.000000+00:00"


@pytest.fixture
def known(world: World, monkeypatch: pytest.MonkeyPatch) -> Seat:
    """Somebody of whom much is known, whose results are old by the clock of the server."""
    seat = much_is_known(world)
    with world.house.db.write() as db:
        when = PUBLISHED_LONG_AGO if db.dialect.name != "sqlite" else PUBLISHED_LONG_AGO[:26]
        sql(db, f"UPDATE result SET published_at = '{when}'")
        sql(db, f"UPDATE exam_session SET starts_at = '{when}' WHERE state = 'published'")
    monkeypatch.setenv("PALIER_DATABASE_URL", "sqlite:////nowhere/the/web/s/own")
    monkeypatch.setenv("PALIER_OWNER_DATABASE_URL", owner_url(world))
    return seat


def palier(*arguments: str, say: str | None = None) -> Result:
    return CliRunner().invoke(main, ["privacy", *arguments], input=say)


def test_a_person_is_found_exported_and_erased(world: World, known: Seat, tmp_path: Path):
    asked = palier("find", say=f"{MARK}\nève-{MARK}\n28/02/1973\n")
    who = candidate_id(world, known)
    assert f"{who}  1 sittings  Atelier numérique de Lille" in asked.output
    made = palier("export", who, "--out", str(tmp_path / "out"))
    assert made.exit_code == 0, made.output
    files = {path.suffix: path for path in (tmp_path / "out").iterdir()}
    assert set(files) == {".json", ".html"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in files.values())
    document = json.loads(files[".json"].read_text(encoding="utf-8"))
    assert (document["format"], document["candidate"]) == ("palier-person/1", who)
    page = read(files[".html"].read_text(encoding="utf-8"))
    assert not faults(page)
    told = page.root.text
    for text in (MARK, BORN.isoformat(), f"{MARK} avec téléphone", f"Fraude de {MARK}", "Vos résultats publiés"):
        assert text in told

    refused = palier("erase", who, "--reason", "Demande 12", say="n\n")
    assert refused.exit_code == 1
    assert MARK in everything(world)["candidate"]
    done = palier("erase", who, "--reason", "Demande 12", say="y\n")
    assert done.exit_code == 0, done.output
    assert "incident_texts" in done.output
    assert MARK not in "".join(everything(world).values())
    again = palier("erase", who, "--reason", "Demande 12", "--yes")
    assert again.exit_code == 1
    assert "There is no candidate" in again.output
    [line] = palier("erasures").output.splitlines()
    assert (json.loads(line)["person"], json.loads(line)["cause"]) == (who, "person")


def test_what_commands_showed_stands_in_the_access_log(world: World, known: Seat, tmp_path: Path):
    who = candidate_id(world, known)
    palier("find", "--last-name", MARK, "--first-name", f"Ève-{MARK}", "--birth-date", "28/02/1973")
    palier("export", who, "--out", str(tmp_path))
    lines = [json.loads(line) for line in palier("access-log", "--subject", who).output.splitlines()]
    assert [line["what"] for line in lines] == ["export", "found"]
    assert {line["who"] for line in lines} == {getpass.getuser()}
    assert "Données d'une personne" in world.staff("admin").get("/administration/acces").text


@pytest.mark.parametrize(
    ("arguments", "say", "told"),
    [
        (("find",), f"{MARK}\n{MARK}\n31/02/1973\n", "is no birth date"),
        (("find",), "Nobody\nNobody\n28/02/1973\n", "Nobody has this name"),
        (("export", "nobody"), None, "There is no candidate nobody"),
        (("erase", "nobody", "--reason", "x"), None, "There is no candidate nobody"),
        (("erase", "nobody"), None, "--reason"),
    ],
)
@pytest.mark.usefixtures("known")
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], say: str | None, told: str, tmp_path: Path):
    where = ("--out", str(tmp_path)) if arguments[0] == "export" else ()
    done = palier(*arguments, *where, say=say)
    assert done.exit_code != 0
    assert told in done.output
    assert not list(tmp_path.glob("*.json"))


def test_every_table_of_an_export_has_a_french_title():
    assert set(PERSONAL_TABLES) == {part.table.__tablename__ for part in personal.PARTS}


def test_a_closed_account_is_open_to_nobody_even_in_a_browser_that_was_logged_in(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    browser = world.staff("surveillant")
    monkeypatch.setenv("PALIER_DATABASE_URL", owner_url(world))
    done = CliRunner().invoke(main, ["account", "close", "Surveillant"])
    assert done.exit_code == 0, done.output
    assert browser.get("/surveillance", expect=303).headers["Location"].startswith("/connexion")
    again = CliRunner().invoke(main, ["account", "close", "surveillant"])
    assert (again.exit_code, "no open account" in again.output) == (1, True)
