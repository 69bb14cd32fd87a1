"""What axe finds on a page that has come whole."""

from typing import Any

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def axe(page: Page, options: dict[str, Any] | None = None) -> AxeResults:
    """A text may stand there before the styles do."""
    page.wait_for_load_state()
    return Axe().run(page, options=options)
