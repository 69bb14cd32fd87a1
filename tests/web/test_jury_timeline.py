"""The timeline of a sitting: all that happened, from every source, and nothing of what was answered."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from engine.items.item import Item
from engine.kernel import IncidentId
from tests.house.dom import Element
from tests.web.world import World, pass_on, raw_reply
from web.db.day_tables import CheckLine, Fact, FollowUp, Message, MessageReceipt, Silence
from web.services import alert_settling, alerts, exam, supervision
from web.services.alerts import Wrong
from web.services.timeline import Moment, Timeline, timeline


@pytest.fixture
def incident(world: World) -> IncidentId:
    """A phone at the third item; one item was passed, one answered right, one answered wrong."""
    browser = world.running(world.camille)
    world.clock.forward(minutes=1)
    pass_on(browser)
    answered(world, "a1")
    world.clock.forward(minutes=1)
    found = world.flag(world.camille, text="Téléphone sur la table")
    world.clock.forward(seconds=20)
    proctor = world.person("surveillant")
    supervision.pause(world.house, proctor, world.camille.sitting, "Rappel", world.clock())
    world.clock.forward(minutes=3)
    supervision.resume(world.house, proctor, world.camille.sitting, world.clock())
    supervision.grant_time(world.house, proctor, world.camille.sitting, 5, "Rappel", world.clock())
    answered(world, "a2")
    world.clock.forward(minutes=1)
    world.finish(world.camille)
    world.close_day()
    return found


def answered(world: World, answer_id: str) -> None:
    """Answer the item on screen right."""
    item: Item = world.on_screen(world.camille)
    world.clock.forward(seconds=40)
    known = (world.camille.sitting, item.id, raw_reply(item), answer_id, "device")
    exam.answer(world.house, *known, world.clock())


def course(world: World, incident: IncidentId | None) -> Timeline:
    found = timeline(world.house, world.person("jury"), world.camille.sitting, incident)
    assert found is not None
    return found


def kinds(found: Timeline) -> list[str]:
    return [m.kind for m in found.moments]


def test_everything_of_the_log_stands_in_order(world: World, incident: IncidentId):
    found = course(world, incident)
    assert [k for k in kinds(found) if k != "check_line"] == [
        "checked_in",
        "authorised",
        "entered",
        "started",
        "item",
        "item",
        "item",
        "incident",
        "paused",
        "resumed",
        "time_granted",
        "item",
        "terminated",
    ]
    assert [m.at for m in found.moments] == sorted(m.at for m in found.moments)
    items = [m for m in found.moments if m.kind == "item"]
    assert [m.position for m in items] == [1, 2, 3, 4]
    assert all(m.until for m in items)
    paused = next(m for m in found.moments if m.kind == "paused")
    assert paused.until is not None
    assert paused.until - paused.at == timedelta(minutes=3)


def test_the_item_on_screen_when_the_incident_occurred_is_marked(world: World, incident: IncidentId):
    found = course(world, incident)
    assert found.at_incident == 3
    marked = [m for m in found.moments if m.is_marked]
    assert [(m.kind, m.position) for m in marked] == [("item", 3), ("incident", None)]
    assert course(world, None).at_incident is None


def test_an_incident_told_late_marks_the_item_of_its_own_time(world: World, incident: IncidentId):
    del incident
    first = next(m for m in course(world, None).moments if m.kind == "item")
    told = supervision.Report("COM-01", "", first.at + timedelta(seconds=5))
    late = supervision.report_incident(
        world.house, world.person("surveillant"), world.camille.sitting, told, world.clock()
    )
    assert course(world, late).at_incident == 1
    page = world.staff("jury").get(f"/jury/incidents/{late}")
    assert "Question lors des faits n° 1" in page.text


def test_no_moment_tells_an_item_passed_from_one_answered(world: World, incident: IncidentId):
    items = [m for m in course(world, incident).moments if m.kind == "item"]
    passed, right = items[0], items[1]
    assert world.answers(world.camille)[0].reply is None
    assert (passed.kind, passed.extra, passed.detail) == (right.kind, right.extra, right.detail)


def test_the_page_holds_neither_items_nor_answers_nor_levels(world: World, incident: IncidentId):
    page = world.staff("jury").get(f"/jury/incidents/{incident}")
    for item in world.sitting(world.camille).presented:
        known = world.item(item)
        assert item not in page.html
        assert known.body[:40] not in page.text
        assert known.rationale[:30] not in page.text
    for word in ("juste :", "fausse", "passée", "Confirmé :", "Probabilité", "concluant", "% "):
        assert word not in page.root.one("main").text.replace("La page ne montre jamais si la réponse était juste.", "")


def test_the_page_says_the_same_with_the_other_answers(world: World):
    """Two candidates, one who knows everything and one who knows nothing: the jury cannot tell them apart."""
    pages = []
    for seat, knows in ((world.camille, True), (world.enrolled("Roux"), False)):
        world.start(seat)
        began = world.clock()
        for n in range(6):
            item = world.on_screen(seat)
            world.clock.now = began + timedelta(seconds=30 * (n + 1))
            reply = raw_reply(item) if knows else None
            exam.answer(world.house, seat.sitting, item.id, reply, str(uuid.uuid4()), "device", world.clock())
        found = world.flag(seat)
        world.finish(seat)
        world.clock.now = began
        pages.append(world.staff("jury").get(f"/jury/incidents/{found}"))
    shapes = [shape(p.root.one("section", **{"aria-labelledby": "h-course"})) for p in pages]
    assert shapes[0] == shapes[1]


def shape(root: Element) -> list[tuple[str, str]]:
    """The elements of a page and their classes: what differs between two candidates is only in the words."""
    return [(e.tag, e.get("class")) for e in root.all()]


def test_every_other_source_is_told_too(world: World, incident: IncidentId):
    proctor = world.person("surveillant").id
    sitting, session = world.camille.sitting, world.session
    at = next(m for m in course(world, None).moments if m.kind == "started").at + timedelta(seconds=5)
    rows: list[tuple[Any, dict[str, object]]] = [
        (Silence, {"sitting_id": sitting, "began_at": at, "ended_at": at + timedelta(seconds=50)}),
        (Fact, {"id": "f", "sitting_id": sitting, "kind": "camera_lost", "at": at, "data": {"secret": "x"}}),
        (Message, message("m1", session, sitting, None, "Puis-je ouvrir ?", at)),
        (Message, message("m2", session, None, proctor, "Il reste une heure.", at)),
        (Message, message("m3", session, None, proctor, "Bonjour à tous.", at - timedelta(hours=2))),
        (Message, message("m4", session, world.idriss.sitting, proctor, "Pour un autre.", at)),
        (MessageReceipt, {"message_id": "m2", "reader": sitting, "at": at + timedelta(seconds=9)}),
        (CheckLine, {"id": "c", "sitting_id": sitting, "line": "room", "result": "problem", "text": "Une affiche",
                     "author_id": proctor, "at": at}),
        (FollowUp, {"id": "u", "incident_id": incident, "author_id": proctor, "text": "Rangé depuis.", "at": at}),
    ]  # fmt: skip
    with world.house.db.write() as connection:
        for table, values in rows:
            connection.execute(insert(table).values(**values))
    found = course(world, incident)
    by_kind: dict[str, Moment] = {m.kind: m for m in found.moments}
    assert by_kind["silence"].until == at + timedelta(seconds=50)
    assert by_kind["message"].recorded_at == at + timedelta(seconds=9)
    assert by_kind["message_from_candidate"].author == ""
    text = world.staff("jury").get(f"/jury/incidents/{incident}").text
    for told in (
        "Page sans nouvelles 50 s",
        "Information de la page : Caméra coupée",
        "Puis-je ouvrir ?",
        "Message du surveillant (à tous)",
        "Vérification à l'entrée · Pièce : seul, table dégagée : problème Une affiche",
        "Complément au signalement Rangé depuis.",
    ):
        assert told in text
    for foreign in ("Pour un autre.", "Bonjour à tous.", "secret"):
        assert foreign not in text


def message(
    name: str, session: str, sitting: str | None, author: str | None, text: str, at: datetime
) -> dict[str, Any]:
    return {"id": name, "session_id": session, "sitting_id": sitting, "author_id": author, "kind": "note",
            "text": text, "at": at}  # fmt: skip


def test_the_picture_has_words_and_a_bar_for_each_item(world: World, incident: IncidentId):
    page = world.staff("jury").get(f"/jury/incidents/{incident}")
    [svg] = [e for e in page.root.all("svg") if e.get("aria-labelledby") == "ov-title ov-desc"]
    assert svg.one("title").text.startswith("Le test de ")
    assert svg.one("desc").text.startswith("4 questions posées, 1 pause, 0 silence")
    bars = [e for e in svg.all("rect") if "item" in e.get("class").split()]
    assert len(bars) == 4
    assert ["marked" in e.get("class") for e in bars] == [False, False, True, False]
    for e in svg.all("rect"):
        assert 110 <= float(e["x"]) <= 990
        assert float(e["x"]) + float(e["width"]) <= 1000


def test_an_item_that_was_replaced_after_an_alert_is_told_as_such(world: World):
    world.start(world.camille)
    known = (world.camille.sitting, world.on_screen(world.camille).id)
    world.clock.forward(seconds=30)
    alerts.raise_alert(world.house, *known, Wrong.OTHER, "L'image manque", "device", world.clock())
    world.clock.forward(seconds=40)
    proctor = world.person("surveillant")
    found = alert_settling.accept(world.house, proctor, world.camille.sitting, "TEC-05", "Vu", world.clock())
    world.finish(world.camille)
    course_of = course(world, found)
    items = [m for m in course_of.moments if m.kind == "item"]
    assert [m.extra for m in items] == ["replaced", ""]
    assert course_of.at_incident == 1
    page = world.staff("jury").get(f"/jury/incidents/{found}")
    assert "Problème signalé sur une question n° 1" in page.text
    assert "n° 1 · CRCN-Édu" in page.text
    assert "remplacée, non comptée" in page.text


def test_whoever_never_came_has_no_course(world: World):
    found = world.flag(world.camille)
    assert timeline(world.house, world.person("jury"), world.idriss.sitting) is None
    assert "Déroulement" in world.staff("jury").get(f"/jury/incidents/{found}").text
