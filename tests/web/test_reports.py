"""Incidents on a candidate's page: what happened, when it was told, and what was added later."""

import pytest

from tests.web.browser import Browser
from tests.web.world import World
from web.services import followups


@pytest.fixture
def proctor(world: World) -> Browser:
    """The proctor before the page of Camille, who has begun."""
    world.start(world.camille)
    browser = world.staff("surveillant")
    browser.get(f"/surveillance/candidats/{world.camille.sitting}")
    return browser


def there(world: World) -> str:
    return f"/surveillance/candidats/{world.camille.sitting}"


def test_a_report_shows_when_it_happened_when_it_was_told_and_what_it_does(world: World, proctor: Browser):
    world.clock.forward(minutes=40)
    proctor.get(there(world))
    proctor.submit(
        f"{there(world)}/incident", {"kind": "COM-02", "text": "Téléphone sous la table", "occurred_at": "09:31"}
    )
    page = proctor.follow()
    assert "COM-02 · Téléphone ou autre appareil Fraude, gravité 0,8, retient le résultat" in page.text
    assert "Téléphone sous la table Survenu à 09:31:00, enregistré à 09:40:00 par Paul Keller" in page.text


def test_a_follow_up_is_added_and_the_report_stays_as_it_was(world: World, proctor: Browser):
    incident = world.flag(world.camille, text="Téléphone sous la table")
    world.clock.forward(minutes=3)
    for text in ("Le candidat l'a rangé.", "Rien d'autre n'a été vu."):
        proctor.get(there(world))
        proctor.submit(f"/surveillance/incidents/{incident}/suite", {"text": text})
        page = proctor.follow()
        world.clock.forward(seconds=20)
    assert "Téléphone sous la table" in page.text
    assert page.text.index("Le candidat l'a rangé. Ajouté à 09:03:00 par Paul Keller") < page.text.index("Rien d'autre")
    log = world.staff("jury").get(f"/jury/sessions/{world.session}/journal").text
    assert "Ajout à un signalement · MOREAU Camille COM-02 · Le candidat l'a rangé." in log


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(" ", "Écrivez ce que vous voulez ajouter"), ("x" * 2001, "Le texte dépasse 2 000 caractères")],
)
def test_a_follow_up_that_cannot_be_taken_says_why(world: World, proctor: Browser, text: str, sentence: str):
    incident = world.flag(world.camille)
    proctor.get(there(world))
    proctor.submit(f"/surveillance/incidents/{incident}/suite", {"text": text})
    assert sentence in proctor.follow().text
    with world.house.db.read() as connection:
        assert followups.of_incidents(connection, [incident]) == []


def test_a_follow_up_is_taken_until_the_minutes_are_signed(world: World, proctor: Browser):
    incident = world.flag(world.camille)
    world.finish(world.camille)
    world.close_day()
    proctor.get(there(world))
    proctor.submit(f"/surveillance/incidents/{incident}/suite", {"text": "Vu sur le plan de salle."})
    assert "Ajouté au signalement." in proctor.follow().text
    world.finalise()
    page = proctor.get(there(world))
    assert not page.has_form(f"/surveillance/incidents/{incident}/suite")
    proctor.post(f"/surveillance/incidents/{incident}/suite", {"text": "Trop tard"})
    assert "Ajouté au signalement." not in proctor.follow().text
    world.publish_with(incident)
    page = proctor.get(there(world))
    assert not page.has_form(f"/surveillance/incidents/{incident}/suite")
    proctor.post(f"/surveillance/incidents/{incident}/suite", {"text": "Trop tard"})
    assert "Les résultats de cette session sont publiés" in proctor.follow().text


def test_a_stranger_adds_nothing_to_a_report(world: World):
    world.start(world.camille)
    incident = world.flag(world.camille)
    stranger = world.staff("surveillant-lyon")
    stranger.get("/surveillance")
    stranger.post(f"/surveillance/incidents/{incident}/suite", {"text": "x"}, expect=404)
    with world.house.db.read() as connection:
        assert followups.of_incidents(connection, [incident]) == []
