"""The jury's seat."""

from web.jury import cases, documents, publication, statistics
from web.jury.views import blueprint

__all__ = ["blueprint", "cases", "documents", "publication", "statistics"]
