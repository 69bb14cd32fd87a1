"""The candidate's seat."""

from web.candidate import before, frame
from web.candidate.views import blueprint

__all__ = ["before", "blueprint", "frame"]
