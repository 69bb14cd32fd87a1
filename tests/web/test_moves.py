"""A candidate's place before the test: changed, moved to another session, taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.delivery.session import Mode
from engine.items.frameworks import Level
from engine.items.item import Demand
from engine.kernel import SessionId
from tests.web.browser import Browser
from tests.web.test_import import as_csv, confirmed, previewed
from tests.web.test_sessions import fill, notes, plan, slot
from tests.web.world import Seat, World
from web.db import sittings
from web.services import capacity, enrolment, places, planning


@pytest.fixture
def manager(world: World) -> Browser:
    return world.staff("centre")


def found(world: World, seat: Seat) -> sittings.Enrolment:
    with world.house.db.read() as connection:
        return sittings.load(connection, seat.sitting)


def move(world: World, seat: Seat, to: SessionId, by: str = "centre") -> None:
    places.move(world.house, world.person(by), seat.sitting, to, world.clock())


def test_a_candidate_moves_to_another_session_and_both_logs_tell(world: World, manager: Browser):
    to = plan(world, "Jeudi")
    page = manager.get(f"/centre/passations/{world.camille.sitting}/deplacer")
    assert "Jeudi" in page.text
    manager.submit(page.path, {"to": to})
    page = manager.follow()
    assert f"le code de session est maintenant {slot(world, to).code}" in page.text
    assert found(world, world.camille).session_id == to
    assert "sitting" in notes(world, to)["moved_in"]
    for session, told in ((world.session, "Candidat envoyé dans une autre session"), (to, "Candidat venu d'une autre")):
        text = manager.get(f"/centre/sessions/{session}/journal").text
        assert told in text
        assert "MOREAU Camille" in text.split(told)[1][:60]


def test_the_personal_code_stays_good_in_the_other_session_and_the_first_one_knows_nobody(world: World):
    to = plan(world, "Tout de suite", days=0)
    enrolment.open_session(world.house, world.person("centre"), to, world.clock())
    move(world, world.camille, to)
    browser = world.browser()
    browser.get("/candidat")
    browser.submit("/candidat", world.camille.identity, expect=401)
    there = replace(world.camille, session_code=slot(world, to).code)
    assert world.recognised(there).page.status == 200
    world.start(there)
    assert world.sitting(there).state == "running"


def test_a_candidate_who_waits_may_be_moved_and_one_who_was_let_in_may_not(world: World, manager: Browser):
    to = plan(world)
    world.waiting(world.camille)
    move(world, world.camille, to)
    world.entered(world.idriss)
    with pytest.raises(places.LetInAlready):
        move(world, world.idriss, to)
    page = manager.get(f"/centre/passations/{world.idriss.sitting}/deplacer")
    assert "Le surveillant a déjà fait entrer cette personne." in page.text
    page = manager.post(page.path, {"to": to}, expect=409)
    assert "Le surveillant a déjà fait entrer cette personne." in page.alert
    assert found(world, world.idriss).session_id == world.session


def test_a_candidate_who_has_begun_stays(world: World, manager: Browser):
    to = plan(world)
    world.start(world.camille)
    page = manager.get(f"/centre/passations/{world.camille.sitting}")
    assert f"/centre/passations/{world.camille.sitting}/deplacer" not in page.links()
    page = manager.post(f"{page.path}/deplacer", {"to": to}, expect=409)
    assert "Le test de cette personne a commencé" in page.alert
    assert found(world, world.camille).session_id == world.session


def test_a_full_session_takes_nobody(world: World, manager: Browser):
    to = plan(world, mode=Mode.REMOTE)
    fill(world, to, 9)
    page = manager.get(f"/centre/passations/{world.camille.sitting}/deplacer")
    assert "Complet" in page.text
    page = manager.submit(page.path, {"to": to}, expect=409)
    assert "Cette session est complète" in page.alert
    assert found(world, world.camille).session_id == world.session


def test_a_cancelled_enrolment_frees_its_place(world: World):
    session = plan(world, mode=Mode.REMOTE)
    taken = fill(world, session, 9)
    with pytest.raises(capacity.SessionFull):
        move(world, world.camille, session)
    places.cancel(world.house, world.person("centre"), taken[0].sitting, "Désistement", world.clock())
    move(world, world.camille, session)


def test_nobody_gets_a_second_place_in_a_session_by_moving(world: World, manager: Browser):
    to = plan(world)
    known = found(world, world.camille)
    again = enrolment.NewCandidate(
        known.last_name, known.first_name, known.birth_date, known.email, known.track, known.target, False, 0
    )
    enrolment.enrol(world.house, world.person("centre"), to, again, world.clock())
    page = manager.get(f"/centre/passations/{world.camille.sitting}/deplacer")
    page = manager.submit(page.path, {"to": to}, expect=409)
    assert page.alert == "Cette personne est déjà inscrite à cette session."
    assert "moved_out" not in notes(world, world.session)


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_session_that_takes_nobody_is_no_destination(world: World, manager: Browser, state: str):
    to = plan(world, "Nulle part")
    actor = world.person("centre")
    if state == "cancelled":
        planning.cancel(world.house, actor, to, "Panne", world.clock())
    else:
        enrolment.open_session(world.house, actor, to, world.clock())
        enrolment.close_session(world.house, actor, to, world.clock())
    page = manager.get(f"/centre/passations/{world.camille.sitting}/deplacer")
    assert "Nulle part" not in page.text
    assert "Votre centre n'a pas d'autre session prévue ou ouverte." in page.text
    with pytest.raises(enrolment.EnrolmentClosed):
        move(world, world.camille, to)


def test_nobody_is_moved_to_or_from_another_centre(world: World):
    for seat, to, by in (
        (world.camille, world.foreign_session, "centre"),
        (world.camille, world.foreign_session, "centre-lyon"),
        (world.zoe, world.session, "centre"),
    ):
        with pytest.raises(Exception, match="There is no"):
            move(world, seat, to, by)
    assert found(world, world.camille).session_id == world.session
    assert found(world, world.zoe).session_id == world.foreign_session


def test_a_place_is_changed_before_the_test(world: World, manager: Browser):
    page = manager.get(f"/centre/passations/{world.camille.sitting}/modifier")
    manager.submit(
        page.path,
        {"email": "camille@exemple.fr", "external_id": "D-12", "target": "expert", "extra_third": "y",
         "extra_minutes": "10", "needs": ["colour", "hearing"]},
    )  # fmt: skip
    page = manager.follow()
    for told in (
        "camille@exemple.fr",
        "D-12",
        "Expert",
        "3 h 30 · tiers temps · 10 min de plus",
        "N'entend pas le son",
    ):
        assert told in page.text
    after = found(world, world.camille)
    assert (after.target, set(after.needs), after.external_id) == (
        Level.EXPERT,
        {Demand.COLOUR, Demand.HEARING},
        "D-12",
    )
    assert after.sitting.accommodation.allowance == timedelta(hours=3, minutes=30)
    log = manager.get(f"/centre/sessions/{world.session}/journal").text
    assert "courriel, identifiant externe, niveau visé : Avancé → Expert, tiers temps : non → oui" in log
    assert "camille@exemple.fr" not in log  # personal data stay out of the log
    assert "3 h 30" in world.recognised(world.camille).page.text


def test_a_form_that_changes_nothing_leaves_no_trace(world: World, manager: Browser):
    before = notes(world, world.session)
    page = manager.get(f"/centre/passations/{world.camille.sitting}/modifier")
    manager.submit(page.path)
    assert notes(world, world.session) == before


def test_a_place_is_not_changed_once_the_test_has_begun(world: World, manager: Browser):
    page = manager.get(f"/centre/passations/{world.camille.sitting}/modifier")
    world.start(world.camille)
    page = manager.submit(page.path, {"extra_minutes": "60"}, expect=409)
    assert "son inscription ne peut plus changer" in page.alert
    assert world.sitting(world.camille).accommodation.minutes == 0


def test_an_enrolment_is_taken_back_with_a_reason(world: World, manager: Browser):
    page = manager.get(f"/centre/passations/{world.camille.sitting}/annuler")
    assert manager.submit(page.path, expect=400).errors == {"reason": "Indiquez le motif."}
    manager.submit(page.path, {"reason": "Arrêt  maladie"})
    page = manager.follow()
    assert "L'inscription de Camille Moreau est annulée." in page.text
    assert "Arrêt maladie" in page.text
    assert world.sitting(world.camille).state == "cancelled"
    manager.post(f"/centre/passations/{world.camille.sitting}/annuler", {"reason": "x"}, expect=409)
    world.close_day()
    assert world.sitting(world.camille).state == "cancelled"


def test_a_test_that_has_begun_is_not_taken_back(world: World, manager: Browser):
    world.start(world.camille)
    page = manager.get(f"/centre/passations/{world.camille.sitting}/annuler")
    assert "son inscription ne peut plus être annulée" in page.text
    page = manager.post(page.path, {"reason": "x"}, expect=409)
    assert world.sitting(world.camille).state == "running"


def test_a_lost_code_is_asked_about_before_it_is_replaced(world: World, manager: Browser):
    page = manager.get(f"/centre/passations/{world.camille.sitting}/code")
    asked = next(page.root.all("details"))
    assert "L'ancien code cessera de fonctionner tout de suite" in asked.text
    assert [form.get("action") for form in asked.all("form")] == [page.path]


def test_an_enrolment_that_was_cancelled_holds_again_with_a_new_code_when_the_person_is_enrolled_again(
    world: World, manager: Browser
):
    places.cancel(world.house, world.person("centre"), world.camille.sitting, "Erreur", world.clock())
    manager.get(f"/centre/sessions/{world.session}/inscrire")
    manager.submit(
        manager.page.path,
        {"last_name": "MOREAU", "first_name": "camille", "birth_date": "12/3/85", "email": "c@exemple.fr",
         "track": "second_degree", "target": "expert", "extra_third": "y"},
    )  # fmt: skip
    code = manager.follow().root.one("span", id="code").text
    after = found(world, world.camille)
    assert (after.sitting.state, after.target, after.email) == ("enrolled", Level.EXPERT, "c@exemple.fr")
    assert after.sitting.accommodation.third
    assert "Inscription rétablie" in manager.get(f"/centre/sessions/{world.session}/journal").text
    world.start(replace(world.camille, code=code))
    assert world.sitting(world.camille).state == "running"


def test_a_list_enrols_again_who_had_been_cancelled(world: World, manager: Browser):
    places.cancel(world.house, world.person("centre"), world.camille.sitting, "Erreur", world.clock())
    head = ["Nom", "Prénom", "Date de naissance", "Courriel", "Parcours", "Niveau visé"]
    line = ["Moreau", "Camille", "12/03/1985", "c@exemple.fr", "2nd degré", "Expert"]
    page = previewed(manager, world.session, as_csv([head, line]))
    assert "1 à inscrire" in page.text
    assert "1 candidat inscrit." in confirmed(manager).text
    assert (found(world, world.camille).sitting.state, found(world, world.camille).target) == ("enrolled", Level.EXPERT)
    assert "1 déjà inscrit" in previewed(manager, world.session, as_csv([head, line])).text


def test_a_place_that_holds_again_is_taken_again(world: World):
    session = plan(world, mode=Mode.REMOTE)
    first, *_ = fill(world, session, 9)
    places.cancel(world.house, world.person("centre"), first.sitting, "Erreur", world.clock())
    with world.house.db.read() as connection:
        assert capacity.room_in(connection, slot(world, session)).free == 1
    fill(world, session, 1)
    with world.house.db.read() as connection:
        assert capacity.room_in(connection, slot(world, session)).free == 0
