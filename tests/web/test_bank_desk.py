"""Administrators read the bank, say what they think of it and decide; files stay as they are until they are written."""

import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.items.item import Status
from engine.items.read import read_what_can_be
from engine.kernel import ItemId
from tests.engine.items.files import SINGLE, good_bank, item_file, put
from tests.web.browser import Browser, Page
from tests.web.test_statements import statements
from tests.web.world import World
from web.cli import main
from web.db import access_log
from web.services import accounts, bank_desk
from web.services.accounts import NewAccount
from web.services.bank_desk import open_matters
from web.services.shelf import Shelf

pytestmark = pytest.mark.usefixtures("bank")

LIST = "/administration/epreuves"
DRAFT = "crcn-1.1-90"
FILE = f"items/crcn/1.1/{DRAFT}.md"
LOG = """date = "2026-11-23"
reader = "Une lectrice"
items_read = 1
agreed_blind = 1
read = [{ item = "crcn-1.1-90", version = 1, agreed = true }]
"""


@pytest.fixture
def bank(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small bank with a draft that was read twice, on the server's shelf."""
    root = good_bank(tmp_path / "bank", **{FILE: item_file(DRAFT, SINGLE, status="draft")})
    (root / "reviews").mkdir()
    (root / "reviews" / "r1.toml").write_text(LOG, encoding="utf-8")
    monkeypatch.setitem(vars(world.house.catalogue), "shelf", Shelf(root))
    return root


@pytest.fixture
def admin(world: World) -> Browser:
    """The browser of an administrator."""
    return world.staff("admin")


def page_of(item: str) -> str:
    return f"{LIST}/{item}"


def ids(page: Page) -> list[str]:
    return [e.text.split()[0] for e in page.root.all("th") if e.get("scope") == "row" and "-" in e.text.split()[0]]


def decide(admin: Browser, becomes: str, reason: str = "Parce que.", item: str = DRAFT, expect: int = 303) -> Page:
    page = admin.get(page_of(item))
    sent = {name: _hidden(page, name) for name in ("digest", "seen")}
    return admin.post(f"{page_of(item)}/decision", {"becomes": becomes, "reason": reason, **sent}, expect=expect)


def _hidden(page: Page, name: str) -> str:
    return next(e["value"] for e in page.root.all("input") if e.get("name") == name)


def comment(admin: Browser, text: str, item: str = DRAFT, **fields: str) -> Page:
    admin.get(page_of(item))
    return admin.post(f"{page_of(item)}/remarques", {"text": text, **fields}, expect=303)


def apply(world: World, bank: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> str:
    monkeypatch.setenv("PALIER_DATABASE_URL", world.url)
    done = CliRunner().invoke(main, ["bank", "decisions", "--root", str(bank), *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_list_tells_what_is_in_the_files_and_none_of_what_they_ask(admin: Browser):
    page = admin.get(LIST)
    assert len(ids(page)) == 9
    for told in ("Brouillon", "8 validées", "1 brouillon", "Niveau 3", "Confirmé"):
        assert told in page.text
    assert "Une situation pour" not in page.text
    assert "no-store" in page.headers["Cache-Control"]


WISHES = {
    "statut=draft": [DRAFT],
    "competence=crcn": ["crcn-1.1-01", "crcn-1.1-02", DRAFT, "crcn-1.3-01", "crcn-2.1-01"],
    "competence=crcn_edu-2.2": ["edu-2.2-01"],
    "niveau=confirme&reponse=number": ["edu-2.3-01"],
    "texte=SITUATION crcn-2": ["crcn-2.1-01"],
    "texte=etape&competence=crcn_edu-3.1": ["edu-3.1-01"],
    "suivi=remarques": ["crcn-2.1-01"],
    "suivi=relecture": [],
    "suivi=decisions": [DRAFT],
    "degre=rien": [],
    "page=-3&statut=draft": [DRAFT],
}


def test_a_filter_keeps_what_it_names(admin: Browser):
    comment(admin, "À revoir.", "crcn-2.1-01")
    decide(admin, "approved")
    for wish, wanted in WISHES.items():
        page = admin.get(f"{LIST}?{wish}")
        assert ids(page) == wanted, wish
        assert wanted or "Tout afficher" in page.text


def test_problems_of_files_stand_above_what_can_be_read(bank: Path, admin: Browser):
    (bank / FILE).write_text((bank / FILE).read_text().replace("version = 1", 'version = "un"'), encoding="utf-8")
    (bank / "reviews" / "r2.toml").write_text("date =", encoding="utf-8")
    page = admin.get(LIST)
    for told in ("2 problèmes dans les fichiers", f"{FILE}:3", "reviews/r2.toml:1"):
        assert told in page.text
    assert len(ids(page)) == 8
    assert "illisible" in admin.get(page_of(DRAFT), expect=404).alert


def test_a_bank_without_items_says_so(bank: Path, admin: Browser):
    for file in (bank / "items").rglob("*.md"):
        file.unlink()
    assert "Aucune épreuve ne peut être lue." in admin.get(LIST).text


def test_an_item_is_seen_without_its_key_until_somebody_asks_and_each_look_is_written_down(
    world: World, admin: Browser
):
    page = admin.get(page_of(DRAFT))
    assert "Une situation pour crcn-1.1-90." in page.text
    for hidden in ("Pas a.", "Une justification.", "Une source", "Une raison."):
        assert hidden not in page.text
        assert hidden in admin.get(f"{page_of(DRAFT)}/cle").text
    tried = admin.post(f"{page_of(DRAFT)}/essai", {"reply": "b", "action": "valider"}, expect=200)
    assert "Réponse juste." in tried.text
    assert "Réponse fausse." in admin.post(f"{page_of(DRAFT)}/essai", {"reply": "a"}, expect=200).text
    assert "Il manque une réponse" in admin.post(f"{page_of(DRAFT)}/essai", {}, expect=400).alert
    with world.house.db.read() as connection:
        seen = [(a.what, a.subject, a.subject_id) for a in access_log.newest(connection)][::-1]
    assert set(seen) == {("item", "item", DRAFT), ("item_key", "item", DRAFT)}
    assert seen[0] == ("item", "item", DRAFT)
    assert f"épreuve {DRAFT}" in admin.get("/administration/acces").text


def test_every_item_shows_its_key_in_words(world: World, admin: Browser):
    for item in world.house.catalogue.shelf.look().bank:
        assert admin.get(f"{page_of(item.id)}/cle").heading == item.id


def test_an_item_that_a_session_may_put_now_says_so(world: World, admin: Browser):
    item = world.house.catalogue.named_release.items[0].id  # of the small bank too
    page = admin.get(page_of(item)).text
    assert "session en cours peut poser" in page or "sessions en cours peuvent poser" in page
    assert "en cours" not in admin.get(page_of(DRAFT)).text


def test_files_of_an_item_are_served_and_no_others(admin: Browser):
    found = admin.get(f"{page_of('crcn-1.3-01')}/fichiers/crcn-1.3-01.csv")
    assert found.headers["Content-Disposition"].startswith("attachment")
    admin.get(f"{page_of('edu-2.2-01')}/fichiers/edu-2.2-01.svg")
    for name in ("crcn-1.3-01.md", "..%2fcrcn-1.3-01.md", "edu-2.2-01.svg"):
        admin.get(f"{page_of('crcn-1.3-01')}/fichiers/{name}", expect=404)


def test_each_variant_is_tried_and_all_keys_and_files_are_shown(bank: Path, admin: Browser):
    task = "crcn-1.3-02"
    attached = [{"file": f"{task}.csv", "title": "Un tableau"}]
    other = {"id": "v2", "key": 8, "attachments": [{"file": f"{task}-v2.csv", "title": "Un tableau"}]}
    own = {"key": 7, "attachments": attached, "variants": [other | {"rationale": "Huit."}]}
    put(
        bank / "items" / "crcn" / "1.3",
        {
            f"{task}.md": item_file(task, own, interaction="file_task", answer="number"),
            f"{task}.csv": b"7\n",
            f"{task}-v2.csv": b"8\n",
        },
    )
    page = admin.get(f"{page_of(task)}?variante=2")
    assert f"{page_of(task)}/fichiers/{task}-v2.csv" in page.links()
    tried = admin.post(f"{page_of(task)}/essai?variante=2", {"reply": "7"}, expect=200)
    assert "Réponse fausse." in tried.text
    assert "Réponse juste." in admin.post(f"{page_of(task)}/essai?variante=2", {"reply": "8"}, expect=200).text
    key = admin.get(f"{page_of(task)}/cle")
    for told in ("Variante 1", "Variante 2", "Huit.", f"{task}-v2.csv"):
        assert told in key.text
    assert admin.get(f"{page_of(task)}/fichiers/{task}-v2.csv").body == b"8\n"
    assert admin.get(f"{page_of(task)}?variante=9").text == admin.get(page_of(task)).text


def test_a_comment_is_answered_settled_and_opened_again(world: World, admin: Browser):
    comment(admin, "Deux clés ?")
    [thread] = bank_desk.one(world.house, ItemId(DRAFT)).threads
    comment(admin, "Non.", thread=thread.id, action="replied")
    assert "1 remarque ouverte" in admin.get(page_of(DRAFT)).text
    comment(admin, "", thread=thread.id, action="settled")
    comment(admin, "", thread=thread.id, action="settled")  # by a page that was not up to date
    assert "Réglée : Deux clés" in admin.get(page_of(DRAFT)).text.replace("\xa0", " ")
    comment(admin, "", thread=thread.id, action="reopened")
    [thread] = bank_desk.one(world.house, ItemId(DRAFT)).threads
    assert [c.kind for c in thread.comments] == ["opened", "replied", "settled", "reopened"]
    assert thread.is_open


def test_a_comment_that_cannot_be_kept_says_why(world: World, admin: Browser):
    address = f"{page_of(DRAFT)}/remarques"
    assert "Écrivez votre remarque" in admin.post(address, {"text": "  "}, expect=400).alert
    assert "Écrivez votre remarque" in admin.post(address, {"text": "x" * 2001}, expect=400).alert
    assert "n'existe pas" in admin.post(address, {"text": "x", "thread": "x", "action": "settled"}, expect=404).alert
    admin.post(f"{page_of('crcn-1.1-99')}/remarques", {"text": "x"}, expect=404)
    assert not bank_desk.one(world.house, ItemId(DRAFT)).threads


def test_a_draft_is_approved_its_file_is_written_and_it_is_retired(
    world: World, bank: Path, admin: Browser, monkeypatch: pytest.MonkeyPatch
):
    before = (bank / FILE).read_bytes()
    decide(admin, "approved", "Relue et bonne.")
    page = admin.get(page_of(DRAFT))
    assert "validée, à écrire" in page.text
    assert (bank / FILE).read_bytes() == before
    assert f"{DRAFT} (version 1): draft → approved, 2026-11-23, Karim Lefort: Relue et bonne." in apply(
        world, bank, monkeypatch
    )
    assert (bank / FILE).read_bytes() == before
    assert "1 file written" in apply(world, bank, monkeypatch, "--apply")
    assert (bank / FILE).read_bytes() == before.replace(b'status = "draft"', b'status = "approved"')
    assert sorted(p.name for p in (bank / FILE).parent.iterdir()) == [f"crcn-1.1-{n}.md" for n in ("01", "02", "90")]
    assert "No decision waits." in apply(world, bank, monkeypatch)
    page = admin.get(page_of(DRAFT))
    assert "Écrite dans le fichier" in page.text
    assert "à écrire" not in page.text
    decide(admin, "retired")
    apply(world, bank, monkeypatch, "--apply")
    assert b'status = "retired"' in (bank / FILE).read_bytes()
    assert bank_desk.one(world.house, ItemId(DRAFT)).steps == (Status.DRAFT,)


def test_a_decision_that_may_not_be_taken_is_refused_by_name_and_nothing_is_kept(
    world: World, bank: Path, admin: Browser
):
    assert "Motivez" in decide(admin, "approved", " ", expect=400).alert
    assert "Choisissez une décision" in decide(admin, "", expect=400).alert
    assert "ne peut pas prendre ce statut" in decide(admin, "retired", expect=409).alert
    comment(admin, "Deux clés ?")
    assert "remarques sont ouvertes" in decide(admin, "approved", expect=409).alert
    [thread] = bank_desk.one(world.house, ItemId(DRAFT)).threads
    comment(admin, "Non.", thread=thread.id, action="settled")
    own = item_file(DRAFT, SINGLE, status="draft", author="Équipe Palier et Karim Lefort")
    (bank / FILE).write_text(own, encoding="utf-8")
    assert "Vous êtes l'auteur" in decide(admin, "approved", expect=403).alert
    (bank / FILE).write_text(item_file(DRAFT, SINGLE, status="draft", version=2), encoding="utf-8")
    assert "Aucune seconde lecture" in decide(admin, "approved", expect=409).alert
    (bank / "reviews" / "r1.toml").write_text(
        LOG.replace("version = 1", "version = 2") + f'[[findings]]\nitem = "{DRAFT}"\nfinding = "?"\naction = "open"\n'
    )
    assert "constat ouvert" in decide(admin, "approved", expect=409).alert
    assert not bank_desk.one(world.house, ItemId(DRAFT)).decisions


def test_a_file_that_changed_since_it_was_read_is_read_again_before_a_decision(
    world: World, bank: Path, admin: Browser, monkeypatch: pytest.MonkeyPatch
):
    page = admin.get(page_of(DRAFT))
    sent = {"becomes": "approved", "reason": "Bonne.", "digest": _hidden(page, "digest"), "seen": ""}
    (bank / FILE).write_text(item_file(DRAFT, SINGLE, "Une autre situation.", status="draft"), encoding="utf-8")
    refused = admin.post(f"{page_of(DRAFT)}/decision", sent, expect=409)
    assert "a changé depuis" in refused.alert
    assert "Une autre situation." in refused.text
    decide(admin, "approved")
    (bank / FILE).write_text(item_file(DRAFT, SINGLE, "Encore une autre.", status="draft"), encoding="utf-8")
    assert "Caduque" in admin.get(page_of(DRAFT)).text
    assert "1 decision lapsed" in apply(world, bank, monkeypatch, "--apply")
    assert b'status = "draft"' in (bank / FILE).read_bytes()


def test_of_two_who_decide_at_once_the_second_reads_what_the_first_decided(world: World, admin: Browser):
    accounts.create(world.house.db, NewAccount("admin2", "Rose Adam", world.person("admin").role, None, "x" * 12))
    desk = bank_desk.one(world.house, ItemId(DRAFT))
    decide(admin, "approved", "La première.")
    second = bank_desk.Verdict(Status.PRETEST, "La seconde.", desk.digest, desk.last_decision)
    with pytest.raises(bank_desk.DecidedMeanwhile):
        bank_desk.decide(world.house, world.person("admin2"), ItemId(DRAFT), second, world.clock())


def test_a_waiting_decision_is_taken_back(world: World, bank: Path, admin: Browser, monkeypatch: pytest.MonkeyPatch):
    decide(admin, "approved")
    decide(admin, "draft", "Trop tôt.")
    assert "No decision waits." in apply(world, bank, monkeypatch, "--apply")
    assert "Décision reprise" in admin.get(page_of(DRAFT)).text
    decide(admin, "approved")
    assert bank_desk.one(world.house, ItemId(DRAFT)).waiting


def test_what_is_open_on_an_item_of_the_release_is_told_and_on_another_draft_not(
    world: World, bank: Path, admin: Browser
):
    read = read_what_can_be(bank)[0]
    assert open_matters(world.house.db, read) == []
    comment(admin, "À revoir.")
    assert open_matters(world.house.db, read) == []  # a draft, and no release has it
    comment(admin, "À revoir.", "crcn-2.1-01")
    decide(admin, "retired", item="crcn-1.1-01")
    assert [str(m) for m in open_matters(world.house.db, read)] == [
        "crcn-1.1-01: a decision waits (approved → retired): palier bank decisions --apply",
        "crcn-2.1-01: 1 open comment: settle them",
    ]


def test_a_release_is_refused_while_something_is_open(
    world: World, bank: Path, admin: Browser, monkeypatch: pytest.MonkeyPatch
):
    comment(admin, "À revoir.", "crcn-2.1-01")
    monkeypatch.setenv("PALIER_DATABASE_URL", world.url)
    monkeypatch.setenv("PALIER_BANK", str(bank))
    refused = CliRunner().invoke(main, ["bank", "release", "un", "--root", str(bank), "--provenance", "tags"])
    assert "crcn-2.1-01: 1 open comment: settle them" in refused.stderr
    assert not (bank / "releases" / "un.json").exists()


def test_the_bank_is_read_again_only_when_a_file_changed(world: World, bank: Path):
    shelf = world.house.catalogue.shelf
    first = shelf.look()
    assert shelf.look() is first
    os.utime(bank / FILE, ns=(time.time_ns(), time.time_ns() + 1))
    assert shelf.look() is not first


def test_the_list_asks_as_much_of_the_database_for_many_comments_as_for_none(world: World, admin: Browser):
    def asked() -> int:
        with statements(world) as sent:
            admin.get(LIST)
        return len(sent)

    none = asked()
    for item in ("crcn-1.1-01", "crcn-1.1-02", "crcn-2.1-01"):
        comment(admin, "Un mot.", item)
    assert asked() == none


def test_the_other_seats_are_turned_away(world: World):
    for login in ("centre", "surveillant", "jury"):
        for path in (LIST, page_of(DRAFT), f"{page_of(DRAFT)}/cle"):
            world.staff(login).get(path, expect=403)


def test_a_database_without_decisions_says_what_to_do(bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PALIER_DATABASE_URL", f"sqlite:///{tmp_path}/empty.sqlite")
    done = CliRunner().invoke(main, ["bank", "decisions", "--root", str(bank)])
    assert done.exit_code == 1
    assert "palier db upgrade" in done.output
