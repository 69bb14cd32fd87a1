"""The preview by the keyboard alone, while files change under it."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from engine.items.item import SingleChoice
from engine.items.read import read_what_can_be
from tests.browser.axe import axe
from tests.builders import ITEM_BANK
from web.commands.bank_preview import HOST, Quiet
from web.preview.app import create_preview

pytestmark = pytest.mark.browser


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A bank with the items of one competence, free to be changed."""
    shutil.copytree(ITEM_BANK / "items" / "crcn" / "1.3", tmp_path / "items" / "crcn" / "1.3")
    return tmp_path


@pytest.fixture
def address(root: Path) -> Iterator[str]:
    """The preview of it, served."""
    server = make_server(HOST, 0, create_preview(root), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{HOST}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_author_answers_by_keyboard_and_sees_each_change_of_the_file(browser: Browser, root: Path, address: str):
    items, _ = read_what_can_be(root)
    item = next(i for i in items if isinstance(i.interaction, SingleChoice))
    path = root / "items" / "crcn" / "1.3" / f"{item.id}.md"
    good = path.read_text(encoding="utf-8")
    complaints: list[str] = []
    context = browser.new_context(base_url=address, locale="fr-FR")
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)

    page.goto("/?competence=crcn:1.3&interaction=single_choice")
    page.get_by_role("link", name=item.id).focus()
    page.keyboard.press("Enter")
    screen = page.frame_locator("[data-screen]")
    screen.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict strong")).to_have_text("Faux" if is_wrong(page, item.interaction.key) else "Juste")
    expect(page.get_by_text("Clé", exact=True)).to_be_visible()

    assert not axe(page).response["violations"]

    path.write_text(good.replace("\n**", "\n**Nouvelle question. "), encoding="utf-8")
    expect(screen.get_by_text("Nouvelle question.")).to_be_visible()
    path.write_text(good.replace("rationale = ", "raison = "), encoding="utf-8")
    expect(page.get_by_role("heading", name="à corriger")).to_be_visible()
    path.write_text(good, encoding="utf-8")
    expect(screen.get_by_role("button", name="Je passe")).to_be_visible()

    page.wait_for_load_state()
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Téléphone")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("l")
    expect(page.get_by_role("heading", name="Épreuves")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(page.get_by_label("Texte")).to_be_focused()
    context.close()
    assert not complaints


def is_wrong(page, key: str) -> bool:
    return f"reply={key}" not in page.url
