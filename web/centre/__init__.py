"""The centre's seat."""

from web.centre.views import blueprint

__all__ = ["blueprint"]
