"""Every page works before scripts load: a whole part of the test with JavaScript switched off."""

import pytest
from playwright.sync_api import Page, expect

from engine.items.item import Interaction, Ordering
from tests.browser.candidate import fill_in, item_on_screen
from tests.browser.conftest import People, Site

pytestmark = pytest.mark.browser


def test_the_test_can_be_taken_without_scripts(site: Site, people: People) -> None:
    known = site.seats.candidates[0]
    candidate = people.somebody(java_script_enabled=False)
    candidate.goto("/candidat")
    candidate.get_by_label("Nom", exact=True).fill(known.last_name)
    candidate.get_by_label("Prénom").fill(known.first_name)
    candidate.get_by_label("Date de naissance").fill(known.birth_date)
    candidate.get_by_label("Code de session").fill(site.seats.session_code)
    candidate.get_by_role("button", name="Continuer").click()
    candidate.get_by_role("button", name="J'ai lu les consignes").click()

    proctor = people.staff("surveillant", java_script_enabled=False)
    proctor.get_by_role("link", name="Console").click()
    row = proctor.locator("tr", has_text=known.last_name.upper())
    row.get_by_label("Identité vérifiée").check()
    row.get_by_role("button", name="Autoriser").click()

    candidate.get_by_role("link", name="Actualiser").click()
    candidate.get_by_label("Code personnel").fill(known.code)
    candidate.get_by_role("button", name="Entrer").click()
    candidate.get_by_role("button", name="Commencer le test").click()
    for number in range(1, 17):
        item = item_on_screen(candidate, site.release)
        expect(candidate.locator("#bar")).to_contain_text(f"Question {number} sur 16")
        if number == 1:
            _nothing_chosen_asks_again(candidate, item.id)
        _fill_in_plainly(candidate, item.interaction)
        candidate.get_by_role("button", name="Valider et continuer").click()
        expect(candidate.get_by_role("alert")).to_have_count(0)
    expect(candidate.locator("#bar")).to_contain_text("Partie 2")

    candidate.get_by_role("link", name="Terminer le test").click()
    candidate.get_by_role("button", name="Terminer définitivement").click()
    expect(candidate.get_by_text("16 réponses sont enregistrées")).to_be_visible()


def _nothing_chosen_asks_again(candidate: Page, item: str) -> None:
    candidate.get_by_role("button", name="Valider et continuer").click()
    expect(candidate.get_by_role("alert")).to_contain_text("Il manque une réponse")
    expect(candidate.locator(f"input[name=item][value='{item}']")).to_have_count(1)


def _fill_in_plainly(candidate: Page, interaction: Interaction) -> None:
    if isinstance(interaction, Ordering):
        for place, choice in enumerate(interaction.key, start=1):
            candidate.locator(f"select[name=place-{choice}]").select_option(str(place))
    else:
        fill_in(candidate, interaction, right=True)
