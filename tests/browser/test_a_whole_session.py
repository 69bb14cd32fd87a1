"""The day of a remote session: five candidates, two proctors, centre and jury, each in a browser of their own."""

import csv
import io
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from engine.items.frameworks import Framework
from engine.items.item import Item
from engine.items.read import read_release
from engine.items.release import Release
from engine.kernel import ItemId, SessionId
from tests.browser.axe import axe
from tests.browser.candidate import fill_in, item_on_screen
from tests.browser.conftest import People, serving
from tests.browser.record import Record
from tests.browser.viewing import sees, show_oneself, tile
from tests.web.paper import Paper
from tests.web.world import raw_reply
from web.app import create_app
from web.config import ROOT, Settings
from web.db import people as people_rows
from web.db import sittings
from web.db.people import Role
from web.french import PARIS
from web.now import wall_clock
from web.services import accounts, demo, exam
from web.services.accounts import NewAccount
from web.services.house import House

pytestmark = pytest.mark.browser

LABEL = "Certification à distance"
STAFF = (*demo.PEOPLE, ("surveillante", "Inès Roche", Role.PROCTOR))
NOBODY_REACHED = "Aucun niveau atteint"
BREAKS_OFF = 40  # the position after which the candidate who was flagged ends the test


@dataclass
class Seat:
    """A candidate, what they were given, and their browser."""

    last: str
    first: str
    birth: date
    track: str
    target: str
    third: str = "non"
    code: str = ""
    page: Page = field(init=False)
    record: Record = field(default_factory=Record)

    @property
    def name(self) -> str:
        """As lists have it."""
        return f"{self.last.upper()} {self.first}"


@dataclass
class Centre:
    """A centre that has accounts and nothing else, and a server that runs."""

    url: str
    house: House
    release: Release
    session: str = ""
    code: str = ""


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """The centre, before anything is planned."""
    house: House = create_app(Settings(data=tmp_path, release="demo", exposure_warm_up=0)).extensions["palier"]
    house.db.upgrade()
    with house.db.write() as connection:
        people_rows.add_centre(connection, "lille", demo.CENTRE, "Lille")
    for login, name, role in STAFF:
        at = "lille" if role in (Role.MANAGER, Role.PROCTOR) else None
        accounts.create(house.db, NewAccount(login, name, role, at, demo.PASSWORD))
    with serving(tmp_path) as url:
        yield Centre(url, house, read_release(ROOT / "item_bank", "demo"))
    house.db.close()


@pytest.fixture
def crowd(browser: Browser, centre: Centre) -> Iterator[People]:
    """Everybody who takes part."""
    there = People(browser, centre.url)
    yield there
    there.leave()
    assert not there.complaints, there.complaints


def test_a_remote_session_with_five_candidates_from_planning_to_results(centre: Centre, crowd: People) -> None:
    cut_off, faulty, flagged, slow, absent = five = [
        Seat("Moreau", "Camille", date(1985, 3, 12), "2nd degré", "Avancé"),
        Seat("Benali", "Idriss", date(1990, 11, 4), "1er degré", "Confirmé"),
        Seat("Le Goff", "Anne-Lise", date(1978, 6, 23), "2nd degré", "Expert"),
        Seat("Dubois-Èze", "Maëlle", date(1988, 5, 9), "2nd degré", "Confirmé", third="oui"),
        Seat("Traoré", "Jean", date(1981, 1, 30), "1er degré", "Confirmé"),
    ]
    present = five[:4]

    manager = crowd.staff("centre")
    plan(manager, centre)
    enrol_from_a_file(manager, centre, five)
    manager.get_by_role("button", name="Ouvrir la session").click()
    expect(manager.locator("dl.facts", has_text="État")).to_contain_text("Ouverte")

    paul, ines = consoles = [crowd.staff("surveillant"), crowd.staff("surveillante")]
    for console in consoles:
        console.goto(f"/surveillance/{centre.session}")
        expect(row(console, absent)).to_contain_text("Inscrit")
    expect(ines.get_by_text("Aussi à la console : Paul Keller")).to_be_visible()

    for seat in present:
        arrive(crowd, centre, seat)
    expect(slow.page.get_by_text("3 h 20, votre temps supplémentaire compris")).to_be_visible()
    for seat in present:
        seat.page.get_by_role("button", name="J'ai lu les consignes").click()
    is_accessible(cut_off.page)
    window = show_oneself(cut_off.page)
    cut_off.page.get_by_role("link", name="Continuer vers la salle d'attente").click()
    for seat in (faulty, flagged, slow):
        seat.page.get_by_text("Je ne peux pas ou ne veux pas être vu").click()
        seat.page.get_by_role("button", name="Continuer sans la vue").click()
        expect(seat.page.get_by_role("heading", name="Salle d'attente")).to_be_visible()
    wall = paul.context.new_page()
    wall.goto(f"/surveillance/{centre.session}/vue")
    sees(wall, cut_off.last.upper())
    expect(tile(wall, flagged.last.upper()).locator("[data-part=standing]")).to_have_text("Vue refusée")
    expect(window.locator("[data-part=seen]")).to_have_text("Paul Keller vous voit en ce moment")
    wall.close()

    let_in(paul, centre, cut_off, is_seen=True)
    start(cut_off)
    answer(centre, cut_off)

    # The first candidate loses the network in mid-item, and answers. Meanwhile the day goes on.
    cut_off.page.wait_for_load_state("networkidle")
    cut_off.page.context.set_offline(True)
    kept = fill(centre, cut_off)
    cut_off.page.get_by_role("button", name="Valider et continuer").click()
    expect(cut_off.page.locator("#saved")).to_contain_text("Hors connexion : 1 réponse gardée sur ce poste")

    for console, seat in ((ines, faulty), (paul, flagged), (ines, slow)):
        let_in(console, centre, seat, is_seen=False)
    for seat in (faulty, flagged, slow):
        start(seat)
        answer(centre, seat)
    removed = replace_a_question(centre, paul, ines, faulty)
    flag(paul, flagged)
    talk(paul, ines, slow, [faulty, flagged, slow], [cut_off, absent])

    # One goes on to the last question, one ends before it, one is stopped with the session.
    answer_on(centre, faulty, wrong_every=3)
    answer_on(centre, flagged, wrong_every=9, until=BREAKS_OFF)
    is_done(faulty)
    flagged.page.goto("/candidat/test")
    flagged.page.get_by_role("link", name="Terminer le test").click()
    flagged.page.get_by_role("button", name="Terminer définitivement").click()
    expect(flagged.page.get_by_text(f"{BREAKS_OFF} réponses sont enregistrées")).to_be_visible()
    flagged.record.unseen = 64 - BREAKS_OFF

    # The console tells who is not heard of; the answer arrives with the network, once.
    paul.goto(f"/surveillance/{centre.session}")
    expect(row(paul, cut_off)).to_contain_text("Sans nouvelles", timeout=60_000)
    expect(paul.locator("tbody tr").first).to_contain_text(cut_off.name)
    assert kept.id not in answers(centre, cut_off)
    cut_off.page.context.set_offline(False)
    expect(cut_off.page.locator(f"#reply:not([data-item='{kept.id}'])")).to_be_visible()
    assert answers(centre, cut_off).count(kept.id) == 1
    expect(row(paul, cut_off)).not_to_contain_text("Sans nouvelles")
    note = cut_off.page.locator(".note", has_text="La session finit à midi.")
    note.get_by_role("button", name="J'ai lu").click()
    expect(note).to_have_count(0)

    answer_on(centre, cut_off, wrong_every=6)
    is_done(cut_off)
    expect(window.get_by_role("heading", name="C'est terminé")).to_be_visible()
    assert removed.id not in {item.id for item in faulty.record.items}
    assert [answers(centre, seat) for seat in present] == [[i.id for i in seat.record.items] for seat in present]

    end(paul, slow, absent)
    finalise(paul, absent)
    papers(manager, centre, five)
    expect(slow.page.get_by_role("heading", name="Votre test a été arrêté")).to_be_visible()

    position = rule_and_publish(crowd, flagged)
    for seat, without in ((cut_off, 0), (faulty, 0), (flagged, position)):
        read_result(seat, without)
    slow.page.goto("/candidat/ici")
    expect(slow.page.get_by_role("heading", name="Résultat non concluant")).to_be_visible()
    arrive(crowd, centre, absent)
    absent.page.get_by_label("Code personnel").fill(absent.code)
    absent.page.get_by_role("button", name="Voir mon résultat").click()
    expect(absent.page.get_by_role("heading", name="Absent")).to_be_visible()
    results_file(manager, centre, five, position)
    statistics(crowd, [cut_off.record.level(0), faulty.record.level(0), flagged.record.level(position)])


# --- the centre ---


def plan(manager: Page, centre: Centre) -> None:
    """A remote session with two proctors, in a few minutes."""
    soon = wall_clock().astimezone(PARIS)  # never another day than the one of opening
    manager.get_by_role("link", name="Nouvelle session").click()
    manager.get_by_label("Intitulé").fill(LABEL)
    manager.get_by_label("Date et heure de convocation").fill(f"{soon:%Y-%m-%dT%H:%M}")
    manager.get_by_label("À distance").check()
    manager.get_by_label("Lieu").fill("À distance")
    manager.get_by_label("Paul Keller").check()
    manager.get_by_label("Inès Roche").check()
    is_accessible(manager)
    manager.get_by_role("button", name="Créer la session").click()
    expect(manager.get_by_text("Session créée.")).to_be_visible()
    centre.session = manager.url.rsplit("/", 1)[1]
    centre.code = manager.locator(".codebox").inner_text()


def enrol_from_a_file(manager: Page, centre: Centre, five: list[Seat]) -> None:
    """The centre's own template is filled in, checked, confirmed; codes and convocations are taken along."""
    manager.get_by_role("link", name="Inscrire par fichier").click()
    book = openpyxl.load_workbook(io.BytesIO(download(manager, "Classeur Excel")))
    sheet: Any = book["Candidats"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for line, seat in enumerate(five, start=2):
        for title, value in {
            "Nom": seat.last,
            "Prénom": seat.first,
            "Date de naissance": seat.birth,
            "Courriel": f"{seat.first.lower()}@exemple.fr",
            "Parcours": seat.track,
            "Niveau visé": seat.target,
            "Tiers temps": seat.third,
        }.items():
            sheet.cell(line, columns[title], value)
    filled = io.BytesIO()
    book.save(filled)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    manager.locator("input[type=file]").set_input_files(
        {"name": "candidats.xlsx", "mimeType": kind, "buffer": filled.getvalue()}
    )
    manager.get_by_role("button", name="Vérifier le fichier").click()
    expect(manager.get_by_role("heading", name="Voici ce qui serait fait")).to_be_visible()
    expect(manager.locator("tr", has_text="DUBOIS-ÈZE")).to_contain_text("tiers temps")
    is_accessible(manager)
    manager.get_by_role("button", name="Inscrire 5 candidats").click()
    expect(manager.get_by_text("5 candidats inscrits.")).to_be_visible()

    given = {line["Nom"]: line for line in table(download(manager, "Télécharger les codes"))}
    for seat in five:
        seat.code = given[seat.last]["Code personnel"]
        assert given[seat.last]["Code de session"] == centre.code
    letters = paper(download(manager, "Télécharger les convocations"), five)
    assert len(letters.pages) == 5
    assert all(any(seat.code in page for page in letters.pages) for seat in five)
    manager.goto(f"/centre/sessions/{centre.session}")


# --- the candidates ---


def arrive(crowd: People, centre: Centre, seat: Seat) -> None:
    """Somebody gives the name, the birth date and the code of the session."""
    seat.page = page = crowd.somebody()
    page.goto("/candidat")
    page.get_by_label("Nom", exact=True).fill(seat.last)
    page.get_by_label("Prénom").fill(seat.first)
    page.get_by_label("Date de naissance").fill(f"{seat.birth:%d/%m/%Y}")
    page.get_by_label("Code de session").fill(centre.code)
    page.get_by_role("button", name="Continuer").click()


def start(seat: Seat) -> None:
    """The waiting room asks for the code by itself; the time is told before it runs."""
    seat.page.get_by_label("Code personnel").fill(seat.code)
    seat.page.get_by_role("button", name="Entrer").click()
    expect(seat.page.locator(".big-time")).to_have_text(re.compile(r"3\sh\s20" if seat.third == "oui" else r"2\sh\s30"))
    seat.page.get_by_role("button", name="Commencer le test").click()


def fill(centre: Centre, seat: Seat) -> Item:
    """Reply rightly to the question on screen, and do not validate."""
    item = item_on_screen(seat.page, centre.release)
    fill_in(seat.page, item.interaction, right=True)
    seat.record.items.append(item)
    seat.record.right.append(True)
    return item


def answer(centre: Centre, seat: Seat) -> None:
    """The same, and see the next question."""
    item = fill(centre, seat)
    seat.page.get_by_role("button", name="Valider et continuer").click()
    expect(seat.page.locator(f"#reply:not([data-item='{item.id}'])")).to_be_visible()


def answer_on(centre: Centre, seat: Seat, wrong_every: int, until: int = 64) -> None:
    """Answer without the browser, passing now and then, up to a position; the page is closed meanwhile."""
    seat.page.goto("about:blank")  # or it would go to the next question by itself, at any moment
    enrolment = enrolled(centre, seat)
    sitting = enrolment.sitting
    while sitting.on_screen is not None and len(seat.record.items) < until:
        item = centre.release.put(sitting.on_screen, sitting.seed)
        right = len(seat.record.items) % wrong_every != 0
        seat.record.items.append(item)
        seat.record.right.append(right)
        reply = raw_reply(item) if right else None
        said = (item.id, reply, str(uuid.uuid4()), sitting.device or "")
        sitting = exam.answer(centre.house, enrolment.id, *said, wall_clock()).state


def is_done(seat: Seat) -> None:
    """The page says that the test is over, with everything that is recorded."""
    seat.page.goto("/candidat/ici")
    expect(seat.page.get_by_role("heading", name="Votre test est terminé")).to_be_visible()
    expect(seat.page.get_by_text("64 réponses sont enregistrées")).to_be_visible()


def read_result(seat: Seat, without: int) -> None:
    """The page says the counts and the level that follow from the answers."""
    seat.page.goto("/candidat/ici")
    expect(seat.page.get_by_role("heading", name=f"Résultat de {seat.first} {seat.last}")).to_be_visible()
    for framework, name in ((Framework.CRCN_EDU, "CRCN-Édu, ensemble"), (Framework.CRCN, "CRCN, ensemble")):
        right, counted = seat.record.percent(framework, without)
        line = seat.page.locator("tr", has=seat.page.get_by_role("rowheader", name=name))
        expect(line).to_contain_text(f"{right} sur {counted}")
    expect(seat.page.locator(".level .name")).to_have_text(seat.record.level(without))
    is_accessible(seat.page)


# --- the proctors ---


def let_in(console: Page, centre: Centre, seat: Seat, is_seen: bool) -> None:
    """The check-in list line by line, and the word that lets somebody in."""
    console.goto(f"/surveillance/{centre.session}")
    row(console, seat).get_by_role("link", name="Vérifications").click()
    door = console.locator("#entree")
    expect(door.locator("fieldset.check")).to_have_count(9)
    for line in door.locator("fieldset.check").all():
        is_screen = "Partage d'écran" in line.inner_text()
        line.get_by_label("Sans objet" if is_screen and not is_seen else "Bon", exact=True).check()
    if is_seen:
        expect(tile(console, seat.last.upper()).locator("[data-part=standing]")).to_have_text("En direct")
        is_accessible(console)
    door.get_by_role("button", name=f"Autoriser {seat.name}").click()
    expect(console.get_by_text("Entrée autorisée", exact=False).first).to_be_visible()


def replace_a_question(centre: Centre, paul: Page, ines: Page, seat: Seat) -> Item:
    """A candidate says that a question is broken; both consoles put it first; one proctor replaces it."""
    for console in (paul, ines):
        console.goto(f"/surveillance/{centre.session}")
    broken = item_on_screen(seat.page, centre.release)
    seat.page.get_by_text("Aide ou problème", exact=True).click()
    seat.page.get_by_label("Une image ou un fichier ne s'ouvre pas").check()
    seat.page.get_by_role("button", name="Signaler le problème").click()
    expect(seat.page.get_by_role("heading", name="Votre surveillant regarde la question")).to_be_visible()
    for console in (paul, ines):
        expect(console.locator(".alert-card")).to_contain_text(seat.name)
        expect(console.locator("tbody tr").first).to_contain_text(seat.name)
    is_accessible(ines)
    card = ines.locator(".alert-card")
    card.get_by_text("Remplacer la question…").click()
    card.get_by_label("Elle est défectueuse").check()
    card.get_by_role("textbox", name="Motif").last.fill("L'image manque")
    card.get_by_role("button", name=f"Remplacer la question de {seat.name}").click()
    expect(ines.locator(".alert-card")).to_have_count(0)
    expect(paul.locator(".alert-card")).to_have_count(0)
    expect(seat.page.get_by_text("Question remplacée")).to_be_visible(timeout=30_000)
    expect(seat.page.get_by_text("L'image manque")).to_be_visible()
    expect(seat.page.locator("#bar")).to_contain_text("Question 2 sur 16")
    assert item_on_screen(seat.page, centre.release).competence == broken.competence
    answer(centre, seat)
    return broken


def flag(console: Page, seat: Seat) -> None:
    """A telephone, by the short form."""
    row(console, seat).get_by_role("link", name="Agir").click()
    console.locator("[data-kind=COM-02]").click()
    console.get_by_label("Précisions").fill("Téléphone consulté sous la table.")
    console.get_by_role("button", name="Signaler pour").click()
    expect(console.get_by_text("Incident signalé.")).to_be_visible()
    expect(console.locator(".reports li")).to_contain_text("retient le résultat")


def talk(paul: Page, ines: Page, asker: Seat, readers: list[Seat], others: list[Seat]) -> None:
    """A word to all that each confirms, and a call for help that is answered."""
    ines.get_by_role("link", name="Message à tous").click()
    ines.get_by_label("Message aux 5 candidats").fill("La session finit à midi.")
    ines.get_by_role("button", name="Envoyer aux 5 candidats").click()
    expect(ines.get_by_text("Message envoyé à tous.")).to_be_visible()
    for reader in readers:
        note = reader.page.locator(".note", has_text="La session finit à midi.")
        note.get_by_role("button", name="J'ai lu").click()
        expect(note).to_have_count(0)
    ines.reload()
    expect(ines.get_by_text(f"pas encore lu par {', '.join(sorted(o.name for o in others))}")).to_be_visible()

    asker.page.get_by_text("Aide ou problème", exact=True).click()
    asker.page.get_by_label("En quelques mots").fill("Puis-je fermer la fenêtre ?")
    asker.page.get_by_role("button", name="Appeler mon surveillant").click()
    expect(asker.page.get_by_text("Votre surveillant est prévenu.")).to_be_visible()
    paul.get_by_role("link", name=LABEL).click()
    asks = paul.locator(".ask-card", has_text=asker.name)
    expect(asks).to_contain_text("Puis-je fermer la fenêtre ?")
    asks.get_by_label(f"Répondre à {asker.name}").fill("Oui, fermez-la.")
    asks.get_by_role("button", name="Envoyer").click()
    expect(paul.locator(".ask-card")).to_have_count(0)
    reply = asker.page.locator(".note", has_text="Oui, fermez-la.")
    expect(reply).to_contain_text("Paul Keller")
    is_accessible(asker.page)
    reply.get_by_role("button", name="J'ai lu").click()
    expect(reply).to_have_count(0)


def end(console: Page, unfinished: Seat, absent: Seat) -> None:
    """The day is over: a cause and a reason for who is not done, and the session is closed."""
    console.get_by_role("link", name="Fin de la session").click()
    left = console.locator("fieldset.unfinished")
    expect(left).to_have_count(1)
    expect(left).to_contain_text(unfinished.name)
    expect(console.get_by_text(f"Sera noté(e) absent(e) : {absent.name}.")).to_be_visible()
    left.get_by_label("Technique").check()
    left.get_by_label(f"Motif pour {unfinished.name}").fill("Panne de courant chez la candidate.")
    is_accessible(console)
    console.get_by_role("button", name="Arrêter ce test et clôturer la session").click()
    expect(console.get_by_text("La session est clôturée.").first).to_be_visible()


def finalise(console: Page, absent: Seat) -> None:
    """What the minutes lack is answered, and they are signed."""
    console.get_by_label(f"Absence : {absent.name}").check()
    for words in console.locator("fieldset.lack textarea").all():
        words.fill("Vu avec la candidate.")
    console.get_by_role("button", name="Finaliser la session").click()
    expect(console.get_by_text("La session est finalisée et transmise au jury.")).to_be_visible()
    is_accessible(console)


def papers(manager: Page, centre: Centre, five: list[Seat]) -> None:
    """The three papers, tagged, with everybody's name; the signed minutes tell what happened."""
    manager.goto(f"/centre/sessions/{centre.session}")
    paper(download(manager, "Convocations (PDF)"), five)
    sheet = paper(download(manager, "Feuille d'émargement"), five)
    assert "Absent" in sheet.text
    minutes = paper(download(manager, "Procès-verbal"), five)
    for fact in ("COM-02", "TEC-05", "Panne de courant chez la candidate.", "Paul Keller", "Inès Roche"):
        assert fact in minutes.text, fact


# --- the jury ---


def rule_and_publish(crowd: People, flagged: Seat) -> int:
    """Without knowing a result the jury neutralises the question on screen, then publishes; the question's position."""
    jury = crowd.staff("jury")
    jury.goto("/jury/incidents")
    line = jury.locator("table.queue tbody tr", has_text="COM-02")
    expect(line).to_contain_text(flagged.name)
    line.get_by_role("link", name="Décider").click()
    jury.get_by_label("Neutraliser des questions").check()
    shown = jury.locator("label.tick", has_text="à l'écran lors de l'incident")
    position = int(shown.locator("input").get_attribute("value") or "")
    assert position == 2
    shown.locator("input").check()
    jury.get_by_label("Motif").fill("La question en cours au moment des faits ne compte pas.")
    is_accessible(jury)
    jury.get_by_role("button", name="Enregistrer", exact=False).first.click()
    expect(jury.get_by_text("Décision enregistrée.")).to_be_visible()
    jury.goto("/jury/incidents?etat=decides")
    jury.locator("table.queue tbody tr", has_text="COM-02").get_by_role("link", name="Relire").click()
    expect(jury.get_by_text("à l'aveugle : le résultat n'était connu de personne")).to_be_visible()
    jury.goto("/jury/incidents")
    jury.get_by_role("link", name="Sessions", exact=True).first.click()
    jury.get_by_role("link", name="Examiner").click()
    jury.get_by_role("link", name="Vérifier et publier").click()
    expect(jury.get_by_text("Aucun résultat n'est retenu.")).to_be_visible()
    is_accessible(jury)
    jury.get_by_role("button", name="Publier les résultats").click()
    expect(jury.get_by_text("5 résultats publiés.")).to_be_visible()
    return position


def statistics(crowd: People, levels: list[str]) -> None:
    """The figures of the session: five enrolled, four present, and the levels."""
    jury = crowd.staff("jury")
    jury.goto("/jury/statistiques")
    summary = jury.get_by_role("region", name="Synthèse")
    reached = sum(level != NOBODY_REACHED for level in levels)
    for title, n in {
        "Inscrits": 5,
        "Absents": 1,
        "Présents": 4,
        "Un niveau obtenu": reached,
        "Non concluants": 1,
    }.items():
        line = summary.locator("tr", has=jury.get_by_role("rowheader", name=title, exact=True))
        expect(line.locator("td").last).to_have_text(str(n))
    is_accessible(jury)


def results_file(manager: Page, centre: Centre, five: list[Seat], position: int) -> None:
    """Five rows, with what became of each."""
    manager.goto(f"/centre/sessions/{centre.session}")
    manager.get_by_role("link", name="Voir les résultats").click()
    is_accessible(manager)
    rows = {line["nom"]: line for line in table(download(manager, "Télécharger le fichier"))}
    cut_off, faulty, flagged, slow, absent = five
    assert set(rows) == {seat.last for seat in five}
    slugs = {"Confirmé": "confirme", "Avancé": "avance", "Expert": "expert", NOBODY_REACHED: ""}
    for seat, without in ((cut_off, 0), (faulty, 0), (flagged, position)):
        mine, edu, crcn = rows[seat.last], *(seat.record.percent(f, without) for f in Framework)
        assert (mine["issue"], mine["niveau_obtenu"]) == ("scored", slugs[seat.record.level(without)])
        assert (mine["crcn_edu_justes"], mine["crcn_edu_comptees"]) == tuple(map(str, edu))
        assert (mine["crcn_justes"], mine["crcn_comptees"]) == tuple(map(str, crcn))
    assert rows[slow.last]["issue"] == "inconclusive"
    assert (rows[absent.last]["issue"], rows[absent.last]["cause_annulation"]) == ("cancelled", "absent")


# --- what all need ---


def row(console: Page, seat: Seat) -> Locator:
    """The row of a candidate on a console."""
    return console.locator("tbody tr", has_text=seat.name)


def enrolled(centre: Centre, seat: Seat) -> sittings.Enrolment:
    """A candidate's place, as it is stored now."""
    with centre.house.db.read() as connection:
        return next(e for e in sittings.load_session(connection, SessionId(centre.session)) if e.last_name == seat.last)


def answers(centre: Centre, seat: Seat) -> list[ItemId]:
    """The questions whose answers are recorded, in order."""
    return [a.item for a in enrolled(centre, seat).sitting.answers]


def download(page: Page, name: str) -> bytes:
    """The file behind a link."""
    with page.expect_download() as started:
        page.get_by_role("link", name=name).click()
    return started.value.path().read_bytes()


def table(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def paper(content: bytes, five: list[Seat]) -> Paper:
    """A tagged PDF with everybody's name."""
    found = Paper(content)
    assert found.pdf.Root.MarkInfo.Marked
    assert found.tags["H1"]
    for seat in five:
        assert seat.last.upper() in found.text, f"{seat.last} is not in {found.text[:400]}"
        assert seat.first in found.text
    return found


def is_accessible(page: Page) -> None:
    """Axe finds nothing."""
    found = axe(page)
    assert not found.response["violations"], found.generate_report()
