"""`palier bank export` and `palier bank import`: what they write, what they say, and that they write all or nothing."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.items.read import read_bank
from tests.engine.items.files import good_bank
from web.cli import main

GIFT = "::Tri::Que trie-t-on ? {=les lignes ~les colonnes#Non. ~rien#Non.}\n\n::Texte::Dissertez. {}\n"
PLACE = ["--competence", "crcn:1.3", "--level", "4", "--author", "A. Martin", "--licence", "CC-BY-4.0"]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """One item of each interaction."""
    return good_bank(tmp_path / "bank")


def run(bank: Path, command: str, *args: object) -> Result:
    return CliRunner().invoke(main, ["bank", command, "--root", str(bank), *map(str, args)], env={"COLUMNS": "120"})


def written(bank: Path) -> set[str]:
    return {str(p.relative_to(bank)) for p in bank.rglob("*") if p.is_file()}


def test_a_bank_goes_into_another_and_is_sound_there(bank, tmp_path):
    out = run(bank, "export", tmp_path / "p.zip", "--to", "qti3", "--with-keys")
    assert out.exit_code == 0, out.output
    assert out.output.endswith("8 items in " + str(tmp_path / "p.zip") + ", with keys.\n")
    assert "`tolerance` of accents" in out.output
    (tmp_path / "other" / "items").mkdir(parents=True)
    back = run(tmp_path / "other", "import", tmp_path / "p.zip", "--keep-ids")
    assert back.exit_code == 0, back.output
    assert "to fill in" not in back.output
    assert written(tmp_path / "other") == written(bank)
    items, problems = read_bank(tmp_path / "other")
    assert not problems
    assert items is not None
    assert {item.status for item in items} == {"draft"}


def test_without_keys_an_import_asks_for_them(bank, tmp_path):
    assert run(bank, "export", tmp_path / "p.zip", "--to", "qti3", "--items", "crcn-1.1-01").exit_code == 0
    back = run(bank, "import", tmp_path / "p.zip", "--dry-run")
    assert "items/crcn/1.1/crcn-1.1-03.md" in back.output
    assert "lost: it says of no answer that it is right: `key` is to be filled in" in back.output
    assert re.search(r"to fill in: .*`key`", back.output)
    assert "1 drafts would be made." in back.output


def test_an_export_overwrites_nothing(bank, tmp_path):
    (tmp_path / "p.zip").write_bytes(b"mine")
    out = run(bank, "export", tmp_path / "p.zip", "--to", "qti3")
    assert out.exit_code == 1
    assert "is there already" in out.output
    assert (tmp_path / "p.zip").read_bytes() == b"mine"


def test_nothing_is_imported_of_a_file_that_palier_cannot_take_whole(bank, tmp_path):
    (tmp_path / "q.gift").write_text(GIFT, encoding="utf-8")
    before = written(bank)
    refused = run(bank, "import", tmp_path / "q.gift", *PLACE)
    assert refused.exit_code == 1
    assert "q.gift:3: « Texte »: a long text (empty braces) is marked by a person" in refused.output
    assert "--leave-out imports the questions that Palier has items for" in refused.output
    assert written(bank) == before


def test_what_can_be_imported_is_when_the_rest_is_left_out(bank, tmp_path):
    (tmp_path / "q.gift").write_text(GIFT, encoding="utf-8")
    out = run(bank, "import", tmp_path / "q.gift", "--leave-out", *PLACE)
    assert out.exit_code == 0, out.output
    assert "left out: q.gift:3: « Texte »" in out.output
    draft = (bank / "items/crcn/1.3/crcn-1.3-02.md").read_text(encoding="utf-8")
    assert 'author = "A. Martin"' in draft
    assert "level = 4" in draft
    assert "# subject = " in draft


def test_a_check_asks_for_what_a_draft_lacks_where_it_belongs(bank, tmp_path):
    (tmp_path / "q.gift").write_text(GIFT, encoding="utf-8")
    run(bank, "import", tmp_path / "q.gift", "--leave-out", *PLACE)
    told = run(bank, "check").output
    assert "items/crcn/1.3/crcn-1.3-02.md:7: subject: Field required" in told
    assert "items/crcn/1.3/crcn-1.3-02.md:8: tracks: Field required" in told


def test_a_question_without_a_competence_is_asked_for_one(bank, tmp_path):
    (tmp_path / "q.gift").write_text(GIFT.split("\n\n")[0], encoding="utf-8")
    out = run(bank, "import", tmp_path / "q.gift")
    assert out.exit_code == 1
    assert "q.gift:1: « Tri »: say its competence (--competence crcn:1.3)" in out.output


def test_ids_that_are_used_are_not_kept(bank, tmp_path):
    run(bank, "export", tmp_path / "p.zip", "--to", "qti3", "--with-keys", "--items", "crcn-1.1-01")
    out = run(bank, "import", tmp_path / "p.zip", "--keep-ids")
    assert out.exit_code == 1
    assert "the id crcn-1.1-01 is used in the bank: import without --keep-ids" in out.output


def test_a_hostile_file_is_one_sentence(bank, tmp_path):
    (tmp_path / "q.xml").write_text('<!DOCTYPE q SYSTEM "http://a.example/q.dtd"><quiz/>', encoding="utf-8")
    out = run(bank, "import", tmp_path / "q.xml", *PLACE)
    assert out.exit_code == 1
    assert "q.xml:1: <!DOCTYPE …> can name entities and files from elsewhere" in out.output
    assert "Traceback" not in out.output


def test_a_disk_that_fails_leaves_the_bank_as_it_was(bank, tmp_path, monkeypatch):
    (tmp_path / "q.gift").write_text("A ? {=a ~b#x ~c#x}\n\nB ? {=a ~b#x ~c#x}\n", encoding="utf-8")
    before = written(bank)
    calls = []

    def full(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "No space left on device", str(target))
        source.rename(target)

    monkeypatch.setattr("web.commands.bank_exchange.os.replace", full)
    out = run(bank, "import", tmp_path / "q.gift", *PLACE)
    assert out.exit_code == 1
    assert "Nothing was written" in out.output
    assert written(bank) == before
