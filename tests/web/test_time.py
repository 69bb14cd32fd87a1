"""The two and a half hours, at the bell and after."""

import pytest

from engine.delivery.states import State
from tests.web.browser import Browser, values_of
from tests.web.world import World, pass_on, reply, right_reply

ANSWER = "/candidat/test/reponse"


@pytest.fixture
def candidate(world: World) -> Browser:
    """Camille at the second item."""
    browser = world.running(world.camille)
    pass_on(browser)
    return browser


def test_an_answer_within_the_grace_counts_and_ends_the_test(world: World, candidate: Browser):
    item = world.on_screen(world.camille)
    world.clock.forward(hours=2, minutes=30, seconds=59)
    page = reply(candidate, right_reply(item))
    assert page.heading == "Le temps est écoulé"
    assert [a.late for a in world.answers(world.camille)] == [False, True]
    assert world.sitting(world.camille).state is State.EXPIRED


def test_a_late_answer_goes_to_quarantine(world: World, candidate: Browser):
    item = world.on_screen(world.camille)
    world.clock.forward(hours=2, minutes=31, seconds=1)
    page = reply(candidate, right_reply(item))
    assert page.heading == "Le temps est écoulé"
    assert "conservée pour le jury" in page.text
    sitting = world.sitting(world.camille)
    assert (len(sitting.answers), [q.item for q in sitting.quarantined]) == (1, [item.id])
    world.close_day()
    world.publish()
    assert "Réponse hors délai" in world.staff("jury").get(f"/jury/sessions/{world.session}/journal").text


def test_a_late_answer_sent_twice_is_kept_once(world: World, candidate: Browser):
    fields = values_of(candidate.page.form(ANSWER)) | right_reply(world.on_screen(world.camille))
    token = candidate.page.token
    world.clock.forward(hours=3)
    for _ in range(2):
        candidate.post(ANSWER, fields | {"action": "valider"}, token=token)
    assert len(world.sitting(world.camille).quarantined) == 1


@pytest.mark.parametrize("where", ["candidate", "console", "manager", "jury"])
def test_whoever_looks_first_closes_a_test_whose_time_is_over(world: World, candidate: Browser, where: str):
    world.clock.forward(hours=2, minutes=31, seconds=1)
    assert world.sitting(world.camille).state is State.RUNNING
    if where == "candidate":
        assert candidate.get("/candidat/test").heading == "Le temps est écoulé"
    elif where == "console":
        assert "Temps écoulé" in world.staff("surveillant").get(f"/surveillance/{world.session}").text
    elif where == "manager":
        assert "Temps écoulé" in world.staff("centre").get(f"/centre/sessions/{world.session}").text
    else:
        world.staff("jury").get(f"/jury/sessions/{world.session}")
    assert world.sitting(world.camille).state is State.EXPIRED


def test_within_the_grace_nothing_is_closed_by_looking(world: World, candidate: Browser):
    world.clock.forward(hours=2, minutes=30, seconds=30)
    assert "Temps restant 0 min" in candidate.get("/candidat/test").text
    assert world.sitting(world.camille).state is State.RUNNING


def test_the_bell_of_the_page_closes_only_when_it_has_rung(world: World, candidate: Browser):
    candidate.submit("/candidat/test/cloche")
    assert candidate.follow().heading == "Question 2 sur 16, partie 1"
    world.clock.forward(hours=2, minutes=30)
    candidate.submit("/candidat/test/cloche")
    assert candidate.follow().heading == "Le temps est écoulé"


def test_a_third_more_time_is_a_third_more_time(world: World):
    browser = world.running(world.idriss)
    world.clock.forward(hours=3, minutes=20)
    assert "Question 1" in browser.get("/candidat/test").heading
    world.clock.forward(seconds=61)
    assert browser.get("/candidat/test").heading == "Le temps est écoulé"


def test_the_advised_times_close_nothing(world: World, candidate: Browser):
    world.clock.forward(minutes=100)
    assert pass_on(candidate).heading == "Question 3 sur 16, partie 1"


def test_a_session_closes_over_tests_whose_time_is_over(world: World, candidate: Browser):
    del candidate
    world.clock.forward(hours=3)
    browser = world.staff("surveillant")
    browser.get(f"/surveillance/{world.session}/fin")
    browser.submit(f"/surveillance/{world.session}/fin")
    assert "La session est clôturée" in browser.follow().text
