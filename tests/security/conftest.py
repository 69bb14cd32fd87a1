"""The fixtures of `tests/web/fixtures.py`, and a stage with everything on it that an address can name."""

import pytest

from tests.security.objects import Stage, Things
from tests.web.fixtures import app, clock, data, template, world
from tests.web.world import World

__all__ = ["app", "clock", "data", "template", "world"]


@pytest.fixture(scope="session")
def kept() -> dict[str, Things]:
    """What stands on the stage, looked up once."""
    return {}


@pytest.fixture
def stage(world: World, kept: dict[str, Things]) -> Stage:
    """Two centres in the middle of their sessions."""
    return Stage(world, kept)
