"""The administrator's seat."""

from web.admin import accesses
from web.admin.views import blueprint

__all__ = ["accesses", "blueprint"]
