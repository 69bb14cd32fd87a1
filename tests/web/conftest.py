"""The fixtures of `tests/web/fixtures.py`."""

from tests.web.fixtures import app, clock, clones, data, files, postgres, store, template, world

__all__ = ["app", "clock", "clones", "data", "files", "postgres", "store", "template", "world"]
