"""A question that its candidate says is faulty, from the alert to the result."""

import numpy as np
import pytest

from engine.delivery.events import AlertAccepted, AlertRefused, Presented
from engine.delivery.states import State
from engine.proctoring.incident import Source
from engine.scoring.result import Scored, Withheld
from tests.web.browser import Browser
from tests.web.world import World
from web.db import exposure as state_rows
from web.db import incidents as incident_rows
from web.db.exposure import Line
from web.services import adjudication, alert_settling, alerts, exam, look, responses_export, supervision
from web.services.responses_export import Wanted


@pytest.fixture
def blocked(world: World) -> World:
    """Camille has answered three questions and says that the fourth shows no image."""
    world.start(world.camille)
    for n in range(3):
        item = world.on_screen(world.camille).id
        exam.answer(world.house, world.camille.sitting, item, None, f"{n}" * 32, "device", world.clock())
    item = world.on_screen(world.camille).id
    world.clock.forward(minutes=10)
    alerts.raise_alert(
        world.house, world.camille.sitting, item, "file", "L'image reste blanche.", "device", world.clock()
    )
    world.clock.forward(minutes=2)
    return world


@pytest.fixture
def proctor(blocked: World) -> Browser:
    """The proctor before the console."""
    browser = blocked.staff("surveillant")
    browser.get(f"/surveillance/{blocked.session}")
    return browser


def address(world: World, what: str) -> str:
    return f"/surveillance/candidats/{world.camille.sitting}/signalement/{what}"


def incidents(world: World) -> list[incident_rows.Incident]:
    with world.house.db.read() as connection:
        return incident_rows.of_sittings(connection, [world.camille.sitting])


def test_the_console_says_which_question_and_what_is_wrong_but_not_what_it_asks(blocked: World, proctor: Browser):
    card = next(e for e in proctor.page.root.all("article") if "MOREAU Camille" in e.text)
    assert "Question 4, partie 1, signalée à 09:10:00" in card.text
    assert "L'image reste blanche." in card.text
    assert blocked.on_screen(blocked.camille).id not in proctor.page.html


def test_a_refused_alert_gives_the_question_back_and_the_time(blocked: World, proctor: Browser):
    item = blocked.on_screen(blocked.camille).id
    proctor.submit(address(blocked, "refuser"), {"reason": " "})
    assert "Indiquez un motif." in proctor.follow().text
    proctor.submit(address(blocked, "refuser"), {"reason": "L'image s'affiche"})
    page = proctor.follow()
    assert page.path == f"/surveillance/{blocked.session}"
    assert "MOREAU Camille : La question est rendue au candidat" in page.text
    sitting = blocked.sitting(blocked.camille)
    assert (sitting.on_screen, sitting.alert, incidents(blocked)) == (item, None, [])
    assert isinstance(blocked.events(blocked.camille)[-1], AlertRefused)
    assert sitting.clock.time_left(blocked.clock()).total_seconds() == 140 * 60


@pytest.mark.parametrize("fault", ["TEC-05", "TEC-06"])
def test_an_accepted_alert_brings_another_question_and_a_settled_incident(blocked: World, proctor: Browser, fault: str):
    faulty = blocked.on_screen(blocked.camille)
    proctor.submit(address(blocked, "accepter"), {"fault": fault, "reason": "Image absente du fichier"})
    assert "La question est retirée et remplacée" in proctor.follow().text
    fresh = blocked.on_screen(blocked.camille)
    assert (fresh.framework, fresh.competence) == (faulty.framework, faulty.competence)
    assert fresh.subject != faulty.subject
    assert [type(e) for e in blocked.events(blocked.camille)[-2:]] == [AlertAccepted, Presented]
    (told,) = incidents(blocked)
    assert (told.kind.code, told.kind.blocks, told.item, told.source) == (fault, False, faulty.id, Source.CANDIDATE)
    assert (told.author, told.occurred_at.minute, told.recorded_at.minute) == (
        blocked.person("surveillant").id, 10, 12,
    )  # fmt: skip
    assert "L'image reste blanche." in told.text
    assert "Réglé pendant le test" in told.text
    assert "Image absente du fichier" in told.text


def test_the_candidate_s_page_keeps_its_count(blocked: World):
    candidate = blocked.back(blocked.camille)
    alert_settling.accept(
        blocked.house, blocked.person("surveillant"), blocked.camille.sitting, "TEC-05", "x", blocked.clock()
    )
    assert candidate.get("/candidat/test").heading == "Question 4 sur 16, partie 1"
    item = blocked.on_screen(blocked.camille).id
    exam.answer(blocked.house, blocked.camille.sitting, item, None, "f" * 32, "device", blocked.clock())
    assert candidate.get("/candidat/test").heading == "Question 5 sur 16, partie 1"


def test_the_result_neither_waits_for_the_jury_nor_counts_the_question(blocked: World):
    proctor = blocked.person("surveillant")
    faulty = blocked.on_screen(blocked.camille).id
    alert_settling.accept(blocked.house, proctor, blocked.camille.sitting, "TEC-05", "x", blocked.clock())
    blocked.answer_all(blocked.camille)
    blocked.close_day()
    docket = adjudication.docket(blocked.house, blocked.person("jury"), blocked.session, blocked.clock())
    found = next(s.outcome for s in docket.scored if s.enrolment.id == blocked.camille.sitting)
    assert not isinstance(found, Withheld)
    assert isinstance(found, Scored)
    assert (found.counts.edu.correct, found.counts.edu.counted) == (13, 16)
    assert (found.counts.crcn.correct, found.counts.crcn.counted) == (48, 48)
    assert found.neutralised == (faulty,)


def test_the_question_was_seen_so_it_counts_as_given_but_it_is_in_no_export(blocked: World):
    faulty = blocked.on_screen(blocked.camille).id
    proctor = blocked.person("surveillant")
    alert_settling.accept(blocked.house, proctor, blocked.camille.sitting, "TEC-05", "x", blocked.clock())
    blocked.answer_all(blocked.camille)
    blocked.close_day()
    slot, enrolment = look.sitting(blocked.house, proctor, blocked.camille.sitting)
    plan = blocked.house.catalogue.plan(slot.release_digest, slot.rules_digest, enrolment.track)
    with blocked.house.db.read() as connection:
        state = state_rows.latest(connection, Line(slot.release_digest, slot.rules_digest, enrolment.track))
    assert state is not None
    given = {plan.pool.ids[row] for row in np.flatnonzero(state.counts.administered)}
    assert given == set(enrolment.sitting.presented)
    assert faulty in given
    blocked.publish()
    (session,) = (s for s in responses_export.sessions(blocked.house.db, blocked.house.catalogue, Wanted()))
    rows = list(responses_export.answers(blocked.house.db, blocked.house.catalogue, session))
    assert {r.item for r in rows} == set(enrolment.sitting.presented) - {faulty}
    assert len(rows) == 64


@pytest.mark.parametrize(("fault", "reason"), [("", "x"), ("COM-02", "x"), ("TEC-05", ""), ("TEC-05", " ")])
def test_an_acceptance_that_lacks_something_leaves_no_trace(blocked: World, proctor: Browser, fault: str, reason: str):
    version = blocked.sitting(blocked.camille).version
    proctor.post(address(blocked, "accepter"), {"fault": fault, "reason": reason})
    told = proctor.follow().text
    assert any(sentence in told for sentence in ("Choisissez ce qui ne va pas", "Indiquez un motif."))
    assert (blocked.sitting(blocked.camille).version, incidents(blocked)) == (version, [])


def test_two_proctors_settle_an_alert_once(blocked: World, proctor: Browser):
    other = blocked.staff("surveillant")
    other.get(f"/surveillance/{blocked.session}")
    proctor.submit(address(blocked, "accepter"), {"fault": "TEC-05", "reason": "x"})
    other.submit(address(blocked, "refuser"), {"reason": "y"})
    assert "Aucun signalement n'est en attente" in other.follow().text
    assert len(incidents(blocked)) == 1


def test_an_alert_is_settled_during_a_pause_and_the_pause_goes_on(blocked: World, proctor: Browser):
    supervision.pause(blocked.house, blocked.person("surveillant"), blocked.camille.sitting, "x", blocked.clock())
    proctor.get(f"/surveillance/{blocked.session}")
    proctor.submit(address(blocked, "accepter"), {"fault": "TEC-06", "reason": "x"})
    proctor.follow()
    sitting = blocked.sitting(blocked.camille)
    assert (sitting.state, sitting.alert, len(sitting.excluded)) == (State.PAUSED, None, 1)


def test_who_ends_the_test_of_someone_who_waits_is_told_what_it_means(blocked: World, proctor: Browser):
    page = proctor.get(f"/surveillance/candidats/{blocked.camille.sitting}")
    assert "Sinon, cette question ne comptera pas." in page.text
    proctor.submit(
        f"/surveillance/candidats/{blocked.camille.sitting}/arreter", {"cause": "candidate", "reason": "Abandon"}
    )
    proctor.follow()
    sitting = blocked.sitting(blocked.camille)
    assert (sitting.state, len(sitting.excluded)) == (State.TERMINATED, 1)
