"""A session that tries new items: the candidate sees nothing of it, the jury and the administrator do."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from engine.adaptive.cat import Observed, Present, decide
from engine.items.frameworks import Track
from engine.items.response import is_correct
from engine.kernel import ItemId
from engine.proctoring.ruling import Decision
from engine.scoring.result import Scored
from tests.web.browser import Browser
from tests.web.stores import Files
from tests.web.world import Clock, Seat, World, prepare
from web.app import create_app
from web.config import Settings
from web.db import exposure as state_rows
from web.db.exposure import Line
from web.services import adjudication, exam
from web.services.exposure import plan_of
from web.services.scope import sitting_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trying(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[World]:
    """The demo under rules that try items; its three candidates have sat, looked at by the tests below."""
    folder = tmp_path_factory.mktemp("trying")
    settings = Settings(data=folder, database_url="", release="demo", rules="2023-pretest", exposure_warm_up=0)
    app = create_app(settings, now=clock)
    house = app.extensions["palier"]
    house.db.upgrade()
    template = prepare(house, folder)
    world = World(app, clock, template, Files(template.path), tmp_path_factory.mktemp("world"))
    world.start(world.camille)
    world.flag(world.camille)
    world.answer_all(world.camille)
    yield world
    world.close()


def tried(world: World, seat: Seat) -> list[ItemId]:
    release = world.house.catalogue.release(world.house.catalogue.current[0])
    return [i for i in world.sitting(seat).presented if i in release.pretest]


def test_a_sitting_tries_three_items_in_its_middle_and_replays(trying: World):
    sitting = trying.sitting(trying.camille)
    assert len(tried(trying, trying.camille)) == 3
    assert {sitting.presented.index(i) for i in tried(trying, trying.camille)} <= set(range(22, 43))
    assert len(sitting.presented) == 64
    with trying.house.db.read() as connection:
        session, enrolment = sitting_of(connection, trying.person("jury"), trying.camille.sitting)
        plan = plan_of(trying.house.catalogue, connection, session, enrolment.track)
    observed: list[Observed] = []
    for answer in sitting.answers:
        assert decide(plan, sitting.seed, observed) == Present(answer.item)
        observed.append(Observed(answer.item, is_correct(trying.item(answer.item).interaction, answer.reply)))


def test_the_candidate_s_pages_count_to_forty_eight_and_tell_nothing(trying: World):
    seat = trying.idriss
    browser: Browser = trying.running(seat)
    seen = {}
    while trying.sitting(seat).on_screen is not None:
        item = trying.on_screen(seat)
        page = browser.page
        seen[item.id] = re.sub(r"\s+", " ", page.root.one("main").text)
        told = [w for w in ("pretest", "prétest", "pré-test", "comptée", "tried") if w in page.html.casefold()]
        assert not told, f"{item.id}: the page says {told}"
        exam.answer(trying.house, seat.sitting, item.id, None, f"answer-{len(seen)}", "device", trying.clock())
        browser.get("/candidat/test")
    put = list(trying.sitting(seat).presented)
    assert len(tried(trying, seat)) == 3
    for n, item in enumerate(put[16:], start=1):
        assert f"{n} sur 48" in seen[item]


def test_the_proctor_s_console_counts_to_sixty_four(trying: World):
    page = trying.staff("surveillant").get(f"/surveillance/{trying.session}")
    assert "64" in page.text
    assert "61" not in page.text


def test_the_jury_sees_which_items_do_not_count(trying: World):
    incident = next(c.incident for c in adjudication.cases(trying.house, trying.person("jury"), trying.session))
    page = trying.staff("jury").get(f"/jury/incidents/{incident.id}")
    labels = [e.text for e in page.root.all("label") if "prétest, non comptée" in e.text]
    put = trying.sitting(trying.camille).presented
    numbers = {int(m[1]) for label in labels if (m := re.search(r"n°\s*(\d+)", label))}
    assert numbers == {put.index(i) + 1 for i in tried(trying, trying.camille)}


def test_the_administrator_sees_how_often_each_was_tried(trying: World):
    digest = trying.house.catalogue.current[0]
    page = trying.staff("admin").get(f"/administration/versions/{digest}")
    section = next(e for e in page.root.all("section") if "Questions en prétest" in e.text)
    assert all(i in section.text for i in tried(trying, trying.camille))
    assert len(list(section.all("tr"))) == 1 + 6
    file = trying.staff("admin").get(f"/administration/versions/{digest}.csv")
    assert not [i for i in tried(trying, trying.camille) if i in file.text]


def test_closing_counts_the_exposure_of_the_items_that_count_and_the_result_leaves_the_others_out(trying: World):
    jury = trying.person("jury")
    trying.close_day()
    incident = next(c.incident for c in adjudication.cases(trying.house, jury, trying.session))
    verdict = adjudication.Verdict(Decision.NO_EFFECT, (), "Sans suite", 0)
    adjudication.adjudicate(trying.house, jury, incident.id, verdict, trying.clock())
    docket = adjudication.docket(trying.house, jury, trying.session, trying.clock())
    found = next(s.outcome for s in docket.scored if s.enrolment.id == trying.camille.sitting)
    assert isinstance(found, Scored)
    assert (found.counts.crcn.correct, found.counts.crcn.counted) == (45, 45)
    digest, rules = trying.house.catalogue.current
    plan = trying.house.catalogue.plan(digest, rules, Track.SECOND_DEGREE)
    with trying.house.db.read() as connection:
        state = state_rows.latest(connection, Line(digest, rules, Track.SECOND_DEGREE))
    assert state is not None
    given = {plan.pool.ids[row] for row in np.flatnonzero(state.counts.administered)}
    put = set(trying.sitting(trying.camille).presented)
    assert given == put - set(tried(trying, trying.camille))
