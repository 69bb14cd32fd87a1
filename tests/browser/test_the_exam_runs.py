"""One candidate from enrolment to a published result, in a real browser, against a real server."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from engine.items.frameworks import Framework
from tests.browser.axe import axe
from tests.browser.candidate import fill_in, item_on_screen
from tests.browser.conftest import People, Site
from tests.browser.record import Record

pytestmark = pytest.mark.browser

WRONG_EVERY = 5  # one reply in five is wrong, one in twenty passed
NEUTRALISED = 20


def test_one_candidate_from_enrolment_to_a_published_result(site: Site, people: People) -> None:
    manager, code = _enrol(people)
    candidate = _identify(people, site)
    proctor = people.staff("surveillant")
    _authorise(proctor)
    _enter(candidate, code)

    record = Record()
    while candidate.locator("#reply").count():
        position = len(record.items) + 1
        _answer(candidate, site, record, position)
        if position == NEUTRALISED:
            _flag_com_02(proctor)
    assert [i.framework for i in record.items] == [Framework.CRCN_EDU] * 16 + [Framework.CRCN] * 48
    assert len({i.competence for i in record.items[:16]}) == 16
    assert len({(i.framework, i.competence, i.subject) for i in record.items}) == 64
    expect(candidate.get_by_role("heading", name="Votre test est terminé")).to_be_visible()
    expect(candidate.get_by_text("64 réponses sont enregistrées")).to_be_visible()

    _end_of_the_day(proctor)

    _rule_and_publish(people)
    _read_result(candidate, record)
    _download_results(manager, record)


def _enrol(people: People) -> tuple[Page, str]:
    manager = people.staff("centre")
    manager.get_by_role("link", name="Ouvrir la fiche").click()
    manager.get_by_role("link", name="Inscrire un candidat").click()
    manager.get_by_role("button", name="Inscrire").click()
    expect(manager.get_by_text("Indiquez le nom.")).to_be_visible()
    _is_accessible(manager)
    manager.get_by_label("Nom", exact=True).fill("Dubois-Èze")
    manager.get_by_label("Prénom").fill("Maëlle")
    manager.get_by_label("Date de naissance").fill("09/05/1988")
    manager.get_by_label("Adresse électronique").fill("maelle@exemple.fr")
    manager.get_by_label("Parcours").select_option("second_degree")
    manager.get_by_label("Niveau visé").select_option("expert")
    manager.get_by_label("Tiers temps").check()
    manager.get_by_role("button", name="Inscrire").click()
    code = manager.locator("#code").inner_text()
    _is_accessible(manager)
    manager.reload()
    expect(manager.locator("#code")).to_have_count(0)
    return manager, code


def _identify(people: People, site: Site) -> Page:
    candidate = people.somebody()
    candidate.goto("/")
    candidate.get_by_role("link", name="Je suis candidat").click()
    candidate.get_by_label("Nom", exact=True).fill("dubois eze")  # accents, case and hyphens are forgiven
    candidate.get_by_label("Prénom").fill("Maelle")
    candidate.get_by_label("Date de naissance").fill("09/05/1988")
    candidate.get_by_label("Code de session").fill(site.seats.session_code.lower())
    _is_accessible(candidate)
    candidate.get_by_role("button", name="Continuer").click()
    expect(candidate.get_by_text("3 h 20, votre temps supplémentaire compris")).to_be_visible()
    _is_accessible(candidate)
    candidate.get_by_role("button", name="J'ai lu les consignes").click()
    expect(candidate.get_by_role("heading", name="Salle d'attente")).to_be_visible()
    return candidate


def _authorise(proctor: Page) -> None:
    proctor.get_by_role("link", name="Console").click()
    row = proctor.locator("tbody tr").first
    expect(row).to_contain_text("DUBOIS-ÈZE Maëlle")
    expect(row).to_contain_text("À autoriser")
    row.get_by_role("button", name="Autoriser").click()
    expect(proctor.get_by_text("Cochez « Identité vérifiée »")).to_be_visible()
    row = proctor.locator("tbody tr").first
    row.get_by_label("Identité vérifiée").check()
    _is_accessible(proctor)
    row.get_by_role("button", name="Autoriser").click()
    expect(proctor.get_by_text("Entrée autorisée.")).to_be_visible()


def _enter(candidate: Page, code: str) -> None:
    # The waiting room shows the field by itself.
    field = candidate.get_by_label("Code personnel")
    expect(field).to_be_visible()
    field.fill("AAAA-AAAA")
    candidate.get_by_role("button", name="Entrer").click()
    expect(candidate.get_by_text("Ce n'est pas le bon code")).to_be_visible()
    _is_accessible(candidate)
    candidate.get_by_label("Code personnel").fill(code.lower().replace("-", " "))
    candidate.get_by_role("button", name="Entrer").click()
    candidate.get_by_role("button", name="Commencer le test").click()


def _answer(candidate: Page, site: Site, record: Record, position: int) -> None:
    item = item_on_screen(candidate, site.release)
    part, number, of = (1, position, 16) if position <= 16 else (2, position - 16, 48)
    expect(candidate.locator("#bar")).to_contain_text(f"Partie {part}")
    expect(candidate.locator("#bar")).to_contain_text(f"Question {number} sur {of}")
    expect(candidate.locator("#time")).to_contain_text("3 h")
    if position % 8 == 1 or item.attachments or item.media:
        _is_the_same_after_reload(candidate)
        _is_accessible(candidate)
    if item.attachments:
        with candidate.expect_download() as download:
            candidate.get_by_role("link", name="Télécharger").first.click()
        assert download.value.suggested_filename == item.attachments[0].file
    record.items.append(item)
    if position % 20 == 0:
        record.right.append(False)
        candidate.get_by_role("button", name="Je passe").click()
    else:
        right = position % WRONG_EVERY != 1
        record.right.append(right)
        fill_in(candidate, item.interaction, right)
        if position % 7 == 0:
            candidate.reload()  # what was filled in and not sent yet is still there
        candidate.get_by_role("button", name="Valider et continuer").click()
    expect(candidate.locator(f"input[name=item][value='{item.id}']")).to_have_count(0)
    # Between two pages there is nothing: wait for what comes next, an item or the end.
    expect(candidate.locator("#reply, [data-state=over]")).to_be_visible()
    if position == 30:
        # There is no way back: the page before shows the item of now.
        candidate.go_back()
        assert item_on_screen(candidate, site.release).id not in {i.id for i in record.items}


def _is_the_same_after_reload(candidate: Page) -> None:
    def shown() -> str:
        if candidate.locator("[data-ordering]").count():  # its script has put the buttons there
            expect(candidate.locator("[data-ordering] .rank").first).to_be_visible()
        html = candidate.locator("#reply").inner_html()
        html = re.sub(r"/fichier/[\w.-]+/", "/fichier/…/", html)  # signed anew each time
        return re.sub(r'name="(csrf_token|answer_id|page)"[^>]*', "", html)

    before = shown()
    candidate.reload()
    assert shown() == before


def _flag_com_02(proctor: Page) -> None:
    proctor.goto("/surveillance")
    proctor.get_by_role("link", name="Console").click()
    row = proctor.locator("tbody tr", has_text="DUBOIS-ÈZE")
    expect(row).to_contain_text(re.compile(r"(19|2[01]) sur 64"))
    row.get_by_role("link", name="Agir").click()
    proctor.get_by_label("Ce qui s'est passé").select_option("COM-02")
    proctor.get_by_label("Précisions").fill("Téléphone consulté sous la table.")
    _is_accessible(proctor)
    proctor.get_by_role("button", name="Signaler pour").click()
    expect(proctor.get_by_text("Incident signalé.")).to_be_visible()
    line = proctor.locator(".log li", has_text="COM-02")
    expect(line).to_contain_text("Téléphone consulté sous la table.")
    expect(line).to_contain_text("par Paul Keller")
    expect(line.locator("time")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))


def _end_of_the_day(proctor: Page) -> None:
    proctor.goto("/surveillance")
    proctor.get_by_role("link", name="Console").click()
    proctor.get_by_role("link", name="Fin de la session").click()
    _is_accessible(proctor)
    proctor.get_by_role("button", name="Clôturer la session").click()
    expect(proctor.get_by_text("La session est clôturée. Il reste à finaliser son procès-verbal.")).to_be_visible()
    for absent in proctor.get_by_role("checkbox").all():
        absent.check()
    for words in proctor.locator("fieldset.lack textarea").all():
        words.fill("Vu avec le centre.")
    _is_accessible(proctor)
    proctor.get_by_role("button", name="Finaliser la session").click()
    expect(proctor.get_by_text("La session est finalisée et transmise au jury.")).to_be_visible()
    _is_accessible(proctor)


def _rule_and_publish(people: People) -> None:
    jury = people.staff("jury")
    jury.get_by_role("link", name="Examiner").click()
    expect(jury.locator("tr", has_text="DUBOIS-ÈZE").last).to_contain_text("retenu")
    expect(jury.get_by_role("button", name="Publier les résultats")).to_have_count(0)
    _is_accessible(jury)
    jury.get_by_role("link", name="Décider").click()
    jury.get_by_label("Neutraliser des questions").check()
    jury.get_by_text("Questions à neutraliser").click()
    jury.get_by_label(f"n° {NEUTRALISED} ").check()
    jury.get_by_label("Motif").fill("La question en cours au moment des faits ne compte pas.")
    _is_accessible(jury)
    jury.get_by_role("button", name="Enregistrer la décision").click()
    expect(jury.get_by_text("Décision enregistrée.")).to_be_visible()
    expect(jury.locator("tr", has_text="DUBOIS-ÈZE").last).not_to_contain_text("retenu")
    jury.get_by_role("link", name="Vérifier et publier").click()
    jury.get_by_role("button", name="Publier les résultats").click()
    expect(jury.get_by_text("4 résultats publiés.")).to_be_visible()
    _is_accessible(jury)


def _read_result(candidate: Page, record: Record) -> None:
    candidate.goto("/candidat/ici")
    expect(candidate.get_by_role("heading", name="Résultat de Maëlle Dubois-Èze")).to_be_visible()
    for framework, name in ((Framework.CRCN_EDU, "CRCN-Édu, ensemble"), (Framework.CRCN, "CRCN, ensemble")):
        right, counted = record.percent(framework, without=NEUTRALISED)
        row = candidate.locator("tr", has=candidate.get_by_role("rowheader", name=name))
        expect(row).to_contain_text(f"{right} sur {counted}")
    level = record.level(without=NEUTRALISED)
    expect(candidate.locator(".level .name")).to_have_text(level)
    expect(candidate.locator(".level")).to_contain_text("Niveau visé")
    assert ("trois ans, jusqu'au" in candidate.locator(".level").inner_text()) == (level != "Aucun niveau atteint")
    expect(candidate.get_by_role("heading", name="À travailler")).to_be_visible()
    _is_accessible(candidate)


def _download_results(manager: Page, record: Record) -> None:
    manager.goto("/centre")
    manager.get_by_role("link", name="Ouvrir la fiche").click()
    manager.get_by_role("link", name="Voir les résultats").click()
    level = record.level(without=NEUTRALISED)
    expect(manager.locator("tr", has_text="DUBOIS-ÈZE")).to_contain_text(level)
    _is_accessible(manager)
    with manager.expect_download() as download:
        manager.get_by_role("link", name="Télécharger le fichier").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = {row["nom"]: row for row in csv.DictReader(io.StringIO(text), delimiter=";")}
    mine = rows["Dubois-Èze"]
    right, counted = record.percent(Framework.CRCN, without=NEUTRALISED)
    assert (mine["crcn_justes"], mine["crcn_comptees"]) == (str(right), str(counted))
    slugs = {"Confirmé": "confirme", "Avancé": "avance", "Expert": "expert"}
    assert (mine["niveau_obtenu"], mine["niveau_vise"]) == (slugs.get(level, ""), "expert")
    assert {r["issue"] for r in rows.values()} == {"scored", "cancelled"}


def _is_accessible(page: Page) -> None:
    found = axe(page)
    assert not found.response["violations"], found.generate_report()
