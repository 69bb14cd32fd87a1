"""The administrator's seat."""

from web.admin import accesses, day
from web.admin.views import blueprint

__all__ = ["accesses", "blueprint", "day"]
