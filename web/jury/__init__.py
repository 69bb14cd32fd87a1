"""The jury's seat."""

from web.jury.views import blueprint

__all__ = ["blueprint"]
