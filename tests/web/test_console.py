"""The console: everybody by need, live, and an open alert never hidden."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert

from engine.delivery.states import State
from tests.web.browser import Browser, Page
from tests.web.sql import owner, sql
from tests.web.world import Seat, World
from web.db import signs
from web.db import sittings as sitting_rows
from web.db.day_tables import Silence
from web.services import alerts, board, connectivity, exam, facts, gate, messages, supervision
from web.services.board import Attention, Cell, Console, View


@pytest.fixture
def proctor(world: World) -> Browser:
    """The proctor before the console."""
    browser = world.staff("surveillant")
    browser.get(f"/surveillance/{world.session}")
    return browser


def look(world: World) -> Console:
    return board.console(world.house, world.person("surveillant"), world.session, world.clock())


def heard(world: World, seat: Seat) -> None:
    connectivity.sign_of_life(world.house, seat.sitting, world.clock())


def alert(world: World, seat: Seat, text: str = "") -> None:
    item = world.sitting(seat).on_screen
    assert item is not None
    alerts.raise_alert(world.house, seat.sitting, item, "file", text, "device", world.clock())


def silence(world: World, seat: Seat, ago: float, seconds: float) -> None:
    began = world.clock() - timedelta(seconds=ago)
    with world.house.db.write() as connection:
        connection.execute(
            insert(Silence).values(sitting_id=seat.sitting, began_at=began, ended_at=began + timedelta(seconds=seconds))
        )


def row(page: Page, seat: Seat) -> str:
    body = page.root.one("tbody")
    return next(r.text for r in body.all("tr") if seat.full_name in r.text)


# By need

IN_TEST = {
    Attention.ALERT, Attention.SILENT, Attention.UNSTABLE, Attention.HELP, Attention.TIME_IS_UP, Attention.PAUSED,
    Attention.FLAGGED, Attention.RUNNING,
}  # fmt: skip


def in_every_state(world: World) -> dict[Attention, Seat]:
    """A candidate for each thing that a row can ask for, named against the order."""
    proctor = world.person("surveillant")
    seats = {wanted: world.enrolled(f"Z{chr(90 - n)}") for n, wanted in enumerate(Attention)}
    begins = IN_TEST | {Attention.OVER}
    world.start(seats[Attention.TIME_IS_UP])
    world.clock.forward(minutes=150)
    for wanted in begins - {Attention.TIME_IS_UP}:
        world.start(seats[wanted])
    world.clock.forward(seconds=50)
    for wanted in begins - {Attention.SILENT}:
        with world.house.db.write() as connection:
            signs.note(connection, seats[wanted].sitting, world.clock())
    alert(world, seats[Attention.ALERT])
    silence(world, seats[Attention.UNSTABLE], 49, 25)
    silence(world, seats[Attention.UNSTABLE], 24, 23)
    messages.ask_for_help(world.house, seats[Attention.HELP].sitting, "", world.clock())
    for wanted in (Attention.TO_AUTHORISE, Attention.AUTHORISED):
        gate.check_in(world.house, seats[wanted].sitting, world.clock())
    supervision.authorise(world.house, proctor, seats[Attention.AUTHORISED].sitting, True, world.clock())
    supervision.pause(world.house, proctor, seats[Attention.PAUSED].sitting, "Malaise", world.clock())
    world.flag(seats[Attention.FLAGGED])
    exam.finish(world.house, seats[Attention.OVER].sitting, "device", world.clock())
    return seats


def test_everybody_stands_in_the_order_of_need(world: World):
    seats = in_every_state(world)
    found = [r for r in look(world).rows if r.enrolment.id in {s.sitting for s in seats.values()}]
    assert [(r.attention, r.enrolment.full_name) for r in found] == [(w, s.full_name) for w, s in seats.items()]


def test_the_most_pressing_are_in_the_order_that_was_decided():
    needs = ["alert", "silent", "unstable", "to_authorise", "flagged", "running", "over"]
    assert [a for a in Attention if a in needs] == needs


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize("name", ["", "Le Goff", "personne de ce nom"])
def test_no_view_and_no_search_hides_an_open_alert(world: World, proctor: Browser, view: View, name: str):
    world.start(world.camille)
    alert(world, world.camille, "L'image est blanche.")
    page = proctor.get(f"/surveillance/{world.session}?voir={view}&nom={name}")
    assert "L'image est blanche." in page.text
    assert "Problème signalé" in row(page, world.camille)
    piece = proctor.get(f"/surveillance/{world.session}/etat?voir={view}&nom={name}")
    assert "L'image est blanche." in piece.text


@pytest.mark.parametrize("also", ["lost", "help", "other device", "flagged", "paused", "time"])
def test_whatever_else_there_is_an_open_alert_comes_first(world: World, also: str):
    world.start(world.camille)
    alert(world, world.camille)
    more: dict[str, Callable[[], object]] = {
        "lost": lambda: world.clock.forward(minutes=5),
        "help": lambda: messages.ask_for_help(world.house, world.camille.sitting, "", world.clock()),
        "other device": lambda: gate.check_in(world.house, world.camille.sitting, world.clock()),
        "flagged": lambda: world.flag(world.camille),
        "paused": lambda: supervision.pause(
            world.house, world.person("surveillant"), world.camille.sitting, "x", world.clock()
        ),
        "time": lambda: world.clock.forward(hours=9),
    }
    more[also]()
    first = look(world).rows[0]
    assert (first.enrolment.id, first.attention) == (world.camille.sitting, Attention.ALERT)


def test_views_show_what_they_say(world: World, proctor: Browser):
    seats = in_every_state(world)
    names = {wanted: seat.full_name for wanted, seat in seats.items()}
    for view, wanted in (
        (View.ALL, set(Attention)),
        (View.NEEDS, set(list(Attention)[:8])),
        (View.RUNNING, IN_TEST),
        (View.OVER, {Attention.ALERT, Attention.OVER}),
    ):
        text = proctor.get(f"/surveillance/{world.session}?voir={view}").root.one("tbody").text
        assert {w for w, name in names.items() if name in text} == wanted, view
    assert proctor.get(f"/surveillance/{world.session}?voir=tout-autre-chose").status == 200


def test_a_search_finds_names_and_says_when_there_is_nobody(world: World, proctor: Browser):
    page = proctor.get(f"/surveillance/{world.session}?nom=goff")
    assert [r for r in ("LE GOFF", "MOREAU") if r in page.root.one("tbody").text] == ["LE GOFF"]
    page = proctor.get(f"/surveillance/{world.session}?nom=xyz")
    assert "Personne dans cette vue dont le nom contient « xyz »" in page.text


# Live


def test_an_unchanged_console_is_not_sent_again(world: World, proctor: Browser):
    world.start(world.camille)
    heard(world, world.camille)
    address = f"/surveillance/{world.session}/etat"
    etag = proctor.get(address).headers["ETag"]
    world.clock.forward(seconds=1)
    assert proctor.get(address, expect=304, headers={"If-None-Match": etag}).body == b""


CHANGES: dict[str, Callable[[World], object]] = {
    "an answer": lambda w: exam.answer(
        w.house, w.camille.sitting, w.on_screen(w.camille).id, None, "a" * 32, "device", w.clock()
    ),
    "an alert": lambda w: alert(w, w.camille),
    "a request for help": lambda w: messages.ask_for_help(w.house, w.camille.sitting, "", w.clock()),
    "a message": lambda w: messages.send(
        w.house, w.person("surveillant"), w.session, w.camille.sitting, "Bonjour", w.clock()
    ),
    "a camera lost": lambda w: facts.tell(w.house, w.camille.sitting, "camera_lost", w.clock()),
    "an incident": lambda w: w.flag(w.camille),
    "a pause": lambda w: supervision.pause(w.house, w.person("surveillant"), w.camille.sitting, "x", w.clock()),
    "somebody who waits": lambda w: gate.check_in(w.house, w.idriss.sitting, w.clock()),
    "somebody new": lambda w: w.enrolled("Nouveau"),
    "a sign that is missing": lambda w: w.clock.forward(seconds=46),
    "a minute less": lambda w: (w.clock.forward(seconds=61), heard(w, w.camille)),
    "an end": lambda w: w.finish(w.camille),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_sent(world: World, proctor: Browser, change: str):
    world.start(world.camille)
    heard(world, world.camille)
    address = f"/surveillance/{world.session}/etat"
    etag = proctor.get(address).headers["ETag"]
    CHANGES[change](world)
    assert proctor.get(address, headers={"If-None-Match": etag}).headers["ETag"] != etag


def test_who_looks_every_second_sees_what_who_looks_once_sees(world: World):
    """The console replays only logs that grew; what it shows is what the whole log says."""
    for seat in (world.camille, world.idriss):
        world.start(seat)
    for n in range(6):
        look(world)
        seat = (world.camille, world.idriss)[n % 2]
        exam.answer(world.house, seat.sitting, world.on_screen(seat).id, None, f"{n}" * 32, "device", world.clock())
        with world.house.db.read() as connection:
            watched = sitting_rows.watch_session(connection, world.session)
            assert watched == sitting_rows.load_session(connection, world.session)


def test_a_second_console_sees_the_same_and_is_named(world: World):
    with world.house.db.write() as connection:
        sql(
            connection,
            "INSERT INTO session_proctor (session_id, account_id) SELECT ?, id FROM account WHERE login = 'voisin'",
            (world.session,),
        )
    first, second = world.staff("surveillant"), world.staff("voisin")
    first.get(f"/surveillance/{world.session}")
    page = second.get(f"/surveillance/{world.session}")
    assert "Aussi à la console : Paul Keller" in page.text
    # The one that was there first learns of it at its next look.
    assert "Aussi à la console : Inès Da Silva" in first.get(f"/surveillance/{world.session}/etat").text
    world.start(world.camille)
    assert "En cours" in row(second.get(f"/surveillance/{world.session}"), world.camille)
    world.clock.forward(seconds=31)
    assert "Aussi à la console" not in second.get(f"/surveillance/{world.session}").text


# Connectivity


def test_the_ribbon_shows_the_minutes_of_the_last_quarter_of_an_hour(world: World):
    world.start(world.camille)
    world.clock.forward(minutes=20)
    heard(world, world.camille)
    with world.house.db.write() as connection, owner(connection):
        connection.execute(Silence.__table__.delete())
    silence(world, world.camille, 9 * 60, 95)
    found = next(r for r in look(world).rows if r.enrolment.id == world.camille.sitting)
    cut = [n for n, cell in enumerate(found.ribbon) if cell is Cell.CUT]
    assert cut == [5, 6]  # nine minutes ago and the one after; the newest of the fifteen is number 14
    assert found.cut == timedelta(seconds=95)


def test_who_has_just_begun_has_a_short_ribbon_and_who_has_not_has_none(world: World):
    world.start(world.camille)
    world.clock.forward(minutes=2)
    rows = {r.enrolment.id: r for r in look(world).rows}
    assert [cell for cell in rows[world.camille.sitting].ribbon if cell is not Cell.NONE] != []
    assert rows[world.camille.sitting].ribbon[:12] == (Cell.NONE,) * 12
    assert set(rows[world.idriss.sitting].ribbon) == {Cell.NONE}


def test_the_measured_gap_is_proposed_less_what_was_given(world: World, proctor: Browser):
    world.start(world.camille)
    heard(world, world.camille)
    world.clock.forward(minutes=6, seconds=10)
    heard(world, world.camille)
    address = f"/surveillance/candidats/{world.camille.sitting}"
    page = proctor.get(address)
    assert "Coupures mesurées pendant le test : 6 min 10 s. Déjà ajouté : 0 s. Proposé : 7 min." in page.text
    proctor.submit(f"{address}/temps")  # as proposed, the reason too
    page = proctor.follow()
    assert "Déjà ajouté : 7 min." in page.text
    assert "Proposé" not in page.text
    assert world.sitting(world.camille).clock.granted == timedelta(minutes=7)


def test_a_pause_is_no_gap(world: World, proctor: Browser):
    world.start(world.camille)
    heard(world, world.camille)
    supervision.pause(world.house, world.person("surveillant"), world.camille.sitting, "x", world.clock())
    world.clock.forward(minutes=30)
    supervision.resume(world.house, world.person("surveillant"), world.camille.sitting, world.clock())
    heard(world, world.camille)
    assert "Proposé" not in proctor.get(f"/surveillance/candidats/{world.camille.sitting}").text


# Signals that are information


def test_what_a_page_tells_of_itself_is_a_quiet_mark_and_moves_nobody_up(world: World, proctor: Browser):
    world.start(world.camille)
    heard(world, world.camille)
    for kind in ("page_left", "page_back", "page_left", "camera_lost"):
        world.clock.forward(seconds=1)
        facts.tell(world.house, world.camille.sitting, kind, world.clock())
    text = row(proctor.get(f"/surveillance/{world.session}"), world.camille)
    assert "Page quittée à 09:00:03 Caméra coupée à 09:00:04 page quittée 2 fois" in text
    assert "En cours" in text


def test_a_request_for_help_is_answered_from_the_console(world: World, proctor: Browser):
    world.start(world.camille)
    messages.ask_for_help(world.house, world.camille.sitting, "Puis-je ouvrir la fenêtre ?", world.clock())
    page = proctor.get(f"/surveillance/{world.session}")
    assert "MOREAU Camille demande de l'aide" in page.text
    assert "Puis-je ouvrir la fenêtre ?" in page.text
    proctor.submit(f"/surveillance/candidats/{world.camille.sitting}/message", {"text": "Oui."})
    page = proctor.follow()
    assert page.path == f"/surveillance/{world.session}"
    assert "demande de l'aide" not in page.text
    assert "1 message non lu" in row(page, world.camille)
    said = messages.talk(world.house, world.camille.sitting).unread[0]
    messages.acknowledge(world.house, world.camille.sitting, said.id, world.clock())
    assert "non lu" not in row(proctor.get(f"/surveillance/{world.session}"), world.camille)
    assert "lu à 09:00:00" in proctor.get(f"/surveillance/candidats/{world.camille.sitting}").text


def test_a_request_for_help_that_was_seen_is_no_more_asked(world: World, proctor: Browser):
    world.start(world.camille)
    asked = messages.ask_for_help(world.house, world.camille.sitting, "", world.clock())
    proctor.get(f"/surveillance/{world.session}")
    proctor.submit(f"/surveillance/candidats/{world.camille.sitting}/vu/{asked}")
    assert "demande de l'aide" not in proctor.follow().text


# To everybody


def test_a_message_to_all_says_who_has_not_read_it(world: World, proctor: Browser):
    address = f"/surveillance/{world.session}/message"
    page = proctor.get(address)
    assert "Message aux 3 candidats de la session" in page.text
    proctor.submit(address, {"text": "Il reste une heure."})
    page = proctor.follow()
    assert "pas encore lu par BENALI Idriss, LE GOFF Anne-Lise, MOREAU Camille" in page.text
    said = messages.talk(world.house, world.camille.sitting).unread[0]
    messages.acknowledge(world.house, world.camille.sitting, said.id, world.clock())
    assert "pas encore lu par BENALI Idriss, LE GOFF Anne-Lise" in proctor.get(address).text
    page = proctor.submit(address, {"text": " "}, expect=400)
    assert page.alert


def test_a_pause_for_all_names_everybody_first_and_stops_every_clock_or_none(world: World, proctor: Browser):
    for seat in (world.camille, world.idriss):
        world.start(seat)
    address = f"/surveillance/{world.session}/pause"
    page = proctor.get(address)
    assert "BENALI Idriss" in page.text
    assert "MOREAU Camille" in page.text
    assert "LE GOFF" not in page.text
    assert "Mettre en pause ces 2 tests" in page.text
    proctor.submit(address, {"reason": " "})
    assert "Indiquez un motif." in proctor.follow().text
    assert world.sitting(world.camille).state is State.RUNNING
    proctor.submit(address, {"reason": "Alerte incendie"})
    assert "2 tests en pause : BENALI Idriss, MOREAU Camille." in proctor.follow().text
    assert {world.sitting(s).state for s in (world.camille, world.idriss)} == {State.PAUSED}
    world.clock.forward(minutes=20)
    back = f"/surveillance/{world.session}/reprise"
    assert "Reprendre ces 2 tests" in proctor.get(back).text
    proctor.submit(back)
    assert "2 tests repris : BENALI Idriss, MOREAU Camille." in proctor.follow().text
    left = world.sitting(world.camille).clock.time_left(world.clock())
    assert left == timedelta(minutes=150)
    assert "Il n'y a rien à reprendre." in proctor.get(back).text


def test_every_action_of_a_candidate_s_page_names_the_candidate(world: World, proctor: Browser):
    world.start(world.camille)
    alert(world, world.camille)
    gate.check_in(world.house, world.camille.sitting, world.clock())
    page = proctor.get(f"/surveillance/candidats/{world.camille.sitting}")
    acting = [b for f in page.root.all("form") if "/candidats/" in f.get("action") for b in f.all("button")]
    quick = ("Enregistrer les vérifications",)
    silent = [b.text for b in acting if b.get("type") != "button" and "MOREAU Camille" not in b.text]
    assert len(acting) > 8
    assert [t for t in silent if t not in quick] == []


def test_a_message_to_all_is_unread_only_where_somebody_is_there_to_read_it(world: World) -> None:
    world.start(world.camille)
    world.start(world.idriss)
    world.finish(world.idriss)
    proctor = world.person("surveillant")
    messages.send(world.house, proctor, world.session, None, "Il reste une heure.", world.clock())
    rows = look(world).rows
    assert {r.enrolment.id: r.unread for r in rows} == {
        world.camille.sitting: 1,
        world.idriss.sitting: 0,
        world.anne_lise.sitting: 0,
    }


def test_the_console_of_a_session_at_a_distance_tells_at_once_how_the_view_stands(world: World) -> None:
    with world.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET mode = 'remote'")
    page = world.staff("surveillant").get(f"/surveillance/{world.session}")
    assert "0 en direct sur 3" in page.text
