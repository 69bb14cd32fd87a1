"""Help, alerts and messages as the candidate meets them, without scripts."""

import pytest

from engine.delivery import commands
from engine.delivery.events import AlertAccepted, AlertRaised, AlertRefused
from tests.web.browser import Browser
from tests.web.world import Seat, World, pass_on
from web.candidate.notices import notices
from web.db import sittings
from web.services import messages, supervision
from web.services.exposure import plan_of
from web.services.scope import sitting_of

WRONG = {"wrong": "file", "text": "Le graphique est vide."}


def _say(world: World, text: str, seat: Seat | None = None) -> None:
    to = seat.sitting if seat else None
    messages.send(world.house, world.person("surveillant"), world.session, to, text, world.clock())


def _settle(world: World, seat: Seat, accept: bool) -> None:
    proctor = world.person("surveillant")
    with world.house.db.write() as connection:
        session, enrolment = sitting_of(connection, proctor, seat.sitting)
        if accept:
            plan = plan_of(world.house.catalogue, connection, session, enrolment.track, enrolment.needs)
            release = world.house.catalogue.release(session.release_digest)
            step = commands.accept_alert(enrolment.sitting, plan, release, proctor.id, "Image absente.", world.clock())
        else:
            step = commands.refuse_alert(enrolment.sitting, proctor.id, "Elle s'affiche chez moi", world.clock())
        sittings.save(connection, step)


def _blocked(world: World) -> Browser:
    browser = world.running(world.camille)
    browser.submit("/candidat/probleme", WRONG)
    assert browser.follow().heading == "Votre surveillant regarde la question"
    return browser


@pytest.mark.parametrize("where", ["waiting", "entered", "running"])
def test_help_can_be_asked_for_everywhere_and_the_page_says_that_it_was(world: World, where: str):
    browser: Browser = getattr(world, where)(world.camille)
    browser.submit("/candidat/aide", {"text": "Je n'entends rien."})
    page = browser.follow()
    assert "Aide demandée à 9 h 00" in page.text
    [asked] = messages.exchange(world.house, world.person("surveillant"), world.session).open_help.values()
    assert asked.text == "Je n'entends rien."
    browser.submit("/candidat/aide", {"text": "Alors ?"})
    assert "Votre demande d'aide est déjà transmise" in browser.follow().text


def test_a_proctor_who_saw_a_request_is_told_of_for_two_minutes(world: World):
    browser = world.running(world.camille)
    browser.submit("/candidat/aide")
    asked = messages.talk(world.house, world.camille.sitting).open_help
    assert asked is not None
    messages.see(world.house, world.person("surveillant"), asked.id, world.clock())
    assert "Votre surveillant s'occupe de vous." in browser.get("/candidat/test").text
    world.clock.forward(minutes=3)
    assert "s'occupe de vous" not in browser.get("/candidat/test").text


def test_a_message_stands_on_the_page_until_it_is_read(world: World):
    browser = world.running(world.camille)
    _say(world, "Parlez moins fort, s'il vous plaît.", world.camille)
    world.clock.forward(seconds=1)  # of two at the same instant neither is the first
    _say(world, "Il reste une heure.")
    page = browser.get("/candidat/test")
    assert "Parlez moins fort" in page.text
    assert "Il reste une heure." in page.text
    assert page.text.index("Parlez moins fort") < page.text.index("Il reste une heure.")
    first, second = messages.talk(world.house, world.camille.sitting).unread
    browser.submit(f"/candidat/messages/{first.id}/lu")
    page = browser.follow()
    assert "Parlez moins fort" not in page.text
    browser.submit(f"/candidat/messages/{second.id}/lu")
    assert "Il reste une heure." not in browser.follow().text


def test_news_are_sent_once_and_again_only_when_something_changes(world: World):
    browser = world.running(world.camille)
    etag = browser.get("/candidat/messages").headers["ETag"]
    assert browser.get("/candidat/messages", 304, {"If-None-Match": etag}).status == 304
    _say(world, "Bonjour à tous.")
    news = browser.get("/candidat/messages", 200, {"If-None-Match": etag})
    assert "Bonjour à tous." in news.text
    assert news.headers["ETag"] != etag


def test_what_a_proctor_writes_is_text_and_never_markup(world: World):
    browser = world.running(world.camille)
    _say(world, "<script>alert(1)</script>", world.camille)
    assert "<script>alert(1)" in browser.get("/candidat/test").text
    assert not [e for e in browser.page.root.all("script") if not e.has("src")]


def test_nobody_reads_the_messages_of_another(world: World):
    _say(world, "Pour Camille seule.", world.camille)
    [said] = messages.talk(world.house, world.camille.sitting).unread
    browser = world.running(world.idriss)
    assert "Pour Camille seule." not in browser.get("/candidat/messages").html
    browser.get("/candidat/test")
    assert browser.post(f"/candidat/messages/{said.id}/lu", expect=404).alert
    assert messages.talk(world.house, world.camille.sitting).unread == (said,)


def test_a_closed_session_shows_no_messages_any_more(world: World):
    browser = world.taken_early(world.camille)
    _say(world, "Merci à tous.")
    assert "Merci à tous." in browser.get("/candidat/test").text
    for seat in (world.idriss, world.anne_lise):
        world.start(seat)
        world.finish(seat)
    world.close_day()
    assert "Merci à tous." not in browser.get("/candidat/test").text


def test_a_blocked_question_is_out_of_sight_and_the_clock_stands(world: World):
    item = None
    browser = world.running(world.camille)
    item = world.on_screen(world.camille)
    left = browser.page.root.one("span", id="time")["data-seconds"]
    browser.submit("/candidat/probleme", WRONG)
    page = browser.follow()
    words = item.body.split("**")[-2]
    assert words not in page.text
    assert "Une image ou un fichier ne s'ouvre pas. Le graphique est vide." in page.text
    world.clock.forward(minutes=7)
    assert browser.get("/candidat/test").root.one("p", **{"class": "big-time"}).text == "2 h 30"
    raised = [e for e in world.events(world.camille) if isinstance(e, AlertRaised)]
    assert [(e.item, e.text) for e in raised] == [
        (item.id, "Une image ou un fichier ne s'ouvre pas. Le graphique est vide.")
    ]
    _settle(world, world.camille, accept=False)
    assert browser.get("/candidat/test").root.one("span", id="time")["data-seconds"] == left


def test_a_blocked_question_takes_no_answer_no_end_and_gives_no_file(world: World):
    browser = world.running(world.camille)
    form = browser.page
    browser.submit("/candidat/probleme", WRONG)
    browser.page = form  # another tab still shows the question
    browser.submit("/candidat/test/reponse", {"action": "passer"})
    assert browser.follow().heading == "Votre surveillant regarde la question"
    assert browser.get("/candidat/test/terminer", 303).headers["Location"] == "/candidat/test"
    assert world.answers(world.camille) == []


def test_the_same_question_goes_on_after_a_refusal_with_the_reason(world: World):
    browser = _blocked(world)
    item = world.on_screen(world.camille)
    assert browser.get("/candidat/probleme/etat").status == 200
    _settle(world, world.camille, accept=False)
    assert browser.get("/candidat/probleme/etat", 303).headers["Location"] == "/candidat/test"
    page = browser.get("/candidat/test")
    assert world.on_screen(world.camille) == item
    assert "La question continue" in page.text
    assert "Motif : Elle s'affiche chez moi." in page.text
    assert "La question continue" not in pass_on(browser).text


def test_another_question_takes_the_place_of_one_that_was_faulty(world: World):
    browser = _blocked(world)
    item = world.on_screen(world.camille)
    _settle(world, world.camille, accept=True)
    page = browser.get("/candidat/test")
    new = world.on_screen(world.camille)
    assert (new.framework, new.competence) == (item.framework, item.competence)
    assert new.subject != item.subject
    assert "Question remplacée" in page.text
    assert "Motif : Image absente." in page.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": "Rien ne va"}, "Choisissez ce qui ne va pas"),
        ({"wrong": "other", "text": "  "}, "Choisissez ce qui ne va pas"),
        ({"wrong": "teapot"}, "Choisissez ce qui ne va pas"),
        ({"wrong": "other", "text": "x" * 501}, "Ce message dépasse 500 caractères"),
    ],
)
def test_an_alert_says_what_is_wrong(world: World, fields: dict[str, str], sentence: str):
    browser = world.running(world.camille)
    browser.submit("/candidat/probleme", fields)
    page = browser.follow()
    assert sentence in page.text
    assert world.sitting(world.camille).alert is None


def test_an_alert_on_a_question_that_is_gone_leads_to_the_one_on_screen(world: World):
    browser = world.running(world.camille)
    old = browser.page
    pass_on(browser)
    browser.page = old
    browser.submit("/candidat/probleme", WRONG)
    assert "Question 2" in browser.follow().heading
    assert world.sitting(world.camille).alert is None


def test_a_browser_that_nobody_let_in_raises_no_alert(world: World):
    world.start(world.camille)
    stranger = world.recognised(world.camille)
    item = world.on_screen(world.camille).id
    page = stranger.post("/candidat/probleme", {"question": item, **WRONG}, expect=403)
    assert "autre appareil" in page.alert
    assert world.sitting(world.camille).alert is None


def test_minutes_given_and_a_pause_are_told_above_the_question_until_it_is_answered(world: World):
    browser = world.running(world.camille)
    proctor = world.person("surveillant")
    supervision.grant_time(world.house, proctor, world.camille.sitting, 5, "Alarme", world.clock())
    supervision.pause(world.house, proctor, world.camille.sitting, "Alerte incendie", world.clock())
    page = browser.get("/candidat/test")
    assert "Alerte incendie" in page.text
    supervision.resume(world.house, proctor, world.camille.sitting, world.clock())
    page = browser.get("/candidat/test")
    assert "5 min ajoutées à votre temps Motif : Alarme." in page.text
    assert "Le test a repris à 9 h 00" in page.text
    assert notices(world.events(world.camille)[:-3]) == []
    page = pass_on(browser)
    assert "Motif" not in page.text
    assert "Le test a repris" not in page.text


def test_the_first_question_of_the_second_part_says_that_the_first_is_over(world: World):
    browser = world.running(world.camille)
    for _ in range(15):
        assert "Première partie terminée" not in pass_on(browser).text
    page = pass_on(browser)
    assert "Première partie terminée" in page.text
    assert "Le temps continue" in page.text
    assert "Première partie terminée" not in pass_on(browser).text


def test_every_settled_alert_has_its_own_words(world: World):
    _blocked(world)
    _settle(world, world.camille, accept=True)
    kinds = {type(e) for e in world.events(world.camille)}
    assert AlertAccepted in kinds
    assert AlertRefused not in kinds
    assert [heading for heading, _ in notices(world.events(world.camille))] == ["Question remplacée"]
