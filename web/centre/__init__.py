"""The centre's seat."""

from web.centre import documents, place_views, planning_views, roster_views, tools
from web.centre.views import blueprint

__all__ = ["blueprint", "documents", "place_views", "planning_views", "roster_views", "tools"]
