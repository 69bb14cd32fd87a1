"""A session is led by the exposure that it pinned, and adds its own when it closes."""

import json
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engine.adaptive.cat import Observed, Present, decide
from engine.adaptive.dice import seeds_of
from engine.delivery.session import Mode
from engine.items.frameworks import Level, Track
from engine.items.response import is_correct
from engine.kernel import SessionId
from tests.web.sql import sql
from tests.web.test_races import at_once
from tests.web.world import Seat, World
from web.config import Settings
from web.db import exposure as state_rows
from web.db import sessions
from web.db.database import Database
from web.db.exposure import Counts, Line, State
from web.db.sessions import Session
from web.services import enrolment
from web.services.catalogue import Catalogue
from web.services.enrolment import NewCandidate, NewSession
from web.services.exposure import plan_of
from web.services.house import House


def slot_of(world: World, session: SessionId | None = None) -> Session:
    with world.house.db.read() as connection:
        return sessions.load(connection, session or world.session)


def line_of(world: World, track: Track) -> Line:
    slot = slot_of(world)
    return Line(slot.release_digest, slot.rules_digest, track)


def newest(world: World, track: Track) -> State:
    with world.house.db.read() as connection:
        found = state_rows.latest(connection, line_of(world, track))
    assert found
    return found


def rare(world: World) -> None:
    """Let the newest counts of both tracks make every second item rare, before a session opens."""
    for track in Track:
        items = len(newest(world, track).counts.eligible)
        given = tuple(100.0 * (row % 2) for row in range(items))
        with world.house.db.write() as connection:
            counts = Counts((100.0,) * items, given, 100)
            state_rows.follow(connection, line_of(world, track), lambda _, counts=counts: counts, world.clock())


def another(world: World, last: str) -> tuple[SessionId, Seat]:
    """One more open session with one candidate."""
    manager = world.person("centre")
    new = NewSession("Encore", Mode.ON_SITE, "Salle 1", world.clock(), (world.person("surveillant").id,))
    session = enrolment.create_session(world.house, manager, new, world.clock())
    born = date(1988, 5, 17)
    who = NewCandidate(last, "Alix", born, "x@exemple.fr", Track.FIRST_DEGREE, Level.CONFIRME, False, 0)
    place = enrolment.enrol(world.house, manager, session, who, world.clock())
    enrolment.open_session(world.house, manager, session, world.clock())
    code = slot_of(world, session).code
    return session, Seat(place.sitting, code, last, "Alix", born, place.code)


def test_a_session_pins_the_newest_state_of_each_track_when_it_opens(world: World):
    assert {t: newest(world, t).id for t in Track} == slot_of(world).exposure
    rare(world)
    session, _ = another(world, "Nouveau")
    assert {t: newest(world, t).id for t in Track} == slot_of(world, session).exposure
    assert slot_of(world).exposure != slot_of(world, session).exposure


def test_a_planned_session_has_pinned_nothing_yet(world: World):
    new = NewSession("Prévue", Mode.ON_SITE, "Salle 1", world.clock(), (world.person("surveillant").id,))
    session = enrolment.create_session(world.house, world.person("centre"), new, world.clock())
    assert slot_of(world, session).exposure == {}


def test_a_sitting_is_led_by_what_its_session_pinned_and_can_be_replayed_after_others_closed(world: World):
    world.start(world.camille)
    world.answer_all(world.camille, until=lambda _: len(world.answers(world.camille)) == 20)
    rare(world)  # what happens elsewhere meanwhile
    world.house.catalogue._controlled.clear()  # as after a restart
    world.answer_all(world.camille)
    sitting = world.sitting(world.camille)
    with world.house.db.read() as connection:
        plan = plan_of(world.house.catalogue, connection, slot_of(world), Track.SECOND_DEGREE)
    observed: list[Observed] = []
    for answer in sitting.answers:
        step = decide(plan, sitting.seed, observed)
        assert step == Present(answer.item)
        observed.append(Observed(answer.item, is_correct(world.item(answer.item).interaction, answer.reply)))


def test_items_that_were_given_to_everybody_are_held_back_in_the_next_session(world: World):
    rare(world)
    session, _ = another(world, "Suivant")
    with world.house.db.read() as connection:
        plan = plan_of(world.house.catalogue, connection, slot_of(world, session), Track.FIRST_DEGREE)
    assert plan.eligibility is not None
    assert plan.eligibility.probability[1::2].max() <= 0.25
    assert (plan.eligibility.probability[::2] == 1).all()


def test_closing_counts_what_was_given_from_the_log_and_what_was_eligible_from_the_seeds(world: World):
    world.start(world.camille)
    world.answer_all(world.camille)
    before = {t: newest(world, t) for t in Track}
    world.close_day()
    after = newest(world, Track.SECOND_DEGREE)
    assert (after.number, after.counts.sittings) == (before[Track.SECOND_DEGREE].number + 1, 1)
    plan = world.house.catalogue.plan(after.line.release_digest, after.line.rules_digest, Track.SECOND_DEGREE)
    given = {plan.pool.row(item) for item in world.sitting(world.camille).presented}
    assert {int(row) for row in np.flatnonzero(after.counts.administered)} == given
    assert after.counts.eligible == (1.0,) * len(plan.pool.ids)  # nothing was held back in a new release
    # Idriss and Anne-Lise were absent, and nobody of the first degree came.
    assert newest(world, Track.FIRST_DEGREE) == before[Track.FIRST_DEGREE]


def test_what_was_held_back_does_not_count_as_eligible(world: World):
    rare(world)
    session, seat = another(world, "Suivant")
    pinned = newest(world, Track.FIRST_DEGREE)
    with world.house.db.read() as connection:
        eligibility = plan_of(
            world.house.catalogue, connection, slot_of(world, session), Track.FIRST_DEGREE
        ).eligibility
    assert eligibility is not None
    world.start(seat)
    world.finish(seat)
    enrolment.close_session(world.house, world.person("centre"), session, world.clock())
    drawn = eligibility.draw(seeds_of(world.sitting(seat).seed))[0]
    faded = eligibility.fading**0.01 * np.array(pinned.counts.eligible)
    assert not drawn.all()
    assert np.allclose(newest(world, Track.FIRST_DEGREE).counts.eligible, faded + drawn)


@pytest.mark.parametrize("round_", range(3))
def test_two_sessions_that_close_at_once_are_both_counted(world: World, round_: int):
    del round_
    world.start(world.idriss)
    world.finish(world.idriss)
    session, seat = another(world, "Deuxième")
    world.start(seat)
    world.finish(seat)
    before = newest(world, Track.FIRST_DEGREE)
    other = Database(world.url)
    second = House(other, world.house.catalogue, world.house.secret)
    manager = world.person("centre")
    ended = at_once(
        lambda: enrolment.close_session(world.house, manager, world.session, world.clock()),
        lambda: enrolment.close_session(second, manager, session, world.clock()),
    )
    other.close()
    after = newest(world, Track.FIRST_DEGREE)
    assert ended == {"done": 2}
    assert (after.number, after.counts.sittings) == (before.number + 2, before.counts.sittings + 2)


def test_who_finds_the_next_number_taken_counts_on_top_of_it(world: World):
    line, asked = line_of(world, Track.FIRST_DEGREE), []
    start = newest(world, Track.FIRST_DEGREE)

    def counted(so_far: Counts) -> Counts:
        asked.append(so_far.sittings)
        if len(asked) == 1:  # somebody else is quicker
            with_one = replace(so_far, sittings=so_far.sittings + 1)
            state_rows.follow(connection, line, lambda _: with_one, world.clock())
        return replace(so_far, sittings=so_far.sittings + 1)

    with world.house.db.write() as connection:
        after = state_rows.follow(connection, line, counted, world.clock())
    assert asked == [start.counts.sittings, start.counts.sittings + 1]
    assert (after.number, after.counts.sittings) == (start.number + 2, start.counts.sittings + 2)


def test_counts_come_back_from_their_row_to_the_bit(world: World):
    line = line_of(world, Track.FIRST_DEGREE)
    rng = np.random.default_rng(1)
    counts = Counts(tuple(rng.random(50).tolist()), tuple((rng.random(50) * 1e-9).tolist()), 3)
    with world.house.db.write() as connection:
        stored = state_rows.follow(connection, line, lambda _: counts, world.clock())
    with world.house.db.read() as connection:
        assert state_rows.load(connection, stored.id).counts == counts


def test_a_release_without_data_needs_no_control(tmp_path: Path):
    catalogue = Catalogue(Settings(data=tmp_path, release="seed"))
    catalogue.install()
    assert not (tmp_path / "exposure").exists()


def test_a_release_is_installed_with_a_start_that_is_made_once_and_quickly(tmp_path: Path):
    settings = Settings(data=tmp_path, release="demo", exposure_warm_up=64)
    release, rules = Catalogue(settings).install()
    files = sorted((tmp_path / "exposure").iterdir())
    assert len(files) == len(Track)
    made = {f: (f.stat().st_mtime_ns, f.read_bytes()) for f in files}
    began = time.perf_counter()
    again = Catalogue(settings)
    assert again.install() == (release, rules)
    assert time.perf_counter() - began < 5
    assert {f: (f.stat().st_mtime_ns, f.read_bytes()) for f in sorted((tmp_path / "exposure").iterdir())} == made
    start = again.warm_up(release, rules, Track.FIRST_DEGREE)
    assert start.probability.min() < 1
    [own] = [f for f in files if "first_degree" in f.name]
    assert json.loads(own.read_text())["administered"] == start.administered.tolist()


def test_the_first_session_of_a_release_starts_from_the_simulated_counts(tmp_path: Path, world: World):
    settings = Settings(data=tmp_path, release="demo", exposure_warm_up=32)
    catalogue = Catalogue(settings)
    catalogue.install()
    with world.house.db.write() as connection:
        sql(connection, "DELETE FROM exposure_state")
    warm = House(world.house.db, catalogue, world.house.secret)
    new = NewSession("Première", Mode.ON_SITE, "Salle 1", world.clock(), (world.person("surveillant").id,))
    session = enrolment.create_session(warm, world.person("centre"), new, world.clock())
    enrolment.open_session(warm, world.person("centre"), session, world.clock())
    state = newest(world, Track.SECOND_DEGREE)
    assert (state.number, state.counts.sittings) == (0, 0)
    assert sum(state.counts.administered) > 0
    with world.house.db.read() as connection:
        plan = plan_of(catalogue, connection, slot_of(world, session), Track.SECOND_DEGREE)
    assert plan.eligibility is not None
    assert plan.eligibility.probability.min() < 1
