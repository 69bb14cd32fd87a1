"""The fixtures of `tests/web/fixtures.py`."""

from tests.web.fixtures import app, clock, data, template, world

__all__ = ["app", "clock", "data", "template", "world"]
