"""The proctor's seat."""

from web.proctor import wall
from web.proctor.views import blueprint

__all__ = ["blueprint", "wall"]
