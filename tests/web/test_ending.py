"""The end of a session: a reason for everybody who is not done, all of them or none."""

import pytest

from engine.delivery.session import SessionState
from engine.delivery.states import State
from engine.items.item import SingleChoice
from tests.web.browser import Browser
from tests.web.sql import sql
from tests.web.world import World, raw_reply
from web.db.writing import Draft, put_draft
from web.services import ending, exam, gate, look, supervision


@pytest.fixture
def proctor(world: World) -> Browser:
    """Camille is in the test, Idriss paused, Alix waits, Anne-Lise never came; Bo is done."""
    world.start(world.camille)
    world.start(world.idriss)
    supervision.pause(world.house, world.person("surveillant"), world.idriss.sitting, "Malaise", world.clock())
    gate.check_in(world.house, world.enrolled("Attend").sitting, world.clock())
    done = world.enrolled("Fini", "Bo")
    world.start(done)
    exam.finish(world.house, done.sitting, "device", world.clock())
    return world.staff("surveillant")


def state(world: World) -> SessionState:
    return look.session(world.house, world.person("surveillant"), world.session).state


def waiting(world: World) -> str:
    with world.house.db.read() as connection:
        return str(
            sql(
                connection,
                "SELECT s.id FROM sitting s JOIN candidate c ON c.id = s.candidate_id WHERE c.last_name = 'Attend'",
            ).scalar_one()
        )


def test_everybody_who_is_not_done_gets_a_reason_and_the_session_closes(world: World, proctor: Browser):
    address = f"/surveillance/{world.session}/fin"
    page = proctor.get(address)
    legends = [e.text for e in page.root.all("legend")]
    assert legends == ["ATTEND Alix Attend une autorisation", "BENALI Idriss En pause", "MOREAU Camille En cours"]
    assert "Sera noté(e) absent(e) : LE GOFF Anne-Lise." in page.text
    assert "Arrêter ces 3 tests et clôturer la session" in page.text
    proctor.submit(
        address,
        {
            f"reason-{waiting(world)}": "Sans pièce d'identité",
            f"cause-{world.idriss.sitting}": "candidate",
            f"reason-{world.idriss.sitting}": "Parti après un malaise",
            f"cause-{world.camille.sitting}": "technical",
            f"reason-{world.camille.sitting}": "Coupure de courant",
        },
    )
    assert "La session est clôturée. Il reste à finaliser son procès-verbal." in proctor.follow().text
    assert state(world) is SessionState.CLOSED
    camille, idriss = world.sitting(world.camille), world.sitting(world.idriss)
    assert (camille.state, camille.ended_for_technical_cause) == (State.TERMINATED, True)
    assert (idriss.state, idriss.ended_for_technical_cause) == (State.TERMINATED, False)
    assert world.sitting(world.anne_lise).state is State.ABSENT
    log = proctor.get(f"/surveillance/{world.session}/journal").text
    for told in (
        "Entrée refusée · ATTEND Alix Sans pièce d'identité",
        "Test arrêté · MOREAU Camille Coupure de courant",
    ):
        assert told in log


def test_if_one_reason_is_missing_nothing_happens_and_what_was_written_stays(world: World, proctor: Browser):
    address = f"/surveillance/{world.session}/fin"
    proctor.get(address)
    page = proctor.submit(
        address,
        {
            f"reason-{waiting(world)}": "Sans pièce d'identité",
            f"cause-{world.camille.sitting}": "technical",
            f"reason-{world.camille.sitting}": "Coupure de courant",
            f"reason-{world.idriss.sitting}": "Parti",
        },
        expect=400,
    )
    assert "(BENALI Idriss)" in page.alert
    assert "Coupure de courant" in page.html
    assert state(world) is SessionState.OPEN
    assert world.sitting(world.camille).state is State.RUNNING
    assert world.sitting(world.anne_lise).state is State.ENROLLED


def test_somebody_who_came_in_meanwhile_stops_the_end(world: World, proctor: Browser):
    address = f"/surveillance/{world.session}/fin"
    proctor.get(address)
    gate.check_in(world.house, world.anne_lise.sitting, world.clock())
    given = {f"cause-{s}": "technical" for s in (world.camille.sitting, world.idriss.sitting)}
    given |= {f"reason-{s}": "Panne" for s in (world.camille.sitting, world.idriss.sitting, waiting(world))}
    page = proctor.submit(address, given, expect=400)
    assert "(LE GOFF Anne-Lise)" in page.alert
    assert world.sitting(world.camille).state is State.RUNNING


def test_a_closed_session_has_nothing_to_end(world: World):
    world.close_day()
    browser = world.staff("surveillant")
    page = browser.get(f"/surveillance/{world.session}/fin")
    assert "Il n'y a rien à clôturer ici." in page.text
    browser.post(f"/surveillance/{world.session}/fin", {}, expect=409)


@pytest.mark.parametrize("how", ["stopped", "swept", "ended with the session"])
def test_what_stood_in_the_form_is_kept_for_the_jury_whoever_ends_the_test(world: World, how: str):
    world.start(world.camille)
    item = world.answer_all(world.camille, lambda i: isinstance(i.interaction, SingleChoice))
    assert item is not None
    raw = raw_reply(item)
    with world.house.db.write() as connection:
        put_draft(connection, world.camille.sitting, Draft(item.id, {}, raw, 1, "device", world.clock()))
    proctor = world.person("surveillant")
    if how == "stopped":
        supervision.terminate(world.house, proctor, world.camille.sitting, "Malaise", False, world.clock())
    elif how == "swept":
        world.clock.forward(hours=3)
        supervision.sweep(world.house, proctor, world.session, world.clock())
    else:
        why = {world.camille.sitting: ending.Why(True, "Panne")}
        ending.end(world.house, proctor, world.session, why, world.clock())
    sitting = world.sitting(world.camille)
    assert sitting.state.is_over
    assert [(kept.item, kept.reply, kept.draft) for kept in sitting.quarantined] == [(item.id, raw, True)]
