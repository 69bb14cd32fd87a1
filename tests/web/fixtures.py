"""One application for all tests, one database for each, of either kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from flask import Flask

from tests.postgres import Postgres, running
from tests.web.stores import Clones, Files, Store, copied
from tests.web.world import Clock, Template, World, prepare
from web.app import create_app
from web.config import Settings
from web.db.database import Database


@pytest.fixture(scope="session")
def clock() -> Clock:
    """The time that the application goes by."""
    return Clock()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo release installed: copying it takes a while, so it is done once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def app(data: Path, clock: Clock) -> Flask:
    """The application with everything switched on, CSRF included."""
    return create_app(
        Settings(data=data, database_url="", release="demo", exposure_warm_up=0, signs_every=0), now=clock
    )


@pytest.fixture(scope="session")
def template(app: Flask, data: Path) -> Template:
    """A migrated database with people in it."""
    house = app.extensions["palier"]
    house.db.upgrade()
    return prepare(house, data)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL for all tests."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def files(template: Template) -> Files:
    """Worlds on SQLite."""
    return Files(template.path)


@pytest.fixture(scope="session")
def clones(template: Template, postgres: Postgres) -> Clones:
    """Worlds on PostgreSQL, with the same people."""
    source = Database(f"sqlite:///{template.path}")
    copied(source, postgres.create("template"))
    source.close()
    return Clones(postgres, "template")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """Where the worlds of a test are: it runs on both databases."""
    return cast(Store, request.getfixturevalue({"sqlite": "files", "postgresql": "clones"}[request.param]))


@pytest.fixture
def world(app: Flask, clock: Clock, template: Template, store: Store, tmp_path: Path) -> Iterator[World]:
    """The application on a copy of the template that belongs to the test."""
    made = World(app, clock, template, store, tmp_path)
    yield made
    made.close()
