"""The front door: which seat is yours, and logging in."""

from web.home.views import blueprint

__all__ = ["blueprint"]
