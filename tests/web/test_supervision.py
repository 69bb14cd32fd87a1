"""The proctor's console while tests run."""

import pytest

from engine.delivery.session import SessionNotOpen
from engine.delivery.states import State
from tests.web.browser import Browser, Page, values_of
from tests.web.sql import sql
from tests.web.world import World, pass_on, right_reply
from web.services import enrolment


@pytest.fixture
def candidate(world: World) -> Browser:
    """Camille before the first item."""
    return world.running(world.camille)


@pytest.fixture
def proctor(world: World, candidate: Browser) -> Browser:
    """The proctor before Camille's page."""
    del candidate
    browser = world.staff("surveillant")
    browser.get(_address(world))
    return browser


def test_a_pause_stops_the_clock_and_the_answers(world: World, candidate: Browser, proctor: Browser):
    world.clock.forward(minutes=30)
    old = candidate.page
    _do(world, proctor, "pause", reason="Alerte incendie")
    assert "Test en pause." in proctor.page.text
    page = candidate.get("/candidat/test")
    assert page.heading == "Votre test est en pause"
    assert "2 h 00" in page.text
    fields = {"item": world.on_screen(world.camille).id, "answer_id": "0" * 32, "action": "passer"}
    refused = candidate.post("/candidat/test/reponse", fields, expect=409, token=old.token)
    assert refused.alert == "Votre test est en pause : le temps est arrêté. Attendez la reprise."
    world.clock.forward(hours=3)
    assert "2 h 00" in candidate.get("/candidat/test").text
    _do(world, proctor, "reprendre")
    page = candidate.get("/candidat/test")
    assert page.heading == "Question 1 sur 16, partie 1"
    assert "Temps restant 2 h 00" in page.text


def test_time_is_given_with_a_reason(world: World, candidate: Browser, proctor: Browser):
    world.clock.forward(minutes=30)
    _do(world, proctor, "temps", minutes="10", reason="Coupure réseau")
    assert "10 min ajoutées." in proctor.page.text
    assert "10 min · Coupure réseau" in proctor.page.text
    assert "Temps restant 2 h 10" in candidate.get("/candidat/test").text


@pytest.mark.parametrize(
    ("action", "fields", "sentence"),
    [
        ("temps", {"minutes": "0", "reason": "x"}, "Donnez entre 1 et 120 minutes."),
        ("temps", {"minutes": "121", "reason": "x"}, "Donnez entre 1 et 120 minutes."),
        ("temps", {"minutes": "dix", "reason": "x"}, "Donnez entre 1 et 120 minutes."),
        ("temps", {"minutes": "99999999999999999999", "reason": "x"}, "Donnez entre 1 et 120 minutes."),
        ("temps", {"minutes": "5", "reason": " "}, "Indiquez un motif."),
        ("pause", {"reason": ""}, "Indiquez un motif."),
        ("arreter", {"cause": "candidate", "reason": ""}, "Indiquez un motif."),
        ("incident", {"kind": ""}, "Choisissez un type d'incident dans la liste."),
        ("incident", {"kind": "XXX-99"}, "Choisissez un type d'incident dans la liste."),
        ("incident", {"kind": "COM-02", "text": "x" * 2001}, "Le texte dépasse 2 000 caractères. Raccourcissez-le."),
        ("incident", {"kind": "COM-02", "occurred_at": "11:59"}, "L'heure de l'incident est dans le futur."),
    ],
)
def test_an_action_that_lacks_something_says_what(
    world: World, proctor: Browser, action: str, fields: dict[str, str], sentence: str
):
    version = world.sitting(world.camille).version
    if action == "incident":  # told on the form itself, which keeps what was written
        page = proctor.post(f"{_address(world)}/{action}", fields, expect=400)
    else:
        proctor.post(f"{_address(world)}/{action}", fields)
        page = proctor.follow()
    assert sentence in page.text
    assert world.sitting(world.camille).version == version


def test_an_incident_that_needs_a_text_says_so(world: World, proctor: Browser):
    needs = next(k for k in world.house.catalogue.taxonomy.values() if k.text_required)
    proctor.get(_address(world))
    page = proctor.submit(f"{_address(world)}/incident", {"kind": needs.code, "text": " "}, expect=400)
    assert "Précisez ce qui s'est passé" in page.text


def test_a_refused_report_keeps_what_was_written(world: World, proctor: Browser):
    proctor.get(_address(world))
    written = {"kind": "COM-02", "text": "Téléphone sous la table", "occurred_at": "11:59"}
    page = proctor.submit(f"{_address(world)}/incident", written, expect=400)
    assert "L'heure de l'incident est dans le futur." in page.text
    assert values_of(page.form(f"{_address(world)}/incident")).items() >= written.items()


def test_a_test_can_be_ended_for_good(world: World, candidate: Browser, proctor: Browser):
    pass_on(candidate)
    _do(world, proctor, "arreter", cause="technical", reason="Panne")
    page = candidate.get("/candidat/test")
    assert page.heading == "Votre test a été arrêté"
    sitting = world.sitting(world.camille)
    assert (sitting.state, sitting.ended_for_technical_cause) == (State.TERMINATED, True)
    _do(world, proctor, "temps", minutes="10", reason="Trop tard", expect_form=False)
    assert "Cette action n'est plus possible" in proctor.page.text


def test_a_flagged_incident_stands_in_the_log_with_time_and_author(world: World, candidate: Browser, proctor: Browser):
    world.clock.forward(minutes=40)
    _do(world, proctor, "incident", kind="COM-02", text="Téléphone posé sur la table", occurred_at="09:38")
    told = (
        "09:38:00 Incident signalé · MOREAU Camille COM-02 · Téléphone ou autre appareil · Téléphone posé sur la table"
    )
    for login, path in (
        ("surveillant", f"/surveillance/{world.session}/journal"),
        ("centre", f"/centre/sessions/{world.session}/journal"),
        ("jury", f"/jury/sessions/{world.session}/journal"),
    ):
        log = world.staff(login).get(path).text
        assert told in log
        assert "par Paul Keller, enregistré à 09:40:00" in log
    assert "Téléphone" not in candidate.get("/candidat/test").text


def test_the_console_counts_incidents_and_answers(world: World, candidate: Browser, proctor: Browser):
    pass_on(candidate)
    pass_on(candidate)
    candidate.post("/candidat/presence", expect=200)
    _do(world, proctor, "incident", kind="COM-02")
    row = _row(proctor.get(f"/surveillance/{world.session}"), "MOREAU Camille")
    assert "En cours" in row
    assert "2 sur 64" in row
    assert "2 h 30" in row
    assert "à l'instant" in row


def test_a_candidate_who_is_not_heard_of_is_seen_at_once(world: World, candidate: Browser, proctor: Browser):
    candidate.post("/candidat/presence", expect=200)
    for seconds, told in ((20, "En cours"), (1, "Connexion instable"), (24, "Connexion instable")):
        world.clock.forward(seconds=seconds)
        assert told in _row(proctor.get(f"/surveillance/{world.session}"), "MOREAU Camille")
    world.clock.forward(seconds=1)
    assert "Sans nouvelles" in _row(proctor.get(f"/surveillance/{world.session}"), "MOREAU Camille")


def test_the_console_shows_neither_items_nor_answers(world: World, candidate: Browser, proctor: Browser):
    item = world.on_screen(world.camille)
    candidate.submit("/candidat/test/reponse", {"action": "valider", **right_reply(item)})
    for path in (f"/surveillance/{world.session}", f"/surveillance/{world.session}/etat", _address(world)):
        page = proctor.get(path)
        assert item.id not in page.html
        assert world.on_screen(world.camille).id not in page.html


def test_a_session_with_unfinished_candidates_stays_open_and_names_them(world: World, candidate: Browser):
    browser = world.staff("centre")
    there = f"/centre/sessions/{world.session}/cloture"
    page = browser.post(there, {}, expect=303) and browser.follow()
    assert "Des candidats attendent encore ou n'ont pas terminé." in page.text
    assert "(MOREAU Camille)" in page.text
    assert world.sitting(world.idriss).state is State.ENROLLED
    candidate.get("/candidat/test/terminer")
    candidate.submit("/candidat/test/terminer")
    browser.get(there)
    browser.submit(there)
    assert "La session est clôturée. Il reste à finaliser son procès-verbal." in browser.follow().text
    assert world.sitting(world.idriss).state is State.ABSENT
    assert world.sitting(world.camille).state is State.SUBMITTED


def test_an_answer_is_a_sign_of_life_where_scripts_send_none(world: World, candidate: Browser, proctor: Browser):
    world.clock.forward(minutes=5)
    pass_on(candidate)
    row = _row(proctor.get(f"/surveillance/{world.session}"), "MOREAU Camille")
    assert "En cours" in row
    assert "à l'instant" in row


def test_a_proctor_opens_a_planned_session(world: World):
    with world.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET state = 'planned' WHERE id = ?", (world.session,))
    candidate = world.recognised(world.camille)
    assert "n'est pas encore ouverte" in candidate.page.text
    browser = world.staff("surveillant")
    browser.get(f"/surveillance/{world.session}")
    browser.submit(f"/surveillance/{world.session}/ouvrir")
    assert "La session est ouverte" in browser.follow().text
    candidate.get("/candidat/consignes")
    candidate.submit("/candidat/consignes")


def test_nothing_more_is_done_to_a_candidate_once_the_session_is_closed(world: World, proctor: Browser):
    world.finish(world.camille)
    world.close_day()
    _do(world, proctor, "pause", reason="x", expect_form=False)
    assert "La session n'est pas ouverte en ce moment." in proctor.page.text
    _do(world, proctor, "incident", kind="COM-02")  # a proctor remembers something on the way home
    assert "Incident signalé." in proctor.page.text


def _address(world: World) -> str:
    return f"/surveillance/candidats/{world.camille.sitting}"


def _do(world: World, proctor: Browser, action: str, *, expect_form: bool = True, **fields: str) -> Page:
    proctor.get(_address(world))
    send = proctor.submit if expect_form else proctor.post
    send(f"{_address(world)}/{action}", fields)
    return proctor.follow()


def _row(page: Page, name: str) -> str:
    return next(row.text for row in page.root.one("tbody").all("tr") if name in row.text)


def test_a_proctor_makes_a_new_code_only_while_the_session_is_open(world: World):
    world.start(world.camille)
    world.finish(world.camille)
    world.close_day()
    with pytest.raises(SessionNotOpen):
        enrolment.renew_code(world.house, world.person("surveillant"), world.camille.sitting, world.clock())
    assert enrolment.renew_code(world.house, world.person("centre"), world.camille.sitting, world.clock()).code
