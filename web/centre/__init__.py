"""The centre's seat."""

from web.centre import tools
from web.centre.views import blueprint

__all__ = ["blueprint", "tools"]
