"""Health: a node says whether it lives and whether it may be given requests, and to a stranger nothing else."""

import shutil
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import create_engine, event

from tests.web.sql import sql
from tests.web.stores import Clones
from tests.web.world import Clock, World
from web.cli import main
from web.config import Settings
from web.db.database import Database
from web.lingering import LEAVING
from web.now import wall_clock
from web.services import readiness
from web.services.readiness import Lack

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def on_time(world: World, clock: Clock) -> World:
    """A world whose clock is the one on the wall."""
    clock.now = wall_clock()
    return world


def lacks(world: World, settings: Settings | None = None) -> list[Lack]:
    return readiness.lacks(world.house, settings or world.app.extensions["palier.settings"], world.clock)


def shown(app: Flask, path: str) -> tuple[int, object]:
    reply = app.test_client().get(path)
    return reply.status_code, reply.get_json()


def test_a_node_that_lacks_nothing_is_ready(on_time: World) -> None:
    assert lacks(on_time) == []
    assert shown(on_time.app, "/sante/pret") == (200, {"ready": True})
    assert shown(on_time.app, "/sante/vivant") == (200, {"alive": True})


def test_a_process_lives_without_its_database_and_says_so_without_asking_it(on_time: World) -> None:
    asked: list[object] = []
    event.listen(on_time.house.db.engine, "connect", lambda *_: asked.append(1))
    on_time.house.db.close()
    assert shown(on_time.app, "/sante/vivant") == (200, {"alive": True})
    assert asked == []


def test_without_its_database_a_node_is_not_ready_and_says_one_word_only(
    on_time: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = create_engine(f"sqlite:////{tmp_path}/nowhere/x.sqlite")
    monkeypatch.setattr(on_time.house.db, "_reader", nowhere)
    assert lacks(on_time) == [Lack.DATABASE]
    assert shown(on_time.app, "/sante/pret") == (503, {"ready": False})
    assert shown(on_time.app, "/sante/vivant") == (200, {"alive": True})
    nowhere.dispose()


def test_an_older_schema_is_not_served_and_a_newer_one_is(on_time: World) -> None:
    for revision, expected in (("0001", [Lack.SCHEMA]), ("9999", [])):
        with on_time.house.db.write() as connection:
            sql(connection, "UPDATE alembic_version SET version_num = ?", (revision,))
        assert lacks(on_time) == expected, revision
    with on_time.house.db.write() as connection:
        sql(connection, "DELETE FROM alembic_version")
    assert lacks(on_time) == [Lack.SCHEMA]


def test_a_pinned_release_that_is_not_on_this_node_keeps_it_out(on_time: World) -> None:
    with on_time.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET release_digest = ? WHERE id = ?", ("0" * 64, on_time.session))
    assert lacks(on_time) == [Lack.CONTENT]
    with on_time.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET state = 'published' WHERE id = ?", (on_time.session,))
    assert lacks(on_time) == [], "a session that is over needs nothing here"


def test_a_full_disk_and_a_node_that_leaves_are_not_ready(on_time: World, monkeypatch: pytest.MonkeyPatch) -> None:
    settings: Settings = on_time.app.extensions["palier.settings"]
    monkeypatch.setitem(on_time.app.extensions, LEAVING, True)
    assert shown(on_time.app, "/sante/pret") == (503, {"ready": False})
    monkeypatch.delitem(on_time.app.extensions, LEAVING)
    room = readiness.LEAST_ROOM
    for free, expected in ((room - 1, [Lack.DISK]), (room, [])):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: Usage(2 * room, 0, free))
        assert lacks(on_time, settings) == expected


@pytest.mark.parametrize("seconds", [-3600, -5, 5, 3600])
def test_a_clock_that_is_not_the_databases_keeps_a_node_out(
    clones: Clones, tmp_path: Path, app: Flask, seconds: int
) -> None:
    house, settings = app.extensions["palier"], app.extensions["palier.settings"]
    wrong_clock = lambda: wall_clock() + timedelta(seconds=seconds)  # noqa: E731
    before = dict(vars(house.db))
    url = clones.fresh(tmp_path)
    vars(house.db).update(vars(Database(url)))
    try:
        wrong = readiness.lacks(house, settings, wrong_clock)
        right = readiness.lacks(house, settings, wall_clock)
    finally:
        house.db.close()
        clones.drop(url)
        vars(house.db).update(before)
    assert (wrong, right) == ([Lack.CLOCK], [])


def test_a_command_tells_an_operator_what_is_lacking(
    on_time: World, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    for name, value in {
        "PALIER_DATA": str(data),
        "PALIER_DATABASE_URL": on_time.url,
        "PALIER_RELEASE": "demo",
    }.items():
        monkeypatch.setenv(name, value)
    fine = CliRunner().invoke(main, ["ready"])
    assert (fine.exit_code, fine.output) == (0, "Ready.\n")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 0))
    told = CliRunner().invoke(main, ["ready"])
    assert (told.exit_code, told.output) == (1, "Error: Less than 512 MiB are free where the data folder is.\n")
