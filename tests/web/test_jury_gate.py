"""Before publication: what stands in the way, with a way there, and a second look before it happens."""

import pytest

from engine.delivery import session as states
from engine.delivery.session import SessionState
from engine.kernel import IncidentId
from engine.proctoring.ruling import Decision
from tests.web.world import World
from web.services import adjudication
from web.services.adjudication import StillWithheld, Verdict, may_be_published


@pytest.fixture
def incident(world: World) -> IncidentId:
    """Camille's test ended for a technical cause after a phone was seen; noise was noted besides."""
    world.start(world.camille)
    found = world.flag(world.camille)
    world.flag(world.camille, kind="ENV-02")
    world.finish(world.camille)
    return found


def gate(world: World) -> str:
    return f"/jury/sessions/{world.session}/publier"


def test_a_session_that_runs_is_not_published(world: World, incident: IncidentId):
    del incident
    page = world.staff("jury").get(gate(world))
    assert "La session n'est pas clôturée" in page.text
    assert not page.has_form(gate(world))


def test_a_session_that_is_closed_waits_for_its_minutes(world: World, incident: IncidentId):
    world.close_day()
    decide(world, incident)
    page = world.staff("jury").get(gate(world))
    assert "La session n'est pas finalisée" in page.text
    assert not page.has_form(gate(world))


def test_the_gate_names_who_is_withheld_and_leads_to_each_incident(world: World, incident: IncidentId):
    world.close_day()
    world.finalise()
    page = world.staff("jury").get(gate(world))
    assert "1 résultat retenu" in page.text
    assert "MOREAU Camille : COM-02 · Téléphone ou autre appareil" in page.text
    assert f"/jury/incidents/{incident}?session={world.session}" in page.links()
    assert not page.has_form(gate(world))
    with pytest.raises(StillWithheld):
        world.publish()


def test_what_only_informs_is_told_and_stops_nothing(world: World, incident: IncidentId):
    world.close_day()
    world.finalise()
    decide(world, incident)
    page = world.staff("jury").get(gate(world))
    assert "1 résultat non concluant, une nouvelle session est due sans frais : MOREAU Camille." in page.text
    assert "Signalements qui ne retiennent rien et que personne n'a examinés" in page.text
    assert "ENV-02 · Bruit, interruption" in page.text
    assert page.has_form(gate(world))


def test_the_button_stands_on_the_page_that_says_what_will_be_seen(world: World, incident: IncidentId):
    world.close_day()
    world.finalise()
    decide(world, incident)
    jury = world.staff("jury")
    session = jury.get(f"/jury/sessions/{world.session}")
    assert not session.has_form(gate(world))
    assert gate(world) in session.links()
    page = jury.get(gate(world))
    section = page.root.one("section", **{"aria-labelledby": "h-go"})
    assert "3 résultats seront visibles des candidats et du centre" in section.text
    assert [li.text for li in section.all("li")] == ["2 Absent", "1 Non concluant"]
    jury.submit(gate(world))
    assert "3 résultats publiés." in jury.follow().text
    page = jury.get(gate(world))
    assert "Les résultats sont publiés." in page.text
    assert not page.has_form(gate(world))


def test_a_publication_that_came_too_early_leads_back_to_what_stands_in_the_way(world: World, incident: IncidentId):
    del incident
    world.close_day()
    world.finalise()
    jury = world.staff("jury")
    jury.get(gate(world))
    jury.post(gate(world))
    page = jury.follow()
    assert page.path == gate(world)
    assert "(MOREAU Camille)" in page.text


def test_whether_a_session_can_be_published_is_asked_of_the_table_of_its_states(monkeypatch: pytest.MonkeyPatch):
    ready = [s for s in SessionState if may_be_published(s)]
    assert len(ready) == 1
    assert states.moved(ready[0], SessionState.PUBLISHED) is SessionState.PUBLISHED
    monkeypatch.setattr(adjudication, "SESSION_TRANSITIONS", frozenset())
    assert not any(may_be_published(s) for s in SessionState)


def decide(world: World, incident: IncidentId) -> None:
    verdict = Verdict(Decision.NO_EFFECT, (), "Éteint et rangé", 0)
    adjudication.adjudicate(world.house, world.person("jury"), incident, verdict, world.clock())
