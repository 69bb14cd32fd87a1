"""Answers as no page sends them: again, in another order, of others, too early, too large, fifty at once."""

import http.client
import json
import random
import threading
import time
import urllib.parse
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations_with_replacement
from threading import Barrier

import pytest
from werkzeug.serving import make_server

from engine.delivery import commands
from engine.delivery.events import Answered, Event, Expired, Presented, Submitted, Terminated
from engine.delivery.states import State
from engine.kernel import EngineError, ItemId
from tests.web.browser import Browser, Fields, values_of
from tests.web.fixtures import store
from tests.web.test_races import DEVICE, at_once, houses
from tests.web.world import Seat, World, pass_on, right_reply
from web.services import exam, supervision
from web.services.house import House

__all__ = ["houses", "store"]

ANSWER = "/candidat/test/reponse"
JSON = {"Accept": "application/json"}


def body_of(world: World, browser: Browser, seat: Seat) -> dict[str, str | list[str]]:
    """A right answer to the item on screen, as the page would send it."""
    return values_of(browser.page.form(ANSWER)) | right_reply(world.on_screen(seat)) | {"action": "valider"}


def send(browser: Browser, fields: Fields) -> tuple[int, dict[str, object]]:
    """What a script is told of an answer."""
    reply = browser.client.post(
        ANSWER, data={**fields, "csrf_token": browser.page.token}, headers=JSON, base_url=browser.base
    )
    return reply.status_code, json.loads(reply.data) if reply.data else {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_answers_again_and_in_any_order_record_each_item_once(world: World, seed: int):
    """Twelve answers, each kept and sent again at any time after, some with the id or the reply of another."""
    dice = random.Random(seed)
    browser = world.running(world.camille)
    page = browser.page
    sent: list[dict[str, str | list[str]]] = []
    for n in range(12):
        browser.get("/candidat/test")
        sent.append(body_of(world, browser, world.camille))
        assert send(browser, sent[-1])[0] == 200
        known = world.events(world.camille)
        for old in dice.sample(sent, min(len(sent), 4)):
            status, told = send(browser, old)
            # The same id again: the same acknowledgement, or another tab took the lease; never a new answer.
            assert status in (200, 409), told
            mixed = dice.choice(sent) | {"answer_id": dice.choice([str(uuid.uuid4()), str(old["answer_id"])])}
            status, told = send(browser, mixed)
            assert status in (200, 400, 409), told
        assert world.events(world.camille) == known, f"after answer {n + 1}"
    assert page is not None
    assert [a.item for a in world.answers(world.camille)] == [s["item"] for s in sent]


def test_what_belongs_to_another_candidate_is_nothing_here(world: World):
    """Their item, their answer id, the page that writes theirs: from one's own browser, with one's own cookie."""
    mine, theirs = world.running(world.camille), world.running(world.idriss)
    foreign = body_of(world, theirs, world.idriss)
    own = body_of(world, mine, world.camille)
    before = world.events(world.idriss)
    for fields in (
        foreign,
        foreign | {"page": own["page"]},
        own | {"page": foreign["page"]},
        own | {"item": foreign["item"]},
        foreign | {"sitting": world.idriss.sitting, "sitting_id": world.idriss.sitting},
    ):
        if fields.get("item") == own["item"] and fields.get("page") == own["page"]:
            continue
        assert send(mine, fields)[0] in (400, 409)
    assert world.answers(world.camille) == []
    assert world.events(world.idriss) == before
    # An id is unique in its sitting: the same one in another is another answer.
    assert send(mine, own | {"answer_id": foreign["answer_id"]})[0] == 200
    assert send(theirs, foreign)[0] == 200
    assert [len(world.answers(s)) for s in (world.camille, world.idriss)] == [1, 1]


def test_no_item_is_answered_before_it_is_put_and_trying_tells_nothing(world: World):
    browser = world.running(world.camille)
    own = body_of(world, browser, world.camille)
    release = world.house.catalogue.release(world.house.catalogue.current[0])
    before = world.events(world.camille)
    told = Counter()
    for item in release.items[::6]:
        if item.id == own["item"]:
            continue
        for reply in (right_reply(item), {"reply": "x"}, {}):
            answer = {k: own[k] for k in ("page",)} | reply | {"item": item.id, "answer_id": str(uuid.uuid4())}
            status, said = send(browser, answer)
            told[status, str(said.get("code"))] += 1
    assert set(told) == {(409, "not_on_screen")}, "right, wrong and empty answers to what is not on screen are alike"
    assert sum(told.values()) > 60
    assert world.events(world.camille) == before


def test_a_page_cannot_say_when_it_answered(world: World):
    browser = world.running(world.camille)
    world.clock.forward(minutes=3)
    own = body_of(world, browser, world.camille)
    forged = dict.fromkeys(("at", "now", "time", "answered_at", "server_now", "timestamp"), "2026-11-23T08:00:01+00:00")
    browser.client.post(
        ANSWER,
        data={**own, **forged, "csrf_token": browser.page.token},
        headers={"Date": "Mon, 23 Nov 2026 08:00:01 GMT", "X-Request-Time": "0", "If-Unmodified-Since": "x"},
    )
    assert [a.at for a in world.answers(world.camille)] == [world.clock()]
    world.clock.forward(hours=2)
    browser.get("/candidat/test")
    world.clock.forward(minutes=30)
    late = body_of(world, browser, world.camille)
    browser.client.post(ANSWER, data={**late, **forged, "csrf_token": browser.page.token})
    assert [q.item for q in world.sitting(world.camille).quarantined] == [late["item"]]


PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'


LARGE = [
    ("a large field", b"reply=" + b"x" * 300_000, "application/x-www-form-urlencoded"),
    ("many fields", b"&".join(b"a%d=1" % n for n in range(25_000)), "application/x-www-form-urlencoded"),
    ("one field many times", b"&".join([b"reply=a"] * 25_000), "application/x-www-form-urlencoded"),
    ("many parts", PART * 3_000 + b"--x--\r\n", "multipart/form-data; boundary=x"),
    ("a part that never ends", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 200_000,
     "multipart/form-data; boundary=x"),
    ("a header that never ends", b"--x\r\nContent-Disposition: form-data; name=" + b"a" * 200_000,
     "multipart/form-data; boundary=x"),
    ("no boundary", b"x" * 1_000, "multipart/form-data"),
    ("deep JSON", b"[" * 120_000, "application/json"),
    ("a long number", b"9" * 120_000, "application/json"),
    ("no number", b'{"item": NaN, "answer_id": Infinity}', "application/json"),
    ("a body of nothing", b"\x00" * 200_000, "application/octet-stream"),
]  # fmt: skip


@pytest.mark.parametrize("path", [ANSWER, "/candidat/test/brouillon", "/candidat/vue/echange", "/candidat/presence"])
def test_what_is_too_large_or_too_deep_is_refused_at_once(world: World, path: str):
    browser = world.running(world.camille)
    before = world.events(world.camille)
    for what, body, kind in LARGE:
        began = time.perf_counter()
        answer = browser.client.post(path, data=body, content_type=kind, headers={"X-CSRFToken": browser.page.token})
        assert 400 <= answer.status_code < 500 or path == "/candidat/presence" or answer.status_code == 303, what
        assert answer.status_code < 500, what
        assert time.perf_counter() - began < 5, what
    assert world.events(world.camille) == before


def test_values_of_every_size_are_refused_or_recorded_as_they_are(world: World):
    """Short answers and numbers: nothing is cut off, rounded or taken for something else."""
    browser = world.running(world.camille)
    while world.on_screen(world.camille).kind not in ("short_text", "number"):
        pass_on(browser)
    own = body_of(world, browser, world.camille)
    for value in ("9" * 501, "1e999", "1" + "0" * 400, "-" + "9" * 499, "é" * 501, "\u0301" * 501):
        status, said = send(browser, own | {"reply": value, "answer_id": str(uuid.uuid4())})
        assert status in (200, 400), said
        if status == 200:
            break
    assert len(world.answers(world.camille)[-1:]) == 1


# At once, on a real server


@pytest.fixture
def server(world: World) -> Iterator[str]:
    """The application behind a real socket, a thread for each connection."""
    running = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


def to_the_last_item(world: World, seat: Seat) -> Browser:
    """A candidate at the last item of the test."""
    world.start(seat)
    world.answer_all(seat, until=lambda _: len(world.sitting(seat).presented) == 64)
    return world.back(seat)


def at_once_over_sockets(
    server: str, browser: Browser, bodies: list[dict[str, str | list[str]]]
) -> list[tuple[int, str]]:
    """Every body in a connection of its own, all released at the same moment: status and body of each answer."""
    cookie = browser.client.get_cookie("palier")
    assert cookie is not None
    headers = JSON | {"Cookie": f"palier={cookie.value}", "Content-Type": "application/x-www-form-urlencoded"}
    token = browser.page.token
    barrier = Barrier(len(bodies))

    def run(fields: dict[str, str | list[str]]) -> tuple[int, str]:
        connection = http.client.HTTPConnection(server, timeout=60)
        connection.connect()
        barrier.wait()
        sent = urllib.parse.urlencode({**fields, "csrf_token": token}, doseq=True)
        connection.request("POST", ANSWER, sent, headers)
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        return answer.status, said

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(run, bodies))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["one id", "ids of their own"])
def test_of_fifty_last_answers_at_once_one_ends_the_test(world: World, server: str, how: str):
    browser = to_the_last_item(world, world.camille)
    own = body_of(world, browser, world.camille)
    many = [own | ({} if how == "one id" else {"answer_id": str(uuid.uuid4())}) for _ in range(50)]
    ended = at_once_over_sockets(server, browser, many)
    statuses = Counter(status for status, _ in ended)
    assert statuses[200] == (50 if how == "one id" else 1), statuses
    assert set(statuses) <= {200, 409}, statuses
    log = world.events(world.camille)
    assert sum(isinstance(e, Submitted) for e in log) == 1
    assert [a.item for a in world.answers(world.camille)].count(own["item"]) == 1
    assert len(world.answers(world.camille)) == 64
    assert world.sitting(world.camille).state is State.SUBMITTED
    # Who was told that it is recorded has an id that is in the log.
    recorded = {json.loads(said)["recorded"] for status, said in ended if status == 200}
    assert recorded == {world.answers(world.camille)[-1].answer_id}


# Races of an answer with everything else that can be asked


def deeds(world: World, item: ItemId) -> dict[str, Callable[[House], object]]:
    """What can be asked of a running sitting, by a candidate and by a proctor."""
    proctor, sitting = world.person("surveillant"), world.camille.sitting

    def answer(house: House) -> object:
        return exam.answer(house, sitting, item, None, str(uuid.uuid4()), DEVICE, world.clock())

    return {
        "answer": answer,
        "finish": lambda house: exam.finish(house, sitting, DEVICE, world.clock()),
        "ring": lambda house: exam.ring(house, sitting, DEVICE, world.clock()),
        "pause": lambda house: supervision.pause(house, proctor, sitting, "x", world.clock()),
        "resume": lambda house: supervision.resume(house, proctor, sitting, world.clock()),
        "terminate": lambda house: supervision.terminate(house, proctor, sitting, "x", True, world.clock()),
        "time": lambda house: supervision.grant_time(house, proctor, sitting, 5, "x", world.clock()),
        "expire": lambda house: exam.desk(house, sitting, world.clock()),
    }


ENDS = (Submitted, Expired, Terminated)
NAMES = ("answer", "finish", "ring", "pause", "resume", "terminate", "time", "expire")


@pytest.mark.slow
@pytest.mark.parametrize("others", list(combinations_with_replacement([n for n in NAMES if n != "answer"], 2)))
@pytest.mark.parametrize("is_late", [False, True], ids=["in time", "at the bell"])
def test_an_answer_that_races_with_anything_is_acknowledged_if_and_only_if_it_is_in_the_log(
    world: World, houses: tuple[House, House], others: tuple[str, str], is_late: bool
):
    world.start(world.camille)
    if is_late:
        world.clock.forward(hours=2, minutes=30, seconds=30)
    item = world.on_screen(world.camille).id
    known = deeds(world, item)
    told = {}

    def answer() -> None:
        told["step"] = exam.answer(houses[0], world.camille.sitting, item, None, "the-answer", DEVICE, world.clock())

    calls = [answer, *(lambda name=name, n=n: known[name](houses[(n + 1) % 2]) for n, name in enumerate(others))]
    ended = at_once(*calls)
    refusals = {c.__name__ for c in _refusals()}
    assert set(ended) <= refusals | {"done"}, ended
    log = world.events(world.camille)
    recorded = [e for e in log if getattr(e, "answer_id", None) == "the-answer"]
    assert len(recorded) == ("step" in told)
    assert sum(isinstance(e, ENDS) for e in log) <= 1
    assert _is_in_order(log)


def _refusals() -> list[type[EngineError]]:
    found, todo = [], [EngineError]
    while todo:
        for child in todo.pop().__subclasses__():
            found.append(child)
            todo.append(child)
    return found


def _is_in_order(log: tuple[Event, ...]) -> bool:
    """No item is put after the end, none is answered that was not put, none twice."""
    put: list[ItemId] = []
    answered: list[ItemId] = []
    over = False
    for event in log:
        match event:
            case Presented(item=item):
                if over or item in put:
                    return False
                put.append(item)
            case Answered(item=item):
                if item not in put or item in answered:
                    return False
                answered.append(item)
            case Submitted() | Expired() | Terminated():
                over = True
            case _:
                pass
    return True


# Items for nothing


@pytest.mark.slow
def test_no_way_back_in_shows_an_item_more(world: World):
    """Reloads, other devices, identifying again, leaving, drafts, half replies: the item on screen stays."""
    browser = world.running(world.camille)
    for _ in range(3):
        pass_on(browser)
    seen = {world.on_screen(world.camille).id}
    put = world.sitting(world.camille).presented
    for n in range(6):
        browser = world.waiting(world.camille, f"192.0.2.{20 + n}")
        supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
        browser.get("/candidat/attente")
        browser.submit("/candidat/code", {"code": world.camille.code})
        page = browser.follow()
        seen.add(page.root.one("input", name="item")["value"])
        for path in ("/candidat/test", "/candidat/ici", "/candidat/test/terminer", "/candidat/test"):
            browser.get(path, expect=0)
        own = body_of(world, browser, world.camille)
        half = {k: v for k, v in own.items() if not k.startswith(("reply", "place-", "pair-", "gap-"))}
        assert send(browser, half)[0] == 400
        token = browser.page.token
        browser.post("/candidat/test/commencer", expect=0, token=token)
        browser.post("/candidat/quitter", token=token)
    assert len(seen) == 1
    assert world.sitting(world.camille).presented == put


def test_the_first_item_is_put_when_the_test_starts_and_not_before(world: World):
    browser = world.entered(world.camille)
    for path in ("/candidat/test", "/candidat/ici", "/candidat/test/terminer", "/candidat/test/fichier/1.x/x"):
        browser.get(path, expect=0)
    assert world.sitting(world.camille).presented == ()
    with pytest.raises(EngineError):
        commands.finish(world.sitting(world.camille), "another", world.clock())
