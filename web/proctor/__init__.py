"""The proctor's seat."""

from web.proctor import documents, wall
from web.proctor.views import blueprint

__all__ = ["blueprint", "documents", "wall"]
