"""A database that is down or held by somebody: everybody is told so by name, and comes back when it does."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

from tests.postgres import DURABLE, Postgres, running
from tests.web.world import World
from web.db import database
from web.db.database import Database, StorageAway
from web.db.tables import Centre

PAGES = ("/candidat/test", "/candidat/ici", "/candidat/attente/etat", "/candidat/consignes")


@pytest.fixture(scope="module")
def fragile() -> Iterator[Postgres]:
    """A PostgreSQL of these tests' own, to be killed."""
    with running(DURABLE) as server:
        yield server


@pytest.fixture
def fleeting(fragile: Postgres) -> Iterator[Database]:
    """A migrated database in it."""
    fragile.drop("fleeting")
    made = Database(fragile.create("fleeting"))
    made.upgrade()
    yield made
    made.close()


def goes_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nobody answers where the database was."""
    nowhere = Database("postgresql+psycopg://postgres@/none?host=/nowhere")
    monkeypatch.setattr(world.house.db, "engine", nowhere.engine)
    monkeypatch.setattr(world.house.db, "_reader", nowhere._reader)


def write(there: Database, centre: str) -> None:
    with there.write() as connection:
        connection.execute(insert(Centre).values(id=centre, name=centre, academy="Lille"))


def written(there: Database) -> list[str]:
    with there.read() as connection:
        return sorted(connection.scalars(select(Centre.id)))


@pytest.mark.parametrize("path", ["/candidat/test/reponse", "/candidat/test/brouillon", "/candidat/presence"])
def test_a_script_is_told_to_ask_again(world: World, monkeypatch: pytest.MonkeyPatch, path: str):
    browser = world.running(world.camille)
    assert browser.page is not None
    headers = {"Accept": "application/json", "X-CSRFToken": browser.page.token}
    goes_away(world, monkeypatch)
    fields = {"item": "crcn-1.1-01", "answer_id": str(uuid.uuid4())}
    told = browser.client.post(path, data=fields, headers=headers)
    assert told.json is not None
    assert (told.status_code, told.json["code"]) == (503, "storage_away")
    assert int(told.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", PAGES)
def test_a_candidate_is_shown_a_page_that_comes_back_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str
):
    browser = world.running(world.camille)
    goes_away(world, monkeypatch)
    page = browser.get(path, 503)
    assert "momentanément indisponible" in page.alert
    assert int(page.headers["Refresh"]) > 0


@pytest.mark.parametrize("path", ["/candidat/test/commencer", "/candidat/consignes"])
def test_so_is_one_whose_request_is_wrong_as_well(world: World, monkeypatch: pytest.MonkeyPatch, path: str):
    browser = world.running(world.camille)
    goes_away(world, monkeypatch)
    told = browser.client.post(path, data={"csrf_token": "cut off in the mid"})
    assert (told.status_code, int(told.headers["Retry-After"]) > 0) == (503, True)


def test_so_is_somebody_with_an_account(world: World, monkeypatch: pytest.MonkeyPatch):
    staff = world.staff("surveillant")
    goes_away(world, monkeypatch)
    assert "momentanément indisponible" in staff.get("/", 503).alert


def test_a_database_that_was_killed_is_used_again_as_soon_as_it_is_back(fragile: Postgres, fleeting: Database):
    write(fleeting, "before")
    fragile.kill()
    with pytest.raises(StorageAway):
        write(fleeting, "meanwhile")
    with pytest.raises(StorageAway):
        written(fleeting)
    fragile.start()
    write(fleeting, "after")
    assert written(fleeting) == ["after", "before"]


def test_a_transaction_that_loses_its_database_is_not_written(fragile: Postgres, fleeting: Database):
    def lose() -> None:
        with fleeting.write() as connection:
            connection.execute(insert(Centre).values(id="lost", name="lost", academy="Lille"))
            fragile.kill()

    with pytest.raises(StorageAway):
        lose()
    fragile.start()
    assert written(fleeting) == []


@pytest.mark.usefixtures("fleeting")
def test_nobody_waits_long_for_who_holds_a_lock(fragile: Postgres, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(database.LIMITS, "lock_timeout", 100)
    hurried = Database(fragile.url("fleeting"))
    with psycopg.connect(f"host={fragile.folder} user=postgres dbname=fleeting") as stranger:
        stranger.execute("LOCK TABLE centre IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StorageAway):
            write(hurried, "waits")
        with pytest.raises(StorageAway):
            written(hurried)
    write(hurried, "goes on")
    hurried.close()


def test_the_limits_hold_on_every_connection(fleeting: Database):
    with fleeting.read() as connection:
        for name, milliseconds in database.LIMITS.items():
            shown = connection.execute(text("SELECT setting FROM pg_settings WHERE name = :name"), {"name": name})
            assert int(shown.scalar_one()) == milliseconds


def test_a_table_that_is_missing_is_a_bug_and_not_said_to_pass(tmp_path: Path):
    empty = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    with pytest.raises(OperationalError):
        written(empty)
    empty.close()


def test_a_file_that_somebody_writes_is_away(tmp_path: Path):
    one = Database(f"sqlite:///{tmp_path / 'held.sqlite'}")
    other = Database(f"sqlite:///{tmp_path / 'held.sqlite'}")

    def write_too() -> None:
        with other.read() as connection:
            connection.execute(text("PRAGMA busy_timeout = 1"))
        write(other, "too late")

    one.upgrade()
    with one.write(), pytest.raises(StorageAway):
        write_too()
    one.close()
    other.close()
