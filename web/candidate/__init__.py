"""The candidate's seat."""

from web.candidate import answering, before, facts, frame, remote_view
from web.candidate.views import blueprint

__all__ = ["answering", "before", "blueprint", "facts", "frame", "remote_view"]
