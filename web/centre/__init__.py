"""The centre's seat."""

from web.centre import place_views, planning_views, roster_views
from web.centre.views import blueprint

__all__ = ["blueprint", "place_views", "planning_views", "roster_views"]
