"""The queue of a jury: what holds a result first, the heaviest first, and one after the other."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.delivery.session import SessionState
from engine.kernel import IncidentId, SessionId
from engine.proctoring.incident import Category
from engine.proctoring.ruling import Decision, decided, open_incidents
from tests.builders import NOON, a_ruling, an_incident
from tests.web.browser import Browser
from tests.web.world import World
from web.db import docket, incidents
from web.db.docket import Reported
from web.jury.cases import STATES
from web.services import adjudication
from web.services.adjudication import Verdict
from web.services.queue import OPEN, Entry, Stage, stage_of


@pytest.fixture
def reported(world: World) -> dict[str, IncidentId]:
    """Four reports of different weight on two candidates, all over."""
    found = {}
    for seat, kinds in ((world.camille, ("TEC-01", "ENV-02")), (world.idriss, ("REM-01", "COM-02"))):
        world.start(seat)
        for kind in kinds:
            world.clock.forward(seconds=30)
            found[kind] = world.flag(seat, kind=kind)
        world.finish(seat)
    world.close_day()
    return found


def codes(browser: Browser, query: str = "") -> list[str]:
    """The kinds of the incidents on the page, in order."""
    table = browser.get(f"/jury/incidents{query}").root
    return [e.text.split()[0] for e in table.all("th") if e.get("scope") == "row"]


def test_what_holds_a_result_comes_first_and_the_heaviest_before_the_lighter(
    world: World, reported: dict[str, IncidentId]
):
    del reported
    browser = world.staff("jury")
    assert codes(browser) == ["REM-01", "COM-02", "TEC-01"]
    assert codes(browser, "?etat=tous") == ["REM-01", "COM-02", "TEC-01", "ENV-02"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?etat=information", ["ENV-02"]),
        ("?etat=decides", []),
        ("?etat=a-confirmer", []),
        ("?etat=a-decider&categorie=fraud", ["REM-01", "COM-02"]),
        ("?categorie=technical", ["TEC-01"]),
        ("?categorie=nonsense", ["REM-01", "COM-02", "TEC-01"]),
        ("?etat=nonsense", ["REM-01", "COM-02", "TEC-01"]),
        ("?session=nothing", []),
    ],
)
def test_the_queue_can_be_narrowed(world: World, reported: dict[str, IncidentId], query: str, expected: list[str]):
    del reported
    assert codes(world.staff("jury"), query) == expected


def test_a_queue_without_incidents_says_so(world: World):
    browser = world.staff("jury")
    assert "Aucun incident n'attend de décision." in browser.get("/jury/incidents").text
    assert "Aucun incident ne correspond à ce filtre." in browser.get("/jury/incidents?etat=decides").text


def test_every_state_of_the_filter_has_its_count(world: World, reported: dict[str, IncidentId]):
    rule(world, "jury", reported["COM-02"], Decision.NO_EFFECT)
    rule(world, "jury", reported["REM-01"], Decision.FRAUD)
    options = [e.text for e in world.staff("jury").get("/jury/incidents").root.one("select", name="etat").all("option")]
    assert options == [
        "À décider ou à confirmer (2)",
        "À décider (1)",
        "Fraude à confirmer (1)",
        "Pour information (1)",
        "Décidés (1)",
        "Tous (4)",
    ]
    assert len(options) == len(STATES)


def test_after_a_ruling_comes_the_next_incident_with_the_filter_kept(world: World, reported: dict[str, IncidentId]):
    browser = world.staff("jury")
    browser.get(f"/jury/incidents/{reported['REM-01']}?categorie=fraud")
    assert "1 sur 2 dans la file" in browser.page.text
    browser.submit(f"/jury/incidents/{reported['REM-01']}", {"decision": "no_effect", "reason": "Rien", "then": "next"})
    page = browser.follow()
    assert page.path == f"/jury/incidents/{reported['COM-02']}?categorie=fraud"
    assert "Voici le suivant." in page.text
    browser.submit(f"/jury/incidents/{reported['COM-02']}", {"decision": "no_effect", "reason": "Rien"})
    page = browser.follow()
    assert "Aucun autre incident n'attend votre décision." in page.text
    assert page.path == f"/jury/sessions/{world.session}"


def test_who_stays_sees_the_effect(world: World, reported: dict[str, IncidentId]):
    browser = world.staff("jury")
    browser.get(f"/jury/incidents/{reported['TEC-01']}")
    assert "Effet sur le résultat" not in browser.page.text
    fields = {"decision": "new_session", "reason": "Panne", "then": "stay"}
    browser.submit(f"/jury/incidents/{reported['TEC-01']}", fields)
    page = browser.follow()
    assert page.path == f"/jury/incidents/{reported['TEC-01']}"
    assert "Avant : Non concluant → après : Nouvelle session accordée par le jury, sans frais" in page.text
    assert "à l'aveugle : le résultat n'était connu de personne" in page.text


def test_the_effect_is_not_told_while_another_incident_of_the_sitting_is_open(
    world: World, reported: dict[str, IncidentId]
):
    jury = world.person("jury")
    rule(world, "jury", reported["REM-01"], Decision.VOID)
    assert adjudication.effect(world.house, jury, reported["REM-01"]) is None
    page = world.staff("jury").get(f"/jury/incidents/{reported['REM-01']}")
    assert "Le résultat reste retenu : un autre incident de cette personne attend une décision." in page.text
    assert "Non concluant" not in page.text
    rule(world, "jury", reported["COM-02"], Decision.NO_EFFECT)
    found = adjudication.effect(world.house, jury, reported["COM-02"])
    assert found is not None
    assert found.before == found.after


def test_a_second_ruling_is_not_blind_and_says_so(world: World, reported: dict[str, IncidentId]):
    rule(world, "jury", reported["TEC-01"], Decision.NEW_SESSION)
    world.clock.forward(minutes=1)
    rule(world, "jury", reported["TEC-01"], Decision.NO_EFFECT, seen=1)
    found = adjudication.case(world.house, world.person("jury"), reported["TEC-01"])
    assert [r.id in found.blind for r in found.rulings] == [True, False]
    text = world.staff("jury").get(f"/jury/incidents/{reported['TEC-01']}").text
    assert "le résultat pouvait être connu" in text


def test_a_proposal_waits_for_others_and_is_no_next_step_of_who_made_it(world: World, reported: dict[str, IncidentId]):
    rule(world, "jury", reported["REM-01"], Decision.FRAUD)
    browser = world.staff("jury")
    assert "proposé par vous" in browser.get("/jury/incidents").text
    first = next(a["href"] for a in browser.page.root.all("a") if a.text == "Commencer par le premier")
    assert first == f"/jury/incidents/{reported['COM-02']}"
    other = world.staff("collegue")
    first = next(a["href"] for a in other.get("/jury/incidents").root.all("a") if a.text == "Commencer par le premier")
    assert first == f"/jury/incidents/{reported['REM-01']}"


HISTORIES = ["", "no_effect", "fraud", "fraud yes", "fraud no", "fraud no void", "void fraud", "fraud yes no_effect"]


@pytest.mark.parametrize("steps", HISTORIES)
def test_the_database_and_the_engine_call_the_same_incidents_decided(
    world: World, reported: dict[str, IncidentId], steps: str
):
    incident, seen = reported["REM-01"], 0
    for step in steps.split():
        world.clock.forward(seconds=1)
        if step in ("yes", "no"):
            proposal = adjudication.case(world.house, world.person("collegue"), incident).proposal
            assert proposal is not None
            reply = adjudication.Reply(proposal.id, step == "yes", "Lu")
            adjudication.answer_proposal(world.house, world.person("collegue"), incident, reply, world.clock())
        else:
            rule(world, "jury", incident, Decision(step), seen)
            seen += 1
    with world.house.db.read() as connection:
        told = {
            flag: {r.incident.id for r in docket.reported_outside(connection, None, list(SessionState), flag)}
            for flag in (True, False, None)
        }
        count = docket.count_decided_outside(connection, None, world.session, Category.FRAUD)
        rulings = incidents.rulings_on(connection, incidents.with_ids(connection, [incident]))
    assert (incident in told[True]) == bool(decided(rulings)) == (count == 1)
    assert told[True] | told[False] == told[None] == set(reported.values())
    assert not told[True] & told[False]


# Weight

reports = st.builds(
    an_incident,
    code=st.sampled_from(["REM-01", "COM-02", "TEC-01", "ENV-02", "ABS-03"]),
    name=st.uuids().map(str),
    recorded_at=st.integers(0, 600).map(lambda m: NOON + timedelta(minutes=m)),
)
last_rulings = st.one_of(
    st.none(),
    st.builds(a_ruling, st.sampled_from([d for d in Decision if d is not Decision.FRAUD])),
    st.builds(lambda said: a_ruling(Decision.FRAUD, said=said), st.sampled_from([None, True, False])),
)
entries = st.builds(
    lambda incident, last: Entry(
        Reported(incident, SessionId("s"), "s", "c", NOON, SessionState.CLOSED, "X"),
        last and replace(last, incident=incident.id),
        stage_of(incident, last),
        True,
    ),
    reports,
    last_rulings,
)


@given(found=st.lists(entries, max_size=8))
def test_the_order_is_open_before_informing_before_decided_then_severity_then_age(found):
    line = sorted(found, key=lambda e: e.weight)
    rank = {Stage.TO_DECIDE: 0, Stage.TO_CONFIRM: 0, Stage.INFORMATION: 1, Stage.DECIDED: 2}
    seen = [(rank[e.stage], -e.incident.kind.severity, e.incident.recorded_at) for e in line]
    assert seen == sorted(seen)


@given(incident=reports, last=last_rulings)
def test_an_incident_is_in_the_queue_exactly_while_a_result_waits_for_it(incident, last):
    own = [replace(last, incident=incident.id)] if last else []
    assert (stage_of(incident, last) in OPEN) == bool(open_incidents([incident], own))


def rule(world: World, login: str, incident: IncidentId, decision: Decision, seen: int = 0) -> None:
    heard = "Par téléphone" if decision is Decision.FRAUD else ""
    verdict = Verdict(decision, (), "Motif", seen, heard)
    adjudication.adjudicate(world.house, world.person(login), incident, verdict, world.clock())
