"""The fixtures of `tests/web/fixtures.py`."""

from tests.web.audited import auditor
from tests.web.fixtures import app, clock, clones, data, files, postgres, store, template, world

__all__ = ["app", "auditor", "clock", "clones", "data", "files", "postgres", "store", "template", "world"]
