"""The proctor's seat."""

from web.proctor import candidate, everyone
from web.proctor.views import blueprint

__all__ = ["blueprint", "candidate", "everyone"]
