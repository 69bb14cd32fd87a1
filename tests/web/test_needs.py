"""A candidate who cannot use an item never meets it, and is told nothing of it."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.adaptive.cat import Observed, Present, decide
from engine.delivery.session import Mode
from engine.items.frameworks import Level, Track
from engine.items.freeze import freeze
from engine.items.item import Demand
from engine.items.read import read_bank
from engine.items.release import Provenance
from engine.items.response import is_correct
from tests.web.sql import sql
from tests.web.stores import Files
from tests.web.world import Clock, Seat, World, prepare
from web.app import create_app
from web.config import ROOT, Settings
from web.db.sittings import load, load_session
from web.services import enrolment, needs, places, roster
from web.services.exposure import plan_of
from web.services.scope import sitting_of


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[World]:
    """The demo on a bank where two items of each competence ask for colours, but all those of one for hearing."""
    folder = tmp_path_factory.mktemp("tagged")
    bank = folder / "bank"
    shutil.copytree(ROOT / "item_bank", bank)
    for path in sorted((bank / "items").glob("*/*/*.md")):
        if path.stem.startswith("crcn-1.1-"):
            _tag(path, "hearing")
        elif re.search(r"-0[34]$", path.stem):
            _tag(path, "colour")
    read, problems = read_bank(bank)
    assert read is not None, problems
    manifest = freeze(read, "demo", Provenance.SIMULATED, 2023)
    (bank / "releases" / "demo.json").write_text(manifest.model_dump_json(), encoding="utf-8")
    settings = Settings(data=folder, database_url="", bank=bank, release="demo", exposure_warm_up=0)
    app = create_app(settings, now=clock)
    house = app.extensions["palier"]
    house.db.upgrade()
    template = prepare(house, folder)
    world = World(app, clock, template, Files(template.path), tmp_path_factory.mktemp("world"))
    yield world
    world.close()


def _tag(path: Path, demand: str) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\ninteraction", f'\ndemands = ["{demand}"]\ninteraction', 1), encoding="utf-8")


def _with(world: World, seat: Seat, stored: str) -> Seat:
    with world.house.db.write() as connection:
        sql(connection, "UPDATE sitting SET needs = ? WHERE id = ?", (stored, seat.sitting))
    return seat


def test_a_whole_sitting_shows_no_item_that_the_candidate_cannot_use_and_is_full_and_replays(tagged: World):
    seat = _with(tagged, tagged.camille, '["colour"]')
    tagged.start(seat)
    tagged.answer_all(seat)
    sitting = tagged.sitting(seat)
    items = [tagged.item(i) for i in sitting.presented]
    assert not [i.id for i in items if "colour" in i.demands]
    assert Counter(i.framework for i in items) == {"crcn_edu": 16, "crcn": 48}
    assert len({(i.framework, i.competence) for i in items}) == 32
    with tagged.house.db.read() as connection:
        session, enrolled = sitting_of(connection, tagged.person("surveillant"), seat.sitting)
        plan = plan_of(tagged.house.catalogue, connection, session, enrolled.track, enrolled.needs)
    observed: list[Observed] = []
    for answer in sitting.answers:
        assert decide(plan, sitting.seed, observed) == Present(answer.item)
        observed.append(Observed(answer.item, is_correct(tagged.item(answer.item, seat).interaction, answer.reply)))


def test_others_of_the_same_session_meet_these_items(tagged: World):
    tagged.start(tagged.idriss)
    tagged.answer_all(tagged.idriss)
    assert [i for i in tagged.sitting(tagged.idriss).presented if "colour" in tagged.item(i).demands]


def test_a_session_that_cannot_serve_somebody_is_not_opened_and_says_whom(tagged: World):
    manager = tagged.person("centre")
    new = enrolment.NewSession("Salle 2", Mode.ON_SITE, "Salle 2", tagged.clock(), ())
    session = enrolment.create_session(tagged.house, manager, new, tagged.clock())
    seat = tagged.anne_lise
    with tagged.house.db.write() as connection:
        sql(connection, "UPDATE sitting SET session_id = ? WHERE id = ?", (session, seat.sitting))
    _with(tagged, seat, '["hearing"]')
    with pytest.raises(needs.NeedsNotCovered) as refused:
        enrolment.open_session(tagged.house, manager, session, tagged.clock())
    assert refused.value.facts["names"] == [seat.full_name]
    page = tagged.staff("centre")
    page.get(f"/centre/sessions/{session}")
    page.submit(f"/centre/sessions/{session}/ouvrir")
    assert seat.full_name in page.follow().text
    assert "toutes les compétences" in page.page.text
    _with(tagged, seat, "[]")
    enrolment.open_session(tagged.house, manager, session, tagged.clock())


def test_nobody_whom_an_open_session_cannot_serve_gets_a_place_in_it(tagged: World):
    manager, now = tagged.person("centre"), tagged.clock()
    deaf = enrolment.NewCandidate(
        "Roux", "Paul", tagged.camille.birth_date, "p@exemple.fr", Track.FIRST_DEGREE, Level.EXPERT, False, 0
    )
    deaf = replace(deaf, needs=frozenset({Demand.HEARING}))
    with pytest.raises(needs.NeedsNotCovered):
        enrolment.enrol(tagged.house, manager, tagged.session, deaf, now)
    planned = enrolment.NewSession("Salle 2", Mode.ON_SITE, "Salle 2", now, ())
    session = enrolment.create_session(tagged.house, manager, planned, now)
    place = enrolment.enrol(tagged.house, manager, session, deaf, now)  # it may be served by the time that it opens
    with pytest.raises(needs.NeedsNotCovered):
        places.move(tagged.house, manager, place.sitting, tagged.session, now)
    known = tagged.enrolled("Vidal")
    change = replace(deaf, last_name=known.last_name, first_name=known.first_name)
    with pytest.raises(needs.NeedsNotCovered):
        places.edit(tagged.house, manager, known.sitting, change, now)
    content = (
        "Nom;Prénom;Date de naissance;Courriel;Parcours;Niveau visé;Besoins\n"
        "Roux;Paul;12/3/85;p@exemple.fr;1er;Expert;audition\n"
    )
    before = _people(tagged)
    upload = roster.upload(tagged.house, manager, tagged.session, "liste.csv", content.encode(), now)
    run = roster.dry_run(tagged.house, manager, tagged.session, upload, now)
    with pytest.raises(needs.NeedsNotCovered) as refused:
        roster.confirm(tagged.house, manager, tagged.session, upload, run.digest, now)
    assert refused.value.facts["names"] == ["ROUX Paul"]
    assert _people(tagged) == before


def test_needs_are_known_words_each_once():
    assert needs.needs_of(["sight", "colour", "sight"]) == ("colour", "sight")
    with pytest.raises(needs.UnknownNeed):
        needs.needs_of(["coffee"])


def test_needs_come_back_with_the_enrolment(world: World):
    _with(world, world.camille, '["pointer", "hearing"]')
    with world.house.db.read() as connection:
        assert load(connection, world.camille.sitting).needs == ("hearing", "pointer")
        assert load(connection, world.idriss.sitting).needs == ()


def _people(world: World) -> list[str]:
    with world.house.db.read() as connection:
        return [e.full_name for e in load_session(connection, world.session)]
