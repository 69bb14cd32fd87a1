"""A rejection for fraud is proposed by one person of the jury and confirmed by another."""

import pytest

from engine.kernel import IncidentId, RulingId
from engine.proctoring.ruling import Confirmation, ConfirmedByProposer, NothingToConfirm
from engine.scoring.result import Cancelled, Cause, Withheld
from tests.web.browser import Browser
from tests.web.world import World
from web.db import incidents
from web.services import adjudication
from web.services.adjudication import Reply

PROPOSAL = {"decision": "fraud", "reason": "Messagerie ouverte", "heard": "Entretien du 24 novembre"}


@pytest.fixture
def incident(world: World) -> IncidentId:
    """A mail program on Camille's screen; the test is over and the session closed."""
    world.start(world.camille)
    found = world.flag(world.camille, kind="COM-03")
    world.finish(world.camille)
    world.close_day()
    return found


@pytest.fixture
def proposed(world: World, incident: IncidentId) -> IncidentId:
    """The same after one person of the jury proposed to reject for fraud."""
    browser = world.staff("jury")
    browser.get(f"/jury/incidents/{incident}")
    browser.submit(f"/jury/incidents/{incident}", PROPOSAL)
    assert "Proposition enregistrée. COM-03, MOREAU Camille : rejeter pour fraude." in browser.follow().text
    return incident


def test_a_proposal_says_how_the_candidate_was_heard_and_loses_no_text_when_it_does_not(
    world: World, incident: IncidentId
):
    browser = world.staff("jury")
    browser.get(f"/jury/incidents/{incident}")
    page = browser.submit(f"/jury/incidents/{incident}", PROPOSAL | {"heard": "  "}, expect=400)
    assert page.alert.startswith("Indiquez quand et comment la personne a été entendue")
    assert page.root.one("textarea", name="reason").text == "Messagerie ouverte"
    assert page.root.one("input", name="decision", value="fraud").has("checked")
    assert not adjudication.case(world.house, world.person("jury"), incident).rulings


def test_a_proposal_alone_has_no_effect_and_keeps_the_result_from_publication(world: World, proposed: IncidentId):
    [camille] = [s for s in docket(world).standings if s.enrolment.id == world.camille.sitting]
    assert isinstance(camille.outcome, Withheld)
    page = world.staff("jury").get(f"/jury/sessions/{world.session}/publier")
    assert "fraude à confirmer par une autre personne" in page.text
    assert f"/jury/incidents/{proposed}?session={world.session}" in page.links()
    assert not page.has_form(f"/jury/sessions/{world.session}/publier")


def test_who_proposed_finds_no_form_to_confirm_and_is_refused(world: World, proposed: IncidentId):
    browser = world.staff("jury")
    page = browser.get(f"/jury/incidents/{proposed}")
    assert "Une autre personne du jury le confirme ou le refuse" in page.text
    assert not page.has_form(f"/jury/incidents/{proposed}/confirmation")
    fields = {"ruling": ruling(world, proposed), "answer": "agree"}
    page = browser.post(f"/jury/incidents/{proposed}/confirmation", fields, expect=403)
    assert page.alert.startswith("Vous avez proposé ce rejet")
    with pytest.raises(ConfirmedByProposer):
        answer(world, "jury", proposed, ruling(world, proposed))


def test_a_second_person_confirms_and_the_candidate_is_rejected(world: World, proposed: IncidentId):
    browser = world.staff("collegue")
    page = browser.get(f"/jury/incidents/{proposed}")
    assert "Entretien du 24 novembre" in page.text
    assert "Passation rejetée" not in page.text
    browser.submit(f"/jury/incidents/{proposed}/confirmation", {"answer": "agree", "said": "Vu aussi", "then": "stay"})
    page = browser.follow()
    assert "Réponse enregistrée. COM-03, MOREAU Camille : fraude confirmée." in page.text
    [camille] = [s for s in docket(world).standings if s.enrolment.id == world.camille.sitting]
    assert camille.outcome == Cancelled(Cause.FRAUD)
    page = browser.get(f"/jury/incidents/{proposed}")
    assert "après : Passation rejetée pour fraude" in page.text
    log = browser.get(f"/jury/sessions/{world.session}/journal").text
    assert "Fraude confirmée par une deuxième personne du jury" in log
    world.publish()
    document = adjudication.published(world.house, world.camille.sitting)
    assert document is not None
    assert (document["outcome"], document["cause"]) == ("cancelled", "fraud")
    candidate = world.back(world.camille, expect=303)
    candidate.get("/candidat/resultat")
    assert "Passation rejetée pour fraude" in candidate.page.text


def test_a_refusal_says_why_and_opens_the_incident_again(world: World, proposed: IncidentId):
    browser = world.staff("collegue")
    browser.get(f"/jury/incidents/{proposed}")
    address = f"/jury/incidents/{proposed}/confirmation"
    assert browser.submit(address, {"answer": "refuse"}, expect=400).alert.startswith("Motivez votre décision")
    browser.submit(address, {"answer": "refuse", "said": "On ne voit qu'une icône"})
    browser.follow()
    page = world.staff("jury").get(f"/jury/incidents/{proposed}")
    assert "Décision n° 1 : non confirmée" in page.text
    assert "On ne voit qu'une icône" in page.text
    assert page.has_form(f"/jury/incidents/{proposed}")
    with pytest.raises(NothingToConfirm):
        answer(world, "collegue", proposed, ruling(world, proposed))
    [camille] = [s for s in docket(world).standings if s.enrolment.id == world.camille.sitting]
    assert isinstance(camille.outcome, Withheld)


def test_an_answer_to_a_proposal_that_was_replaced_is_refused(world: World, proposed: IncidentId):
    browser: Browser = world.staff("collegue")
    browser.get(f"/jury/incidents/{proposed}")
    other = world.staff("jury")
    other.get(f"/jury/incidents/{proposed}")
    other.submit(f"/jury/incidents/{proposed}", {"decision": "no_effect", "reason": "Méprise"})
    page = browser.submit(f"/jury/incidents/{proposed}/confirmation", {"answer": "agree"}, expect=409)
    assert page.alert == "Cette proposition n'attend plus de réponse. Relisez ce qui a été décidé."


def test_of_two_answers_at_once_one_is_stored(world: World, proposed: IncidentId):
    with world.house.db.read() as connection:
        [proposal] = incidents.rulings_on(connection, [incidents.load(connection, proposed)])
    yes = Confirmation(proposal.id, world.person("collegue").id, True, "", world.clock())
    no = Confirmation(proposal.id, world.person("tierce").id, False, "Non", world.clock())
    with world.house.db.write() as connection:
        incidents.add_confirmation(connection, yes)
        with pytest.raises(NothingToConfirm):
            incidents.add_confirmation(connection, no)
        [stored] = incidents.rulings_on(connection, [incidents.load(connection, proposed)])
    assert stored.confirmation == yes


def test_a_confirmation_says_yes_or_no(world: World, proposed: IncidentId):
    browser = world.staff("collegue")
    browser.get(f"/jury/incidents/{proposed}")
    page = browser.submit(f"/jury/incidents/{proposed}/confirmation", {"said": "Hm"}, expect=400)
    assert page.alert == "Choisissez : confirmer ou refuser."
    assert page.root.one("textarea", name="said").text == "Hm"


def test_a_confirmation_of_nothing_that_exists_is_not_found(world: World):
    browser = world.staff("jury")
    browser.get("/jury")
    browser.post("/jury/incidents/nothing/confirmation", {"answer": "agree", "ruling": "x"}, expect=404)


def docket(world: World) -> adjudication.Docket:
    return adjudication.docket(world.house, world.person("jury"), world.session, world.clock())


def ruling(world: World, incident: IncidentId) -> str:
    last = adjudication.case(world.house, world.person("jury"), incident).standing
    assert last is not None
    return last.id


def answer(world: World, login: str, incident: IncidentId, about: str) -> None:
    reply = Reply(RulingId(about), True, "")
    adjudication.answer_proposal(world.house, world.person(login), incident, reply, world.clock())
