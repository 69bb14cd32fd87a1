"""The candidate's seat."""

from web.candidate import answering, rescue
from web.candidate.views import blueprint

__all__ = ["answering", "blueprint", "rescue"]
