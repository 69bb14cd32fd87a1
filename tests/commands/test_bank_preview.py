"""The preview shows what candidates see, says what is right, and tells a broken file with its line."""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from engine.items.item import Gaps, Item, Kind, Matching, MultipleChoice, Number, Ordering, ShortText, SingleChoice
from engine.items.read import read_what_can_be
from engine.items.variants import every_variant
from tests.builders import ITEM_BANK
from web.cli import main
from web.preview.app import create_preview
from web.preview.french_problems import in_french

ITEMS, _ = read_what_can_be(ITEM_BANK)
ONE_OF_EACH = {i.kind: i for i in ITEMS}


class Reader:
    """Somebody with the preview open."""

    def __init__(self, root: Path, *only: str) -> None:
        self._client: FlaskClient = create_preview(root, only).test_client()

    def get(self, address: str, status: int = 200, host: str = "127.0.0.1:8765") -> str:
        """The page at an address."""
        answer = self._client.get(address, base_url=f"http://{host}")
        assert answer.status_code == status, answer.text
        return answer.text


@pytest.fixture(scope="module")
def whole() -> Reader:
    """The bank itself."""
    return Reader(ITEM_BANK)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A bank with the items of one competence, free to be changed."""
    shutil.copytree(ITEM_BANK / "items" / "crcn" / "1.3", tmp_path / "items" / "crcn" / "1.3")
    return tmp_path


def form_of(item: Item) -> dict[str, str | list[str]]:
    """The key as the form of the candidate would send it."""
    match item.interaction:
        case SingleChoice(key=key):
            return {"reply": key}
        case MultipleChoice(key=keys):
            return {"reply": sorted(keys)}
        case ShortText(key=keys):
            return {"reply": keys[0]}
        case Number(key=value):
            return {"reply": f"{value:f}"}
        case Ordering(key=order):
            return {f"place-{choice}": str(n) for n, choice in enumerate(order, start=1)}
        case Matching(key=pairs):
            return {f"pair-{p}": c for p, c in pairs}
        case Gaps(key=pairs):
            return {f"gap-{g}": c for g, c in pairs}


def reply(item: Item, form: dict[str, str | list[str]], **more: str) -> str:
    return f"/epreuve/{item.id}?{urlencode({'action': 'valider', **more, **form}, doseq=True)}"


@pytest.mark.parametrize("kind", Kind)
def test_every_interaction_is_put_as_candidates_see_it_and_scored(whole: Reader, kind: Kind):
    item = ONE_OF_EACH[kind]
    screen = whole.get(f"/ecran/{item.id}")
    assert '<form class="card item"' in screen
    assert "Valider et continuer" in screen
    for secret in (item.rationale, item.source, item.level_reason):
        assert secret[:40] not in screen
    assert "Juste</strong>" in whole.get(reply(item, form_of(item)))
    assert "comptée fausse" in whole.get(f"/epreuve/{item.id}?action=passer")
    page = whole.get(reply(item, {}))
    assert "Le candidat lit" in page
    assert "Juste</strong>" not in page


def test_each_variant_has_its_own_file_and_key(whole: Reader):
    task = next(i for i in ITEMS if i.variants)
    for number, one in enumerate(every_variant(task), start=1):
        screen = whole.get(f"/ecran/{task.id}?variante={number}")
        assert all((a.file in screen) == (v is one) for v in every_variant(task) for a in v.attachments if one is v)
        assert "Juste</strong>" in whole.get(reply(task, form_of(one), variante=str(number)))
        wrong = every_variant(task)[number % len(every_variant(task))]
        assert "Faux</strong>" in whole.get(reply(task, form_of(wrong), variante=str(number)))
        whole._client.get(f"/fichier/{task.id}/{one.attachments[0].file}", base_url="http://localhost").close()


def test_choices_are_drawn_anew_with_another_order(whole: Reader):
    item = next(i for i in ITEMS if i.kind is Kind.SINGLE_CHOICE and not i.interaction.fixed_order)
    shown = {
        tuple(re.findall(r'name="reply" value="(\w)"', whole.get(f"/ecran/{item.id}?ordre={n}"))) for n in range(6)
    }
    assert len(shown) > 1


def test_only_files_of_the_item_are_given_and_only_to_this_machine(whole: Reader):
    item = next(i for i in ITEMS if i.attachments)
    whole.get(f"/fichier/{item.id}/{item.id}.md", status=404)
    whole.get(f"/fichier/{item.id}/..%2F..%2Fx", status=404)
    whole.get("/", status=400, host="example.org")


def test_the_list_is_filtered_and_its_neighbours_stay_in_it(whole: Reader):
    page = whole.get("/?competence=crcn:1.3&niveau=2")
    wanted = [i.id for i in ITEMS if (i.framework, i.competence, i.tag) == ("crcn", "1.3", 2)]
    assert re.findall(r"/epreuve/([\w.-]+)", page) == wanted
    assert "Aucune épreuve ne correspond" in whole.get("/?texte=xyzxyz")
    one = whole.get("/epreuve/crcn-1.3-03?competence=crcn:1.3")
    assert re.search(r'rel="prev" href="/epreuve/crcn-1.3-02\?competence=crcn:1.3"', one)
    found = [re.findall(r"/epreuve/([\w.-]+)", whole.get(f"/?texte={text}")) for text in ("memoire", "Mémoire")]
    assert found[0] == found[1] != []


def test_a_broken_file_is_told_with_its_line_until_it_is_mended(root: Path):
    there = Reader(root)
    path = root / "items" / "crcn" / "1.3" / "crcn-1.3-01.md"
    good, before = path.read_text(encoding="utf-8"), there.get("/signe/crcn-1.3-01")
    line = good.split("\n").index(next(row for row in good.split("\n") if row.startswith("rationale"))) + 1
    save(path, re.sub(r"^rationale = .*$", 'rationale = ""', good, flags=re.MULTILINE), 1)
    assert there.get("/signe/crcn-1.3-01") != before
    page = there.get("/epreuve/crcn-1.3-01")
    assert f"ligne {line}" in page
    assert "« rationale » est vide".replace(" ", "\xa0") in page.replace(" ", "\xa0")
    assert "1 fichier à corriger" in there.get("/")
    save(path, good, 2)
    assert "Clé et explications" in there.get("/epreuve/crcn-1.3-01")
    path.unlink()
    assert "pas dans la banque" in there.get("/epreuve/crcn-1.3-01", status=404)


def save(path: Path, text: str, later: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + later))


def test_an_empty_bank_says_how_to_begin(tmp_path: Path):
    assert "palier bank new" in Reader(tmp_path).get("/")


def test_a_draft_of_any_kind_is_shown_as_what_is_to_be_filled_in_in_french(root: Path):
    for kind in Kind:
        options = f"--competence crcn:1.3 --interaction {kind} --level 3 --subject x --author N".split()
        more = ["--answer", "number", "--file", "csv"] if kind is Kind.FILE_TASK else []
        assert CliRunner().invoke(main, ["bank", "new", "--root", str(root), *options, *more]).exit_code == 0
    there = Reader(root)
    _, problems = read_what_can_be(root)
    assert len(problems) > 60
    assert all(" is " not in in_french(p.sentence) for p in problems)
    page = there.get("/?statut=a-corriger")
    made = sorted(set(re.findall(r"/epreuve/([\w.-]+)", page)))
    assert len(made) == len(Kind)
    assert "une situation professionnelle réelle" in there.get(f"/ecran/{made[0]}"), (
        "a draft is shown as far as it goes"
    )
    assert "« source » reste à remplir".replace(" ", "\xa0") in there.get(f"/epreuve/{made[0]}").replace(" ", "\xa0")


def test_a_preview_of_nothing_is_refused(root: Path):
    done = CliRunner().invoke(main, ["bank", "preview", "--root", str(root), "crcn-9"])
    assert done.exit_code == 1
    assert "Aucune épreuve ne commence par crcn-9" in done.output


def test_second_readings_of_an_item_stand_beside_it(root: Path):
    log = """date = "2026-01-02"
reader = "Aïcha B."
read = [{ item = "crcn-1.3-03", version = 1, agreed = false }]
[[findings]]
item = "crcn-1.3-03"
finding = "Deux graphiques conviennent."
action = "open"
"""
    (root / "reviews").mkdir()
    (root / "reviews" / "lecture.toml").write_text(log, encoding="utf-8")
    (root / "reviews" / "broken.toml").write_text("=", encoding="utf-8")
    page = Reader(root).get("/epreuve/crcn-1.3-03")
    for told in ("Aïcha B.", "Autrement que la clé", "Deux graphiques conviennent.", "à traiter"):
        assert told in page
    assert "Aïcha B." not in Reader(root).get("/ecran/crcn-1.3-03")
