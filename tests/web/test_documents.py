"""The papers of a session: tagged, true to the log, the same for the same facts, and no text is ever a command."""

import string
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from engine.delivery.events import AlertAccepted, Cancelled
from engine.delivery.session import Mode, SessionState
from engine.delivery.sitting import step
from engine.items.frameworks import Level, Track
from engine.kernel import IncidentId
from tests.web.paper import Paper
from tests.web.test_closing import alert, asked, check, store, told
from tests.web.world import Seat, World
from web import french
from web.db import incidents
from web.db import sittings as sitting_rows
from web.db.day_tables import FollowUp
from web.db.sessions import NoSuchSession
from web.db.tables import ExamSession, SittingRow
from web.now import wall_clock
from web.services import documents, enrolment, gate, supervision
from web.services.documents import NobodyToConvoke, WrongCodeGiven
from web.services.paper_facts import Convocations, Head, Letter
from web.services.typeset import _SURE, UNSHOWN, file_name, pdf, shown

SITE = "https://palier.exemple.fr/"


def convocations(world: World, *codes: Seat, only: Seat | None = None, login: str = "centre") -> Paper:
    """The convocations to the session."""
    known = {s.sitting: s.code for s in codes}
    sitting = only.sitting if only else None
    made = documents.convocations(world.house, world.person(login), world.session, known, SITE, sitting)
    return Paper(made.content)


def attendance(world: World) -> Paper:
    """The attendance sheet."""
    return Paper(documents.attendance(world.house, world.person("centre"), world.session).content)


def minutes(world: World) -> Paper:
    """The procès-verbal."""
    return Paper(documents.minutes(world.house, world.person("surveillant"), world.session).content)


def change(world: World, **values: object) -> None:
    """Change the session as its centre could have made it."""
    with world.house.db.write() as connection:
        connection.execute(update(ExamSession).where(ExamSession.id == world.session).values(**values))


def planned(world: World) -> Paper:
    """The attendance sheet before the session."""
    change(world, state=SessionState.PLANNED.value)
    return attendance(world)


def eventful(world: World) -> None:
    """A day on which everything happens that a procès-verbal tells; it is still open at its end."""
    house, proctor = world.house, world.person("surveillant")
    world.clock.forward(minutes=5)
    world.start(world.camille)
    world.start(world.idriss)
    world.clock.forward(minutes=20)
    for seat in (world.camille, world.idriss):
        supervision.pause(house, proctor, seat.sitting, "Alerte incendie", world.clock())
    world.clock.forward(minutes=6, seconds=12)
    for seat in (world.camille, world.idriss):
        supervision.resume(house, proctor, seat.sitting, world.clock())
    supervision.grant_time(house, proctor, world.idriss.sitting, 5, "Retour en salle", world.clock())
    told(world, None)
    asked(world, world.idriss)
    check(world, "problem", "Téléphone utilisé comme caméra")
    check(world, "problem", "Vu en direct", "why", "entry")
    incident = world.flag(world.camille, text="Téléphone sur la table")
    added = {"incident_id": incident, "author_id": proctor.id, "text": "Éteint et rangé", "at": world.clock()}
    store(world, FollowUp, id="more", **added)
    alert(world, world.camille)
    world.clock.forward(minutes=2)
    with house.db.write() as connection:
        sitting = sitting_rows.load(connection, world.camille.sitting).sitting
        sitting_rows.save(connection, step(sitting, AlertAccepted(world.clock(), proctor.id, "Image absente")))
    gate.check_in(house, world.idriss.sitting, world.clock())
    supervision.authorise(house, proctor, world.idriss.sitting, True, world.clock())
    gate.enter(house, world.idriss.sitting, world.idriss.code, "another", world.clock())
    world.clock.forward(minutes=10)
    supervision.terminate(house, proctor, world.camille.sitting, "Abandon annoncé", False, world.clock())
    supervision.terminate(house, proctor, world.idriss.sitting, "Panne du poste", True, world.clock())
    gate.check_in(house, world.anne_lise.sitting, world.clock())
    supervision.refuse(house, proctor, world.anne_lise.sitting, "Pièce d'identité absente", world.clock())


def signed(world: World) -> Paper:
    """The procès-verbal of such a day when it is signed."""
    eventful(world)
    world.close_day()
    world.clock.forward(minutes=9)
    world.finalise()
    return minutes(world)


PAPERS: dict[str, tuple[Callable[[World], Paper], str]] = {
    "convocations": (convocations, "Convocations, Session de démonstration"),
    "one convocation": (lambda w: convocations(w, w.camille, only=w.camille), "Convocation – Camille MOREAU"),
    "blank attendance sheet": (planned, "Feuille d'émargement"),
    "attendance sheet": (lambda w: (eventful(w), attendance(w))[1], "Feuille d'émargement"),
    "draft of the minutes": (lambda w: (eventful(w), minutes(w))[1], "Procès-verbal de session"),
    "minutes": (signed, "Procès-verbal de session"),
}


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_a_tagged_pdf_in_french(world: World, name: str):
    make, title = PAPERS[name]
    paper = make(world)
    root = paper.pdf.Root
    assert root.MarkInfo.Marked
    assert str(root.Lang) == "fr-FR"
    assert root.ViewerPreferences.DisplayDocTitle
    assert "<pdfuaid:part>1</pdfuaid:part>" in paper.metadata
    assert str(paper.pdf.docinfo["/Title"]) == title
    letters = len(paper.pages) if "convocation" in name else 1
    assert paper.tags["H1"] == letters
    assert paper.tags["H2"] >= letters
    assert len(paper.bookmarks) == paper.tags["H1"] + paper.tags["H2"] + paper.tags["H3"]
    if "convocation" in name:
        assert paper.tags["LI"] >= letters
    else:
        assert paper.tags["Table"] >= 1
        assert paper.tags["THead"] == paper.tags["TBody"] == paper.tags["Table"]
        assert all(str(th.A[0].Scope) == "/Column" for th in paper.of_type("TH"))
        assert f"page 1 / {len(paper.pages)}" in paper.pages[0]
    assert all(float(page.MediaBox[2]) in (pytest.approx(595.276), pytest.approx(841.89)) for page in paper.pdf.pages)


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_carries_its_fonts_and_the_text_can_be_read_out(world: World, name: str):
    paper = PAPERS[name][0](world)
    assert len(paper.fonts) >= 2
    for font in paper.fonts:
        about = font.DescendantFonts[0].FontDescriptor
        assert "/FontFile2" in about or "/FontFile3" in about
        assert isinstance(font.ToUnicode, pikepdf.Stream)
    assert UNSHOWN not in paper.text
    assert all(page.strip() for page in paper.pages)


@pytest.mark.parametrize("name", PAPERS)
def test_the_same_facts_make_the_same_bytes(world: World, name: str):
    def made() -> list[bytes]:
        manager, session = world.person("centre"), world.session
        return [
            documents.convocations(world.house, manager, session, {}, SITE).content,
            documents.attendance(world.house, manager, session).content,
            documents.minutes(world.house, manager, session).content,
        ]

    PAPERS[name][0](world)
    before = made()
    world.clock.forward(hours=30)
    documents.note_download(world.house, world.person("centre"), world.session, "minutes", world.clock())
    assert made() == before


def letter(name: str, place: str = "Salle 12") -> Convocations:
    """The facts of one convocation to anybody anywhere."""
    head = Head("Convocation", "Atelier", "Lille", "Session", "ABC-123", "")
    about = Letter(name, "2 mars 1985", "1er degré", "Avancé", "2 h 30", (), "")
    return Convocations(head, "lundi", False, place, "", "", "", (about,))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200), st.text(string.printable, max_size=200))
def test_any_text_is_shown_as_text(name: str, place: str):
    paper = Paper(pdf("convocation", letter(name, place), wall_clock()))
    got = sorted("".join(paper.text.split()))
    expected = sorted("".join(shown(name + place).split()))
    for sign in set(expected) - {UNSHOWN}:
        assert got.count(sign) >= expected.count(sign), (name, place, sign)


@pytest.mark.parametrize(
    "name",
    [
        '#eval("1 + 1")',
        "#panic()",
        '#read("/etc/passwd")',
        "*gras* _italique_ `code`",
        "$x^2$ = [a] <b> @c",
        '"], \\"',
        "= Titre",
        "// rien /* rien */",
        "\\u{41} \\ ~ --- ...",
        "https://exemple.fr",
        "{{ 7 * 7 }}",
        "é" * 200,
        "M" * 200,
    ],
)
def test_a_name_is_never_a_command(name: str):
    paper = Paper(pdf("convocation", letter(name), wall_clock()))
    assert "".join(name.split()) in "".join(paper.text.split())
    assert len(paper.pages) == 1
    assert paper.tags["H1"] == 1
    assert "/Annots" not in paper.pdf.pages[0]


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("Zoé \N{RIGHT-TO-LEFT OVERRIDE}live", "Zoé live"),
        ("Le\x07 Goff\x00", "Le Goff"),
        ("12\N{NARROW NO-BREAK SPACE}€", "12\N{NO-BREAK SPACE}€"),
        ("\N{GRINNING FACE} Jean", f"{UNSHOWN} Jean"),
        ("e\N{COMBINING ACUTE ACCENT}", "é"),
        ("Жанна Ω Łukasz Ÿ", "Жанна Ω Łukasz Ÿ"),
        ("محمد", "محمد"),
        ("\ue000", UNSHOWN),
    ],
)
def test_signs_that_steer_or_that_no_font_has_are_dealt_with(given: str, seen: str):
    assert shown(given) == seen


def test_the_fonts_have_every_sign_that_is_taken_for_sure():
    signs = [c for c in map(chr, range(0x20, 0x2300)) if _SURE.fullmatch(c) and c != "\N{SOFT HYPHEN}"]
    assert len(signs) > 300
    paper = Paper(pdf("convocation", letter("".join(signs), " ".join(signs)), wall_clock()))
    assert UNSHOWN not in paper.text


def test_names_right_to_left_are_whole_and_in_place(world: World):
    seat = world.enrolled("محمد", "علي")
    paper = convocations(world, only=seat)
    heading = paper.pages[0].split("Convocation – ")[1].split("Vous")[0]
    assert sorted(heading.replace(" ", "")) == sorted("محمدعلي")


def test_each_candidate_has_one_page_in_the_order_of_names(world: World):
    world.enrolled("Longnom " * 20, "Prénom " * 20)
    world.enrolled("Zimmer", "Ève")
    paper = convocations(world)
    assert len(paper.pages) == 5
    assert [p.split("Convocation – ")[1][:6] for p in paper.pages] == ["Idriss", "Anne-L", "Prénom", "Camill", "Ève ZI"]


def test_a_convocation_says_all_that_a_candidate_needs(world: World):
    [page] = convocations(world, only=world.idriss).pages
    for said in (
        "Atelier numérique de Lille Académie de Lille",
        "Démonstration : paramètres simulés, sans valeur officielle",
        "lundi 23 novembre 2026 à 9 h 00 (heure de Paris) Salle 12",
        "Idriss BENALI, né(e) le 4 novembre 1990",
        "Parcours 1er degré Niveau visé Confirmé",
        "Temps 3 h 20, temps supplémentaire compris (tiers temps)",
        f"Code de session {world.idriss.session_code}",
        "Code personnel Il vous est remis séparément.",
        "pièce d’identité officielle avec photo",
        "adressez-vous à votre centre",
    ):
        assert said in page, said
    assert world.idriss.code not in page
    close = page.replace(" ", "")  # a long address may be put in two pieces
    assert "https://palier.exemple.fr/candidat." in close
    assert "https://palier.exemple.fr/candidat/verification" in close


def test_a_remote_convocation_names_the_video_room_and_the_needs_that_are_known(world: World):
    change(
        world, mode="remote", place="Gardez votre téléphone éteint", video_link="https://visio.exemple.fr/salle?a=1&b=2"
    )
    with world.house.db.write() as connection:
        connection.execute(update(SittingRow).where(SittingRow.id == world.camille.sitting).values(needs=["colour"]))
    [page] = convocations(world, only=world.camille).pages
    assert "À distance, depuis un lieu calme" in page
    assert "https://visio.exemple.fr/salle?a=1&b=2" in page.replace(" ", "")
    assert "Besoins enregistrés ne distingue pas les couleurs" in page
    assert "30 minutes d’installation" in page
    assert "voit votre écran" in page


def test_a_personal_code_stands_on_its_own_convocation_only(world: World):
    pages = convocations(world, world.camille).pages
    assert [world.camille.code in page for page in pages] == [False, False, True]
    with pytest.raises(WrongCodeGiven):
        documents.convocations(
            world.house, world.person("centre"), world.session, {world.idriss.sitting: world.camille.code}
        )
    enrolment.renew_code(world.house, world.person("centre"), world.camille.sitting, world.clock())
    with pytest.raises(WrongCodeGiven):
        convocations(world, world.camille)


def test_who_is_cancelled_is_not_convoked_and_nobody_makes_no_paper(world: World):
    with world.house.db.write() as connection:
        for seat in world.seats:
            enrolled = sitting_rows.load(connection, seat.sitting).sitting
            sitting_rows.save(connection, step(enrolled, Cancelled(world.clock(), world.person("centre").id, "Double")))
    with pytest.raises(NobodyToConvoke):
        convocations(world)
    page = world.staff("centre").get(f"/centre/sessions/{world.session}/convocations.pdf", expect=409)
    assert "Personne n'est inscrit" in page.text


def test_the_blank_sheet_has_room_for_every_signature_and_says_nothing_of_the_log(world: World):
    paper = planned(world)
    for said in (
        "Signature à l’entrée",
        "Signature à la sortie",
        "BENALI Idriss né(e) le 4 novembre 1990",
        "Inscrits 3",
    ):
        assert said in paper.text, said
    assert "Journal état au" not in paper.text
    assert paper.tags["TR"] == 1 + 3


def test_the_attendance_sheet_is_the_log(world: World):
    eventful(world)
    text = attendance(world).text
    assert "né(e) le 4 novembre 1990 1er degré 3 h 20 tiers temps 09:05 09:05, Paul Keller 09:05 09:43" in text
    assert "LE GOFF Anne-Lise né(e) le 23 juin 1978 2nd degré 2 h 30 09:43 – – – Non admis" in text
    assert "MOREAU Camille né(e) le 12 mars 1985 2nd degré 2 h 30 09:05 09:05, Paul Keller 09:05 09:43 Présent" in text
    assert "Inscrits Ont composé Non admis 3 2 1" in text
    assert "Surveillance Paul Keller Journal état au lundi 23 novembre 2026 à 9 h 43" in text


@pytest.mark.parametrize("count", [0, 1, 60])
def test_an_attendance_sheet_of_any_length_repeats_its_head(world: World, count: int):
    manager = world.person("centre")
    new = enrolment.NewSession("Grande session", Mode.ON_SITE, "Amphi", world.clock(), ())
    session = enrolment.create_session(world.house, manager, new, world.clock())
    for n in range(count):
        born = world.camille.birth_date + timedelta(days=n)
        person = enrolment.NewCandidate(
            f"Nom{n:02d}",
            "Prénom",
            born,
            "x@exemple.fr",
            Track.FIRST_DEGREE,
            Level.EXPERT,
            False,
            0,
        )
        enrolment.enrol(world.house, manager, session, person, world.clock())
    paper = Paper(documents.attendance(world.house, manager, session).content)
    assert paper.text.count("NOM") == count
    for page in paper.pages:
        assert count == 0 or ("NOM" not in page) or "N° Candidat Parcours" in page


def test_the_minutes_tell_the_day(world: World):
    text = signed(world).text
    for said in (
        "Surveillants désignés Paul Keller",
        "Inscrits Ont composé Non admis 3 2 1",
        "09:25:00 Pause de 2 candidats Paul Keller Alerte incendie",
        "09:31:12 Annonce à tous Paul Keller Je viens",
        "09:31:12 Reprise de 2 candidats Paul Keller",
        "1 BENALI Idriss 09:05:00 09:43:12 3 h 20 5 min 6 min 12 s Arrêté, cause technique",
        "MOREAU Camille 09:05:00 09:43:12 2 h 30 – 8 min 12 s Arrêté, du fait du candidat",
        "09:31:12 · Temps ajouté : 5 min, par Paul Keller : « Retour en salle »",
        "09:33:12 · Changement d’appareil, par Paul Keller",
        "Problème signalé par le candidat sur une question : « L'image manque »",
        "Signalement accepté, question remplacée, par Paul Keller : « Image absente »",
        "Questions remplacées pendant le test : 1",
        "Vérification d’entrée non satisfaisante : caméra, par Paul Keller : « Téléphone utilisé comme caméra »",
        "Entrée autorisée malgré un problème, par Paul Keller : « Vu en direct »",
        "Test arrêté, par Paul Keller : « Abandon annoncé »",
        "Entrée refusée, par Paul Keller : « Pièce d'identité absente »",
        "09:31:12 COM-02 · Téléphone ou autre appareil MOREAU Camille « Téléphone sur la table » Par Paul Keller",
        "Paul Keller : « Éteint et rangé »",
        "Demande d'aide BENALI Idriss Vu avec le centre.",
        "Signé sur la plateforme par Nadia Ferrand lundi 23 novembre 2026 à 9 h 52",
    ):
        plain = said.replace("’", "'")
        assert plain in text.replace("’", "'"), said
    assert "Projet, non signé" not in text


def test_the_minutes_hold_no_item_no_answer_no_level(world: World):
    world.start(world.camille)
    world.answer_all(world.camille)
    world.flag(world.camille, text="Un bruit")
    world.close_day()
    world.finalise()
    text = minutes(world).text
    sitting = world.sitting(world.camille)
    assert len(sitting.presented) == 64
    told_of = [item for item in sitting.presented if item in text]
    assert not told_of
    assert not [a.answer_id for a in sitting.answers if a.answer_id in text]
    assert not [level for level in french.LEVELS.values() if level in text]
    assert "%" not in text


def test_a_draft_says_that_it_is_one_and_signed_minutes_never_change(world: World):
    eventful(world)
    assert "Projet, non signé." in minutes(world).text
    world.close_day()
    world.finalise()
    manager = world.person("centre")
    before = documents.minutes(world.house, manager, world.session).content
    world.clock.forward(days=2)
    with world.house.db.read() as connection:
        [incident] = incidents.of_sittings(connection, [world.camille.sitting])
    world.publish_with(incident.id)
    late = replace(incident, id=IncidentId("late"), recorded_at=world.clock(), text="Un courrier du centre")
    with world.house.db.write() as connection:
        incidents.add(connection, late)  # a letter that reaches the jury
    documents.note_download(world.house, manager, world.session, "minutes", world.clock())
    assert documents.minutes(world.house, manager, world.session).content == before


def test_minutes_print_the_digest_that_was_signed(world: World):
    world.close_day()
    world.finalise()
    page = world.staff("centre").get(f"/centre/sessions/{world.session}/cloture")
    digest = next(e.text for e in page.root.all("dd") if len(e.text) == 64)
    assert digest in minutes(world).text.replace(" ", "")


_OF_SESSION = (
    ("convocations.pdf", "convocations-{code}.pdf", "Convocations"),
    ("feuille-emargement.pdf", "feuille-emargement-{code}.pdf", "Feuille d'émargement"),
    ("proces-verbal.pdf", "proces-verbal-{code}.pdf", "Procès-verbal"),
)
_OF_ONE = ("convocation.pdf", "convocation-{code}-{place}.pdf", "Convocation")


@pytest.mark.parametrize(
    ("login", "path", "name", "paper"),
    [
        *(("centre", f"/centre/sessions/{{session}}/{path}", *rest) for path, *rest in _OF_SESSION),
        *(("surveillant", f"/surveillance/{{session}}/{path}", *rest) for path, *rest in _OF_SESSION),
        ("jury", "/jury/sessions/{session}/proces-verbal.pdf", *_OF_SESSION[2][1:]),
        ("centre", f"/centre/passations/{{sitting}}/{_OF_ONE[0]}", *_OF_ONE[1:]),
        ("surveillant", f"/surveillance/candidats/{{sitting}}/{_OF_ONE[0]}", *_OF_ONE[1:]),
    ],
)
def test_a_download_is_a_file_that_is_noted_and_kept_nowhere(
    world: World, login: str, path: str, name: str, paper: str
):
    address = path.format(session=world.session, sitting=world.anne_lise.sitting)
    browser = world.staff(login)
    page = browser.get(address)
    assert page.headers["Content-Type"] == "application/pdf"
    assert page.headers["Cache-Control"] == "no-store"
    wanted = name.format(code=world.anne_lise.session_code, place=world.anne_lise.sitting[:8])
    assert page.headers["Content-Disposition"] == f'attachment; filename="{wanted}"'
    assert page.body.startswith(b"%PDF-1.7")
    log = world.staff("centre").get(f"/centre/sessions/{world.session}/journal").text
    assert f"Document téléchargé {paper}" in log
    assert f"par {world.person(login).name}" in log
    strangers = {"centre": ["centre-lyon"], "surveillant": ["surveillant-lyon", "voisin"], "jury": []}
    for stranger in strangers[login]:
        world.staff(stranger).get(address, expect=404)


@pytest.mark.parametrize("login", ["centre", "surveillant"])
def test_the_code_that_was_just_made_travels_to_the_convocation_and_no_other(world: World, login: str):
    address = {
        "centre": f"/centre/passations/{world.camille.sitting}",
        "surveillant": f"/surveillance/candidats/{world.camille.sitting}",
    }[login]
    browser = world.staff(login)
    browser.get("/centre" if login == "centre" else "/surveillance")
    page = browser.post(f"{address}/convocation.pdf", {"code": world.camille.code}, expect=200)
    assert world.camille.code in Paper(page.body).text
    browser.get("/centre" if login == "centre" else "/surveillance")
    refused = browser.post(f"{address}/convocation.pdf", {"code": world.idriss.code}, expect=409)
    assert "Ce code n'est plus celui du candidat" in refused.text


def test_codes_made_for_many_travel_to_their_convocations(world: World):
    browser = world.staff("centre")
    browser.get("/centre")
    codes = {f"code.{s.sitting}": s.code for s in world.seats}
    page = browser.post(f"/centre/sessions/{world.session}/convocations.pdf", codes, expect=200)
    by_name = sorted(world.seats, key=lambda s: s.last_name)
    assert [seat.code in text for seat, text in zip(by_name, Paper(page.body).pages, strict=True)] == [True] * 3


def test_no_paper_is_made_for_a_session_of_others(world: World):
    for login in ("centre-lyon", "surveillant-lyon", "voisin"):
        for make in (documents.attendance, documents.minutes):
            with pytest.raises(NoSuchSession):
                make(world.house, world.person(login), world.session)
        with pytest.raises(NoSuchSession):
            convocations(world, login=login)


@given(st.lists(st.text(), max_size=4))
def test_names_of_files_are_plain(parts: list[str]):
    name = file_name("paper", *parts)
    assert name.isascii()
    assert name.startswith("paper")
    assert set(name) <= set(string.ascii_letters + string.digits + "-.")
    assert len(name) <= 64 * 5
