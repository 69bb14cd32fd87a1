"""The seat of outside proctoring tools: the 1EdTech Assessment Control Service."""

from web.acs.views import blueprint

__all__ = ["blueprint"]
