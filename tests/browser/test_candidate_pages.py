"""Every page of the candidate in every state: axe finds nothing, in any comfort, and nothing is lost at 400 % zoom."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.delivery import commands
from engine.kernel import SessionId, SittingId
from tests.browser.axe import axe
from tests.browser.conftest import People, Site
from web.app import create_app
from web.config import Settings
from web.db import people as people_rows
from web.db import sittings as sitting_rows
from web.db.people import Person
from web.now import wall_clock
from web.services import exam, gate, messages, presence, supervision
from web.services.house import House

pytestmark = pytest.mark.browser

AT_ONCE = {"width": 1366, "height": 768}
AT_400 = (320, 256)
"""What is left of a window of 1280 × 1024 at 400 % (WCAG 1.4.10)."""
PHONE = (400, 800)
"""Here with the largest text."""
COMFORTS = ("contrast-dark", "contrast-strong", "text-150 font-dyslexic spacing-wide")
RULES = {"rules": {"target-size": {"enabled": True}}}
WIDER = """() => [...document.querySelectorAll('main *, header *, .said *')].filter((e) => {
  const box = e.getBoundingClientRect();
  const scrolls = e.closest('.table-wrap, pre, .visually-hidden, .skip, .rest, svg');
  return box.width > 0 && box.right > innerWidth + 1 && !scrolls;
}).map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 40)}`)"""


@dataclass
class Look:
    """A look at a page as it stands; what is wrong is gathered, so that one run tells everything."""

    page: Page
    wrong: list[str] = field(default_factory=list)
    states: int = 0

    def __call__(self, state: str, comforts: bool = False) -> None:
        """Axe as the page is, and in other comforts; then narrow."""
        self.states += 1
        self._axe(state)
        plain = self.page.locator("html").get_attribute("class") or ""
        for comfort in COMFORTS if comforts else ():
            self._wear(comfort)
            self._axe(f"{state} in {comfort}")
        for how, (width, height), comfort in (("at 400 %", AT_400, plain), ("on a phone", PHONE, "text-200")):
            self._wear(comfort)
            self.page.set_viewport_size({"width": width, "height": height})
            self.wrong += [f"{state} {how}: {wide}" for wide in self.page.evaluate(WIDER)]
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                self.wrong.append(f"{state} {how} has to be scrolled sideways")
        self._wear(plain)
        self.page.set_viewport_size({"width": AT_ONCE["width"], "height": AT_ONCE["height"]})

    def _axe(self, state: str) -> None:
        for found in axe(self.page, options=RULES).response["violations"]:
            places = [" ".join(node["target"]) for node in found["nodes"]][:4]
            self.wrong.append(f"{state}: {found['id']} at {places}")

    def _wear(self, comfort: str) -> None:
        self.page.evaluate("name => { document.documentElement.className = name; }", comfort)


@dataclass
class Staff:
    """A proctor who acts without a page."""

    house: House
    session: SessionId
    proctor: Person

    def say(self, text: str, sitting: SittingId | None = None) -> None:
        messages.send(self.house, self.proctor, self.session, sitting, text, wall_clock())

    def settle(self, sitting: SittingId) -> None:
        """Refuse the alert of a sitting."""
        with self.house.db.write() as connection:
            enrolment = sitting_rows.load(connection, sitting)
            step = commands.refuse_alert(enrolment.sitting, self.proctor.id, "Elle s'affiche ici", wall_clock())
            sitting_rows.save(connection, step)

    def pass_on(self, sitting: SittingId, until: int) -> None:
        """Pass items for the candidate."""
        for n in range(until):
            with self.house.db.read() as connection:
                now = sitting_rows.load(connection, sitting).sitting
            if now.on_screen is None or len(now.answers) >= until:
                return
            exam.answer(self.house, sitting, now.on_screen, None, f"answer-{n}", now.device or "", wall_clock())


@pytest.fixture
def staff(site: Site, tmp_path: Path) -> Staff:
    """On the database that the site serves."""
    house: House = create_app(Settings(data=tmp_path, release="demo", exposure_warm_up=0)).extensions["palier"]
    with house.db.read() as connection:
        proctor = people_rows.with_login(connection, "surveillant")
    assert proctor is not None
    return Staff(house, SessionId(site.seats.session_id), proctor)


def test_nothing_is_wrong_with_any_page_before_the_test(people: People) -> None:
    page = people.somebody(viewport=AT_ONCE)
    look = Look(page)
    page.goto("/candidat/verification")
    expect(page.locator("#c-network .state")).not_to_have_text("Vérification…")
    look("the check", comforts=True)
    page.goto("/candidat/entrainement")
    look("the tutorial")
    for number in range(1, 9):
        page.goto(f"/candidat/entrainement/{number}")
        look(f"sample {number}", comforts=number in (5, 8))
    page.goto("/candidat/entrainement/1")
    page.locator("input[name=reply][value=a]").check()
    page.get_by_role("button", name="Valider et continuer").click()
    expect(page.get_by_text("Ce n'est pas la réponse attendue.")).to_be_visible()
    look("a wrong answer told", comforts=True)
    page.goto("/candidat/entrainement/3")
    page.get_by_role("button", name="Valider et continuer").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("an empty answer")
    page.goto("/candidat")
    look("identity")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Indiquez votre nom")).to_be_visible()
    look("identity with faults", comforts=True)
    assert not look.wrong, "\n".join(look.wrong)
    assert look.states == 14


def test_nothing_is_wrong_with_any_page_of_the_day(site: Site, people: People, staff: Staff) -> None:
    known = site.seats.candidates[0]
    page = people.somebody(viewport=AT_ONCE)
    look = Look(page)
    page.goto("/candidat")
    page.get_by_label("Nom", exact=True).fill(known.last_name)
    page.get_by_label("Prénom").fill(known.first_name)
    page.get_by_label("Date de naissance").fill(known.birth_date)
    page.get_by_label("Code de session").fill(site.seats.session_code)
    page.get_by_role("button", name="Continuer").click()
    look("instructions", comforts=True)
    page.get_by_role("button", name="J'ai lu les consignes").click()
    with staff.house.db.read() as connection:
        enrolled = sitting_rows.load_session(connection, staff.session)
    me = next(e.id for e in enrolled if e.last_name == known.last_name)
    other = next(e.id for e in enrolled if e.id != me)
    presence.console_seen(staff.house, staff.session, staff.proctor.id, wall_clock())
    expect(page.get_by_text("Votre surveillant est connecté")).to_be_visible()
    look("the waiting room", comforts=True)
    supervision.authorise(staff.house, staff.proctor, me, True, wall_clock())
    expect(page.get_by_label("Code personnel")).to_be_visible()
    look("the code")
    page.get_by_label("Code personnel").fill(known.code)
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("heading", name="Tout est prêt")).to_be_visible()
    look("ready")
    page.get_by_role("button", name="Commencer le test").click()

    expect(page.locator("#reply")).to_be_visible()
    page.get_by_text("Confort de lecture").click()
    look("an item with the comfort menu", comforts=True)
    page.keyboard.press("Escape")
    page.get_by_text("Aide ou problème").click()
    look("an item with the help panel", comforts=True)
    page.get_by_role("button", name="Appeler mon surveillant").click()
    expect(page.locator("#said")).to_contain_text("Aide demandée")
    look("an item with a request for help")
    staff.say("J'arrive dans un instant.", me)
    staff.say("Il reste une heure à tous.")
    expect(page.get_by_text("J'arrive dans un instant.", exact=True)).to_be_visible()  # brought by the page itself
    expect(page.locator("#said-now")).to_contain_text("J'arrive dans un instant.")
    look("an item with two messages", comforts=True)
    for _ in range(2):
        page.get_by_role("button", name="J'ai lu").first.click()
        expect(page.locator("#said-now")).to_have_text("Message lu.")
    expect(page.locator("#said .note")).to_have_count(0)

    page.get_by_text("Aide ou problème").click()
    page.get_by_label("Une image ou un fichier ne s'ouvre pas.").check()
    page.get_by_role("button", name="Signaler le problème").click()
    expect(page.get_by_role("heading", name="Votre surveillant regarde la question")).to_be_visible()
    look("a blocked question", comforts=True)
    staff.settle(me)
    expect(page.get_by_text("La question continue")).to_be_visible()  # by itself
    look("a question that goes on", comforts=True)
    supervision.pause(staff.house, staff.proctor, me, "Alerte incendie", wall_clock())
    page.goto("/candidat/test")
    look("a pause", comforts=True)
    supervision.resume(staff.house, staff.proctor, me, wall_clock())
    staff.pass_on(me, 16)
    page.goto("/candidat/test")
    expect(page.get_by_text("Première partie terminée")).to_be_visible()
    look("the second part")
    page.get_by_role("link", name="Terminer le test").click()
    look("the end asked for")
    page.get_by_role("button", name="Terminer définitivement").click()
    expect(page.get_by_role("heading", name="Votre test est terminé")).to_be_visible()
    look("the end", comforts=True)

    page.get_by_role("button", name="Quitter").click()
    gate.check_in(staff.house, other, wall_clock())
    supervision.refuse(staff.house, staff.proctor, other, "Pièce d'identité périmée", wall_clock())
    refused = next(c for c in site.seats.candidates if c.last_name == _name(enrolled, other))
    page.goto("/candidat")
    page.get_by_label("Nom", exact=True).fill(refused.last_name)
    page.get_by_label("Prénom").fill(refused.first_name)
    page.get_by_label("Date de naissance").fill(refused.birth_date)
    page.get_by_label("Code de session").fill(site.seats.session_code)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Vous n'avez pas été admis à composer")).to_be_visible()
    look("not admitted")
    assert not look.wrong, "\n".join(look.wrong)
    assert look.states == 15


def _name(enrolled: list[sitting_rows.Enrolment], sitting: SittingId) -> str:
    return next(e.last_name for e in enrolled if e.id == sitting)
