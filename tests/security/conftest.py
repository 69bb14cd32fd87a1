"""The fixtures of `tests/web/fixtures.py`, and a stage with everything on it that an address can name."""

import pytest

from tests.security.objects import Stage, Things
from tests.web.fixtures import app, clock, clones, data, files, postgres, template, world
from tests.web.stores import Files, Store
from tests.web.world import World

__all__ = ["app", "clock", "clones", "data", "files", "postgres", "template", "world"]


@pytest.fixture
def store(files: Files) -> Store:
    """SQLite: what a door says does not depend on the database. Files that race or store take both kinds."""
    return files


@pytest.fixture(scope="session")
def kept() -> dict[str, Things]:
    """What stands on the stage, looked up once for each kind of database."""
    return {}


@pytest.fixture
def stage(world: World, kept: dict[str, Things]) -> Stage:
    """Two centres in the middle of their sessions."""
    return Stage(world, kept)
