"""A whole sitting with the keyboard alone, and the focus never out of sight (WCAG 2.2: 2.1.1, 2.4.7, 2.4.11, 2.5.8)."""

import re

import pytest
from playwright.sync_api import Page, expect

from engine.items.item import Gaps, Interaction, Matching, MultipleChoice, Number, Ordering, ShortText, SingleChoice
from engine.items.read import read_bank
from tests.browser.candidate import item_on_screen
from tests.browser.conftest import People, Site
from web.config import ROOT

pytestmark = pytest.mark.browser

FOCUS = """() => {
  const seen = document.activeElement;
  const shown = seen.matches('.choice input, .segments input') ? seen.closest('label') : seen;
  const box = shown.getBoundingClientRect();
  const over = [...document.querySelectorAll('.exam-bar, .said > *, .comfort > form')].filter((c) => !c.contains(seen));
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const hits = [box.top + 3, (box.top + box.bottom) / 2, box.bottom - 3].map((y) => {
    const hit = document.elementFromPoint(x, y);
    return hit !== null && !over.some((c) => c.contains(hit));
  });
  const style = getComputedStyle(shown);
  return {
    tag: seen.tagName, name: seen.name ?? '', value: seen.value ?? '', type: seen.type ?? '',
    text: (seen.getAttribute('aria-label') || seen.textContent || '').trim().replace(/\\s+/g, ' '),
    row: seen.closest('[data-choice]')?.dataset.choice ?? '',
    box: [box.left, box.top, box.width, box.height].map(Math.round).join(' '),
    seen: box.height > innerHeight * 0.6 ? hits.some(Boolean) : hits.every(Boolean),
    marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    large: style.display === 'inline' || Math.min(box.width, box.height) >= 24,
  };
}"""
"""What has the focus: whether all of it is in sight (a part, if it is taller than the window), marked, and large."""


class Keyboard:
    """Tab, arrows, Space and Enter, and a look at every place where the focus comes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def tab(self, back: bool = False) -> dict[str, object]:
        """One place on, or back; what has the focus there is seen, large enough, and marked."""
        self.page.wait_for_load_state("load")  # nobody tabs through a page whose style sheet is on its way
        self.press("Shift+Tab" if back else "Tab")
        self.page.wait_for_load_state("load")
        at: dict[str, object] = self.page.evaluate(FOCUS)
        self.stops += 1
        if at["tag"] != "BODY":
            _is_seen(at)
        return at

    def to(self, tag: str, **wanted: str) -> dict[str, object]:
        """Tab until something has the focus; `wanted` are patterns for its name, value, text."""
        at: dict[str, object] = self.page.evaluate(FOCUS)
        for _ in range(60):
            if at["tag"] == tag and all(re.search(p, str(at[k])) for k, p in wanted.items()):
                return at
            at = self.tab()
        raise AssertionError(f"Tab never reaches <{tag}> {wanted}")

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)


def _is_seen(at: dict[str, object]) -> None:
    assert at["seen"], f"something covers the focus: {at}"
    assert at["marked"], f"the focus cannot be seen: {at}"
    assert at["large"], f"too small to hit: {at}"


def _reply(keys: Keyboard, interaction: Interaction) -> None:
    """Reply as the key says, with keys."""
    match interaction:
        case SingleChoice(key=key):
            keys.to("INPUT", name="^reply$")
            keys.press("Space")
            for _ in range(8):
                if keys.page.evaluate(FOCUS)["value"] == key:
                    break
                keys.press("ArrowDown")
            _is_seen(keys.page.evaluate(FOCUS))
            assert keys.page.locator(f"input[name=reply][value={key}]").is_checked()
        case MultipleChoice(key=right):
            for _ in range(60):
                at = keys.page.evaluate(FOCUS)
                if at["type"] == "checkbox" and at["value"] in right:
                    keys.press("Space")
                ticked = keys.page.locator("input[name=reply]:checked").evaluate_all("them => them.map(x => x.value)")
                if set(ticked) == right:
                    break
                keys.tab()
        case ShortText(key=texts):
            keys.to("INPUT", name="^reply$")
            keys.type(texts[0])
        case Number(key=value):
            keys.to("INPUT", name="^reply$")
            keys.type(f"{value:.10g}".replace(".", ","))
        case Ordering(key=order):
            _order(keys, list(order))
        case Matching(key=pairs):
            for prompt, choice in pairs:
                keys.to("SELECT", name=f"^pair-{prompt}$")
                _choose(keys, choice)
        case Gaps(key=pairs):
            for gap, choice in pairs:
                keys.to("SELECT", name=f"^gap-{gap}$")
                _choose(keys, choice)


def _choose(keys: Keyboard, choice: str) -> None:
    """Arrow down in a closed menu until it shows a choice."""
    for _ in range(12):
        if keys.page.evaluate(FOCUS)["value"] == choice:
            return
        keys.press("ArrowDown")
    raise AssertionError(f"the arrows never reach {choice}")


def _order(keys: Keyboard, order: list[str]) -> None:
    """Lift each choice to its place with its own button, which keeps the focus on its way."""
    keys.to("BUTTON", text="^Monter")
    if _places(keys.page) == order:  # as it stands: moved once and back, so that it is a reply
        keys.to("BUTTON", text="^Descendre")
        keys.press("Enter")
    for place, choice in enumerate(order):
        while _places(keys.page).index(choice) > place:
            keys.to("BUTTON", row=f"^{choice}$", text="^Monter")
            keys.press("Enter")
    assert _places(keys.page) == order


def _places(page: Page) -> list[str]:
    rows: list[str] = page.locator("[data-ordering] li").evaluate_all("them => them.map(row => row.dataset.choice)")
    return rows


def test_every_way_of_answering_works_with_the_keyboard_alone(people: People) -> None:
    page = people.somebody(viewport={"width": 1366, "height": 600})
    bank, problems = read_bank(ROOT / "item_bank" / "tutorial")
    assert bank is not None, problems
    for number, item in enumerate(bank, start=1):
        page.goto(f"/candidat/entrainement/{number}")
        keys = Keyboard(page)
        _reply(keys, item.interaction)
        keys.to("BUTTON", text="^Valider et continuer")
        keys.press("Enter")
        expect(page.get_by_text("C'est juste.")).to_be_visible()


def test_a_whole_sitting_is_taken_with_the_keyboard_alone(site: Site, people: People) -> None:
    known = site.seats.candidates[0]
    page = people.somebody(viewport={"width": 1366, "height": 768})
    keys = Keyboard(page)
    page.goto("/candidat")
    assert keys.tab()["text"] == "Aller au contenu"
    keys.press("Enter")
    for name, value in (
        ("last_name", known.last_name),
        ("first_name", known.first_name),
        ("birth_date", known.birth_date),
        ("session_code", site.seats.session_code),
    ):
        keys.to("INPUT", name=f"^{name}$")
        keys.type(value)
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    keys.to("BUTTON", text="J'ai lu les consignes")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Salle d'attente")).to_be_visible()
    _authorise(people, known.last_name)
    expect(page.get_by_label("Code personnel")).to_be_visible()
    keys.to("INPUT", name="^code$")
    keys.type(known.code)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Tout est prêt")).to_be_visible()
    keys.to("BUTTON", text="^Commencer le test")
    keys.press("Enter")

    met: set[str] = set()
    for number in range(1, 65):
        expect(page.locator("#reply")).to_be_visible()
        page.wait_for_load_state()  # with its style and its scripts
        item = item_on_screen(page, site.release)
        met.add(type(item.interaction).__name__)
        if number == 2:
            _read_in_the_dark(keys)
        if number == 3:
            _ask_for_help(keys)
        if item.attachments:
            keys.to("A", text="^Télécharger")
        _reply(keys, item.interaction)
        keys.to("BUTTON", text="^Valider et continuer")
        keys.press("Enter")
        expect(page.locator(f"input[name=item][value='{item.id}']")).to_have_count(0)
    expect(page.get_by_role("heading", name="Votre test est terminé")).to_be_visible()
    expect(page.get_by_text("64 réponses sont enregistrées")).to_be_visible()
    assert page.locator("html").get_attribute("class") == "contrast-dark"
    assert len(met) >= 4
    assert keys.stops > 200


def _authorise(people: People, name: str) -> None:
    proctor = people.staff("surveillant")
    proctor.get_by_role("link", name="Console").click()
    row = proctor.locator("tr", has_text=name.upper())
    row.get_by_label("Identité vérifiée").check()
    row.get_by_role("button", name="Autoriser").click()


def _read_in_the_dark(keys: Keyboard) -> None:
    """The comfort menu: opened, chosen from, and closed with the focus back on it."""
    keys.to("SUMMARY", text="Confort")
    keys.press("Enter")
    keys.to("INPUT", name="^contrast$")
    with keys.page.expect_response("**/candidat/confort"):
        keys.press("ArrowLeft")  # round to the last one
    assert keys.page.evaluate(FOCUS)["value"] == "dark"
    keys.press("Escape")
    assert keys.page.evaluate(FOCUS)["tag"] == "SUMMARY"
    expect(keys.page.locator("html")).to_have_class("contrast-dark")


def _ask_for_help(keys: Keyboard) -> None:
    keys.to("SUMMARY", text="Aide ou problème")
    keys.press("Enter")
    keys.to("TEXTAREA", name="^text$")
    keys.type("Le bruit du couloir me gêne.")
    keys.to("BUTTON", text="Appeler mon surveillant")
    keys.press("Enter")
    expect(keys.page.locator("#said")).to_contain_text("Aide demandée")
