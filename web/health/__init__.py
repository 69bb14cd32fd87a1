"""What machines ask a node: whether it lives, whether it may be given requests."""

from web.health.views import blueprint

__all__ = ["blueprint"]
