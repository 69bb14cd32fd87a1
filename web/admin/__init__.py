"""The administrator's seat."""

from web.admin import day
from web.admin.views import blueprint

__all__ = ["blueprint", "day"]
