"""The proctor's seat."""

from web.proctor import candidate, documents, everyone, wall
from web.proctor.views import blueprint

__all__ = ["blueprint", "candidate", "documents", "everyone", "wall"]
