"""The whole story, from enrolment to a published result, over HTTP alone."""

import pytest

from engine.items.frameworks import Framework
from tests.builders import variant_on
from tests.web.sql import sql
from tests.web.world import PASSWORD, World, pass_on, reply, right_reply


@pytest.mark.slow
def test_one_candidate_from_enrolment_to_a_published_result(world: World):
    manager, proctor, jury = world.browser(), world.browser(), world.browser()
    for browser, login in ((manager, "centre"), (proctor, "surveillant"), (jury, "jury")):
        browser.get("/connexion")
        browser.submit("/connexion", {"login": login, "password": PASSWORD})
        browser.follow()

    # The centre.
    manager.get("/centre/sessions/nouvelle")
    paul = world.person("surveillant").id
    day = {"label": "Matin", "starts_at": "2026-11-23T09:30", "mode": "remote", "place": "Visio", "proctors": [paul]}
    manager.submit("/centre/sessions/nouvelle", day)
    session = manager.follow().path.rsplit("/", 1)[1]
    manager.get(f"/centre/sessions/{session}/inscrire")
    who = {"last_name": "Nguyên", "first_name": "Léa", "birth_date": "04/07/1991"}
    place = {"email": "lea@exemple.fr", "track": "second_degree", "target": "expert", "extra_third": "y"}
    manager.submit(f"/centre/sessions/{session}/inscrire", who | place)
    letter = manager.follow()
    code = letter.root.one("span", id="code").text
    facts = [e.text for e in letter.root.all("dd")]
    session_code = next(f for f in facts if len(f) == 7 and f[3] == "-")
    sitting = letter.path.split("/")[3]

    # The candidate comes, the proctor lets in.
    proctor.get(f"/surveillance/{session}")
    proctor.submit(f"/surveillance/{session}/ouvrir")
    candidate = world.browser()
    candidate.get("/candidat")
    candidate.submit("/candidat", {**who, "last_name": "NGUYEN", "session_code": session_code.lower()})
    candidate.follow()
    candidate.submit("/candidat/consignes")
    candidate.follow()  # to the remote view, which this browser cannot give
    candidate.submit("/candidat/vue/accord", {"decision": "decline"})
    candidate.follow()
    assert "À autoriser" in proctor.get(f"/surveillance/{session}").text
    proctor.submit(f"/surveillance/candidats/{sitting}/autoriser", {"identity_checked": "yes"})
    candidate.get("/candidat/attente")
    candidate.submit("/candidat/code", {"code": code})
    assert "3 h 20" in candidate.follow().text
    candidate.submit("/candidat/test/commencer")
    page = candidate.follow()

    # The test: CRCN-Édu all right, CRCN every other one; an incident on the way.
    numbers = []
    while page.heading != "Votre test est terminé":
        assert "Démonstration : paramètres simulés, sans valeur officielle" in page.text
        numbers.append(page.heading)
        item = variant_on(page.html, world.item(page.root.one("input", name="item")["value"], whole=True))
        world.clock.forward(seconds=60)
        if item.framework is Framework.CRCN_EDU or len(numbers) % 2:
            page = reply(candidate, right_reply(item))
        else:
            page = pass_on(candidate)
        if len(numbers) == 20:
            proctor.get(f"/surveillance/candidats/{sitting}")
            proctor.submit(f"/surveillance/candidats/{sitting}/incident", {"kind": "COM-02", "text": "Téléphone"})
            proctor.follow()
    assert (len(numbers), numbers[16]) == (64, "Question 1 sur 48, partie 2")
    proctor.get(f"/surveillance/{session}/fin")
    proctor.submit(f"/surveillance/{session}/fin")
    proctor.follow()
    assert "par Paul Keller" in proctor.get(f"/surveillance/{session}/journal").text

    # The minutes.
    manager.get(f"/centre/sessions/{session}/cloture")
    manager.submit(f"/centre/sessions/{session}/finaliser", {"remark": "Rien d'autre à dire."})
    assert "La session est finalisée" in manager.follow().text

    # The jury.
    assert "retenu 1 incident sans décision" in jury.get(f"/jury/sessions/{session}").text
    case = next(a.split("?")[0] for a in jury.page.links() if a.startswith("/jury/incidents/"))
    jury.get(case)
    jury.submit(case, {"decision": "neutralise", "positions": ["21"], "reason": "Question affichée pendant l'incident"})
    jury.follow()
    jury.get(f"/jury/sessions/{session}/publier")
    jury.submit(f"/jury/sessions/{session}/publier")
    assert "Résultats publiés" in jury.follow().text

    # The result.
    candidate.get("/candidat/ici", expect=303)
    page = candidate.follow()
    assert page.heading == "Résultat de Léa Nguyên"
    for told in ("Aucun niveau atteint", "16 sur 16", "23 sur 47", "Questions neutralisées 1", "Niveau visé Expert"):
        assert told in page.text
    page = manager.get(f"/centre/sessions/{session}/resultats")
    assert "NGUYÊN Léa Expert Aucun niveau atteint 100 % 16/16" in page.text
    file = manager.get(f"/centre/sessions/{session}/resultats.csv").body.decode("utf-8-sig")
    assert ";Nguyên;Léa;1991-07-04;second_degree;expert;scored;;2026-11-23;;16;16;" in file


def test_texts_of_people_stay_texts_on_every_page(world: World):
    """Each page that is fetched is looked at: markup that came through would be a fault."""
    bad = '<script>alert("x")</script><b onclick=x>\'"&'
    seat = world.enrolled(bad[:40], "<img src=x onerror=x>")
    candidate = world.running(seat)
    proctor = world.staff("surveillant")
    address = f"/surveillance/candidats/{seat.sitting}"
    for action, fields in (
        ("incident", {"kind": "COM-02", "text": bad}),
        ("pause", {"reason": bad}),
        ("reprendre", {}),
        ("temps", {"minutes": "5", "reason": bad}),
        ("arreter", {"cause": "technical", "reason": bad}),
    ):
        proctor.get(address)
        proctor.submit(f"{address}/{action}", fields)
        assert bad in proctor.follow().text or action == "reprendre"
    candidate.get("/candidat/test")
    world.close_day()
    jury = world.staff("jury")
    page = jury.get(f"/jury/sessions/{world.session}")
    case = next(a.split("?")[0] for a in page.links() if a.startswith("/jury/incidents/"))
    assert bad in jury.get(case).text
    jury.submit(case, {"decision": "no_effect", "reason": bad})
    assert bad in jury.get(case).text
    jury.get(f"/jury/sessions/{world.session}/journal")
    world.publish()
    manager = world.staff("centre")
    for path in ("", "/journal", "/resultats"):
        assert "<SCRIPT>" in manager.get(f"/centre/sessions/{world.session}{path}").text
    candidate.get("/candidat/resultat")
    assert "<script>" in candidate.page.text


def test_a_session_without_candidates_closes_and_is_published(world: World):
    with world.house.db.write() as connection:
        for table in ("session_event", "sitting"):
            sql(connection, f"DELETE FROM {table} WHERE session_id = ?", (world.session,))
    for login, path in (
        ("centre", "/centre/sessions/"),
        ("surveillant", "/surveillance/"),
        ("jury", "/jury/sessions/"),
    ):
        world.staff(login).get(f"{path}{world.session}")
    world.close_day()
    world.publish()
    page = world.staff("centre").get(f"/centre/sessions/{world.session}/resultats")
    assert "Personne n'a passé le test dans cette session." in page.text
