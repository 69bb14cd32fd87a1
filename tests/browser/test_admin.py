"""The administrator's pages in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import axe
from tests.browser.conftest import People, Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1366, 400])
def test_a_release_is_read_filtered_and_sorted_on_any_screen(site: Site, people: People, width: int) -> None:
    page = people.staff("admin", viewport={"width": width, "height": 900})
    expect(page.get_by_role("heading", level=1)).to_have_text("Versions de la banque")
    assert not axe(page).response["violations"]
    page.get_by_role("link", name="Examiner").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("demo")
    assert not axe(page).response["violations"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Compétence").select_option("crcn-1.1")
    page.get_by_label("Ordre").select_option("-b")
    page.get_by_role("button", name="Afficher").click()
    expect(page).to_have_url(re.compile(r"competence=crcn-1\.1&tri=-b"))
    counted = [i for i in site.release.items if i.id not in site.release.pretest]
    wanted = [i for i in counted if i.framework == "crcn" and i.competence == "1.1"]
    hardest = max(wanted, key=lambda i: site.release.parameters[site.release.row_of[i.id]].b)
    rows = page.locator("tbody th[scope=row]")
    expect(rows).to_have_count(len(wanted))
    expect(rows.first).to_contain_text(hardest.id)


@pytest.mark.parametrize("width", [1366, 400])
def test_the_day_is_read_on_any_screen_and_renews_itself(people: People, width: int) -> None:
    page = people.staff("admin", viewport={"width": width, "height": 900})
    page.get_by_role("link", name="Aujourd'hui").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aujourd'hui")
    expect(page.get_by_role("heading", name="Sessions du jour")).to_be_visible()
    assert not axe(page).response["violations"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_response(re.compile("/administration/jour/etat")) as renewed:
        pass
    assert renewed.value.status in (200, 304)


@pytest.mark.parametrize("width", [1366, 400])
def test_who_saw_whose_data_is_read_on_any_screen(site: Site, people: People, width: int) -> None:
    page = people.staff("admin", viewport={"width": width, "height": 900})
    page.get_by_role("link", name="Accès aux données personnelles").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accès aux données personnelles")
    proctor = people.staff("surveillant")
    proctor.goto(f"{site.url}/surveillance/{site.seats.session_id}")
    page.reload()
    expect(page.get_by_role("row").filter(has_text="Console de surveillance").first).to_contain_text("Paul Keller")
    assert not axe(page).response["violations"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_bank_is_browsed_tried_and_commented_on_any_screen(people: People) -> None:
    page = people.staff("admin", viewport={"width": 1366, "height": 900})

    def fits() -> None:
        assert not axe(page).response["violations"]
        for width in (400, 1366):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_role("link", name="Épreuves").click()
    fits()
    page.get_by_label("Façon de répondre").select_option("ordering")
    page.get_by_role("button", name="Afficher").click()
    page.locator("table.bank th a").first.click()
    page.get_by_role("button", name="Monter").last.click()
    page.get_by_role("button", name="Essayer cette réponse").click()
    expect(page.get_by_role("heading", name="Clé")).to_be_visible()
    fits()
    page.get_by_label("Nouvelle remarque").fill("Un mot à revoir.")
    page.get_by_role("button", name="Ajouter la remarque").click()
    page.get_by_role("button", name="Régler la remarque").click()
    expect(page.get_by_text("Remarque réglée.")).to_be_visible()
