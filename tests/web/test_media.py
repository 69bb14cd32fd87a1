"""The files of the item on screen, and no others."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from engine.items.item import Item
from tests.web.browser import Browser
from tests.web.world import World, pass_on
from web.candidate import media
from web.services import supervision

FILES = "/candidat/test/fichier"


@pytest.fixture
def candidate(world: World) -> Browser:
    """Camille before the first item."""
    return world.running(world.camille)


def test_an_attachment_is_downloaded_byte_for_byte(world: World, candidate: Browser):
    item = _until(world, candidate, lambda i: bool(i.attachments))
    for attachment in item.attachments:
        answer = candidate.get(_link(candidate, attachment.file))
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("attachment")
        assert attachment.file in disposition
        assert answer.body == _bytes(world, item, attachment.file)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_image_is_shown_in_place_with_its_alternative_text(world: World):
    """Images are rare: look for a candidate who gets one."""
    with_image = [i for i in _release(world) if i.media]
    assert with_image, "the bank has no image any more: this test has nothing to look at"
    for n in range(20):
        seat = world.enrolled(f"Image {chr(65 + n)}")
        world.start(seat)
        if world.answer_all(seat, until=lambda item: bool(item.media)):
            break
    item = world.on_screen(seat)
    browser = world.waiting(seat)
    supervision.authorise(world.house, world.person("surveillant"), seat.sitting, True, world.clock())
    browser.get("/candidat/attente")
    browser.submit("/candidat/code", {"code": seat.code})
    image = next(browser.follow().root.all("img"))
    assert image["alt"] == item.media[0].alt
    answer = browser.get(image["src"])
    assert answer.headers["Content-Type"].startswith("image/")
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert answer.body == _bytes(world, item, item.media[0].file)


def test_the_files_of_other_items_are_not_there(world: World, candidate: Browser):
    own = set(world.on_screen(world.camille).files)
    others = [f for i in _release(world) for f in i.files if f not in own]
    assert len(others) > 20
    item = _until(world, candidate, lambda i: bool(i.attachments))
    good = _link(candidate, item.attachments[0].file)
    for name in set(others) - set(item.files):
        candidate.get(f"{good.rpartition('/')[0]}/{name}", expect=404)


def test_a_file_is_gone_with_its_item(world: World, candidate: Browser):
    item = _until(world, candidate, lambda i: bool(i.attachments))
    address = _link(candidate, item.attachments[0].file)
    candidate.get(address)
    pass_on(candidate)
    candidate.get(address, expect=404)


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before the start", "in a pause", "after the end", "on another device"])
def test_there_is_no_file_where_there_is_no_item(world: World, candidate: Browser, when: str):
    item = _until(world, candidate, lambda i: bool(i.attachments))
    address = _link(candidate, item.attachments[0].file)
    if when == "before the start":
        candidate = world.entered(world.idriss)
    elif when == "in a pause":
        proctor = world.staff("surveillant")
        proctor.get(f"/surveillance/candidats/{world.camille.sitting}")
        proctor.submit(f"/surveillance/candidats/{world.camille.sitting}/pause", {"reason": "Alerte"})
    elif when == "after the end":
        world.finish(world.camille)
    else:
        candidate = world.recognised(world.camille, "192.0.2.8")
    candidate.get(address, expect=404)


@pytest.mark.parametrize(
    "name",
    [
        "../../secret",
        "..%2f..%2fsecret",
        "%2e%2e/%2e%2e/secret",
        "..%5c..%5csecret",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "....//secret",
        "secret%00.csv",
        ".",
        "..",
    ],
)
def test_no_path_leads_out_of_the_item(candidate: Browser, name: str):
    answer = candidate.get(f"{FILES}/1.x/{name}", expect=0)
    if answer.status == 308:  # two slashes in a row are made one
        answer = candidate.get(urlsplit(answer.headers["Location"]).path, expect=404)
    assert answer.status == 404


@pytest.mark.parametrize("name", ["../web/config.py", "..%2fconfig.py", "%2e%2e/app.py", "vendor/../../app.py"])
def test_no_path_leads_out_of_the_static_files(world: World, name: str):
    answer = world.browser().get(f"/static/{name}", expect=0)
    assert answer.status in (404, 308)
    assert b"import" not in answer.body


def _link(browser: Browser, name: str) -> str:
    """The address of a file on the page of its item."""
    [found] = [href for href in browser.page.links() if href.startswith(FILES) and href.endswith(f"/{name}")]
    return found


def test_an_address_that_is_a_quarter_of_an_hour_old_is_renewed_while_its_item_is_on_screen(
    world: World, candidate: Browser
):
    item = _until(world, candidate, lambda i: bool(i.attachments))
    old = _link(candidate, item.attachments[0].file)
    world.clock.forward(minutes=15)
    candidate.get(old)
    world.clock.forward(minutes=1)
    fresh = candidate.get(old, expect=303).headers["Location"]
    assert fresh != old
    assert candidate.get(fresh).body == _bytes(world, item, item.attachments[0].file)
    candidate.get("/candidat/test")
    pass_on(candidate)
    for address in (old, fresh):
        candidate.get(address, expect=404)


def test_an_address_of_one_candidate_is_nothing_to_another_with_the_same_item(world: World, candidate: Browser):
    """Both have the cookie of their own sitting; the address was given to one of them."""
    item = _until(world, candidate, lambda i: bool(i.attachments))
    mine = _link(candidate, item.attachments[0].file)
    with world.app.test_request_context():
        seal = mine.split("/")[-2]
        assert media.holds(seal, world.camille.sitting, item.id)
        assert not media.holds(seal, world.idriss.sitting, item.id)
        assert not media.holds(seal, world.camille.sitting, world.item("crcn-1.1-01").id)


def test_a_forged_address_is_not_found(world: World, candidate: Browser):
    item = _until(world, candidate, lambda i: bool(i.attachments))
    name = item.attachments[0].file
    until, _, signature = _link(candidate, name).split("/")[-2].partition(".")
    changed = (f"{int(until) + 1}.{signature}", f"{until}.{signature[:-1]}", f"{until}.{signature}A", f"{until}.")
    for seal in (*changed, ".", "x", "1", "1.", ".x", "9" * 40 + ".x", "-1.x", "².x", "1.x.y", "99999999999.x"):
        candidate.get(f"{FILES}/{seal}/{name}", expect=404)


def _release(world: World) -> tuple[Item, ...]:
    digest, _ = world.house.catalogue.current
    return world.house.catalogue.release(digest).items


def _bytes(world: World, item: Item, name: str) -> bytes:
    digest, _ = world.house.catalogue.current
    return world.house.catalogue.media_file(digest, item, name).read_bytes()


def _until(world: World, browser: Browser, found: Callable[[Item], bool]) -> Item:
    while not found(world.on_screen(world.camille)):
        pass_on(browser)
    return world.on_screen(world.camille)
