"""The candidate's seat."""

from web.candidate import answering, before, frame
from web.candidate.views import blueprint

__all__ = ["answering", "before", "blueprint", "frame"]
