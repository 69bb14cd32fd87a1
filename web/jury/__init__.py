"""The jury's seat."""

from web.jury import cases, publication, statistics
from web.jury.views import blueprint

__all__ = ["blueprint", "cases", "publication", "statistics"]
