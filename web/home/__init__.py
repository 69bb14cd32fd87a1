"""The front door: which seat is yours, logging in, and what one logs in with."""

from web.home import second_factor, security
from web.home.views import blueprint

__all__ = ["blueprint", "second_factor", "security"]
