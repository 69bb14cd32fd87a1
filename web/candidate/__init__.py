"""The candidate's seat."""

from web.candidate import facts, remote_view
from web.candidate.views import blueprint

__all__ = ["blueprint", "facts", "remote_view"]
