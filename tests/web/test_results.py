"""What a candidate and a centre read once the jury has published."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest

from engine.items.frameworks import Level
from tests.house.source import ROOT
from tests.web.browser import Browser
from tests.web.world import World
from web.services import adjudication
from web.services.results_file import COLUMNS


@pytest.fixture
def expert(world: World) -> Browser:
    """Camille, who came for Avancé, answered everything right; the others never came. It is published."""

    def reach() -> None:
        world.start(world.camille)
        world.answer_all(world.camille)
        world.close_day()
        world.publish()

    world.at("published", reach)
    return world.back(world.camille, expect=303)


def test_a_candidate_reads_the_result_in_the_browser_of_the_test(expert: Browser):
    expert.get("/candidat/ici", expect=303)
    page = expert.follow()
    assert page.heading == "Résultat de Camille Moreau"
    assert page.path == "/candidat/resultat"
    for told in (
        "Expert",
        "Niveau visé Avancé",
        "trois ans, jusqu'au 23 novembre 2029",
        "16 sur 16",
        "48 sur 48",
        "Environnement professionnel",
        "Acquis (32)",
        "paramètres simulés, sans valeur officielle",
    ):
        assert told in page.text
    assert "non atteint" not in page.text
    assert "À travailler" not in page.text


def test_another_browser_needs_the_personal_code(world: World, expert: Browser):
    del expert
    browser = world.recognised(world.camille, "192.0.2.8")
    assert browser.page.heading == "Votre résultat est publié"
    assert "Expert" not in browser.page.text
    page = browser.submit("/candidat/resultat", {"code": world.idriss.code}, expect=401)
    assert page.alert.startswith("Ce n'est pas le bon code.")
    page = browser.submit("/candidat/resultat", {"code": " "}, expect=400)
    assert page.errors["code"].startswith("Indiquez votre code personnel")
    browser.submit("/candidat/resultat", {"code": world.camille.code})
    assert browser.follow().heading == "Résultat de Camille Moreau"
    assert browser.get("/candidat/resultat").heading == "Résultat de Camille Moreau"


def test_the_proof_for_one_candidate_is_no_proof_for_another(world: World, expert: Browser):
    expert.get("/candidat")
    expert.submit("/candidat", world.idriss.identity)
    assert expert.follow().heading == "Votre résultat est publié"
    expert.submit("/candidat/resultat", {"code": world.camille.code}, expect=401)


def test_before_publication_there_is_nothing_to_read(world: World):
    browser = world.taken_early(world.camille)
    world.close_day()
    browser.get("/candidat/resultat", expect=303)
    assert browser.follow().heading == "Votre test est terminé"
    other = world.recognised(world.camille, "192.0.2.8")
    other.get("/candidat/resultat", expect=303)
    assert "publié" not in other.follow().heading


def test_who_did_not_come_is_told_so(world: World, expert: Browser):
    del expert
    browser = world.recognised(world.idriss)
    browser.submit("/candidat/resultat", {"code": world.idriss.code})
    page = browser.follow()
    assert "Absent" in page.text
    assert "ne donne pas de résultat" in page.text


def test_an_early_end_counts_what_was_not_seen_as_wrong(world: World):
    browser = world.taken_early(world.camille)
    world.close_day()
    world.publish()
    browser.get("/candidat/ici", expect=303)
    page = browser.follow()
    assert "Aucun niveau atteint" in page.text
    assert "0 sur 16" in page.text
    assert "0 sur 48" in page.text
    assert "Questions non vues 63" in page.text


def test_a_technical_end_after_little_is_inconclusive(world: World):
    world.start(world.camille)
    world.finish(world.camille)
    world.close_day()
    world.publish()
    browser = world.recognised(world.camille)
    browser.submit("/candidat/resultat", {"code": world.camille.code})
    page = browser.follow()
    assert "Résultat non concluant" in page.text
    assert "sans frais" in page.text


def test_the_manager_reads_the_results_of_the_session(world: World, expert: Browser):
    del expert
    manager = world.staff("centre")
    page = manager.get(f"/centre/sessions/{world.session}")
    assert f"/centre/sessions/{world.session}/resultats" in page.links()
    page = manager.get(f"/centre/sessions/{world.session}/resultats")
    rows = {r.one("th").text: r.text for r in page.root.one("tbody").all("tr")}
    assert "Avancé Expert 100 % 16/16 100 % 48/48 23 novembre 2029" in rows["MOREAU Camille"]
    assert "Absent" in rows["BENALI Idriss"]


def test_there_are_no_results_before_publication(world: World):
    manager = world.staff("centre")
    for path in ("resultats", "resultats.csv"):
        page = manager.get(f"/centre/sessions/{world.session}/{path}", expect=409)
        assert page.alert == "Les résultats de cette session ne sont pas encore publiés."


def test_the_file_has_its_documented_columns_and_one_line_for_each_candidate(world: World, expert: Browser):
    del expert
    manager = world.staff("centre")
    manager.get("/centre")
    answer = manager.get(f"/centre/sessions/{world.session}/resultats.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.body.startswith(b"\xef\xbb\xbf")
    assert answer.body.count(b"\n") == answer.body.count(b"\r\n") == 4
    lines = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig")), delimiter=";"))
    assert tuple(lines[0]) == COLUMNS
    camille = next(line for line in lines if line["nom"] == "Moreau")
    assert camille | _EXPECTED == camille
    absent = next(line for line in lines if line["nom"] == "Benali")
    assert (absent["issue"], absent["niveau_obtenu"], absent["crcn_justes"]) == ("cancelled", "", "")
    log = manager.get(f"/centre/sessions/{world.session}/journal").text
    assert "Document téléchargé" in log
    assert "Résultats" in log


_EXPECTED = {
    "format": "palier-result/1",
    "academie": "Lille",
    "centre": "Atelier numérique de Lille",
    "prenom": "Camille",
    "date_naissance": "1985-03-12",
    "date_session": "2026-11-23",
    "parcours": "second_degree",
    "niveau_vise": "avance",
    "issue": "scored",
    "niveau_obtenu": "expert",
    "date_obtention": "2026-11-23",
    "valable_jusqu_au": "2029-11-23",
    "crcn_edu_justes": "16",
    "crcn_edu_comptees": "16",
    "crcn_edu_domaine_1_justes": "5",
    "crcn_edu_domaine_5_comptees": "2",
    "crcn_justes": "48",
    "crcn_comptees": "48",
    "epreuves_neutralisees": "0",
    "regles": "2023",
    "version_banque": "demo",
    "parametres": "simulated",
}


def test_the_jury_may_download_the_file_too_and_a_proctor_may_not(world: World, expert: Browser):
    del expert
    address = f"/centre/sessions/{world.session}/resultats.csv"
    assert world.staff("jury").get(address).body.startswith(b"\xef\xbb\xbf")
    world.staff("surveillant").get(address, expect=403)


def test_the_columns_are_those_of_the_documentation():
    text = (ROOT / "docs" / "results-file.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    documented = []
    for cell in cells:
        first, *others = re.findall(r"`([^`]+)`", cell)
        documented += [first, *(first.replace("justes", other.removeprefix("…_")) for other in others)]
    assert tuple(documented) == COLUMNS


def test_a_result_is_dated_as_the_calendar_in_paris_shows(world: World):
    world.clock.now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # half past midnight in Paris
    world.start(world.camille)
    world.answer_all(world.camille)
    world.close_day()
    world.publish()
    document = adjudication.published(world.house, world.camille.sitting)
    assert document is not None
    assert (document["obtained_on"], document["valid_until"]) == ("2026-11-24", "2029-11-24")


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+33Alpha", "-1Beta", "@SUM(A1)", "\tx"])
def test_a_name_that_a_spreadsheet_would_run_is_made_inert(world: World, name: str):
    manager = world.staff("centre")
    address = f"/centre/sessions/{world.session}/inscrire"
    manager.get(address)
    fields = {
        "last_name": name,
        "first_name": name,
        "birth_date": "1988-05-17",
        "email": "x@exemple.fr",
        "track": "first_degree",
        "target": "confirme",
    }
    manager.submit(address, fields)
    world.close_day()
    world.publish()
    answer = manager.get(f"/centre/sessions/{world.session}/resultats.csv")
    cells = [c for line in csv.reader(io.StringIO(answer.body.decode("utf-8-sig")), delimiter=";") for c in line]
    assert any(name.strip() in c for c in cells)
    assert not [c for c in cells if c[:1] in tuple("=+-@\t\r")]


@pytest.mark.slow
@pytest.mark.parametrize("target", [Level.INITIE, Level.EXPERT])
def test_the_level_awarded_is_the_highest_met_whatever_the_target(world: World, target: Level):
    seat = world.enrolled("Roux", target=target)
    world.start(seat)
    world.answer_all(seat)
    world.close_day()
    world.publish()
    manager = world.staff("centre")
    page = manager.get(f"/centre/sessions/{world.session}/resultats")
    row = next(r.text for r in page.root.one("tbody").all("tr") if "ROUX" in r.text)
    assert "Expert 100 %" in row
