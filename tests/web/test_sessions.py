"""A session before its day: planned, copied, changed, put off, called off."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.delivery.session import Mode
from engine.items.frameworks import Level, Track
from engine.kernel import SessionId
from tests.web.browser import Browser
from tests.web.sql import sql
from tests.web.test_statements import statements
from tests.web.world import MORNING, World
from web.db import sessions, sittings
from web.services import capacity, codes, enrolment, planning
from web.services.codes import ALPHABET, LOOK_ALIKES, new_code
from web.services.enrolment import NewSession


@pytest.fixture
def manager(world: World) -> Browser:
    return world.staff("centre")


def plan(world: World, label: str = "Matin", days: float = 3, mode: Mode = Mode.ON_SITE, **more: object) -> SessionId:
    """One more session of the centre."""
    told = {"place": "Salle 3", "proctors": (world.person("surveillant").id,)} | more
    new = NewSession(label, mode, starts_at=world.clock() + timedelta(days=days), **told)
    return enrolment.create_session(world.house, world.person("centre"), new, world.clock())


def slot(world: World, session: SessionId) -> sessions.Session:
    with world.house.db.read() as connection:
        return sessions.load(connection, session)


def fill(world: World, session: SessionId, count: int) -> list[enrolment.Place]:
    found, born = [], world.camille.birth_date
    for n in range(count):
        new = enrolment.NewCandidate(
            f"Durand {chr(65 + n)}", "Zoé", born, "x@exemple.fr", Track.FIRST_DEGREE, Level.CONFIRME, False, 0
        )
        found.append(enrolment.enrol(world.house, world.person("centre"), session, new, world.clock()))
    return found


def notes(world: World, session: SessionId) -> dict[str, dict[str, object]]:
    with world.house.db.read() as connection:
        return {n.kind: dict(n.data) for n in sessions.notes(connection, session)}


FIELDS = {"label": "Soir", "starts_at": "2026-12-01T18:30", "mode": "remote", "place": "À distance"}


@pytest.mark.parametrize("starts_at", ["2026-11-22T08:30", "2026-11-23T07:59", "1999-01-01T00:00"])
def test_a_session_in_the_past_is_refused_by_name(world: World, manager: Browser, starts_at: str):
    manager.get("/centre/sessions/nouvelle")
    fields = FIELDS | {"starts_at": starts_at, "proctors": [world.person("surveillant").id]}
    page = manager.submit("/centre/sessions/nouvelle", fields, expect=400)
    assert page.alert == "Cette date est passée. Choisissez un jour et une heure à venir."
    assert page.root.one("input", name="label")["value"] == "Soir"


def test_a_session_that_begins_now_can_still_be_put_down(world: World, manager: Browser):
    world.clock.forward(minutes=40)
    manager.get("/centre/sessions/nouvelle")
    fields = FIELDS | {"starts_at": "2026-11-23T09:00", "proctors": [world.person("surveillant").id]}
    manager.submit("/centre/sessions/nouvelle", fields)


@pytest.mark.parametrize(
    ("link", "is_good"),
    [
        ("", True),
        ("https://visio.exemple.fr/salle?n=1", True),
        (" https://visio.exemple.fr/salle ", True),
        ("http://visio.exemple.fr/salle", False),
        ("javascript:alert(1)", False),
        ("visio.exemple.fr", False),
        ("https://", False),
        ("https://a b.fr", False),
        ("https://visio.fr/" + "x" * 500, False),
    ],
)
def test_a_video_room_has_a_whole_and_safe_address(world: World, manager: Browser, link: str, is_good: bool):
    manager.get("/centre/sessions/nouvelle")
    fields = FIELDS | {"video_link": link, "proctors": [world.person("surveillant").id]}
    page = manager.submit("/centre/sessions/nouvelle", fields, expect=303 if is_good else 400)
    if is_good:
        assert link.strip() in manager.follow().text
    else:
        assert set(page.errors) == {"video_link"}


def test_a_copy_has_everything_but_the_date_and_the_candidates(world: World, manager: Browser):
    model = plan(world, "Après-midi", mode=Mode.REMOTE, video_link="https://visio.exemple.fr/x")
    fill(world, model, 2)
    manager.get(f"/centre/sessions/{model}")
    page = manager.get(f"/centre/sessions/{model}/dupliquer")
    assert page.root.one("input", name="starts_at").get("value") == ""
    manager.submit(page.path, {"starts_at": "2026-12-10T14:00"})
    page = manager.follow()
    made = slot(world, SessionId(page.path.split("/")[-1]))
    old = slot(world, model)
    assert (made.label, made.mode, made.place, made.video_link) == (old.label, old.mode, old.place, old.video_link)
    assert made.code != old.code
    assert "Personne n'est encore inscrit." in page.text
    assert "Paul Keller" in page.text
    assert notes(world, made.id)["created"] == {"copy_of": model}
    assert "sur le modèle d'une autre session" in page.text


def test_a_copy_without_a_date_is_not_made(world: World, manager: Browser):
    page = manager.get(f"/centre/sessions/{world.session}/dupliquer")
    page = manager.submit(page.path, expect=400)
    assert page.errors == {"starts_at": "Indiquez la date et l'heure."}


def test_a_planned_session_is_put_on_another_day_and_the_log_has_both(world: World, manager: Browser):
    session = plan(world)
    page = manager.get(f"/centre/sessions/{session}/date")
    assert page.root.one("input", name="starts_at")["value"] == "2026-11-26T09:00"
    manager.submit(page.path, {"starts_at": "2026-12-03T14:15"})
    page = manager.follow()
    assert slot(world, session).starts_at == datetime(2026, 12, 3, 13, 15, tzinfo=UTC)
    assert "du jeudi 26 novembre 2026 à 9 h 00 au jeudi 3 décembre 2026 à 14 h 15" in page.text
    assert page.text.count("Session reportée") == 1


def test_the_same_day_again_is_no_change(world: World, manager: Browser):
    session = plan(world)
    page = manager.get(f"/centre/sessions/{session}/date")
    manager.submit(page.path)
    assert "rescheduled" not in notes(world, session)


def test_a_session_is_not_put_into_the_past_nor_moved_once_it_is_open(world: World, manager: Browser):
    session = plan(world)
    page = manager.get(f"/centre/sessions/{session}/date")
    page = manager.submit(page.path, {"starts_at": "2026-11-20T09:00"}, expect=400)
    assert page.alert == "Cette date est passée. Choisissez un jour et une heure à venir."
    enrolment.open_session(world.house, world.person("centre"), session, world.clock())
    page = manager.post(page.path, {"starts_at": "2026-12-20T09:00"}, expect=409)
    assert "cette session est ouverte" in page.text
    assert slot(world, session).starts_at == MORNING + timedelta(days=3)


def test_particulars_are_changed_and_the_log_tells_how(world: World, manager: Browser):
    session = plan(world)
    page = manager.get(f"/centre/sessions/{session}/modifier")
    neighbour = world.person("voisin").id
    manager.submit(page.path, {"label": "Matin bis", "place": "Salle 4", "proctors": [neighbour]})
    page = manager.follow()
    assert page.heading == "Matin bis"
    assert "Inès Da Silva" in page.text
    assert "intitulé : « Matin » → « Matin bis », lieu : « Salle 3 » → « Salle 4 », surveillants" in page.text
    world.staff("voisin").get(f"/surveillance/{session}")
    world.staff("surveillant").get(f"/surveillance/{session}", expect=404)


def test_a_proctor_of_another_centre_is_not_put_into_a_session(world: World, manager: Browser):
    session = plan(world)
    manager.get(f"/centre/sessions/{session}/modifier")
    fields = {"label": "X", "place": "Y", "proctors": [world.person("surveillant-lyon").id]}
    manager.post(manager.page.path, fields, expect=400)
    particulars = planning.Particulars("X", "Y", (world.person("surveillant-lyon").id,))
    with pytest.raises(enrolment.UnknownProctor):
        planning.edit(world.house, world.person("centre"), session, particulars, world.clock())
    assert slot(world, session).label == "Matin"


def test_a_remote_session_keeps_enough_proctors_for_those_enrolled(world: World, manager: Browser):
    both = (world.person("surveillant").id, world.person("voisin").id)
    session = plan(world, mode=Mode.REMOTE, proctors=both)
    fill(world, session, 10)
    assert "10 sur 18" in manager.get(f"/centre/sessions/{session}").text
    page = manager.get(f"/centre/sessions/{session}/modifier")
    page = manager.submit(page.path, {"proctors": [both[0]]}, expect=409)
    assert page.alert.endswith("10 candidats sont inscrits : gardez assez de surveillants, ou déplacez-en.")
    manager.submit(page.path, {"proctors": list(both), "label": "Deux"})


def test_a_session_is_called_off_with_a_reason_and_its_enrolments_with_it(world: World, manager: Browser):
    session = plan(world)
    places = fill(world, session, 2)
    page = manager.get(f"/centre/sessions/{session}/annuler")
    assert "Les inscriptions des 2 candidats seront annulées" in page.text
    page = manager.submit(page.path, expect=400)
    assert page.errors == {"reason": "Indiquez le motif."}
    manager.submit(page.path, {"reason": "Grève des transports"})
    page = manager.follow()
    assert "Cette session est annulée" in page.text
    assert page.text.count("Grève des transports") >= 3  # the session's own note, and each enrolment
    assert "0 prise" in page.text
    with world.house.db.read() as connection:
        states = {sittings.load(connection, p.sitting).sitting.state for p in places}
    assert states == {"cancelled"}
    assert "Annulée" in manager.get("/centre").text
    for path in ("inscrire", "ouvrir", "annuler"):
        manager.get(f"/centre/sessions/{session}")
        manager.post(f"/centre/sessions/{session}/{path}", {"reason": "x"}, expect=0)
    assert slot(world, session).state == "cancelled"


def test_a_session_that_is_open_is_not_called_off(world: World, manager: Browser):
    page = manager.get(f"/centre/sessions/{world.session}/annuler")
    assert "On n'annule qu'une session qui n'a pas été ouverte : celle-ci est ouverte." in page.text
    manager.post(page.path, {"reason": "x"}, expect=409)
    assert world.sitting(world.camille).state == "enrolled"


def test_a_candidate_of_a_session_that_was_called_off_is_told_so(world: World):
    session = plan(world)
    [place] = fill(world, session, 1)
    planning.cancel(world.house, world.person("centre"), session, "Panne", world.clock())
    browser = world.browser()
    browser.get("/candidat")
    seat = {
        "last_name": "Durand A", "first_name": "Zoé", "birth_date": world.camille.birth_date.isoformat(),
        "session_code": slot(world, session).code,
    }  # fmt: skip
    browser.submit("/candidat", seat)
    assert browser.follow().heading == "Votre inscription est annulée"
    with world.house.db.read() as connection:
        assert sittings.load(connection, place.sitting).sitting.state == "cancelled"


def test_sessions_stand_under_today_to_come_and_over(world: World, manager: Browser):
    plan(world, "Bientôt", 2)
    plan(world, "Plus tard", 9)
    plan(world, "Ce soir", 0.4)
    planning.cancel(world.house, world.person("centre"), plan(world, "Rien", 4), "Panne", world.clock())
    assert _groups(manager) == {
        "Aujourd'hui et en cours": ["Session de démonstration", "Ce soir"],
        "À venir": ["Bientôt", "Rien", "Plus tard"],
    }
    world.clock.forward(days=3)
    assert _groups(manager) == {
        "Aujourd'hui et en cours": ["Session de démonstration"],  # it is open still
        "À venir": ["Rien", "Plus tard"],
        "Passées": ["Bientôt", "Ce soir"],
    }
    assert manager.page.text.count("Jamais ouverte") == 2


def test_a_session_is_found_by_words_code_and_date(world: World, manager: Browser):
    wanted = plan(world, "Évaluation d'été", 2, place="Lycée Faidherbe")
    plan(world, "Autre", 2)
    for words in ("evaluation", "été faidherbe", slot(world, wanted).code, "25/11/2026 lycee"):
        assert list(_groups(manager, words).values()) == [["Évaluation d'été"]]
    assert "0 session pour « zzz »" in manager.get("/centre?q=zzz").text
    assert "Aucune session ne correspond." in manager.page.text


def test_old_sessions_are_shown_when_they_are_asked_for(world: World, manager: Browser):
    for n in range(23):
        plan(world, f"Numéro {n}", 1 + n / 100)
    world.clock.forward(days=30)
    assert len(_groups(manager)["Passées"]) == 20
    page = manager.get("/centre")
    assert "Montrer les 3 sessions plus anciennes" in page.text
    assert len(_groups(manager, address="/centre?tout=1")["Passées"]) == 23


def test_a_centre_without_sessions_is_told_how_to_begin(world: World):
    manager = world.staff("centre-lyon")
    with world.house.db.write() as connection:
        sql(connection, "UPDATE exam_session SET centre_id = 'demo'")
    page = manager.get("/centre")
    assert "Aucune session pour l'instant" in page.text


def test_a_session_page_tells_places_states_and_finds_a_candidate(world: World, manager: Browser):
    for n in range(12):
        world.enrolled(f"Durand {chr(65 + n)}", external_id=f"N-{n:02}")
    world.start(world.camille)
    page = manager.get(f"/centre/sessions/{world.session}")
    assert "Candidats (15)" in page.text
    assert "15 prises, sans limite" in page.text
    assert "En cours : 1" in page.text
    assert "Inscrit : 14" in page.text
    search = f"/centre/sessions/{world.session}/recherche"
    manager.submit(search, {"words": "n-07"})
    page = manager.follow()
    assert [th.text.split(" 17")[0] for th in page.root.all("th") if th.get("scope") == "row"] == ["DURAND H Alix"]
    manager.submit(search, {"words": "zzz"})
    assert "Personne ne correspond à « zzz »" in manager.follow().text
    manager.post(search)
    assert "Candidats (15)" in manager.follow().text


def test_a_new_code_is_made_until_it_is_free(world: World, monkeypatch: pytest.MonkeyPatch):
    taken = slot(world, world.session).code
    drawn = iter([taken, taken, "ACD-EFH"])
    monkeypatch.setattr(enrolment, "new_code", lambda *_: next(drawn))
    assert slot(world, plan(world)).code == "ACD-EFH"


def test_the_room_is_counted_without_reading_any_log(world: World):
    world.start(world.camille)
    with statements(world) as sent, world.house.db.read() as connection:
        room = capacity.room_in(connection, slot(world, world.session))
    assert room == capacity.Room(3, None)
    assert not [s for s in sent if "sitting_event.data" in s]


@given(st.integers(1, 4), st.integers(1, 6))
def test_a_code_has_no_two_signs_that_are_taken_for_one_another(groups: int, length: int):
    code = new_code(groups, length)
    assert [len(part) for part in code.split("-")] == [length] * groups
    signs = set(code) - {"-"}
    assert signs <= set(ALPHABET)
    for alike in LOOK_ALIKES:
        assert len(set(ALPHABET) & set(alike)) <= 1
    assert codes.canonical(code.lower().replace("-", " ")) == code.replace("-", "")


def test_all_signs_of_a_code_are_drawn_about_equally_often():
    drawn = "".join(new_code(1, 10) for _ in range(1900))
    counts = [drawn.count(sign) for sign in ALPHABET]
    assert min(counts) > 800  # 1000 each; seven standard deviations
    assert max(counts) < 1200


def _groups(manager: Browser, words: str = "", address: str = "") -> dict[str, list[str]]:
    """The labels of sessions under each heading."""
    page = manager.get(address or f"/centre{f'?q={words}' if words else ''}")
    found = {}
    for section in page.root.all("section"):
        labels = [
            next(s for s in th.children if isinstance(s, str)) for th in section.all("th") if th.get("scope") == "row"
        ]
        if labels:
            found[section.one("h2").text.split(" (")[0]] = [" ".join(s.replace("’", "'").split()) for s in labels]
    return found


def test_before_its_day_a_session_is_opened_only_after_a_warning(world: World) -> None:
    session = enrolment.create_session(
        world.house,
        world.person("centre"),
        NewSession(
            "Demain", Mode.ON_SITE, "Salle 1", world.clock() + timedelta(days=1), (world.person("surveillant").id,)
        ),
        world.clock(),
    )
    manager = world.staff("centre")
    assert "Ouvrir avant le jour ?" in manager.get(f"/centre/sessions/{session}").text
    world.clock.forward(days=1)
    page = world.staff("centre").get(f"/centre/sessions/{session}")
    assert "Ouvrir la session" in page.text
    assert "Ouvrir avant le jour" not in page.text
