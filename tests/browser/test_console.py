"""Two consoles on one session: both live, one cut off, and nothing lost for the candidate."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.candidate import fill_in, item_on_screen
from tests.browser.conftest import People, Site

pytestmark = pytest.mark.browser


def row(console: Page, name: str) -> "Page":
    return console.locator("tr", has_text=name)


def test_two_consoles_see_the_same_and_the_loss_of_one_changes_nothing(site: Site, people: People) -> None:
    known = site.seats.candidates[0]
    name = known.last_name.upper()
    first, second = people.staff("surveillant"), people.staff("surveillant")
    for console in (first, second):
        console.get_by_role("link", name="Console").click()
        expect(row(console, name)).to_contain_text("Inscrit")

    candidate = people.somebody()
    candidate.goto("/candidat")
    candidate.get_by_label("Nom", exact=True).fill(known.last_name)
    candidate.get_by_label("Prénom").fill(known.first_name)
    candidate.get_by_label("Date de naissance").fill(known.birth_date)
    candidate.get_by_label("Code de session").fill(site.seats.session_code)
    candidate.get_by_role("button", name="Continuer").click()
    candidate.get_by_role("button", name="J'ai lu les consignes").click()

    # It comes by itself to both; what one does the other sees.
    for console in (first, second):
        expect(row(console, name)).to_contain_text("À autoriser", timeout=5_000)
    row(first, name).get_by_label("Identité vérifiée").check()
    row(first, name).get_by_role("button", name="Autoriser").click()
    expect(row(second, name)).to_contain_text("saisit son code", timeout=5_000)
    candidate.get_by_label("Code personnel").fill(known.code)
    candidate.get_by_role("button", name="Entrer").click()
    candidate.get_by_role("button", name="Commencer le test").click()
    expect(row(second, name)).to_contain_text("En cours", timeout=5_000)

    # The candidate looks at something else for a while: information, in quiet letters.
    expect(candidate.locator("#bar")).to_contain_text("Question 1 sur 16")
    candidate.wait_for_load_state()  # the script that notices
    _looks_away(candidate, True)
    expect(row(first, name)).to_contain_text("Page quittée", timeout=8_000)
    _looks_away(candidate, False)
    expect(row(first, name)).not_to_contain_text("Page quittée", timeout=8_000)

    # One console is cut off: it says so in red, and the candidate goes on.
    second.context.set_offline(True)
    _answers(candidate, site)
    expect(row(first, name)).to_contain_text("1 sur 64", timeout=5_000)
    expect(second.get_by_text("Données figées depuis plus de 10 s")).to_be_visible(timeout=20_000)
    expect(row(second, name)).to_contain_text("0 sur 64")

    # The other acts in the meantime, by the keyboard; the first catches up when it is back.
    first.keyboard.press("j")
    first.keyboard.press("p")
    first.get_by_label("Motif").first.fill("Alerte incendie")
    first.get_by_role("button", name=re.compile("^Mettre en pause ")).click()
    expect(first.get_by_text("Test en pause.")).to_be_visible()
    expect(candidate.get_by_role("heading", name="Votre test est en pause")).to_be_visible(timeout=20_000)
    second.context.set_offline(False)
    expect(row(second, name)).to_contain_text("En pause", timeout=10_000)
    expect(second.locator("[data-fresh=board]")).to_have_text("À jour")


def test_what_is_being_typed_stays_and_what_is_new_appears_beside_it(site: Site, people: People) -> None:
    console = people.staff("surveillant")
    console.get_by_role("link", name="Console").click()
    others = site.seats.candidates
    for known in others[:2]:
        visitor = people.somebody()
        visitor.goto("/candidat")
        visitor.get_by_label("Nom", exact=True).fill(known.last_name)
        visitor.get_by_label("Prénom").fill(known.first_name)
        visitor.get_by_label("Date de naissance").fill(known.birth_date)
        visitor.get_by_label("Code de session").fill(site.seats.session_code)
        visitor.get_by_role("button", name="Continuer").click()
        visitor.get_by_role("button", name="J'ai lu les consignes").click()
        mine = row(console, known.last_name.upper())
        expect(mine).to_contain_text("À autoriser", timeout=5_000)
        mine.get_by_label("Identité vérifiée").check()  # and it stays ticked while the next one comes
    expect(row(console, others[0].last_name.upper()).get_by_label("Identité vérifiée")).to_be_checked()
    expect(console.locator("[data-fresh=board]")).to_contain_text("À jour")

    # Names are found as they are typed; keys do nothing in a field, and can be turned off.
    console.keyboard.press("/")
    expect(console.locator("#find")).not_to_be_focused()  # a ticked box has the focus: it is a field
    console.locator("h1").click()
    console.keyboard.press("/")
    console.keyboard.type("le goff")
    expect(row(console, "LE GOFF")).to_be_visible()
    expect(row(console, others[0].last_name.upper())).to_be_hidden()
    console.keyboard.press("Escape")
    expect(row(console, others[0].last_name.upper())).to_be_visible()
    console.keyboard.press("?")
    console.get_by_label("Raccourcis actifs sur ce poste").uncheck()
    console.locator("h1").click()
    console.keyboard.press("/")
    expect(console.locator("#find")).not_to_be_focused()
    found = axe(console)
    assert found.violations_count == 0, found.generate_report()


def _looks_away(candidate: Page, away: bool) -> None:
    """As the browser tells a page that it is no longer seen, or seen again."""
    candidate.evaluate(
        "away => { Object.defineProperty(document, 'hidden', { value: away, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        away,
    )


def _answers(candidate: Page, site: Site) -> None:
    fill_in(candidate, item_on_screen(candidate, site.release).interaction, right=True)
    candidate.get_by_role("button", name="Valider et continuer").click()
    expect(candidate.locator("#bar")).to_contain_text("Question 2 sur 16")
