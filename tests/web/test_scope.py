"""What lies outside somebody's scope is answered as if it did not exist."""

import pytest

from engine.kernel import IncidentId
from tests.web.world import World

PLANNING = ("dupliquer", "modifier", "date", "annuler", "fichier", "codes/nouveaux")
PLACE = ("/modifier", "/deplacer", "/annuler")
GETS = {
    "centre": [
        "/centre/sessions/{session}",
        "/centre/sessions/{session}/inscrire",
        "/centre/sessions/{session}/journal",
        "/centre/sessions/{session}/resultats",
        "/centre/sessions/{session}/resultats.csv",
        "/centre/passations/{sitting}/code",
        *(f"/centre/sessions/{{session}}/{page}" for page in PLANNING),
        *(f"/centre/sessions/{{session}}/{page}" for page in ("fichier/x", "codes", "codes.csv", "codes.pdf")),
        *(f"/centre/passations/{{sitting}}{page}" for page in ("", *PLACE)),
    ],
    "surveillance": [
        "/surveillance/{session}",
        "/surveillance/{session}/etat",
        "/surveillance/{session}/journal",
        "/surveillance/{session}/evenements",
        "/surveillance/{session}/message",
        "/surveillance/{session}/pause",
        "/surveillance/{session}/reprise",
        "/surveillance/{session}/fin",
        "/surveillance/candidats/{sitting}",
        "/surveillance/candidats/{sitting}/etat",
    ],
}
STRANGERS = [("centre-lyon", "centre"), ("surveillant-lyon", "surveillance"), ("voisin", "surveillance")]


@pytest.mark.parametrize(("login", "seat"), STRANGERS)
def test_looking_at_what_is_not_ones_own_does_not_even_close_it(world: World, login: str, seat: str):
    world.start(world.camille)
    before = world.events(world.camille)
    world.clock.forward(hours=5)
    browser = world.staff(login)
    for path in GETS[seat]:
        browser.get(_filled(world, path), expect=404)
    assert world.events(world.camille) == before


def test_a_candidate_is_not_staff_and_staff_is_not_a_candidate(world: World):
    candidate = world.running(world.camille)
    candidate.get(f"/surveillance/{world.session}", expect=303)
    world.staff("surveillant").get("/candidat/test", expect=403)


@pytest.mark.parametrize("login", ["jury", "collegue"])
def test_an_incident_that_does_not_exist_is_not_found(world: World, login: str):
    browser = world.staff(login)
    browser.get("/jury/incidents/nothing", expect=404)
    browser.post("/jury/incidents/nothing", {"decision": "void", "reason": "x", "seen": "0"}, expect=404)


def test_one_browser_may_hold_several_seats_and_leaves_them_one_by_one(world: World):
    browser = world.running(world.camille)
    browser.get("/connexion")
    browser.submit("/connexion", {"login": "surveillant", "password": "palier-demonstration"})
    browser.follow()
    assert browser.get("/candidat/test").heading == "Question 1 sur 16, partie 1"
    browser.get("/surveillance")
    browser.submit("/deconnexion")
    browser.follow()
    browser.get("/surveillance", expect=303)
    assert browser.get("/candidat/test").heading == "Question 1 sur 16, partie 1"
    browser.get("/candidat/test/terminer")
    browser.submit("/candidat/test/terminer")
    browser.follow()
    browser.submit("/candidat/quitter")
    browser.get("/candidat/test", expect=403)


def _filled(world: World, path: str) -> str:
    return path.format(session=world.session, sitting=world.camille.sitting)


@pytest.fixture
def incident(world: World) -> IncidentId:
    """A report on Camille, whose centre is that of one jury member."""
    return world.flag(world.camille)


def test_a_jury_member_is_told_how_many_sessions_of_their_centre_are_hidden_and_sees_the_others(
    world: World, incident: IncidentId
):
    del incident
    browser = world.staff("recusee")
    for path in ("/jury", "/jury/incidents", "/jury/incidents?etat=tous"):
        page = browser.get(path)
        assert "1 session de votre centre n'est pas montrée : vous n'en jugez pas les candidats." in page.text
        for secret in ("Session de démonstration", "MOREAU", "COM-02", world.session):
            assert secret not in page.html
    assert "Session de Lyon" in browser.get("/jury").text
    browser.get(f"/jury/sessions/{world.foreign_session}")


def test_a_jury_member_without_a_centre_sees_all_and_is_told_of_nothing_hidden(world: World, incident: IncidentId):
    browser = world.staff("jury")
    page = browser.get("/jury")
    assert {"Session de démonstration", "Session de Lyon"} <= {
        line.strip() for e in page.root.all("th") for line in [e.text.split(" Atelier")[0]]
    }
    assert "votre centre" not in page.text
    browser.get(f"/jury/incidents/{incident}")
