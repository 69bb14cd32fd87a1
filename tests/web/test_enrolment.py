"""The manager's morning: log in, plan, enrol, hand out a code."""

from datetime import date

import pytest

from tests.web.browser import Browser
from tests.web.sql import sql
from tests.web.world import Seat, World

GOOD = {
    "last_name": "Durand",
    "first_name": "Zoé",
    "birth_date": "1987-02-28",
    "email": "zoe.durand@exemple.fr",
    "track": "first_degree",
    "target": "confirme",
    "extra_minutes": "0",
}


@pytest.fixture
def manager(world: World) -> Browser:
    """The manager before the form of the demo session."""
    browser = world.staff("centre")
    browser.get(f"/centre/sessions/{world.session}/inscrire")
    return browser


def enrol(manager: Browser, world: World, expect: int = 303, **fields: str):
    return manager.submit(f"/centre/sessions/{world.session}/inscrire", GOOD | fields, expect)


def test_a_manager_logs_in_and_sees_the_sessions_of_the_centre(world: World):
    browser = world.browser()
    assert browser.get("/centre", expect=303).headers["Location"] == "/connexion?next=/centre"
    browser.follow()
    browser.post("/connexion?next=/centre", {"login": " CENTRE ", "password": "palier-demonstration"})
    page = browser.follow()
    assert page.path == "/centre"
    assert "Session de démonstration" in page.text
    assert "Session de Lyon" not in page.text
    assert "Nadia Ferrand · Responsable de centre" in page.text


def test_who_logs_out_is_forgotten(world: World):
    browser = world.staff("centre")
    browser.submit("/deconnexion")
    browser.follow()
    browser.get("/centre", expect=303)


def test_an_account_that_was_closed_cannot_log_in_nor_go_on(world: World):
    browser = world.staff("centre")
    with world.house.db.write() as connection:
        sql(connection, "UPDATE account SET is_active = FALSE WHERE login = 'centre'")
    browser.get("/centre", expect=303)
    browser.get("/connexion")
    page = browser.submit("/connexion", {"login": "centre", "password": "palier-demonstration"}, expect=401)
    assert page.alert == "Identifiant ou mot de passe incorrect. Vérifiez-les, puis recommencez."


@pytest.mark.parametrize(("login", "password"), [("centre", "wrong-password"), ("nobody", "palier-demonstration")])
def test_a_login_does_not_tell_what_was_wrong(world: World, login: str, password: str):
    browser = world.browser()
    browser.get("/connexion")
    page = browser.submit("/connexion", {"login": login, "password": password}, expect=401)
    assert page.alert == "Identifiant ou mot de passe incorrect. Vérifiez-les, puis recommencez."
    assert password not in page.html


def test_an_empty_login_form_says_what_is_missing(world: World):
    browser = world.browser()
    browser.get("/connexion")
    page = browser.submit("/connexion", expect=400)
    assert page.errors == {"login": "Indiquez votre identifiant.", "password": "Indiquez votre mot de passe."}


def test_an_enrolment_shows_the_personal_code_once(manager: Browser, world: World):
    enrol(manager, world)
    page = manager.follow()
    code = page.root.one("span", id="code").text
    assert page.heading == "Convocation – Zoé Durand"
    assert len(code) == 9
    again = manager.get(page.path)
    assert code not in again.text
    assert "n'est pas conservé en clair" in again.text
    with world.house.db.read() as connection:
        dump = sql(connection, "SELECT * FROM sitting").all()
    assert code not in str(dump)
    assert code.replace("-", "") not in str(dump)


def test_a_new_code_takes_the_place_of_the_old_one(world: World):
    manager = world.staff("centre")
    manager.get(f"/centre/passations/{world.camille.sitting}/code")
    manager.submit(f"/centre/passations/{world.camille.sitting}/code")
    fresh = manager.follow().root.one("span", id="code").text
    candidate = world.waiting(world.camille)
    proctor = world.staff("surveillant")
    proctor.get(f"/surveillance/candidats/{world.camille.sitting}")
    proctor.submit(f"/surveillance/candidats/{world.camille.sitting}/autoriser", {"identity_checked": "yes"})
    candidate.get("/candidat/attente")
    candidate.submit("/candidat/code", {"code": world.camille.code}, expect=401)
    candidate.submit("/candidat/code", {"code": fresh})


def test_a_proctor_can_make_a_new_code_too(world: World):
    proctor = world.staff("surveillant")
    proctor.get(f"/surveillance/candidats/{world.camille.sitting}")
    proctor.submit(f"/surveillance/candidats/{world.camille.sitting}/code")
    page = proctor.follow()
    assert "Nouveau code personnel de MOREAU Camille" in page.text
    assert "Nouveau code personnel remis" in page.text
    assert "Nouveau code personnel de MOREAU Camille" not in proctor.get(page.path).text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("last_name", "", "Indiquez le nom."),
        ("last_name", "  ", "Indiquez le nom."),
        ("last_name", "x" * 101, "Pas plus de 100 caractères."),
        ("first_name", "", "Indiquez le prénom."),
        ("birth_date", "", "Indiquez la date de naissance : jour, mois, année."),
        ("birth_date", "31/02/1985", "Cette date n'existe pas. Écrivez jour/mois/année, par exemple 12/03/1985."),
        ("birth_date", "hier", "Cette date n'existe pas. Écrivez jour/mois/année, par exemple 12/03/1985."),
        ("birth_date", "1885-03-12", "Cette date de naissance n'est pas plausible. Vérifiez l'année."),
        ("birth_date", "2025-03-12", "Cette date de naissance n'est pas plausible. Vérifiez l'année."),
        ("email", "", "Indiquez une adresse électronique."),
        ("email", "zoe", "Cette adresse n'est pas complète (nom@domaine.fr)."),
        ("email", "zoe@exemple", "Cette adresse n'est pas complète (nom@domaine.fr)."),
        ("track", "", "Choisissez le parcours."),
        ("target", "", "Choisissez le niveau visé."),
        ("extra_minutes", "-1", "Donnez un nombre de minutes entre 0 et 240."),
        ("extra_minutes", "241", "Donnez un nombre de minutes entre 0 et 240."),
    ],
)
def test_a_wrong_field_is_told_in_french_beside_the_field(
    manager: Browser, world: World, field: str, value: str, sentence: str
):
    page = enrol(manager, world, expect=400, **{field: value})
    assert page.errors == {field: sentence}
    assert len(world.seats) == _enrolled(world)


@pytest.mark.parametrize(
    ("field", "value"), [("extra_minutes", "vingt"), ("track", "third_degree"), ("target", "dieu")]
)
def test_what_no_browser_sends_is_told_in_french_too(manager: Browser, world: World, field: str, value: str):
    page = enrol(manager, world, expect=400, **{field: value})
    assert set(page.errors) == {field}
    english = {"not", "valid", "choice", "integer", "value"}
    assert not english & set(page.errors[field].lower().rstrip(".").split()), page.errors


def test_a_form_with_errors_keeps_what_was_typed(manager: Browser, world: World):
    page = enrol(manager, world, expect=400, email="")
    assert page.root.one("input", name="last_name")["value"] == "Durand"
    assert [o["value"] for o in page.root.one("select", name="track").all("option") if o.has("selected")] == [
        "first_degree"
    ]


def test_nobody_is_enrolled_twice_in_a_session_however_the_name_is_spelled(manager: Browser, world: World):
    enrol(manager, world)
    manager.get(f"/centre/sessions/{world.session}/inscrire")
    page = enrol(manager, world, expect=409, last_name="DURAND", first_name="zoe")
    assert page.alert == "Cette personne est déjà inscrite à cette session."
    manager.get(f"/centre/sessions/{world.session}/inscrire")
    enrol(manager, world, birth_date="1987-03-01")  # somebody else of the same name


def test_a_date_may_be_written_as_french_people_do(manager: Browser, world: World):
    enrol(manager, world, birth_date="28/02/1987")
    manager.follow()
    page = manager.get(f"/centre/sessions/{world.session}")
    assert "28 février 1987" in page.text


@pytest.mark.parametrize(
    ("fields", "duration"),
    [
        ({}, "2 h 30"),
        ({"extra_third": "y"}, "3 h 20"),
        ({"extra_minutes": "20"}, "2 h 50"),
        ({"extra_third": "y", "extra_minutes": "15"}, "3 h 35"),
        ({"extra_minutes": ""}, "2 h 30"),
    ],
)
def test_extra_time_belongs_to_the_enrolment(manager: Browser, world: World, fields: dict[str, str], duration: str):
    enrol(manager, world, **fields)
    page = manager.follow()
    facts = page.root.one("dl").text
    assert f"Durée {duration} Code" in facts
    code = page.root.one("span", id="code").text
    sitting = manager.page.path.split("/")[3]
    zoe = Seat(sitting, world.camille.session_code, "Durand", "Zoé", _born(), code)
    assert f"en {duration}" in world.recognised(zoe).page.text
    assert duration in world.entered(zoe).page.text


def test_a_manager_plans_a_session(world: World):
    manager = world.staff("centre")
    manager.get("/centre/sessions/nouvelle")
    proctor = world.person("surveillant").id
    manager.submit(
        "/centre/sessions/nouvelle",
        {
            "label": "Certification du matin",
            "starts_at": "2026-12-01T08:30",
            "mode": "remote",
            "place": "https://visio.exemple.fr/salle",
            "proctors": [proctor],
        },
    )
    page = manager.follow()
    assert page.heading == "Certification du matin"
    assert "mardi 1 décembre 2026 à 8 h 30" in page.text
    assert "Prévue" in page.text
    assert "Paul Keller" in page.text
    assert "Session créée" in page.text


def test_an_empty_session_form_says_what_is_missing(world: World):
    manager = world.staff("centre")
    manager.get("/centre/sessions/nouvelle")
    page = manager.submit("/centre/sessions/nouvelle", {"mode": "on_site"}, expect=400)
    for sentence in (
        "Donnez un intitulé à la session.",
        "Indiquez la date et l'heure.",
        "Indiquez le lieu.",
        "Choisissez au moins un surveillant.",
    ):
        assert sentence in page.text


def test_a_proctor_of_another_centre_cannot_be_named(world: World):
    manager = world.staff("centre")
    manager.get("/centre/sessions/nouvelle")
    far = world.person("surveillant-lyon").id
    fields = {"label": "X", "starts_at": "2026-12-01T08:30", "mode": "on_site", "place": "Y", "proctors": [far]}
    page = manager.post("/centre/sessions/nouvelle", fields, expect=400)
    assert page.heading == "Nouvelle session"


def test_a_remote_session_has_nine_places_for_a_proctor(world: World):
    manager = world.staff("centre-lyon")
    address = f"/centre/sessions/{world.foreign_session}/inscrire"
    for n in range(8):  # Zoé has the first place
        manager.get(address)
        manager.submit(address, GOOD | {"last_name": f"Durand {n}"})
    manager.get(address)
    page = manager.submit(address, GOOD | {"last_name": "Durand de trop"}, expect=409)
    assert page.alert == "Cette session est complète : un surveillant à distance suit neuf candidats au plus."


def test_nobody_is_enrolled_in_a_session_that_is_over(manager: Browser, world: World):
    world.close_day()
    page = enrol(manager, world, expect=409)
    assert page.alert == "La session est terminée : plus aucune inscription n'est possible."


def test_a_centre_opens_its_session_once(world: World):
    manager = world.staff("centre")
    manager.get("/centre/sessions/nouvelle")
    proctor = world.person("surveillant").id
    fields = {"label": "X", "starts_at": "2026-12-01T08:30", "mode": "on_site", "place": "Y", "proctors": [proctor]}
    manager.submit("/centre/sessions/nouvelle", fields)
    address = manager.follow().path
    manager.submit(f"{address}/ouvrir")
    assert "Ouverte" in manager.follow().text
    page = manager.post(f"{address}/ouvrir", expect=409)
    assert page.alert == "La session n'est pas dans l'état qui permet cette action."


def _enrolled(world: World) -> int:
    with world.house.db.read() as connection:
        query = "SELECT count(*) FROM sitting WHERE session_id = ?"
        return int(sql(connection, query, (world.session,)).scalar_one())


def _born() -> date:
    return date(1987, 2, 28)
