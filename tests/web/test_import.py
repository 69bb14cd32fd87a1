"""Enrolment from a file: a dry run that tells everything, then all of it or nothing."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odfdo import Document
from openpyxl import Workbook, load_workbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from engine.delivery.session import Mode
from engine.items.frameworks import Level, Track
from engine.items.item import Demand
from engine.kernel import SessionId
from tests.web.browser import Browser, Page
from tests.web.sql import sql
from tests.web.stores import everything_in
from tests.web.world import World
from web.db import sittings
from web.services import codes, enrolment, handover, roster, roster_file, roster_templates, sheet_file
from web.services.enrolment import NewSession
from web.services.roster import Verdict
from web.services.roster_file import COLUMNS
from web.services.roster_templates import EXAMPLE, Format

TITLES = [c.title for c in COLUMNS]
ROWS = [
    ["Durand", "Zoé", "28/02/1987", "zoe@exemple.fr", "A-1", "1er degré", "Confirmé", "oui", "15", "couleurs, souris"],
    ["N'Guyen", "Léa", "3/4/85", "lea@exemple.fr", "", "2nd degré", "Expert", "non", "", ""],
    ["O'Brien", "Jean-Noël", "1990-12-01", "jn@exemple.fr", "A-3", "2", "avance", "", "0", "aucun"],
]


def as_csv(rows: Sequence[Sequence[str]], sep: str = ";", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=sep, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sent(browser: Browser, session: str, content: bytes, name: str = "liste.csv", expect: int = 303) -> Page:
    """Send a file from the page that asks for it."""
    path = f"/centre/sessions/{session}/fichier"
    browser.get(path)
    boundary, body = encode_multipart(
        {"csrf_token": browser.page.token, "file": FileStorage(io.BytesIO(content), name)}
    )
    kind = f"multipart/form-data; boundary={boundary}"
    response = browser.client.post(path, data=body, content_type=kind, base_url=browser.base)
    return browser._shown(path, response, expect)


def previewed(browser: Browser, session: str, content: bytes, name: str = "liste.csv") -> Page:
    sent(browser, session, content, name)
    return browser.follow()


def confirmed(browser: Browser) -> Page:
    """Press the button of the preview."""
    browser.submit(f"{browser.page.path}/confirmer")
    return browser.follow()


def enrolled(world: World, session: str | None = None) -> dict[str, sittings.Enrolment]:
    with world.house.db.read() as connection:
        return {e.full_name: e for e in sittings.load_session(connection, SessionId(session or world.session))}


def people(world: World, session: str) -> int:
    """How many are enrolled; some may have the same name."""
    with world.house.db.read() as connection:
        return len(sittings.load_session(connection, SessionId(session)))


@pytest.mark.parametrize(
    "content",
    [
        as_csv([TITLES, *ROWS]),
        as_csv([TITLES, *ROWS], encoding="utf-8-sig"),
        as_csv([TITLES, *ROWS], encoding="cp1252"),
        as_csv([TITLES, *ROWS], encoding="utf-16"),
        as_csv([TITLES, *ROWS], sep=","),
        as_csv([TITLES, *ROWS], sep="\t", encoding="cp1252"),
        b"sep=,\r\n" + as_csv([TITLES, *ROWS], sep=","),
        as_csv([["Liste de l'atelier"], [], TITLES, *ROWS[:1], [], *ROWS[1:]]),
        as_csv([[t.upper() for t in TITLES], *ROWS]),
        as_csv([["last name", "FIRST_NAME", "birth date", "E-mail", "external id", "track", "target level",
                 "extra time", "extra minutes", "needs"], *ROWS]),
        as_csv([[*TITLES[::-1], "Remarque"], *([*row[::-1], "bla"] for row in ROWS)]),
        as_xlsx([TITLES, *ROWS]),
    ],
    ids=["utf-8", "mark", "windows", "utf-16", "comma", "tab", "sep", "title above", "capitals", "english", "any order",
         "xlsx"],
)  # fmt: skip
def test_the_same_list_is_read_however_it_was_saved(world: World, content: bytes):
    manager = world.staff("centre")
    page = previewed(manager, world.session, content)
    assert page.heading == "Voici ce qui serait fait"
    assert "3 à inscrire" in page.text
    assert len(enrolled(world)) == 3
    confirmed(manager)
    found = enrolled(world)
    zoe, lea, jean = found["DURAND Zoé"], found["N'GUYEN Léa"], found["O'BRIEN Jean-Noël"]
    assert (zoe.track, zoe.target, zoe.birth_date) == (Track.FIRST_DEGREE, Level.CONFIRME, date(1987, 2, 28))
    assert (zoe.external_id, zoe.needs, zoe.email) == ("A-1", ("colour", "pointer"), "zoe@exemple.fr")
    assert zoe.sitting.accommodation.allowance == timedelta(hours=3, minutes=35)
    assert (lea.birth_date, lea.track, lea.target, set(lea.needs)) == (
        date(1985, 4, 3), Track.SECOND_DEGREE, Level.EXPERT, set(),
    )  # fmt: skip
    assert (jean.birth_date, jean.target) == (date(1990, 12, 1), Level.AVANCE)


def test_cells_of_a_workbook_may_be_dates_numbers_and_ticks(world: World):
    row = ["Durand", "Zoé", date(1987, 2, 28), "zoe@exemple.fr", 1204, "1er degré", "Confirmé", True, 15.0, None]
    previewed(manager := world.staff("centre"), world.session, as_xlsx([TITLES, row]), "liste.xlsx")
    confirmed(manager)
    zoe = enrolled(world)["DURAND Zoé"]
    assert (zoe.birth_date, zoe.external_id) == (date(1987, 2, 28), "1204")
    assert zoe.sitting.accommodation.allowance == timedelta(hours=3, minutes=35)


@pytest.mark.parametrize("kind", list(Format))
def test_a_template_that_was_filled_in_is_enrolled(world: World, kind: Format):
    manager = world.staff("centre")
    manager.get(f"/centre/sessions/{world.session}/fichier")
    page = manager.get(f"/centre/modele.{kind}")
    assert f'filename="palier-candidats.{kind}"' in page.headers["Content-Disposition"]
    told = [EXAMPLE[c.key] for c in COLUMNS]
    match kind:
        case Format.CSV:
            filled = page.body + as_csv([told])
        case Format.XLSX:
            book = load_workbook(io.BytesIO(page.body))
            for at, text in enumerate(told, start=1):
                book["Candidats"].cell(2, at, text)
            book.save(out := io.BytesIO())
            filled = out.getvalue()
        case Format.ODS:
            document = Document(io.BytesIO(page.body))
            table = document.body.get_table(name="Candidats")
            for at, text in enumerate(told):
                table.set_value((at, 1), text)
            document.save(out := io.BytesIO())
            filled = out.getvalue()
    assert "1 à inscrire" in previewed(manager, world.session, filled, f"liste.{kind}").text
    confirmed(manager)
    assert enrolled(world)["DURAND Zoé"].needs == ("colour", "pointer")


@pytest.mark.parametrize("kind", list(Format))
def test_an_empty_template_is_refused_with_what_to_do(world: World, kind: Format):
    page = sent(world.staff("centre"), world.session, roster_templates.template(kind), expect=400)
    assert page.alert == "Ce fichier a les bons titres, mais personne en dessous. Remplissez-le, puis renvoyez-le."


def test_the_workbook_template_offers_what_is_read():
    book = load_workbook(io.BytesIO(roster_templates.template(Format.XLSX)))
    offered = [
        v.formula1.strip('"').split(",") for v in book["Candidats"].data_validations.dataValidation if v.type == "list"
    ]
    assert len(offered) == 3
    head = [["Nom", "Prénom", "Date de naissance", "Courriel", "Parcours", "Niveau visé", "Tiers temps"]]
    for track in offered[0]:
        for target in offered[1]:
            for third in offered[2]:
                row = ["Durand", "Zoé", "28/02/1987", "z@exemple.fr", track, target, third]
                [line] = roster_file.lines_of(roster_file.table_of(sheet_file.SheetFile(([*head, row],))))
                assert not line.faults


def test_every_faulty_line_is_told_with_all_its_reasons_and_nothing_is_enrolled(world: World):
    rows = [
        TITLES,
        ROWS[0],
        ["", "123", "31/02/1985", "zoe", "x" * 101, "3e degré", "dieu", "peut-être", "300", "dyslexie"],
        ["Roux", "Paul", "31118", "p@exemple.fr", "", "1er degré", "Expert", "", "vingt", ""],
        ["DURAND", "zoe", "28.02.1987", "autre@exemple.fr", "", "1er degré", "Expert", "", "", ""],
        ["Petit", "Zoé", "01/01/1885", "p@exemple.fr", "A-1", "1er degré", "Expert", "", "", ""],
        ["Autre", "Alix", "01/01/1985", "p@exemple.fr", "A-1", "1er degré", "Expert", "", "", ""],
    ]
    manager = world.staff("centre")
    page = previewed(manager, world.session, as_csv(rows))
    assert page.heading == "La liste est à corriger"
    assert "1 à inscrire" in page.text
    for told in (
        "3 123 Nom : cette case est vide. Prénom : « 123 » ne contient aucune lettre.",
        "Date de naissance : « 31/02/1985 »",
        "cette date n'existe pas. Écrivez jour/mois/année",
        "Courriel : « zoe » n'est pas une adresse complète (nom@domaine.fr).",
        "Identifiant externe : plus de 100 caractères.",
        "Parcours : « 3e degré » n'est pas dans la liste ; écrivez « 1er degré » ou « 2nd degré ».",
        "Niveau visé : « dieu » n'est pas dans la liste ; écrivez Initié, Confirmé, Avancé ou Expert.",
        "Tiers temps : « peut-être » ; écrivez oui ou non.",
        "Minutes supplémentaires : « 300 » ; donnez un nombre de minutes entre 0 et 240.",
        "Besoins : « dyslexie » n'est pas dans la liste ; choisissez parmi couleurs, vision, audition, souris.",
        "4 ROUX Paul Date de naissance : « 31118 » est un nombre. Donnez à la colonne le format Date",
        "5 DURAND zoe Même personne que la ligne 2.",
        "6 PETIT Zoé Date de naissance : « 01/01/1885 » : cette date de naissance n'est pas plausible.",
        "7 AUTRE Alix Identifiant externe : le même que celui de la ligne 2.",
    ):
        assert told in page.text.replace("\u202f", " ").replace("« ", "« "), told
    assert not page.has_form(f"{page.path}/confirmer")
    refused = manager.post(f"{page.path}/confirmer", {"seen": ""})
    assert manager.follow().path == page.path
    assert "Des lignes sont à corriger : personne n'a été inscrit." in manager.page.text
    assert refused.status == 303
    assert len(enrolled(world)) == 3


def test_the_same_file_twice_changes_nothing(world: World):
    manager = world.staff("centre")
    content = as_csv([TITLES, *ROWS])
    previewed(manager, world.session, content)
    confirmed(manager)
    before = enrolled(world)
    page = previewed(manager, world.session, content)
    assert "3 déjà inscrits, inchangés" in page.text
    assert "Tout est déjà inscrit : il n'y a rien à faire." in page.text
    manager.post(f"{page.path}/confirmer", {"seen": ""})
    assert "Tout était déjà inscrit : rien n'a changé." in manager.follow().text
    assert enrolled(world) == before
    assert _notes(world).count("imported") == 1


def test_confirming_twice_enrols_once_and_loses_no_code(world: World):
    manager = world.staff("centre")
    page = previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    fields = {"seen": page.root.one("input", name="seen")["value"]}
    manager.post(f"{page.path}/confirmer", fields, token=page.token)
    first = manager.follow()
    manager.post(f"{page.path}/confirmer", fields, token=page.token)
    again = manager.follow()
    assert first.path == again.path == f"/centre/sessions/{world.session}/codes"
    assert _codes(first) == _codes(again)
    assert len(_codes(first)) == 3
    assert len(enrolled(world)) == 6


def test_a_corrected_list_changes_those_who_are_enrolled_and_keeps_their_codes(world: World):
    manager = world.staff("centre")
    previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    confirmed(manager)
    before = enrolled(world)["N'GUYEN Léa"]
    better = ["N'Guyen", "Léa", "3/4/85", "lea2@exemple.fr", "B-7", "2nd degré", "Confirmé", "oui", "10", "vision"]
    page = previewed(manager, world.session, as_csv([TITLES, ROWS[0], better]))
    for told in (
        "1 à modifier", "1 déjà inscrit, inchangé", "courriel : lea@exemple.fr → lea2@exemple.fr",
        "identifiant externe : rien → B-7", "niveau visé : Expert → Confirmé", "tiers temps : non → oui",
        "minutes supplémentaires : 0 → 10", "besoins : aucun → vision",
    ):  # fmt: skip
        assert told in page.text, told
    page = confirmed(manager)
    assert "1 inscription modifiée." in page.text
    after = enrolled(world)["N'GUYEN Léa"]
    assert (after.id, after.code_hash) == (before.id, before.code_hash)
    assert (after.email, after.external_id, after.target, set(after.needs)) == (
        "lea2@exemple.fr", "B-7", Level.CONFIRME, {Demand.SIGHT},
    )  # fmt: skip


def test_a_column_that_is_not_in_the_file_changes_nothing(world: World):
    manager = world.staff("centre")
    previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    confirmed(manager)
    few = [row[:4] + row[5:7] for row in [TITLES, *ROWS]]
    assert "3 déjà inscrits, inchangés" in previewed(manager, world.session, as_csv(few)).text


def test_whoever_has_begun_is_not_changed_by_a_list(world: World):
    world.start(world.camille)
    line = ["Moreau", "Camille", "12/03/1985", "camille.moreau@exemple.fr", "2nd degré", "Expert"]
    few = [c.title for c in COLUMNS if c.required]
    page = previewed(world.staff("centre"), world.session, as_csv([few, line]))
    assert "Son test a commencé ou n'est plus possible : niveau visé ne peut plus changer." in page.text
    line[-1] = "Avancé"  # as it is: nothing would change
    assert "1 déjà inscrit, inchangé" in previewed(world.staff("centre"), world.session, as_csv([few, line])).text


def test_a_list_that_says_something_else_by_now_is_read_again_before_it_is_done(world: World):
    manager = world.staff("centre")
    page = previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    world.enrolled("Durand", "Zoé", birth_date=date(1987, 2, 28))
    manager.submit(f"{page.path}/confirmer")
    again = manager.follow()
    assert "Les inscriptions de la session ont changé entre-temps." in again.text
    assert "2 à inscrire 1 à modifier" in again.text
    assert len(enrolled(world)) == 4
    confirmed(manager)
    assert len(enrolled(world)) == 6


def test_a_list_that_does_not_fit_says_how_many_places_are_missing(world: World):
    manager = world.staff("centre-lyon")
    rows = [[f"Durand {chr(65 + n)}", *ROWS[1][1:]] for n in range(10)]  # Zoé Petit has the first of nine places
    page = previewed(manager, world.foreign_session, as_csv([TITLES, *rows]))
    assert page.alert == (
        "Il manque 2 places : la session en a 9, dont 1 prise. Ajoutez un surveillant, ou partagez la liste "
        "entre deux sessions."
    )
    assert not page.has_form(f"{page.path}/confirmer")
    run = roster.dry_run(
        world.house, world.person("centre-lyon"), world.foreign_session, page.path.split("/")[-1], world.clock()
    )
    manager.post(f"{page.path}/confirmer", {"seen": run.digest})
    assert "Cette session est complète" in manager.follow().text
    assert len(enrolled(world, world.foreign_session)) == 1
    previewed(manager, world.foreign_session, as_csv([TITLES, *rows[:8]]))
    confirmed(manager)
    assert len(enrolled(world, world.foreign_session)) == 9


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Ce fichier est vide."),
        (b" \r\n \r\n;;;\r\n", "Ce fichier est vide."),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\x00\x01", "Ce fichier n'est pas un tableau lisible."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Ce fichier n'est pas un tableau lisible."),
        (b"PK\x03\x04" + b"x" * 200, "Ce fichier n'est pas un tableau lisible."),
        (sheet_file._COMPOUND + b"x" * 600 + sheet_file._ENCRYPTED, "Ce fichier est protégé par un mot de passe."),
        (b"Bonjour,\r\nvoici la liste.\r\n", "Les colonnes ne sont pas celles attendues."),
        (as_csv([["Nom", "Prénom"], ["Durand", "Zoé"]]), "Les colonnes ne sont pas celles attendues."),
        (as_csv([[*TITLES, "Nom de famille"], [*ROWS[0], "x"]]), "Les colonnes ne sont pas celles attendues."),
        (as_csv([TITLES]), "Ce fichier a les bons titres, mais personne en dessous."),
        (as_csv([TITLES, *([ROWS[0]] * 5001)]), "Ce fichier a plus de 5 000 candidats."),
        (b"x" * (sheet_file.LARGEST + 1), "Ce fichier dépasse 2 Mo."),
    ],
    ids=["empty", "blank", "pdf", "png", "broken zip", "password", "letter", "columns", "twice", "nobody", "long",
         "big"],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(world: World, content: bytes, sentence: str):
    page = sent(world.staff("centre"), world.session, content, expect=400)
    assert page.alert.startswith(sentence)
    assert page.heading == "Inscrire par fichier"


def test_a_refusal_names_the_columns(world: World):
    page = sent(world.staff("centre"), world.session, as_csv([["Nom", "Prénom"], ["Durand", "Zoé"]]), expect=400)
    assert "Il manque les colonnes : Date de naissance, Courriel, Parcours, Niveau visé." in page.text
    page = sent(
        world.staff("centre"), world.session, as_csv([[*TITLES, "Nom de famille"], [*ROWS[0], "x"]]), expect=400
    )
    assert "Deux colonnes portent le même titre : Nom." in page.text


def test_columns_that_nobody_knows_are_named_and_ignored(world: World):
    page = previewed(world.staff("centre"), world.session, as_csv([[*TITLES, "Établissement"], [*ROWS[0], "Lycée"]]))
    assert "Colonne ignorée, que Palier ne connaît pas : Établissement." in page.text
    assert "1 à inscrire" in page.text


def test_one_cell_at_the_end_of_the_world_takes_no_memory_of_ours(world: World):
    book = Workbook()
    book.active["A1"], book.active["XFD1048576"] = "Nom", "x"
    book.save(out := io.BytesIO())
    page = sent(world.staff("centre"), world.session, out.getvalue(), "loin.xlsx", expect=400)
    assert page.alert.startswith("Ce fichier n'est pas un tableau lisible.")


def test_no_other_route_takes_as_much_as_a_list(world: World):
    manager = world.staff("centre")
    manager.get(f"/centre/sessions/{world.session}/inscrire")
    manager.post(f"/centre/sessions/{world.session}/inscrire", {"last_name": "x" * 300_000}, expect=413)
    sent(manager, world.session, b"x" * (sheet_file.LARGEST + 100_000), expect=413)


def test_a_form_without_a_file_says_so(world: World):
    manager = world.staff("centre")
    manager.get(f"/centre/sessions/{world.session}/fichier")
    page = manager.post(f"/centre/sessions/{world.session}/fichier", {}, expect=400)
    assert page.errors == {"file": "Choisissez un fichier."}


def test_a_list_belongs_to_who_sent_it_and_is_forgotten_after_two_hours(world: World):
    manager = world.staff("centre")
    page = previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    world.staff("centre-lyon").get(page.path, expect=404)
    world.clock.forward(minutes=119)
    manager.get(page.path)
    world.clock.forward(minutes=1)
    assert "Cette liste n'est plus là" in manager.get(page.path, expect=404).alert
    previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    assert _count(world, "roster_upload") == 1


def test_a_list_is_erased_when_it_is_given_up(world: World):
    manager = world.staff("centre")
    page = previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    manager.submit(f"{page.path}/abandonner")
    assert "Personne n'a été inscrit." in manager.follow().text
    assert _count(world, "roster_upload") == 0
    manager.get(page.path, expect=404)


def test_no_list_is_sent_to_a_session_that_is_over(world: World):
    manager = world.staff("centre")
    page = previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    world.close_day()
    manager.get(page.path, expect=409)
    assert "plus aucune inscription n'est possible" in manager.get(f"/centre/sessions/{world.session}/fichier").text


def test_codes_of_a_list_let_candidates_in_and_stand_nowhere_in_clear(world: World):
    manager = world.staff("centre")
    previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    page = confirmed(manager)
    told = _codes(page)
    assert "3 candidats inscrits. Remettez-leur les codes ci-dessous." in page.text
    stored = everything_in(world.house.db)
    for code in told.values():
        assert code.encode() not in stored
        assert codes.canonical(code).encode() not in stored
    for name, enrolment_ in enrolled(world).items():
        if name in told:
            assert codes.matches(told[name], enrolment_.code_hash, world.house.secret)


def test_codes_can_be_fetched_again_for_an_hour_from_any_browser_then_only_made_anew(world: World):
    manager = world.staff("centre")
    previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    told = _codes(confirmed(manager))
    path = f"/centre/sessions/{world.session}/codes"
    world.clock.forward(minutes=59)
    other = world.staff("centre")
    assert _codes(other.get(path)) == told
    lines = list(csv.DictReader(io.StringIO(other.get(f"{path}.csv").body.decode("utf-8-sig")), delimiter=";"))
    assert {f"{line['Nom'].upper()} {line['Prénom']}": line["Code personnel"] for line in lines} == told
    assert "Codes personnels téléchargés" in other.get(f"/centre/sessions/{world.session}").text
    world.clock.forward(minutes=2)
    assert "Il n'y a pas de code à remettre." in other.get(path).text
    other.get(f"{path}.csv", expect=409)


def test_codes_can_be_erased_sooner_and_go_on_to_work(world: World):
    manager = world.staff("centre")
    previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    told = _codes(confirmed(manager))
    manager.submit(f"/centre/sessions/{world.session}/codes/effacer")
    manager.follow()
    assert _count(world, "sealed_codes") == 0
    zoe = enrolled(world)["DURAND Zoé"]
    assert codes.matches(told["DURAND Zoé"], zoe.code_hash, world.house.secret)


def test_lists_and_codes_that_waited_too_long_are_deleted_when_a_session_opens_or_closes(world: World):
    manager = world.staff("centre")
    previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    confirmed(manager)
    assert (_count(world, "roster_upload"), _count(world, "sealed_codes")) == (1, 1)
    world.clock.forward(hours=3)
    world.close_day()
    assert (_count(world, "roster_upload"), _count(world, "sealed_codes")) == (0, 0)


def test_a_name_that_a_spreadsheet_would_run_leaves_inert(world: World):
    manager = world.staff("centre")
    previewed(manager, world.session, as_csv([TITLES, ["=cmd|x", "+Zoé", *ROWS[0][2:]]]))
    confirmed(manager)
    body = manager.get(f"/centre/sessions/{world.session}/codes.csv").body.decode("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(body), delimiter=";")
    assert (line["Nom"], line["Prénom"]) == ("'=cmd|x", "'+Zoé")


def test_new_codes_are_asked_about_and_void_the_old_ones(world: World):
    manager = world.staff("centre")
    world.entered(world.anne_lise)
    world.waiting(world.idriss)
    page = manager.get(f"/centre/sessions/{world.session}/codes/nouveaux")
    ticked = {e["value"]: e.has("checked") for e in page.root.all("input") if e.get("name") == "sittings"}
    assert ticked == {world.camille.sitting: True, world.idriss.sitting: False}
    assert "cessera de fonctionner" in page.text
    manager.submit(page.path, {"sittings": [world.camille.sitting]})
    page = manager.follow()
    told = _codes(page)
    assert set(told) == {"MOREAU Camille"}
    camille = enrolled(world)["MOREAU Camille"]
    assert codes.matches(told["MOREAU Camille"], camille.code_hash, world.house.secret)
    assert not codes.matches(world.camille.code, camille.code_hash, world.house.secret)
    assert codes.matches(world.idriss.code, enrolled(world)["BENALI Idriss"].code_hash, world.house.secret)


def test_whoever_has_entered_meanwhile_keeps_the_code(world: World):
    manager = world.staff("centre")
    manager.get(f"/centre/sessions/{world.session}/codes/nouveaux")
    world.start(world.camille)
    page = manager.post(manager.page.path, {"sittings": [world.camille.sitting, world.idriss.sitting]}, expect=400)
    assert codes.matches(world.idriss.code, enrolled(world)["BENALI Idriss"].code_hash, world.house.secret)
    with pytest.raises(handover.AlreadyIn, match="1 candidates"):
        handover.renew_codes(
            world.house,
            world.person("centre"),
            world.session,
            [world.camille.sitting, world.idriss.sitting],
            world.clock(),
        )
    assert page.status == 400
    assert codes.matches(world.idriss.code, enrolled(world)["BENALI Idriss"].code_hash, world.house.secret)


def test_a_code_that_was_replaced_is_not_handed_over(world: World):
    manager = world.staff("centre")
    previewed(manager, world.session, as_csv([TITLES, *ROWS]))
    told = _codes(confirmed(manager))
    zoe = enrolled(world)["DURAND Zoé"]
    enrolment.renew_code(world.house, world.person("centre"), zoe.id, world.clock())
    assert set(_codes(manager.get(f"/centre/sessions/{world.session}/codes"))) == set(told) - {"DURAND Zoé"}


# Laws

WORKBOOK = as_xlsx([TITLES, *ROWS])

CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["Durand", "Zoé", "28/02/1987", "12/3/85", "1985-03-12", "x@exemple.fr", "1er degré", "2", "Expert", "oui",
         "15", "couleurs", "", "31118", "=1+1", "'", "\x00", "ﷺ", "１２/０３/１９８５", "é" * 200]
    ),
)  # fmt: skip
HEADS = st.lists(st.one_of(st.sampled_from([*TITLES, "last name", "mail"]), CELLS), max_size=14)
TABLES = st.tuples(st.one_of(st.just(TITLES), HEADS), st.lists(st.lists(CELLS, max_size=14), max_size=12))
PLAIN = st.builds(
    lambda last, first, day, level, third: [last, first, day, "x@exemple.fr", "", "2nd degré", level, third, "", ""],
    st.sampled_from(["Durand", "DURAND", "Roux", "Le Goff", "Moreau", "7"]),
    st.sampled_from(["Zoé", "zoe", "Paul", "Anne-Lise", "Camille"]),
    st.sampled_from(["28/02/1987", "28.2.87", "12/03/1985", "31/02/1985"]),
    st.sampled_from(["Expert", "Avancé", "rien"]),
    st.sampled_from(["oui", ""]),
)


@settings(max_examples=300, deadline=None)
@given(TABLES)
def test_any_table_is_read_or_refused_by_name(table: tuple[list[str], list[list[str]]]):
    head, rows = table
    try:
        found = roster_file.table_of(sheet_file.SheetFile(([head, *rows],)))
    except (roster_file.WrongColumns, roster_file.NoCandidates, roster_file.TooManyLines):
        return
    for line in roster_file.lines_of(found):
        assert (line.candidate is None) == bool(line.faults)
        assert all(fault[0].isupper() and fault.endswith(".") for fault in line.faults)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_read_or_refused_by_name(content: bytes):
    if content.startswith((b"PK\x03\x04", sheet_file._COMPOUND)):
        return  # the next test
    try:
        file = sheet_file.read(content)
    except (sheet_file.NotASheet, sheet_file.SheetEmpty):
        return
    assert all(cell == " ".join(cell.split()) for rows in file.sheets for row in rows for cell in row)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_workbook_with_any_byte_changed_is_read_or_refused_by_name(data: st.DataObject):
    content = bytearray(WORKBOOK)
    for at in data.draw(st.lists(st.integers(4, len(content) - 1), min_size=1, max_size=20)):
        content[at] = data.draw(st.integers(0, 255))
    try:
        sheet_file.read(bytes(content))
    except (sheet_file.NotASheet, sheet_file.SheetEmpty, sheet_file.SheetEncrypted):
        return


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PLAIN, min_size=1, max_size=8))
def test_what_a_dry_run_says_is_what_is_done_and_done_once(world: World, rows: list[list[str]]):
    manager = world.person("centre")
    starts = world.clock() + timedelta(days=1)
    new = NewSession("Loi", Mode.ON_SITE, "Salle", starts, (world.person("surveillant").id,))
    session = enrolment.create_session(world.house, manager, new, world.clock())
    content = as_csv([TITLES, *rows])
    for turn in range(2):
        upload = roster.upload(world.house, manager, session, "x.csv", content, world.clock())
        run = roster.dry_run(world.house, manager, session, upload, world.clock())
        assert len(run.planned) == len(rows)
        before = people(world, session)
        if not run.is_good:
            with pytest.raises(roster.RosterFaulty):
                roster.confirm(world.house, manager, session, upload, run.digest, world.clock())
            assert people(world, session) == before == 0
            continue
        done = roster.confirm(world.house, manager, session, upload, run.digest, world.clock())
        assert done.created == len(run.of(Verdict.NEW)) == people(world, session) - before
        assert done.created == (0 if turn else len(rows))
        again = roster.confirm(world.house, manager, session, upload, run.digest, world.clock())
        assert (again.created, again.changed, again.unchanged) == (0, 0, len(rows))


def _codes(page: Page) -> dict[str, str]:
    """The codes on the page, by name."""
    found = {}
    for row in page.root.all("tr"):
        code = [e.text for e in row.all("strong") if "personal" in e.get("class")]
        if code:
            found[next(row.all("th")).text] = code[0]
    return found


def _count(world: World, table: str) -> int:
    with world.house.db.read() as connection:
        return int(sql(connection, f"SELECT count(*) FROM {table}").scalar_one())


def _notes(world: World) -> list[str]:
    with world.house.db.read() as connection:
        return list(sql(connection, "SELECT kind FROM session_event ORDER BY at").scalars())


@pytest.mark.parametrize("content", [b"%PDF-1.7 text", b"{\\rtf1 text}", b"\x89PNG text", b"\xff\xd8\xff text"])
def test_a_document_or_a_picture_is_not_taken_for_a_list(content):
    with pytest.raises(sheet_file.NotASheet):
        sheet_file.read(content)
