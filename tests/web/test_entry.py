"""How a candidate gets in: recognised, waiting, authorised, with a code that works once."""

import pytest

from tests.web.world import World, right_reply
from web.services import supervision

UNKNOWN = (
    "Nous ne trouvons pas d'inscription avec ces informations. Vérifiez votre nom, votre prénom, votre date de "
    "naissance et le code de session, puis recommencez."
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_name": "Moro"},
        {"first_name": "Kamille"},
        {"birth_date": "1985-03-13"},
        {"session_code": "AAA-AAA"},
        {"session_code": "?"},
        {"last_name": "Moro", "birth_date": "1985-03-13", "session_code": "AAA-AAA"},
        {"last_name": "Camille", "first_name": "Moreau"},
        {"last_name": "Petit", "first_name": "Zoé", "birth_date": "1980-01-02"},  # enrolled in another session
    ],
)
def test_which_part_is_wrong_is_never_told(world: World, wrong: dict[str, str]):
    browser = world.browser()
    browser.get("/candidat")
    page = browser.submit("/candidat", world.camille.identity | wrong, expect=401)
    assert page.alert == UNKNOWN
    assert page.errors == {}


@pytest.mark.parametrize(
    "spelled",
    [
        {"last_name": "LE GOFF", "first_name": "ANNE-LISE"},
        {"last_name": "le-goff", "first_name": "anne lise"},
        {"last_name": "  Le  Goff ", "first_name": "Ànne—Lise"},
        {"last_name": "legoff", "first_name": "annelise"},
    ],
)
def test_case_accents_spaces_and_hyphens_are_forgiven(world: World, spelled: dict[str, str]):
    browser = world.browser()
    browser.get("/candidat")
    code = world.anne_lise.session_code.lower().replace("-", " ")
    browser.submit("/candidat", world.anne_lise.identity | spelled | {"session_code": code})
    assert browser.follow().path == "/candidat/consignes"


def test_an_empty_identity_form_says_what_is_missing(world: World):
    browser = world.browser()
    browser.get("/candidat")
    page = browser.submit("/candidat", expect=400)
    assert set(page.errors) == {"last_name", "first_name", "birth_date", "session_code"}


def test_nothing_of_a_test_is_shown_to_who_was_not_recognised(world: World):
    browser = world.browser()
    for path in (
        "ici",
        "consignes",
        "attente",
        "attente/etat",
        "test",
        "test/terminer",
        "resultat",
        "test/fichier/x/x",
    ):
        page = browser.get(f"/candidat/{path}", expect=403)
        assert page.alert == "Identifiez-vous pour accéder à votre test."


def test_the_instructions_greet_and_lead_to_the_waiting_room(world: World):
    browser = world.recognised(world.camille)
    assert browser.page.heading == "Bonjour Camille, voici comment se passe le test"
    browser.submit("/candidat/consignes")
    page = browser.follow()
    assert page.path == "/candidat/attente"
    assert "Votre surveillant va vérifier votre identité" in page.text


def test_the_console_shows_who_waits_first(world: World):
    proctor = world.staff("surveillant")
    before = proctor.get(f"/surveillance/{world.session}")
    assert not before.has_form(f"/surveillance/candidats/{world.idriss.sitting}/autoriser")
    world.waiting(world.idriss)
    page = proctor.get(f"/surveillance/{world.session}")
    first = next(page.root.one("tbody").all("tr"))
    assert "BENALI Idriss" in first.text
    assert "À autoriser" in first.text
    assert page.has_form(f"/surveillance/candidats/{world.idriss.sitting}/autoriser")


def test_the_piece_that_the_console_fetches_says_when_nothing_changed(world: World):
    proctor = world.staff("surveillant")
    piece = proctor.get(f"/surveillance/{world.session}/etat")
    tag = {"If-None-Match": piece.headers["ETag"]}
    assert proctor.get(f"/surveillance/{world.session}/etat", expect=304, headers=tag).body == b""
    world.waiting(world.idriss)
    assert "À autoriser" in proctor.get(f"/surveillance/{world.session}/etat", headers=tag).text


def test_the_waiting_room_says_when_nothing_changed(world: World):
    browser = world.waiting(world.camille)
    tag = {"If-None-Match": browser.get("/candidat/attente/etat").headers["ETag"]}
    browser.get("/candidat/attente/etat", expect=304, headers=tag)
    _authorise(world)
    assert "Saisissez votre code personnel" in browser.get("/candidat/attente/etat", headers=tag).text


def test_nobody_is_let_in_before_the_identity_is_ticked(world: World):
    world.waiting(world.camille)
    proctor = world.staff("surveillant")
    proctor.get(f"/surveillance/{world.session}")
    proctor.submit(f"/surveillance/candidats/{world.camille.sitting}/autoriser")
    page = proctor.follow()
    assert page.path == f"/surveillance/{world.session}"
    assert "Cochez « Identité vérifiée »" in page.text
    assert world.sitting(world.camille).authorised_at is None
    proctor.submit(f"/surveillance/candidats/{world.camille.sitting}/autoriser", {"identity_checked": "yes"})
    assert "Entrée autorisée." in proctor.follow().text
    assert world.sitting(world.camille).authorised_at == world.clock()


def test_who_is_not_waiting_cannot_be_let_in(world: World):
    proctor = world.staff("surveillant")
    proctor.get(f"/surveillance/{world.session}")
    proctor.post(f"/surveillance/candidats/{world.camille.sitting}/autoriser", {"identity_checked": "yes"})
    assert "Cette action n'est plus possible" in proctor.follow().text


def test_a_wrong_code_is_told_as_such_and_a_right_one_lets_in(world: World):
    browser = world.waiting(world.camille)
    _authorise(world)
    browser.get("/candidat/attente")
    page = browser.submit("/candidat/code", {"code": "AAAA-AAAA"}, expect=401)
    assert page.alert.startswith("Ce n'est pas le bon code.")
    browser.submit("/candidat/code", {"code": world.idriss.code}, expect=401)
    browser.submit("/candidat/code", {"code": f" {world.camille.code.lower().replace('-', ' ')} "})
    page = browser.follow()
    assert page.heading == "Tout est prêt"
    assert "2 h 30" in page.text


def test_an_empty_code_says_so(world: World):
    browser = world.waiting(world.camille)
    _authorise(world)
    browser.get("/candidat/attente")
    page = browser.submit("/candidat/code", expect=400)
    assert page.errors == {"code": "Indiquez votre code personnel : huit caractères, sur votre convocation."}


def test_the_right_code_without_an_authorisation_does_not_let_in(world: World):
    browser = world.waiting(world.camille)
    page = browser.post("/candidat/code", {"code": world.camille.code}, expect=403)
    assert page.alert == "Votre surveillant doit d'abord autoriser votre entrée. Attendez son signal."


def test_an_authorisation_is_good_for_one_entry(world: World):
    world.entered(world.camille)
    other = world.recognised(world.camille, "192.0.2.7")
    page = other.post("/candidat/code", {"code": world.camille.code}, expect=403)
    assert page.alert == "Votre surveillant doit d'abord autoriser votre entrée. Attendez son signal."


@pytest.mark.parametrize(("minutes", "expect"), [(15, 303), (15.1, 403)])
def test_an_authorisation_lasts_fifteen_minutes(world: World, minutes: float, expect: int):
    browser = world.waiting(world.camille)
    _authorise(world)
    world.clock.forward(minutes=minutes)
    browser.get("/candidat/attente")
    browser.submit("/candidat/code", {"code": world.camille.code}, expect)


def test_a_candidate_may_be_refused_with_a_reason(world: World):
    browser = world.waiting(world.camille)
    proctor = world.staff("surveillant")
    address = f"/surveillance/candidats/{world.camille.sitting}"
    proctor.get(address)
    proctor.submit(f"{address}/refuser")
    assert "Indiquez un motif." in proctor.follow().text
    proctor.submit(f"{address}/refuser", {"reason": "Pièce d'identité absente"})
    assert "Pièce d'identité absente" in proctor.follow().text
    browser.get("/candidat/ici", expect=303)
    assert browser.follow().heading == "Vous n'avez pas été admis à composer"


def test_a_session_that_is_not_open_lets_nobody_in(world: World):
    browser = world.recognised(world.camille)
    world.close_day()
    page = browser.post("/candidat/consignes", expect=409)
    assert page.alert.startswith("La session n'est pas ouverte en ce moment.")
    assert "est terminée" in browser.get("/candidat/consignes").text


def test_the_clock_starts_with_the_first_item_and_not_before(world: World):
    browser = world.entered(world.camille)
    world.clock.forward(minutes=30)
    assert world.sitting(world.camille).clock is None
    browser.submit("/candidat/test/commencer")
    page = browser.follow()
    assert page.heading == "Question 1 sur 16, partie 1"
    assert "Temps restant 2 h 30" in page.text
    assert world.sitting(world.camille).clock.started_at == world.clock()


def test_starting_twice_starts_once(world: World):
    browser = world.entered(world.camille)
    browser.submit("/candidat/test/commencer")
    browser.get("/candidat/test")
    version = world.sitting(world.camille).version
    browser.post("/candidat/test/commencer")
    assert world.sitting(world.camille).version == version


def test_who_comes_back_is_led_to_where_they_were(world: World):
    browser = world.recognised(world.camille)
    assert browser.get("/candidat/ici", expect=303).headers["Location"] == "/candidat/consignes"
    browser = world.waiting(world.camille)
    assert browser.get("/candidat/ici", expect=303).headers["Location"] == "/candidat/attente"
    assert browser.get("/candidat/test", expect=303).headers["Location"] == "/candidat/ici"
    browser = world.running(world.idriss)
    for path in ("/candidat/ici", "/candidat/attente"):
        browser.get(path, expect=303)
        assert browser.follow().path == "/candidat/test"
    # Giving the identity again in the same browser needs no proctor.
    browser.get("/candidat")
    browser.submit("/candidat", world.idriss.identity)
    assert browser.follow().path == "/candidat/test"
    browser.submit("/candidat/test/reponse", {"action": "valider", **right_reply(world.on_screen(world.idriss))})


def test_leaving_forgets_the_candidate_in_this_browser(world: World):
    browser = world.taken_early(world.camille)
    browser.submit("/candidat/quitter")
    browser.follow()
    browser.get("/candidat/ici", expect=403)


def _authorise(world: World) -> None:
    supervision.authorise(world.house, world.person("surveillant"), world.camille.sitting, True, world.clock())
