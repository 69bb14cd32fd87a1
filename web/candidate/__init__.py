"""The candidate's seat."""

from web.candidate import frame
from web.candidate.views import blueprint

__all__ = ["blueprint", "frame"]
