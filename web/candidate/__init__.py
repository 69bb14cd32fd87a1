"""The candidate's seat."""

from web.candidate import facts
from web.candidate.views import blueprint

__all__ = ["blueprint", "facts"]
