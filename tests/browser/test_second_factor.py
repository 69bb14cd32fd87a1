"""Associating an app and logging in with it, by keyboard alone, in a real browser."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import axe
from tests.browser.conftest import People, serving
from tests.web.app_of_a_phone import Phone
from web.app import create_app
from web.config import Settings
from web.now import wall_clock
from web.services import demo

pytestmark = pytest.mark.browser


@pytest.fixture
def strict(tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[People]:
    """The people at a site that asks for second factors."""
    monkeypatch.setenv("PALIER_SECOND_FACTOR", "required")
    house = create_app(Settings(data=tmp_path, release="demo", exposure_warm_up=0)).extensions["palier"]
    house.db.upgrade()
    demo.prepare(house, tmp_path / "demo.json", wall_clock())
    house.db.close()
    with serving(tmp_path) as url:
        people = People(browser, url)
        yield people
        people.leave()
    assert not people.complaints, people.complaints


@pytest.mark.parametrize("width", [1366, 400])
def test_an_app_is_associated_used_and_replaced_by_keyboard_alone(strict: People, width: int):
    page = strict.staff("jury", viewport={"width": width, "height": 900})
    _looked_at(page, f"app-{width}", "Associer une application")
    box = page.get_by_role("img", name="QR code pour l'application").bounding_box()
    assert box is not None
    assert box["width"] >= 150  # large enough for a camera
    phone = Phone.of_key("".join(page.locator(".key code").all_inner_texts()), wall_clock)
    _typed(page, "Code de l'application", "000000")
    expect(page.get_by_role("alert")).to_contain_text("Ce code n'est pas le bon")
    _looked_at(page, f"app-wrong-{width}", "Associer une application")
    _typed(page, "Code de l'application", phone.code())
    _looked_at(page, f"codes-{width}", "Vos codes de secours")
    codes = page.locator(".recovery-codes code").all_inner_texts()
    page.emulate_media(media="print")
    _shot(page, f"codes-print-{width}")
    page.emulate_media(media="screen")
    page.get_by_role("link", name="J'ai gardé ces codes").press("Enter")
    page.wait_for_url("**/jury")
    page.get_by_role("button", name="Se déconnecter").press("Enter")

    page.goto("/connexion")
    page.get_by_label("Identifiant").fill("jury")
    _typed(page, "Mot de passe", demo.PASSWORD)
    _looked_at(page, f"code-{width}", "Code de connexion")
    _typed(page, "Code de l'application", phone.code(-1))
    expect(page.get_by_role("alert")).to_be_visible()
    _looked_at(page, f"code-wrong-{width}", "Code de connexion")
    page.get_by_role("link", name="Utilisez un code de secours").press("Enter")
    _looked_at(page, f"recovery-{width}", "Code de secours")
    _typed(page, "Code de secours", codes[0])
    expect(page.get_by_role("status")).to_contain_text("Code de secours accepté.")
    _looked_at(page, f"security-{width}", "Ma connexion")
    page.get_by_role("button", name="Associer une autre application").press("Enter")
    _looked_at(page, f"another-{width}", "Associer une application")
    new = Phone.of_key("".join(page.locator(".key code").all_inner_texts()), wall_clock)
    _typed(page, "Code de l'application", new.code())
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos codes de secours")


def _typed(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label)
    field.fill(text)
    field.press("Enter")


def _looked_at(page: Page, name: str, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    _shot(page, name)
    violations = axe(page).response["violations"]
    assert not violations, [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def _shot(page: Page, name: str) -> None:
    folder = os.environ.get("PALIER_SHOTS")
    if folder:
        time.sleep(0.2)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
