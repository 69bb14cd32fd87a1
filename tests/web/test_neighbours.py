"""Two candidates who follow one another on a list do not share the answer of a file task."""

from datetime import date
from itertools import pairwise

from engine.items.frameworks import Level, Track
from engine.items.item import Kind
from engine.items.response import is_correct, parse
from engine.items.variants import PLACES
from tests.web.sql import sql
from tests.web.test_import import ROWS, TITLES, as_csv, confirmed, previewed
from tests.web.world import Seat, World, raw_reply
from web.services import enrolment
from web.services.enrolment import NewCandidate


def remainders(world: World) -> dict[str, int]:
    """What is left of each seed of the session modulo `PLACES`, by family name."""
    with world.house.db.write() as connection:
        found = sql(
            connection,
            "SELECT c.last_name, s.seed FROM sitting s JOIN candidate c ON c.id = s.candidate_id WHERE session_id = ?",
            (world.session,),
        )
        return {str(name): int(seed) % PLACES for name, seed in found}


def test_places_of_a_list_have_seeds_that_follow_one_another(world: World):
    given = len(remainders(world))
    for last in ("Aubert", "Bernard"):
        new = NewCandidate(
            last, "Alix", date(1988, 5, 17), "x@exemple.fr", Track.FIRST_DEGREE, Level.CONFIRME, False, 0
        )
        enrolment.enrol(world.house, world.person("centre"), world.session, new, world.clock())
    manager = world.staff("centre")
    previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    confirmed(manager)
    found = remainders(world)
    names = ["Aubert", "Bernard", "Durand", "N'Guyen", "O'Brien"]
    assert [found[name] for name in names] == list(range(given, given + 5))
    assert all(b - a == 1 for a, b in pairwise(found[name] for name in names))


def test_neighbours_get_other_files_and_the_answer_of_one_is_wrong_for_the_other(world: World):
    task = next(i for i in world.house.catalogue.release(world.house.catalogue.current[0]).items if i.variants)
    assert task.kind is Kind.FILE_TASK
    with world.house.db.write() as connection:
        for place, seat in enumerate((world.camille, world.idriss), start=600):
            sql(connection, "UPDATE sitting SET seed = ? WHERE id = ?", (place, seat.sitting))
    mine, theirs = (world.item(task.id, seat) for seat in (world.camille, world.idriss))
    assert not set(mine.files) & set(theirs.files)
    assert not is_correct(theirs.interaction, parse(theirs.interaction, raw_reply(mine)))


def test_a_page_offers_the_files_of_one_variant_and_scores_by_its_key(world: World):
    seat: Seat = world.camille
    browser = world.running(seat)
    item = world.answer_all(seat, until=lambda i: i.kind is Kind.FILE_TASK)
    assert item is not None
    whole = world.item(item.id, seat, whole=True)
    assert len(whole.variants) == 2
    page = browser.get("/candidat/test")
    assert all(f"/{name}" in page.html for name in item.files)
    assert not any(f"/{name}" in page.html for name in set(whole.files) - set(item.files))
    right = [is_correct(world.item(a.item, seat).interaction, a.reply) for a in world.answers(seat)]
    assert all(right)
