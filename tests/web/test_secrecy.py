"""Nothing that helps to answer travels to the candidate."""

import re
import uuid

import pytest

from engine.delivery.screen import arranged
from engine.items.item import Choice, Gaps, Item, Matching, MultipleChoice, Ordering, ShortText, SingleChoice
from tests.web.browser import Browser
from tests.web.world import Seat, World
from web import french
from web.services import adjudication, exam

WORDS = ("key", "rationale", "correct", "theta", "logit", "level_reason", "difficulty", "provenance", "enemies")


@pytest.mark.slow
@pytest.mark.parametrize("who", [0, 1])
def test_no_byte_of_a_whole_test_tells_what_is_right(world: World, who: int):
    seat: Seat = world.seats[who]
    browser = world.running(seat)
    while world.sitting(seat).on_screen is not None:
        item = world.on_screen(seat)
        _check(world, browser, item)
        exam.answer(world.house, seat.sitting, item.id, None, str(uuid.uuid4()), "device", world.clock())
        browser.get("/candidat/test")
    assert len(world.sitting(seat).presented) == 64


def _check(world: World, browser: Browser, item: Item) -> None:
    page = browser.page
    assert page.root.one("input", name="item")["value"] == item.id
    shown = item.body + " ".join(c.text for c in _choices(item)) + " ".join(a.title for a in item.attachments)
    said = _plain(page.root.one("main").text)
    attributes = {v for e in page.root.one("main").all() for v in e.attributes.values()}
    for secret in _secrets(world, item):
        if secret in shown or _plain(secret) in _plain(shown):
            continue  # the question itself says it
        assert not re.search(rf"(?<!\w){re.escape(_plain(secret))}(?!\w)", said), f"{item.id}: the page says {secret!r}"
        assert secret not in attributes - _FRAME, f"{item.id}: an attribute holds {secret!r}"
        assert len(secret) < 10 or secret not in page.html, f"{item.id}: the page holds {secret!r}"
    head = " ".join(
        f"{e.tag} {' '.join(f'{k}={v}' for k, v in e.attributes.items() if k != 'content')}" for e in page.root.all()
    )
    told = [w for w in WORDS if re.search(rf"\b{w}\b", head, re.IGNORECASE)]
    assert not told, f"{item.id}: an attribute speaks of {told}"
    assert not re.search(r"<!--", page.html), "no comments travel"
    if isinstance(item.interaction, Ordering):
        order = [e["data-choice"] for e in page.root.all("li") if e.has("data-choice")]
        assert tuple(order) != item.interaction.key


_FRAME = {"none", "text", "decimal", "false", "off", "post"}  # what fields of any item carry


def _secrets(world: World, item: Item) -> list[str]:
    """Texts of the item that are for authors and the jury, its place in the bank, its parameters."""
    release = world.house.catalogue.release(world.house.catalogue.current[0])
    parameters = release.parameters[[i.id for i in release.items].index(item.id)]
    texts = [item.rationale, item.level_reason, item.source, item.learn_more, item.author, item.subject]
    texts += [c.why for c in _choices(item)]
    if isinstance(item.interaction, ShortText):
        texts += [*item.interaction.key, *item.interaction.refused]
    numbers = [repr(v) for v in (parameters.a, parameters.b) if len(repr(v)) >= 6]
    return [t for t in [*texts, *numbers] if len(t) > 3]


def _choices(item: Item) -> tuple[Choice, ...]:
    match item.interaction:
        case SingleChoice(choices=c) | MultipleChoice(choices=c) | Ordering(choices=c):
            return c
        case Matching(prompts=p, choices=c):
            return (*p, *c)
        case Gaps(gaps=gaps):
            return tuple(c for g in gaps for c in g.choices)
        case _:
            return ()


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text)).casefold()


def test_the_key_is_not_told_by_the_place_of_a_choice(world: World):
    """Over many tests the right choice stands first about as often as its share."""
    release = world.house.catalogue.release(world.house.catalogue.current[0])
    single = [
        i.interaction
        for i in release.items
        if isinstance(i.interaction, SingleChoice) and not i.interaction.fixed_order
    ]
    first = expected = 0.0
    for seed in range(40):
        for n, interaction in enumerate(single, start=1):
            drawn = arranged(interaction, seed, n)
            assert isinstance(drawn, SingleChoice)
            first += drawn.choices[0].id == interaction.key
            expected += 1 / len(interaction.choices)
    assert abs(first - expected) < 4 * expected**0.5


@pytest.mark.slow
def test_a_proctor_learns_neither_answers_nor_level(world: World):
    world.start(world.camille)
    world.answer_all(world.camille)
    proctor = world.staff("surveillant")
    for path in ("", "/journal", "/etat"):
        page = proctor.get(f"/surveillance/{world.session}{path}")
        for word in ("Expert", "Avancé", "100 %", "48/48", "edu-", "crcn-"):
            assert word not in page.text


def test_a_candidate_does_not_see_what_is_for_the_jury(world: World):
    world.start(world.camille)
    world.answer_all(world.camille)
    world.close_day()
    world.publish()
    browser = world.back(world.camille, expect=303)
    document = adjudication.published(world.house, world.camille.sitting)
    assert document is not None
    assert document["jury"]
    browser.get("/candidat/resultat")
    for word in ("Fragile", "réexaminer", "robabilité", *french.RULES.values()):
        assert word not in browser.page.text
