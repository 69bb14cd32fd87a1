"""The candidate's seat."""

from web.candidate import answering
from web.candidate.views import blueprint

__all__ = ["answering", "blueprint"]
