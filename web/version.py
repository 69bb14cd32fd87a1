"""Which version of Palier is installed."""

from importlib.metadata import PackageNotFoundError, version


def installed() -> str:
    """Its number, or that it runs from a folder of sources."""
    try:
        return version("palier")
    except PackageNotFoundError:
        return "source"
