"""The centre's seat."""

from web.centre import documents, tools
from web.centre.views import blueprint

__all__ = ["blueprint", "documents", "tools"]
