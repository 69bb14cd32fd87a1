"""One application for all tests, one database for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.web.world import Clock, Template, World, prepare
from web.app import create_app
from web.config import Settings


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
    return create_app(Settings(data=data, database_url="", release="demo", exposure_warm_up=0), now=clock)


@pytest.fixture(scope="session")
def template(app: Flask, data: Path) -> Template:
    """A migrated database with people in it."""
    house = app.extensions["palier"]
    house.db.upgrade()
    return prepare(house, data)


@pytest.fixture
def world(app: Flask, clock: Clock, template: Template, tmp_path: Path) -> Iterator[World]:
    """The application on a copy of the template that belongs to the test."""
    made = World(app, clock, template, tmp_path / "palier.sqlite")
    yield made
    made.close()
