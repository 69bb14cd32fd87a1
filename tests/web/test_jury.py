"""Incidents wait for a ruling, results for the incidents, candidates for the results."""

import pytest

from engine.delivery.session import SessionRefusal
from engine.kernel import IncidentId
from engine.proctoring.incident import Incident, Source
from engine.proctoring.ruling import AlreadyRuled, Decision, RuledByReporter
from engine.scoring.result import Scored
from tests.web.browser import Browser, Page
from tests.web.world import World, pass_on
from web import french
from web.db import incidents
from web.jury import words
from web.services import adjudication
from web.services.adjudication import Verdict
from web.services.queue import Stage
from web.services.supervision import ResultsArePublished


@pytest.fixture
def incident(world: World) -> IncidentId:
    """A phone, seen in the middle of Camille's test, which then came to its end; the session is closed."""
    browser = world.running(world.camille)
    for _ in range(4):
        pass_on(browser)
    found = world.flag(world.camille, text="Téléphone sur la table")
    browser.get("/candidat/test/terminer")
    browser.submit("/candidat/test/terminer")
    world.close_day()
    return found


@pytest.fixture
def jury(world: World, incident: IncidentId) -> Browser:
    """A jury member before the session."""
    del incident
    browser = world.staff("jury")
    browser.get(f"/jury/sessions/{world.session}")
    return browser


def test_a_result_is_withheld_while_an_incident_waits(world: World, jury: Browser):
    assert "Retenu 1 incident sans décision".lower() in jury.page.text.lower()
    assert "MOREAU Camille" in jury.page.text
    assert not jury.page.has_form(f"/jury/sessions/{world.session}/publier")
    world.finalise()
    jury.post(f"/jury/sessions/{world.session}/publier")
    page = jury.follow()
    assert "Des résultats attendent encore une décision du jury" in page.text
    assert "(MOREAU Camille)" in page.text


def test_the_page_of_an_incident_says_where_it_happened_and_never_what_was_answered(
    world: World, jury: Browser, incident: IncidentId
):
    page = jury.get(f"/jury/incidents/{incident}")
    assert page.heading == "COM-02 · Téléphone ou autre appareil"
    assert "Question à l'écran n° 5" in page.text
    assert "Téléphone sur la table" in page.text
    assert "n° 5 · CRCN-Édu" in page.text
    assert world.sitting(world.camille).presented[4] not in page.html


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({}, 400, "Choisissez une décision."),
        ({"decision": "hang"}, 400, "Choisissez une décision."),
        ({"decision": "no_effect", "reason": " "}, 400, "Motivez votre décision en une phrase."),
        ({"decision": "neutralise", "reason": "Panne"}, 400, "Cochez au moins une question posée"),
        ({"decision": "neutralise", "reason": "Panne", "positions": "64"}, 400, "Cochez au moins une question posée"),
        ({"decision": "neutralise", "reason": "Panne", "positions": "0"}, 400, "Cochez au moins une question posée"),
        ({"decision": "neutralise", "reason": "Panne", "positions": "9" * 5_000}, 400, "Cochez au moins une question"),
        ({"decision": "no_effect", "reason": "x", "seen": "4"}, 409, "Une décision a été prise entre-temps."),
    ],
)
def test_a_ruling_that_lacks_something_says_what(
    jury: Browser, incident: IncidentId, fields: dict[str, str], status: int, sentence: str
):
    jury.get(f"/jury/incidents/{incident}")
    page = jury.post(f"/jury/incidents/{incident}", {"seen": "0"} | fields, expect=status)
    assert page.alert.startswith(sentence)
    assert page.root.one("textarea", name="reason").text == fields.get("reason", "").strip()


def test_a_neutralised_item_leaves_the_count(world: World, jury: Browser, incident: IncidentId):
    page = _rule(jury, incident, decision="neutralise", positions=["5"], reason="Signal d'alarme à cette question")
    assert "Décision enregistrée." in page.text
    _publish(world, jury)
    [document] = [
        d
        for d in (adjudication.published(world.house, s.sitting) for s in world.seats)
        if d and d["outcome"] != "cancelled"
    ]
    assert document["neutralised"] == 1
    assert document["frameworks"]["crcn_edu"]["counted"] == 15  # type: ignore[index]


def test_a_voided_sitting_has_no_result(world: World, jury: Browser, incident: IncidentId):
    _rule(jury, incident, decision="void", reason="Échange avec un tiers")
    _publish(world, jury)
    document = adjudication.published(world.house, world.camille.sitting)
    assert document is not None
    assert (document["outcome"], document["cause"]) == ("cancelled", "voided")


def test_a_ruling_can_be_replaced_by_who_has_read_it(world: World, jury: Browser, incident: IncidentId):
    _rule(jury, incident, decision="void", reason="Trop vite")
    page = jury.get(f"/jury/incidents/{incident}")
    assert "Remplacer la décision" in page.text
    _rule(jury, incident, decision="no_effect", reason="Après relecture")
    page = jury.get(f"/jury/incidents/{incident}")
    assert "Décision n° 1 (remplacée)" in page.text
    assert "Décision n° 2" in page.text
    log = jury.get(f"/jury/sessions/{world.session}/journal").text
    assert "Décision du jury : passation annulée" in log
    assert "COM-02 · Après relecture" in log
    _publish(world, jury)


def test_a_ruling_made_on_a_page_that_is_out_of_date_is_refused(world: World, jury: Browser, incident: IncidentId):
    jury.get(f"/jury/incidents/{incident}")
    _rule(world.staff("collegue"), incident, decision="void", reason="Vu avant vous")
    fields = {"decision": "no_effect", "reason": "Rien vu"}
    page = jury.submit(f"/jury/incidents/{incident}", fields, expect=409)
    assert page.alert.startswith("Une décision a été prise entre-temps.")
    assert "Vu avant vous" in page.text
    with pytest.raises(AlreadyRuled):
        _adjudicate(world, "jury", incident)


def test_who_reported_an_incident_cannot_rule_on_it(world: World, jury: Browser, incident: IncidentId):
    with world.house.db.write() as connection:
        told = incidents.load(connection, incident)
        own = {f: getattr(told, f) for f in Incident.__slots__} | {
            "id": IncidentId("own"),
            "author": world.person("jury").id,
        }
        incidents.add(connection, Incident(**own))
    with pytest.raises(RuledByReporter):
        _adjudicate(world, "jury", IncidentId("own"))
    page = jury.get("/jury/incidents/own")
    assert "Vous avez signalé cet incident : une autre personne du jury doit décider." in page.text
    assert not page.has_form("/jury/incidents/own")
    fields = {"decision": "no_effect", "reason": "Rien de grave", "seen": "0"}
    page = jury.post("/jury/incidents/own", fields, expect=403)
    assert page.alert == "Vous avez signalé cet incident : une autre personne du jury doit décider."
    _adjudicate(world, "collegue", IncidentId("own"))


def test_an_incident_that_only_informs_holds_nothing_back(world: World):
    world.start(world.camille)
    world.finish(world.camille)
    informs = next(k for k in world.house.catalogue.taxonomy.values() if not k.blocks and not k.text_required)
    world.flag(world.camille, kind=informs.code)
    world.close_day()
    jury = world.staff("jury")
    jury.get(f"/jury/sessions/{world.session}")
    assert "pour information" in jury.page.text
    _publish(world, jury)


def test_after_publication_a_proctor_reports_nothing_and_the_jury_may_still_rule(
    world: World, jury: Browser, incident: IncidentId
):
    _rule(jury, incident, decision="no_effect", reason="Éteint et rangé")
    _publish(world, jury)
    with pytest.raises(ResultsArePublished):
        world.flag(world.camille)
    before = adjudication.published(world.house, world.camille.sitting)
    _adjudicate(world, "collegue", incident, seen=1)
    assert adjudication.published(world.house, world.camille.sitting) == before


def test_a_session_is_published_once_and_only_when_finalised(world: World):
    with pytest.raises(SessionRefusal):
        world.publish()
    jury = world.staff("jury")
    jury.get(f"/jury/sessions/{world.session}")
    page = jury.post(f"/jury/sessions/{world.session}/publier", expect=409)
    assert page.alert == "La session n'est pas dans l'état qui permet cette action."
    world.close_day()
    page = jury.get(f"/jury/sessions/{world.session}/publier")
    assert "La session n'est pas finalisée" in page.text
    assert not page.has_form(f"/jury/sessions/{world.session}/publier")
    jury.post(f"/jury/sessions/{world.session}/publier", expect=409)
    _publish(world, jury)
    with pytest.raises(SessionRefusal):
        world.publish()


def test_incidents_without_a_ruling_come_first(world: World, jury: Browser, incident: IncidentId):
    world.flag(world.idriss, kind="COM-01")
    _rule(jury, incident, decision="no_effect", reason="Rien")
    rows = [r.text for r in jury.get(f"/jury/sessions/{world.session}").root.all("tr") if "COM-0" in r.text]
    assert ["COM-01" in rows[0], "COM-02" in rows[1]] == [True, True]


def test_the_four_rules_stand_side_by_side_with_the_one_that_decides(world: World):
    world.start(world.camille)
    world.answer_all(world.camille)
    jury = world.staff("jury")
    table = jury.get(f"/jury/sessions/{world.session}").root.one("section", **{"aria-labelledby": "h-rules"})
    heads = [e.text for e in table.all("th") if e.get("scope") == "col"]
    assert heads[1:5] == [
        "Seuils observés R1, décide",
        "Double clé R2",
        "Probabilité du niveau R3",
        "Minima probables R4",
    ]
    [row] = [r for r in table.all("tr") if "MOREAU" in r.text]
    cells = {e["data-label"]: e.text for e in row.all("td")}
    assert [cells[name] for name in french.RULES.values()] == ["Expert"] * 4
    assert [e.text for e in row.all("strong")] == ["Expert"]
    assert cells["Probabilités"].startswith("Confirmé 100 %")
    assert cells["Signaux"] == "–"
    world.close_day()
    world.publish()
    document = adjudication.published(world.house, world.camille.sitting)
    assert document is not None
    told = document["jury"]
    assert isinstance(told, dict)
    assert told["decided_by"] == "R1"
    assert told["levels_by_rule"] == dict.fromkeys(("R1", "R2", "R3", "R4"), "expert")


def test_neither_level_nor_probability_nor_signal_is_told_before_the_ruling_and_all_are_told_after_it(world: World):
    world.start(world.camille)
    incident = world.flag(world.camille)
    world.answer_all(world.camille)
    world.close_day()
    jury = world.staff("jury")
    secrets = ("Expert", "Probabilités", "%", "Signaux portés", "côte à côte", "48/48")
    for path in (f"/jury/sessions/{world.session}", f"/jury/incidents/{incident}", "/jury/incidents"):
        text = jury.get(path).root.one("main").text.replace("LE GOFF Anne-Lise Expert", "")
        assert not [s for s in secrets if s in text], path
    _rule(jury, incident, decision="no_effect", reason="Rien")
    page = jury.get(f"/jury/sessions/{world.session}")
    [row] = [r for r in page.root.one("section", **{"aria-labelledby": "h-rules"}).all("tr") if "MOREAU" in r.text]
    docket = adjudication.docket(world.house, world.person("jury"), world.session, world.clock())
    [camille] = docket.scored
    assert isinstance(camille.outcome, Scored)
    assert camille.outcome.assessment is not None
    told = dict(zip(("Confirmé", "Avancé", "Expert"), camille.outcome.assessment.level, strict=True))
    for level, p in told.items():
        assert f"{level} {round(100 * p)} %" in row.text.replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")


def test_every_source_of_a_report_has_a_name():
    assert set(words.SOURCES) == {s.value for s in Source}
    assert set(words.STAGES) == set(Stage)
    assert set(words.DECISION_HINTS) == {d.value for d in Decision}


def _rule(browser: Browser, incident: IncidentId, **fields: str | list[str]) -> Page:
    browser.get(f"/jury/incidents/{incident}")
    browser.submit(f"/jury/incidents/{incident}", fields)
    return browser.follow()


def _publish(world: World, jury: Browser) -> None:
    world.finalise()
    jury.get(f"/jury/sessions/{world.session}/publier")
    jury.submit(f"/jury/sessions/{world.session}/publier")
    assert "Résultats publiés" in jury.follow().text


def _adjudicate(world: World, login: str, incident: IncidentId, seen: int = 0) -> None:
    verdict = Verdict(Decision.NO_EFFECT, (), "Rien de grave", seen)
    adjudication.adjudicate(world.house, world.person(login), incident, verdict, world.clock())
