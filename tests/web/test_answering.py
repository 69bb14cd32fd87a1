"""Taking the test: one item at a time, no way back, nothing lost."""

import json
import re
import uuid
from collections import Counter, defaultdict

import pytest

from engine.items.frameworks import Framework
from engine.items.item import Item, Kind, SingleChoice
from tests.web.browser import Page, values_of
from tests.web.world import Seat, World, pass_on, reply, right_reply
from web.services import exam

ANSWER = "/candidat/test/reponse"
EMPTY = "Il manque une réponse. Complétez-la, ou choisissez « Je passe »."
MALFORMED = "Cette réponse n'a pas la forme attendue. Corrigez-la, puis validez de nouveau."


def test_a_reload_shows_the_same_item_with_its_options_in_the_same_order(world: World):
    browser = world.running(world.camille)
    for _ in range(8):
        assert _lasting(browser.get("/candidat/test")) == _lasting(browser.get("/candidat/test"))
        pass_on(browser)


@pytest.mark.slow
def test_two_candidates_see_the_options_of_one_item_in_orders_of_their_own(world: World):
    orders: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for seat in (world.camille, world.anne_lise):
        world.start(seat)

        def note(item: Item, seat: Seat = seat) -> bool:
            if item.kind is Kind.SINGLE_CHOICE:
                screen = exam.desk(world.house, seat.sitting, world.clock()).screen
                assert screen is not None
                assert isinstance(screen.interaction, SingleChoice)
                orders[item.id].add(tuple(c.id for c in screen.interaction.choices))
            return False

        world.answer_all(seat, until=note)
    assert any(len(seen) == 2 for seen in orders.values())


def test_an_answer_is_recorded_and_the_next_item_follows(world: World):
    browser = world.running(world.camille)
    item = world.on_screen(world.camille)
    world.clock.forward(seconds=75)
    page = reply(browser, right_reply(item))
    assert page.heading == "Question 2 sur 16, partie 1"
    assert "Temps restant 2 h 29" in page.text
    assert "Enregistré à 9 h 01" in page.text
    [answer] = world.answers(world.camille)
    assert (answer.item, answer.at) == (item.id, world.clock())


def test_a_pass_is_recorded_whatever_stands_in_the_form(world: World):
    browser = world.running(world.camille)
    fields = right_reply(world.on_screen(world.camille))
    browser.submit(ANSWER, {**fields, "action": "passer"})
    assert browser.follow().heading == "Question 2 sur 16, partie 1"
    assert [a.reply for a in world.answers(world.camille)] == [None]


@pytest.mark.slow
def test_the_whole_test_is_sixteen_then_forty_eight_items_each_once(world: World):
    browser = world.running(world.camille)
    headings = [browser.page.heading]
    while world.sitting(world.camille).on_screen:
        headings.append(pass_on(browser).heading)
    first = [f"Question {n} sur 16, partie 1" for n in range(1, 17)]
    second = [f"Question {n} sur 48, partie 2" for n in range(1, 49)]
    assert headings == [*first, *second, "Votre test est terminé"]
    put = [world.item(i) for i in world.sitting(world.camille).presented]
    assert len({i.id for i in put}) == 64
    competences = Counter((i.framework, i.competence) for i in put)
    assert {f: {n for (g, _), n in competences.items() if g is f} for f in Framework} == {
        Framework.CRCN_EDU: {1},
        Framework.CRCN: {3},
    }


@pytest.mark.slow
def test_a_bad_reply_shows_the_same_item_again_with_what_was_typed(world: World):
    """Through a whole test: at each item nothing at all, then something of a wrong form, then the right reply."""
    browser = world.running(world.camille)
    met = set()
    while (on_screen := world.sitting(world.camille).on_screen) is not None:
        item = world.item(on_screen)
        version = world.sitting(world.camille).version
        page = reply(browser, {}, expect=400)
        assert (page.alert, _item(page)) == (EMPTY, item.id)
        met.add(item.kind)
        for fields, sentence in _bad_replies(page):
            page = reply(browser, fields, expect=400)
            assert (page.alert, _item(page)) == (sentence, item.id)
            kept = values_of(page.form(ANSWER))
            assert {k: v for k, v in fields.items() if kept.get(k) != v} == {}, f"{item.id}: what was typed is lost"
        assert world.sitting(world.camille).version == version
        reply(browser, right_reply(item))
    assert met == set(Kind)


@pytest.mark.parametrize(
    "fields",
    [{"reply": "zz"}, {"reply": "a\x00b"}, {"reply": "x" * 501}, {"answer_id": "1"}, {"answer_id": ""}],
)
def test_what_no_page_sends_is_refused_as_malformed(world: World, fields: dict[str, str]):
    browser = world.running(world.camille)
    while world.on_screen(world.camille).kind is not Kind.SINGLE_CHOICE:
        pass_on(browser)
    item = world.on_screen(world.camille)
    good = values_of(browser.page.form(ANSWER)) | right_reply(item) | {"action": "valider"}
    page = browser.post(ANSWER, good | fields, expect=400)
    assert (page.alert, _item(page)) == (MALFORMED, item.id)


def test_a_place_that_is_no_number_is_malformed(world: World):
    browser = world.running(world.camille)
    while world.on_screen(world.camille).kind is not Kind.ORDERING:
        pass_on(browser)
    item = world.on_screen(world.camille)
    fields = right_reply(item)
    for place in ("x", "-1", "1.5", "²", "9" * 5_000):
        page = reply(browser, fields | {next(iter(fields)): place}, expect=400)
        assert (page.alert, _item(page)) == (MALFORMED, item.id)


def test_a_double_click_is_one_answer(world: World):
    browser = world.running(world.camille)
    fields = values_of(browser.page.form(ANSWER)) | right_reply(world.on_screen(world.camille))
    token = browser.page.token
    browser.post(ANSWER, fields | {"action": "valider"}, token=token)
    browser.post(ANSWER, fields | {"action": "valider"}, token=token)
    assert browser.follow().heading == "Question 2 sur 16, partie 1"
    assert len(world.answers(world.camille)) == 1


def test_of_two_replies_with_one_id_the_first_stands(world: World):
    browser = world.running(world.camille)
    fields = values_of(browser.page.form(ANSWER)) | right_reply(world.on_screen(world.camille))
    token = browser.page.token
    browser.post(ANSWER, fields | {"action": "valider"}, token=token)
    first = world.answers(world.camille)
    browser.post(ANSWER, fields | {"action": "passer"}, token=token)
    assert browser.follow().heading == "Question 2 sur 16, partie 1"
    assert world.answers(world.camille) == first


def test_there_is_no_way_back(world: World):
    """An answer from a page that is no longer on screen leads to the item that is."""
    browser = world.running(world.camille)
    old = values_of(browser.page.form(ANSWER)) | right_reply(world.on_screen(world.camille)) | {"action": "valider"}
    pass_on(browser)
    browser.post(ANSWER, old | {"answer_id": str(uuid.uuid4())})
    assert browser.follow().heading == "Question 2 sur 16, partie 1"
    assert [a.reply for a in world.answers(world.camille)] == [None]
    # Emptied by hand it leads there too, without a word about a form that is gone.
    browser.post(ANSWER, {"item": old["item"], "answer_id": str(uuid.uuid4()), "action": "valider"})
    assert browser.follow().heading == "Question 2 sur 16, partie 1"


def test_an_item_that_does_not_exist_is_not_found(world: World):
    browser = world.running(world.camille)
    page = browser.post(ANSWER, {"item": "crcn-9.9-99", "answer_id": str(uuid.uuid4())}, expect=404)
    assert page.alert == "Cette épreuve n'existe pas dans cette version de la banque."


def test_ending_early_is_asked_for_twice(world: World):
    browser = world.running(world.camille)
    pass_on(browser)
    page = browser.get("/candidat/test/terminer")
    assert page.heading == "Terminer maintenant ?"
    assert "question 2 sur 16" in page.text
    assert world.sitting(world.camille).on_screen
    browser.submit("/candidat/test/terminer")
    page = browser.follow()
    assert page.heading == "Votre test est terminé"
    assert "1 réponse" in page.text
    assert world.sitting(world.camille).ended_by_choice


def test_a_candidate_who_has_finished_stays_at_the_end(world: World):
    browser = world.taken_early(world.camille)
    for path in ("/candidat/ici", "/candidat/attente", "/candidat/test/terminer", "/candidat/resultat"):
        browser.get(path, expect=303)
        assert browser.follow().heading == "Votre test est terminé"
    browser.post("/candidat/test/terminer")
    assert browser.follow().heading == "Votre test est terminé"


def test_a_sign_of_life_tells_how_the_test_stands(world: World):
    browser = world.running(world.camille)
    world.clock.forward(minutes=1)
    news = browser.post("/candidat/presence", expect=200)
    assert json.loads(news.body) == {
        "state": "running",
        "item": world.sitting(world.camille).on_screen,
        "seconds_left": 149 * 60,
        "deadline_at": "2026-11-23T10:30:00+00:00",
        "server_now": "2026-11-23T08:01:00+00:00",
        "device": "mine",
        "page": None,
        "said": 0,
    }


def test_a_reply_that_is_far_too_large_is_told_so_in_french(world: World):
    browser = world.running(world.camille)
    page = browser.post(ANSWER, {"reply": "x" * 300_000}, expect=413)
    assert page.alert == "L'envoi est trop volumineux. Réduisez-le, puis recommencez."


def _item(page: Page) -> str:
    return page.root.one("input", name="item")["value"]


def _lasting(page: Page) -> str:
    """The page without what is new at every load on purpose: tokens and the id of the next answer."""
    html = re.sub(
        r'(name="csrf-token" content|name="csrf_token" value|name="(?:answer_id|page)" value)="[^"]*"', "", page.html
    )
    assert len(html) < len(page.html)
    return html


def _bad_replies(page: Page) -> list[tuple[dict[str, str], str]]:
    """Replies to the item on a page that cannot be taken, with what is said of them."""
    form = page.form(ANSWER)
    places = [e["name"] for e in form.all("select") if e["name"].startswith("place-")]
    pairs = [e["name"] for e in form.all("select") if e["name"].startswith("pair-")]
    gaps = [e["name"] for e in form.all("select") if e["name"].startswith("gap-")]
    some = "Deux propositions ont la même place. Donnez une place différente à chacune."
    used = "Une proposition est associée deux fois. Chacune ne sert qu'une fois au plus."
    found: list[tuple[dict[str, str], str]] = []
    if places:
        found.append((dict.fromkeys(places, "1"), some))
        found.append((dict.fromkeys(places, "") | {places[0]: "1"}, EMPTY))
    if pairs:
        option = next(o["value"] for o in form.one("select", name=pairs[0]).all("option") if o["value"])
        found.append((dict.fromkeys(pairs, "") | {pairs[0]: option, pairs[1]: option}, used))
        found.append((dict.fromkeys(pairs, "") | {pairs[0]: option}, EMPTY))
    if len(gaps) > 1:
        option = next(o["value"] for o in form.one("select", name=gaps[0]).all("option") if o["value"])
        found.append((dict.fromkeys(gaps, "") | {gaps[0]: option}, EMPTY))
    if any(e.get("inputmode") == "decimal" for e in form.all("input")):
        found.append(({"reply": "douze & demi"}, MALFORMED))
    return found
