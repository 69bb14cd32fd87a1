"""The administrator's seat."""

from web.admin import accesses, bank, bank_item, day
from web.admin.views import blueprint

__all__ = ["accesses", "bank", "bank_item", "blueprint", "day"]
