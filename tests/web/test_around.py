"""Before and after the questions: the waiting room, the tutorial, the system check, the end."""

from datetime import timedelta
from pathlib import Path

import pytest

from engine.items.item import Kind, SingleChoice
from tests.web.browser import Browser
from tests.web.sql import sql
from tests.web.stores import everything_in
from tests.web.world import Seat, World, right_reply
from web.config import Settings
from web.services import gate, presence, supervision
from web.services.presence import CONNECTED, WRITTEN_EVERY

LINK = "https://visio.exemple.fr/salle-2"


def _place(world: World, seat: Seat) -> presence.Waiting:
    return presence.waiting(world.house, seat.sitting, world.clock())


def _console(world: World, login: str = "surveillant") -> None:
    presence.console_seen(world.house, world.session, world.person(login).id, world.clock())


def test_each_who_waits_has_before_them_those_who_asked_earlier(world: World):
    for seat in world.seats:
        gate.check_in(world.house, seat.sitting, world.clock())
        world.clock.forward(seconds=20)
    assert [_place(world, seat).before for seat in world.seats] == [0, 1, 2]
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
    assert [_place(world, seat).before for seat in world.seats] == [0, 0, 1]


def test_asking_again_costs_nobody_their_place(world: World):
    for seat in (world.camille, world.idriss):
        gate.check_in(world.house, seat.sitting, world.clock())
        world.clock.forward(seconds=20)
    gate.check_in(world.house, world.camille.sitting, world.clock())
    assert (_place(world, world.camille).before, _place(world, world.idriss).before) == (0, 1)


def test_who_comes_back_in_mid_exam_waits_in_the_same_line(world: World):
    world.start(world.camille)
    world.clock.forward(minutes=10)
    gate.check_in(world.house, world.idriss.sitting, world.clock())
    world.clock.forward(minutes=1)
    gate.check_in(world.house, world.camille.sitting, world.clock())
    assert (_place(world, world.idriss).before, _place(world, world.camille).before) == (0, 1)


def test_two_who_asked_in_the_same_instant_do_not_wait_for_each_other(world: World):
    for seat in world.seats:
        gate.check_in(world.house, seat.sitting, world.clock())
    assert sorted(_place(world, seat).before for seat in world.seats) == [0, 1, 2]


def test_the_waiting_room_tells_the_place_and_whether_the_proctor_is_there(world: World):
    gate.check_in(world.house, world.idriss.sitting, world.clock())
    world.clock.forward(seconds=5)
    browser = world.waiting(world.camille)
    assert "Une personne avant vous" in browser.page.text
    assert "n'est pas encore connecté" in browser.page.text
    etag = browser.get("/candidat/attente/etat").headers["ETag"]
    assert browser.get("/candidat/attente/etat", 304, {"If-None-Match": etag}).status == 304
    _console(world)
    news = browser.get("/candidat/attente/etat", 200, {"If-None-Match": etag})
    assert "Votre surveillant est connecté" in news.text
    assert "Une personne avant vous" in news.text


def test_a_console_that_asks_no_more_is_connected_for_half_a_minute(world: World):
    gate.check_in(world.house, world.camille.sitting, world.clock())
    _console(world)
    world.clock.now += CONNECTED
    assert _place(world, world.camille).proctor_is_connected
    world.clock.forward(seconds=1)
    assert not _place(world, world.camille).proctor_is_connected
    _console(world, "voisin")  # another proctor of the session will do
    assert _place(world, world.camille).proctor_is_connected


def test_a_console_that_asks_all_the_time_writes_once_in_ten_seconds(world: World):
    written = set()
    for _ in range(10):
        _console(world)
        with world.house.db.read() as connection:
            written.add(sql(connection, "SELECT at FROM console_sign").scalar_one())
        world.clock.now += WRITTEN_EVERY / 5
    assert len(written) == 2


@pytest.mark.parametrize(("link", "shown"), [(LINK, True), (None, False), ("javascript:alert(1)", False)])
def test_the_video_room_of_the_session_opens_beside_the_waiting_room(world: World, link: str | None, shown: bool):
    with world.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET video_link = ?", (link,))
    page = world.waiting(world.camille).page
    found = [a for a in page.root.all("a") if "visioconférence" in a.text]
    assert [a["href"] for a in found] == ([LINK] if shown else [])


def test_every_way_of_answering_can_be_tried_and_is_told_right(world: World):
    browser = world.browser()
    items = world.house.catalogue.tutorial
    assert {i.kind for i in items} == set(Kind)
    for number, item in enumerate(items, start=1):
        here = f"/candidat/entrainement/{number}"
        browser.get(here)
        assert "Il manque une réponse" in browser.submit(here, {"action": "valider"}, expect=400).alert
        page = browser.submit(here, {"action": "valider", **right_reply(item)}, expect=200)
        assert "C'est juste." in page.text
        assert " ".join(item.rationale.split()) in page.text
        page = browser.submit(here, {"action": "valider"}, expect=200)  # what was chosen stands in the form
        assert "C'est juste." in page.text


def test_a_wrong_choice_is_told_with_its_reason_and_a_pass_as_one(world: World):
    browser = world.browser()
    item = world.house.catalogue.tutorial[0]
    assert isinstance(item.interaction, SingleChoice)
    wrong = next(c for c in item.interaction.choices if c.id != item.interaction.key)
    browser.get("/candidat/entrainement/1")
    page = browser.submit("/candidat/entrainement/1", {"action": "valider", "reply": wrong.id}, expect=200)
    assert "Ce n'est pas la réponse attendue." in page.text
    assert wrong.why in page.text
    browser.get("/candidat/entrainement/1")
    assert "Vous êtes passé." in browser.submit("/candidat/entrainement/1", {"action": "passer"}, expect=200).text


def test_the_tutorial_leaves_no_trace(world: World):
    before = everything_in(world.house.db)
    browser = world.browser()
    browser.get("/candidat/entrainement")
    for number, item in enumerate(world.house.catalogue.tutorial, start=1):
        browser.get(f"/candidat/entrainement/{number}")
        browser.submit(f"/candidat/entrainement/{number}", {"action": "valider", **right_reply(item)}, expect=200)
    assert everything_in(world.house.db) == before


def test_the_file_of_the_tutorial_can_be_had_and_nothing_beside_it(world: World):
    browser = world.browser()
    task = world.house.catalogue.tutorial[-1]
    [attachment] = task.attachments
    page = browser.get(f"/candidat/entrainement/8/fichier/{attachment.file}")
    assert page.body.startswith(b"PK")
    for path in ("8/fichier/crcn-5.1-908.md", "1/fichier/crcn-5.1-908.ods", "9", "0", "-1", "1.0", "x"):
        browser.get(f"/candidat/entrainement/{path}", 404)


def test_no_item_of_the_tutorial_is_in_a_release(world: World):
    release = world.house.catalogue.named_release
    assert not {i.id for i in world.house.catalogue.tutorial} & set(release.row_of)


def test_the_system_check_says_what_it_cannot_do_without_scripts(world: World):
    page = world.browser().get("/candidat/verification")
    told = page.root.one("noscript").text if len(list(page.root.all("noscript"))) == 1 else page.text
    assert "n'exécute pas les scripts" in told
    assert {"c-browser", "c-screen", "c-network", "c-samples", "c-camera", "c-microphone", "c-sharing"} <= {
        e["id"] for e in page.root.all("li") if e.has("id")
    }


def test_a_welcome_video_is_shown_only_with_captions(world: World, data: Path):
    folder = data / "welcome"
    browser = world.recognised(world.camille)
    assert not list(browser.page.root.all("video"))
    folder.mkdir()
    try:
        (folder / "welcome.mp4").write_bytes(bytes(range(100)))
        assert Settings(data=data).welcome_video is None
        assert not list(browser.get("/candidat/consignes").root.all("video"))
        browser.get("/candidat/bienvenue/welcome.mp4", 404)
        (folder / "welcome.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nBonjour\n", encoding="utf-8")
        page = browser.get("/candidat/consignes")
        assert page.root.one("track")["kind"] == "captions"
        assert browser.get(page.root.one("track")["src"]).body.startswith(b"WEBVTT")
        some = browser.get(page.root.one("source")["src"], 206, {"Range": "bytes=10-19"})
        assert some.body == bytes(range(10, 20))
        browser.get("/candidat/bienvenue/secret", 404)
    finally:
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def test_instructions_say_the_time_of_the_one_who_reads_them(world: World):
    assert "en 2 h 30." in world.recognised(world.camille).page.text
    assert "en 3 h 20, votre temps supplémentaire compris." in world.recognised(world.idriss).page.text


def test_who_was_refused_reads_the_reason(world: World):
    browser = world.waiting(world.camille)
    supervision.refuse(
        world.house, world.person("surveillant"), world.camille.sitting, "Pièce d'identité périmée", world.clock()
    )
    page = browser.get("/candidat/test")
    assert page.heading == "Vous n'avez pas été admis à composer"
    assert "Motif noté : « Pièce d'identité périmée »." in page.text.replace("\xa0", " ")


def test_the_end_says_what_follows_and_how_to_read_the_result(world: World):
    page = world.taken_early(world.camille).page
    assert page.heading == "Votre test est terminé"
    for words in (
        "Aucune réponse n'est enregistrée",
        "Prévenez votre surveillant",
        "Le jury examine",
        "Conservez-les.",
    ):
        assert words in page.text
    assert world.camille.session_code in page.text


def test_who_was_stopped_for_a_technical_cause_is_told_what_that_means(world: World):
    browser: Browser = world.running(world.camille)
    world.clock.now += timedelta(minutes=3)
    world.finish(world.camille)
    page = browser.get("/candidat/test")
    assert page.heading == "Votre test a été arrêté"
    assert "les questions que vous n'avez pas vues ne comptent pas" in page.text
