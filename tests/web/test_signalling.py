"""Letters between browsers: who may write to whom, how long they are kept, and what the server learns of a view."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine.kernel import EngineError
from tests.house.source import ROOT
from tests.web.browser import Browser, Page
from tests.web.sql import sql
from tests.web.world import MORNING, Seat, World
from web import french
from web.config import IceServer
from web.db.day_tables import Fact, Signal, ViewConsent, ViewSign
from web.services import alerts, remote_view, signalling, supervision, video_room
from web.services.ice import VALID_FOR, Ice, servers_for
from web.services.remote_view import Standing
from web.services.signalling import KEPT_FOR, MOST_WAITING, BoxFull, MalformedSignal, NoSuchPeer

PAGE = "11111111-1111-4111-8111-111111111111"
OTHER_PAGE = "22222222-2222-4222-8222-222222222222"
CONSOLE = "33333333-3333-4333-8333-333333333333"
CALL = "44444444-4444-4444-8444-444444444444"


@pytest.fixture
def far(world: World) -> World:
    """The world with its session at a distance."""
    make_remote(world)
    return world


def make_remote(world: World, link: str | None = None) -> None:
    """Put the session of the world at a distance."""
    with world.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET mode = 'remote', video_link = ?", (link,))


def seen(world: World, seat: Seat, device: str = "device", **how: Any) -> signalling.Exchange:
    """One trip of a candidate's window."""
    body = {"page": PAGE, "camera": True, "microphone": True, "screen": "monitor", **how}
    return signalling.from_window(world.house, seat.sitting, device, body, world.clock())


def watch(world: World, *outgoing: dict[str, Any], login: str = "surveillant", page: str = CONSOLE) -> Any:
    """One trip of a proctor's page."""
    body = {"page": page, "outgoing": list(outgoing)}
    return signalling.from_console(world.house, world.person(login), world.session, body, world.clock())


def hello(seat: Seat, page: str = PAGE) -> dict[str, Any]:
    """A console asks for a view."""
    return {"to": f"w/{seat.sitting}/{page}", "mail": {"type": "hello", "call": CALL}}


def offer(world: World, login: str = "surveillant", sdp: str = "v=0") -> dict[str, Any]:
    """A window offers one."""
    return {"to": f"c/{world.person(login).id}/{CONSOLE}", "mail": {"type": "offer", "call": CALL, "sdp": sdp}}


def agree(world: World, *seats: Seat) -> None:
    """The candidates are in the waiting room and agree to be seen."""
    for seat in seats:
        remote_view.decide(world.house, seat.sitting, True, world.clock())


def facts_of(world: World, seat: Seat) -> list[tuple[str, datetime]]:
    """What was kept of a candidate's pages, in order."""
    with world.house.db.read() as connection:
        rows = connection.execute(select(Fact.kind, Fact.at).where(Fact.sitting_id == seat.sitting).order_by(Fact.at))
        return [(row.kind, row.at) for row in rows]


def waiting_letters(world: World) -> int:
    """How many letters lie in the box."""
    with world.house.db.read() as connection:
        return len(connection.execute(select(Signal.id)).all())


def standing(world: World, seat: Seat) -> Standing:
    """How a candidate's view stands for the proctor."""
    return next(v.standing for v in watch(world).views if v.enrolment.id == seat.sitting)


def send(browser: Browser, path: str, body: object, expect: int = 200) -> Page:
    """Post JSON with the token of the page on screen."""
    assert browser.page is not None
    token = browser.page.token
    response = browser.client.post(
        path, json=body, headers={"X-CSRFToken": token, "Accept": "application/json"}, base_url=browser.base
    )
    assert response.status_code == expect, response.get_data(as_text=True)[:300]
    return Page(path, response.status_code, "", browser.page.root, response.headers, response.get_data())


# --- letters ---


def test_a_letter_is_fetched_once_by_the_page_it_is_for_and_deleted(far: World):
    agree(far, far.camille)
    seen(far, far.camille)
    watch(far, hello(far.camille))
    assert seen(far, far.camille, page=OTHER_PAGE).incoming == ()
    (letter,) = seen(far, far.camille).incoming
    assert letter.letter.data == {"type": "hello", "call": CALL}
    assert letter.name == "Paul Keller"
    assert waiting_letters(far) == 0
    assert seen(far, far.camille).incoming == ()


def test_letters_come_in_the_order_in_which_they_were_written(far: World):
    agree(far, far.camille)
    to = offer(far)["to"]
    paths = [{"to": to, "mail": {"type": "paths", "call": CALL, "paths": [{"candidate": str(n)}]}} for n in range(5)]
    seen(far, far.camille, outgoing=paths[:3])
    seen(far, far.camille, outgoing=paths[3:])
    assert [x.letter.data["paths"][0]["candidate"] for x in watch(far).incoming] == ["0", "1", "2", "3", "4"]


def test_of_two_racing_trips_each_letter_reaches_one(far: World):
    agree(far, far.camille)
    bye = {"to": offer(far)["to"], "mail": {"type": "bye", "call": CALL}}
    seen(far, far.camille, outgoing=[bye] * 40)
    start = threading.Barrier(4)

    def fetch(_: int) -> int:
        start.wait()
        return len(watch(far).incoming)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(fetch, range(4))) == 40


def test_what_nobody_fetches_is_gone_after_a_minute(far: World):
    agree(far, far.camille)
    watch(far, hello(far.camille))
    far.clock.now += KEPT_FOR
    assert waiting_letters(far) == 1
    far.clock.forward(seconds=1)
    assert watch(far).incoming == ()
    assert waiting_letters(far) == 0


def test_a_page_gone_wild_fills_no_disk(far: World):
    agree(far, far.camille)
    bye = {"to": offer(far)["to"], "mail": {"type": "bye", "call": CALL}}
    for _ in range(MOST_WAITING // 40):
        seen(far, far.camille, outgoing=[bye] * 40)
    with pytest.raises(BoxFull):
        seen(far, far.camille, outgoing=[bye])
    assert waiting_letters(far) == MOST_WAITING
    watch(far)
    seen(far, far.camille, outgoing=[bye])


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "hello",
        {},
        {"page": "x"},
        {"page": PAGE, "camera": True, "microphone": True, "screen": "everything"},
        {"page": PAGE, "camera": True, "microphone": True, "screen": "", "extra": 1},
        {"page": PAGE, "camera": True, "microphone": True, "screen": "", "outgoing": [{"to": "c/x/y", "mail": {}}]},
    ],
)
def test_what_no_page_of_ours_sends_is_refused(far: World, wrong: object):
    agree(far, far.camille)
    with pytest.raises(MalformedSignal):
        signalling.from_window(far.house, far.camille.sitting, "device", wrong, far.clock())
    with pytest.raises(MalformedSignal):
        signalling.from_console(far.house, far.person("surveillant"), far.session, wrong, far.clock())


def test_each_side_writes_only_what_is_its_own(far: World):
    agree(far, far.camille)
    with pytest.raises(MalformedSignal):
        seen(far, far.camille, outgoing=[{"to": offer(far)["to"], "mail": {"type": "hello", "call": CALL}}])
    with pytest.raises(MalformedSignal):
        watch(far, {"to": hello(far.camille)["to"], "mail": {"type": "offer", "call": CALL, "sdp": "v=0"}})


def test_a_description_has_a_largest_size(far: World):
    agree(far, far.camille)
    seen(far, far.camille, outgoing=[offer(far, sdp="x" * 64 * 1024)])
    with pytest.raises(MalformedSignal) as refused:
        seen(far, far.camille, outgoing=[offer(far, sdp="x" * (64 * 1024 + 1))])
    assert "xxx" not in str(refused.value), "what was sent is in no log"


# --- who may write to whom ---


def test_a_candidate_writes_to_proctors_of_their_session_only(far: World):
    agree(far, far.camille)
    for login in ("voisin", "surveillant-lyon", "centre", "jury"):
        with pytest.raises(NoSuchPeer):
            seen(far, far.camille, outgoing=[offer(far, login)])
    for to in (f"w/{far.idriss.sitting}/{PAGE}", "c", "c//", "", f"c/{far.person('surveillant').id}"):
        with pytest.raises(NoSuchPeer):
            seen(far, far.camille, outgoing=[{"to": to, "mail": {"type": "bye", "call": CALL}}])
    assert waiting_letters(far) == 0


def test_a_proctor_writes_to_candidates_of_sessions_that_they_watch_only(far: World):
    agree(far, far.camille)
    with pytest.raises(NoSuchPeer):
        watch(far, hello(far.zoe))
    for login in ("voisin", "surveillant-lyon", "centre-lyon", "admin"):
        with pytest.raises(EngineError) as refused:
            watch(far, hello(far.camille), login=login)
        assert refused.value.code == "no_such_session"
    assert waiting_letters(far) == 0


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(to=st.text(alphabet="cw/-0123456789abcdef", max_size=80), is_window=st.booleans())
def test_no_address_leads_out_of_the_session(far: World, to: str, is_window: bool):
    agree(far, far.camille)
    mail = {"to": to, "mail": {"type": "bye", "call": CALL}}
    write = (lambda: seen(far, far.camille, outgoing=[mail])) if is_window else (lambda: watch(far, mail))
    with pytest.raises(NoSuchPeer):
        write()


def test_nobody_fetches_the_letters_of_another(far: World):
    agree(far, far.camille, far.idriss)
    watch(far, hello(far.camille))
    seen(far, far.camille, page=OTHER_PAGE, outgoing=[offer(far)])
    assert seen(far, far.idriss).incoming == (), "an address holds the sitting of the browser, whatever page it names"
    assert watch(far, page=OTHER_PAGE).incoming == ()
    assert len(watch(far).incoming) == 1
    assert len(seen(far, far.camille).incoming) == 1


def test_nobody_is_seen_before_they_agree(far: World):
    with pytest.raises(EngineError) as refused:
        seen(far, far.camille)
    assert refused.value.code == "view_not_agreed"
    remote_view.decide(far.house, far.camille.sitting, False, far.clock())
    with pytest.raises(EngineError):
        seen(far, far.camille)
    assert standing(far, far.camille) is Standing.DECLINED
    agree(far, far.camille)
    seen(far, far.camille)
    assert standing(far, far.camille) is Standing.LIVE


def test_who_stops_the_view_is_not_seen_any_more(far: World):
    agree(far, far.camille)
    seen(far, far.camille)
    remote_view.decide(far.house, far.camille.sitting, False, far.clock())
    assert standing(far, far.camille) is Standing.DECLINED
    with far.house.db.read() as connection:
        said = connection.execute(select(ViewConsent.given).order_by(ViewConsent.id)).scalars()
        assert list(said) == [True, False], "both stay on record"


def test_agreeing_twice_is_agreeing_once(far: World):
    agree(far, far.camille)
    agree(far, far.camille)
    with far.house.db.read() as connection:
        assert len(connection.execute(select(ViewConsent.id)).all()) == 1


@pytest.mark.parametrize("link", [None, "https://visio.exemple.fr/salle"])
def test_on_site_and_in_an_outside_room_nobody_is_seen(world: World, link: str | None):
    if link:
        make_remote(world, link)
    for act in (
        lambda: seen(world, world.camille),
        lambda: watch(world),
        lambda: remote_view.decide(world.house, world.camille.sitting, True, world.clock()),
    ):
        with pytest.raises(EngineError) as refused:
            act()
        assert refused.value.code == "no_view"


# --- the device ---


def test_only_the_device_of_the_sitting_is_seen(far: World):
    far.start(far.camille, "mine")
    agree(far, far.camille)
    seen(far, far.camille, "mine")
    for other in ("theirs", ""):
        with pytest.raises(EngineError) as refused:
            seen(far, far.camille, other)
        assert refused.value.code == "other_device"


def test_of_two_browsers_that_wait_the_first_is_seen_until_it_is_silent(far: World):
    agree(far, far.camille)
    seen(far, far.camille, "first")
    with pytest.raises(EngineError) as refused:
        seen(far, far.camille, "second", page=OTHER_PAGE)
    assert refused.value.code == "view_elsewhere"
    far.clock.now += remote_view.SILENT_AFTER + timedelta(seconds=1)
    seen(far, far.camille, "second", page=OTHER_PAGE)


def test_once_let_in_the_device_of_the_sitting_takes_the_view_from_any_other(far: World):
    agree(far, far.camille)
    seen(far, far.camille, "stranger")
    far.start(far.camille, "mine")
    seen(far, far.camille, "mine", page=OTHER_PAGE)
    with pytest.raises(EngineError):
        seen(far, far.camille, "stranger")


# --- what the server learns ---


def test_a_view_is_over_with_the_test(far: World):
    far.start(far.camille)
    agree(far, far.camille)
    assert not seen(far, far.camille).over
    far.finish(far.camille)
    assert seen(far, far.camille).over
    assert standing(far, far.camille) is Standing.OVER
    with far.house.db.read() as connection:
        assert connection.execute(select(ViewSign.sitting_id)).first() is None


def test_what_stops_and_comes_back_is_kept_as_facts_with_their_times(far: World):
    far.start(far.camille)
    agree(far, far.camille)
    seen(far, far.camille)
    assert facts_of(far, far.camille) == []
    expected = []
    for how, fact in (
        ({"camera": False}, "camera_lost"),
        ({"camera": False}, None),
        ({}, "camera_back"),
        ({"screen": ""}, "screen_lost"),
        ({"screen": "window"}, "screen_back"),
        ({"microphone": False, "screen": "window"}, "microphone_lost"),
    ):
        far.clock.forward(seconds=3)
        seen(far, far.camille, **how)
        expected += [(fact, far.clock())] if fact else []
    assert facts_of(far, far.camille) == expected


def test_a_window_that_closes_and_opens_again_is_told_at_both_times(far: World):
    far.start(far.camille)
    agree(far, far.camille)
    seen(far, far.camille)
    far.clock.forward(seconds=5)
    seen(far, far.camille, closing=True)
    closed = far.clock()
    assert standing(far, far.camille) is Standing.CLOSED
    far.clock.forward(seconds=30)
    seen(far, far.camille, page=OTHER_PAGE)
    assert facts_of(far, far.camille) == [("view_lost", closed), ("view_back", far.clock())]


def test_a_window_that_dies_without_a_word_is_missed_and_its_last_sign_is_when_it_was_lost(far: World):
    far.start(far.camille)
    agree(far, far.camille)
    seen(far, far.camille)
    last = far.clock()
    far.clock.now += remote_view.SILENT_AFTER
    assert standing(far, far.camille) is Standing.LIVE
    far.clock.forward(seconds=1)
    assert standing(far, far.camille) is Standing.CLOSED
    seen(far, far.camille, page=OTHER_PAGE)
    assert facts_of(far, far.camille) == [("view_lost", last), ("view_back", far.clock())]


def test_an_old_page_that_closes_late_takes_nothing_from_the_new_one(far: World):
    agree(far, far.camille)
    seen(far, far.camille)
    seen(far, far.camille, page=OTHER_PAGE)
    seen(far, far.camille, closing=True)
    assert standing(far, far.camille) is Standing.LIVE


def test_a_quiet_trip_writes_nothing(far: World):
    agree(far, far.camille)
    seen(far, far.camille)
    written = []
    with far.house.db.read() as connection:
        written.append(connection.execute(select(ViewSign.at)).scalar_one())
    far.clock.forward(seconds=3)
    seen(far, far.camille)
    with far.house.db.read() as connection:
        written.append(connection.execute(select(ViewSign.at)).scalar_one())
    assert written[0] == written[1]


def test_troubles_are_told_of_live_views_only(far: World):
    agree(far, far.camille)
    seen(far, far.camille, camera=False, screen="browser", microphone=False)
    views = {v.enrolment.id: v for v in watch(far).views}
    assert views[far.camille.sitting].troubles == ("camera", "partial_screen", "microphone")
    far.clock.forward(seconds=60)
    assert {v.troubles for v in watch(far).views} == {()}


def test_every_way_a_view_can_stand_has_a_word():
    assert set(french.VIEW_STANDINGS) == set(Standing)
    assert set(french.VIEW_TROUBLES) == {"camera", "screen", "partial_screen", "microphone"}


# --- pages ---


def test_a_candidate_at_a_distance_is_asked_before_they_wait(far: World):
    browser = far.recognised(far.camille)
    browser.submit("/candidat/consignes")
    page = browser.follow()
    assert page.path == "/candidat/vue/accord"
    for said in ("Rien n'est enregistré", "Paul Keller", "Arrêter la vue", "RGPD", "2023-058"):
        assert said in page.text
    browser.submit("/candidat/vue/accord", {"decision": "decline"})
    assert browser.follow().heading == "Salle d'attente"
    assert standing(far, far.camille) is Standing.DECLINED


def test_on_site_nobody_is_asked(world: World):
    browser = world.recognised(world.camille)
    browser.submit("/candidat/consignes")
    assert browser.follow().heading == "Salle d'attente"
    assert "data-view-watch" not in browser.page.html
    assert browser.get("/candidat/vue/accord", 303).headers["Location"] == "/candidat/ici"
    browser.get("/candidat/vue", 404)


def test_every_page_of_the_test_at_a_distance_watches_over_the_window(far: World):
    browser = far.running(far.camille)
    assert "data-view-watch" in browser.page.html
    far.clock.forward(seconds=5)
    item = far.on_screen(far.camille).id
    device = far.sitting(far.camille).device or ""
    alerts.raise_alert(far.house, far.camille.sitting, item, "file", "", device, far.clock())
    blocked = browser.get("/candidat/test")
    assert blocked.heading == "Votre surveillant regarde la question"
    assert "data-view-watch" in blocked.html


def test_cameras_are_allowed_on_the_window_alone(far: World):
    browser = far.recognised(far.camille)
    assert "camera=(self)" in browser.get("/candidat/vue").headers["Permissions-Policy"]
    for path in ("/candidat/consignes", "/candidat/vue/accord", "/"):
        assert "camera=()" in browser.get(path).headers["Permissions-Policy"]


def test_letters_travel_over_http_with_a_token_and_without_one_they_do_not(far: World):
    agree(far, far.camille)
    candidate, proctor = far.waiting(far.camille), far.staff("surveillant")
    wall = f"/surveillance/{far.session}/vue"
    proctor.get(wall)
    body = {"page": PAGE, "camera": True, "microphone": True, "screen": "monitor"}
    assert send(candidate, "/candidat/vue/echange", body).body == b'{"incoming":[],"over":false}\n'
    told = proctor.client.post(f"{wall}/echange", json={"page": CONSOLE}, base_url=proctor.base)
    assert told.status_code == 400
    send(proctor, f"{wall}/echange", {"page": CONSOLE, "outgoing": [hello(far.camille)]})
    answer = send(candidate, "/candidat/vue/echange", body).body.decode()
    assert '"type":"hello"' in answer
    assert '"name":"Paul Keller"' in answer
    send(candidate, "/candidat/vue/echange", {"page": "x"}, 400)


@pytest.mark.parametrize("login", ["voisin", "surveillant-lyon"])
@pytest.mark.parametrize("path", ["", "/resume", "/reglages"])
def test_a_wall_exists_for_those_who_watch_the_session(far: World, login: str, path: str):
    far.staff("surveillant").get(f"/surveillance/{far.session}/vue{path}")
    stranger = far.staff(login)
    stranger.get(f"/surveillance/{far.session}/vue{path}", 404)
    send(stranger, f"/surveillance/{far.session}/vue/echange", {"page": CONSOLE}, 404)


def test_the_wall_shows_nine_candidates_at_a_time(far: World):
    for n in range(8):
        with far.house.db.write() as connection:
            sql(connection, "UPDATE exam_session SET mode = 'on_site'")  # no limit for a moment
        far.enrolled(f"Candidat{n}")
    make_remote(far)
    proctor = far.staff("surveillant")
    first = proctor.get(f"/surveillance/{far.session}/vue")
    second = proctor.get(f"/surveillance/{far.session}/vue?partie=2")
    shown = [[e["data-tile"] for e in p.root.all("li") if e.has("data-tile")] for p in (first, second)]
    assert [len(s) for s in shown] == [9, 2]
    assert len({*shown[0], *shown[1]}) == 11
    for odd in ("0", "99", "x", "-1"):
        assert proctor.get(f"/surveillance/{far.session}/vue?partie={odd}").heading.startswith("Vue à distance")


def test_the_page_of_a_candidate_shows_this_candidate_until_the_test_is_over(far: World):
    far.start(far.camille)
    proctor = far.staff("surveillant")
    page = proctor.get(f"/surveillance/candidats/{far.camille.sitting}")
    assert [e["data-tile"] for e in page.root.all("li") if e.has("data-tile")] == [far.camille.sitting]
    far.finish(far.camille)
    assert "data-tile" not in proctor.get(f"/surveillance/candidats/{far.camille.sitting}").html


def test_pages_of_the_test_know_whether_the_window_should_be_open(far: World):
    remote_view.decide(far.house, far.camille.sitting, False, far.clock())
    candidate = far.waiting(far.camille)

    def state() -> bytes:
        return candidate.get("/candidat/vue/etat").body

    assert state() == b'{"declined":true,"wanted":false}\n'
    agree(far, far.camille)
    assert state() == b'{"declined":false,"wanted":true}\n'
    page = candidate.get("/candidat/attente")
    assert f'data-sitting="{far.camille.sitting}"' in page.html
    supervision.refuse(far.house, far.person("surveillant"), far.camille.sitting, "Absent", far.clock())
    assert state() == b'{"declined":false,"wanted":false}\n'


def test_the_console_leads_to_the_wall_and_names_who_is_not_seen(far: World):
    agree(far, far.camille)
    seen(far, far.camille, camera=False)
    remote_view.decide(far.house, far.idriss.sitting, False, far.clock())
    proctor = far.staff("surveillant")
    assert f"/surveillance/{far.session}/vue" in proctor.get(f"/surveillance/{far.session}").links()
    text = proctor.get(f"/surveillance/{far.session}/vue/resume").text
    assert "1 en direct sur 3" in text
    assert "MOREAU Camille Caméra coupée" in text
    assert "BENALI Idriss Vue refusée" in text
    assert "LE GOFF" not in text


def test_an_outside_room_takes_the_place_of_the_view(far: World):
    make_remote(far, "https://visio.exemple.fr/salle?a=1&b=2")
    browser = far.recognised(far.camille)
    assert "https://visio.exemple.fr/salle?a=1&b=2" in browser.page.links()
    browser.submit("/candidat/consignes")
    assert browser.follow().heading == "Salle d'attente"
    page = far.staff("surveillant").get(f"/surveillance/{far.session}")
    assert "https://visio.exemple.fr/salle?a=1&b=2" in page.links()
    assert f"/surveillance/{far.session}/vue" not in page.links()


@pytest.mark.parametrize("link", ["https://visio.exemple.fr/salle", "  https://a.fr:8443/x?y=z#t ", "https://é.fr/"])
def test_an_https_address_is_a_video_room(link: str):
    assert video_room.video_link(link) == link.strip()


@pytest.mark.parametrize("link", ["", "   "])
def test_no_address_is_no_video_room(link: str):
    assert video_room.video_link(link) is None


@pytest.mark.parametrize(
    "link",
    [
        "http://visio.exemple.fr/",
        "javascript:alert(1)",
        "//visio.exemple.fr",
        "visio.exemple.fr/salle",
        "https://",
        "https:///x",
        "https://salle",
        "https://moi:secret@visio.exemple.fr/",
        "https://visio.exemple.fr/a b",
        'https://visio.exemple.fr/"',
        "https://visio.exemple.fr/\r\nSet-Cookie: x",
        "https://[bad/",
        "https://visio.exemple.fr/" + "x" * 500,
    ],
)
def test_any_other_address_is_refused(link: str):
    with pytest.raises(video_room.BadVideoLink):
        video_room.video_link(link)


# --- the way between browsers ---


def test_without_servers_browsers_meet_in_their_own_network(far: World):
    assert far.recognised(far.camille).get("/candidat/vue/reglages").body.startswith(b'{"iceServers":[],')
    wall = far.staff("surveillant").get(f"/surveillance/{far.session}/vue/reglages")
    assert wall.body == b'{"iceServers":[]}\n'


def test_a_turn_server_with_a_secret_gets_credentials_for_a_time():
    servers = (IceServer(urls=("stun:s.exemple.fr:3478",)), IceServer(urls=("turns:t.exemple.fr:5349?transport=tcp",)))
    stun, turn = servers_for(Ice(servers, "north"), "someone", MORNING)
    assert stun == {"urls": ["stun:s.exemple.fr:3478"]}
    expiry = int((MORNING + VALID_FOR).timestamp())
    assert turn["username"] == f"{expiry}:someone"
    # printf '%s' "$username" | openssl dgst -sha1 -hmac north -binary | base64
    assert turn["credential"] == "tIm9FWH529drVlqPQLdO6PqatK8="


def test_a_turn_server_with_credentials_of_its_own_keeps_them():
    own = IceServer.model_validate({"urls": "turn:t.exemple.fr", "username": "u", "credential": "c"})
    assert servers_for(Ice((own,), "north"), "x", MORNING) == [
        {"urls": ["turn:t.exemple.fr"], "username": "u", "credential": "c"}
    ]
    assert "'c'" not in repr(own)


@pytest.mark.parametrize("url", ["http://t.exemple.fr", "turn:", "turn:a b", ""])
def test_what_is_no_address_of_a_server_is_refused(url: str):
    with pytest.raises(ValueError, match="urls"):
        IceServer.model_validate({"urls": url})


# --- nothing is recorded ---


def test_no_script_records_and_no_table_could_hold_a_picture():
    scripts = list((ROOT / "web" / "static" / "js").glob("*.js"))
    assert len(scripts) > 5
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        for recorder in ("MediaRecorder", "captureStream", "toDataURL", "toBlob", "ImageCapture", "getImageData"):
            assert recorder not in text, f"{script.name} could record"
