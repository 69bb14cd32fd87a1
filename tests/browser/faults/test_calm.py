"""What is saved is always in view, said when it changes in kind, and moves nothing; pages are light."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.faults import network
from tests.browser.faults.conftest import Candidate

pytestmark = pytest.mark.browser

HEAVIEST = 150 * 1000


@pytest.mark.parametrize("width", [1366, 400])
def test_nothing_moves_when_the_state_of_saving_changes(candidate: Candidate, width: int):
    page = candidate.page
    page.set_viewport_size({"width": width, "height": 900})
    page.reload()
    page.wait_for_timeout(400)
    page.evaluate(
        """() => {
          globalThis.shifts = [];
          new PerformanceObserver(list => {
            for (const entry of list.getEntries()) shifts.push(entry.value);
          }).observe({ type: "layout-shift", buffered: false });
        }"""
    )
    boxes = _boxes(page)
    candidate.fill_in()
    candidate.saved("Brouillon enregistré à")
    assert _boxes(page) == boxes
    page.context.set_offline(True)
    candidate.saved("Hors connexion")
    assert _boxes(page) == boxes
    candidate.validate()
    candidate.saved("1 réponse gardée sur ce poste")
    expect(page.locator("#notice")).to_be_visible()
    assert _boxes(page) == boxes
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not axe(page).response["violations"]
    page.wait_for_timeout(700)  # what a click moves within half a second is not counted as a shift
    assert page.evaluate("shifts") == []


def test_the_state_is_said_only_when_it_changes_in_kind(candidate: Candidate):
    page = candidate.page
    page.evaluate(
        """() => {
          globalThis.said = [];
          const where = document.getElementById("saving-said");
          new MutationObserver(() => said.push(where.textContent)).observe(where, { childList: true });
        }"""
    )
    for right in (True, False, True):
        candidate.fill_in(right=right)
        page.wait_for_timeout(1500)
    with candidate.ground.network.fault(network.portal):
        candidate.validate()
        page.wait_for_timeout(2500)
        told = page.evaluate("said")
    assert told == ["Brouillon enregistré.", "Envoi en cours.", "Hors connexion : 1 réponse gardée sur ce poste."]


def test_the_page_of_an_item_weighs_at_most_150_kb(candidate: Candidate):
    """Everything that a first visit loads, as a server that compresses sends it; media of the item apart."""
    page = candidate.page
    weights: dict[str, int] = {}

    def weigh(response: Any) -> None:
        kind = re.sub(r"\?.*", "", response.url).rsplit("/", 1)[-1]
        if "/test/fichier/" in response.url or response.request.method != "GET":
            return
        body = response.body()
        # A woff2 is compressed already.
        weights[kind] = len(body) if kind.endswith(".woff2") else len(gzip.compress(body))

    fresh = candidate.opens("first", "/candidat/ici")
    on: Callable[..., Any] = fresh.on
    fresh.goto("about:blank")
    on("response", weigh)
    fresh.goto("/candidat/test")
    fresh.wait_for_load_state("networkidle")
    page.wait_for_timeout(100)
    assert {"test", "palier.css", "answering.css", "exam.js", "outbox.js"} <= set(weights)
    assert any(name.endswith(".woff2") for name in weights)
    assert sum(weights.values()) <= HEAVIEST, weights


def _boxes(page: Page) -> Any:
    return page.evaluate(
        """() => [...document.querySelectorAll("#reply, #reply .reply-actions, #foot, #saving, .pace")]
          .map(e => { const b = e.getBoundingClientRect(); return [b.x, b.y + scrollY, b.width, b.height]; })"""
    )
