"""The fixtures of the web, for tests of what it is run by."""

from tests.web.fixtures import postgres

__all__ = ["postgres"]
