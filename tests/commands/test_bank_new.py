"""A draft is talked through to the end: numbered on, never over another file, each thing that is missing named."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.items.item import Kind, Status
from engine.items.read import TO_FILL_IN, read_what_can_be
from engine.items.schema import FILE_ANSWERS
from tests.builders import ITEM_BANK
from web.cli import main
from web.commands.bank_new import slug


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A bank with the items of one competence."""
    shutil.copytree(ITEM_BANK / "items" / "crcn" / "1.3", tmp_path / "items" / "crcn" / "1.3")
    return tmp_path


def palier(*arguments: str | Path, input: str | None = None) -> Result:
    return CliRunner().invoke(main, ["bank", *map(str, arguments)], input=input)


def options(root: Path, kind: Kind, **more: str) -> list[str | Path]:
    named = {"competence": "crcn:1.3", "interaction": kind, "level": "4", "subject": "Tri à deux clés", "author": "N"}
    return ["new", "--root", root, *(text for name, value in (named | more).items() for text in (f"--{name}", value))]


def drafts(root: Path) -> list[Path]:
    old = {p.name for p in (ITEM_BANK / "items" / "crcn" / "1.3").iterdir()}
    return sorted(p for p in (root / "items" / "crcn" / "1.3").iterdir() if p.name not in old)


CASES = [(k, k) for k in Kind if k is not Kind.FILE_TASK] + [(Kind.FILE_TASK, k) for k in FILE_ANSWERS]


@pytest.mark.parametrize(("kind", "answer"), CASES)
def test_the_check_names_what_is_missing_and_then_nothing(root: Path, kind: Kind, answer: Kind):
    more = {"answer": str(answer), "file": "csv"} if kind is Kind.FILE_TASK else {}
    done = palier(*options(root, kind, **more))
    assert done.exit_code == 0, done.output
    (path,) = drafts(root)
    text = path.read_text(encoding="utf-8")
    _, problems = read_what_can_be(root)
    marked = {n for n, line in enumerate(text.split("\n"), start=1) if TO_FILL_IN.search(line) and line[0] != "#"}
    assert {p.line for p in problems} == marked
    assert all("is still to be filled in" in p.sentence for p in problems)

    numbers = iter(range(100))
    text = re.sub(r'key = "\[À REMPLIR : (un|le) nombre[^\]]*\]"', lambda _: f"key = {next(numbers)}", text)
    path.write_text(TO_FILL_IN.sub(lambda _: f"Texte {next(numbers)}", text), encoding="utf-8")
    for file in re.findall(r'^file = "(.*)"', text, re.MULTILINE):
        (path.parent / file).write_text("a,b", encoding="utf-8")
    items, problems = read_what_can_be(root)
    assert not problems
    made = next(i for i in items if i.id == path.stem)
    assert (made.status, made.kind, made.subject, made.tag) == (Status.DRAFT, kind, "tri-a-deux-cles", 4)


def test_numbers_go_on_after_the_last_file_readable_or_not(root: Path):
    (root / "items" / "crcn" / "1.3" / "crcn-1.3-41.md").write_text("broken", encoding="utf-8")
    assert palier(*options(root, Kind.NUMBER)).exit_code == 0
    assert palier(*options(root, Kind.NUMBER)).exit_code == 0
    assert [p.stem for p in drafts(root)] == ["crcn-1.3-41", "crcn-1.3-42", "crcn-1.3-43"]


def test_what_is_not_given_is_asked_for_with_what_is_there(root: Path):
    (root / "targets.toml").write_text("items = 99\nrepeated_subjects = 99\nitems_of_a_track = 98\n", encoding="utf-8")
    done = palier("new", "--root", root, input="crcn\n3\n99\n5\n8\ntri\nNadia\n")
    assert done.exit_code == 0, done.output
    for told in (
        "Traiter des données",
        "Par niveau",
        "formule-et-plage",
        "objectif : 99",
        "sur 99",
        "pour le 2nd degré",
        "Écrit",
    ):
        assert told in done.output, done.output
    text = drafts(root)[0].read_text(encoding="utf-8")
    assert 'interaction = "ordering"' in text
    assert "level = 8" in text
    assert 'author = "Nadia"' in text


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"level": "expert"}, "choisissez parmi 1, 2"),
        ({"competence": "crcn:9.9"}, "écrivez crcn:1.3"),
        ({"subject": "?!"}, "il faut un mot"),
    ],
)
def test_a_wrong_option_is_told_and_nothing_is_written(root: Path, more: dict[str, str], told: str):
    done = palier(*options(root, Kind.NUMBER, **more))
    assert done.exit_code == 2
    assert told in " ".join(done.output.replace("│", " ").split())
    assert not drafts(root)


def test_a_draft_is_never_written_over_a_script(root: Path):
    there = root / "scripts" / "crcn" / f"{slug(next_stem(root)).replace('-', '_')}.py"
    there.parent.mkdir(parents=True)
    there.write_text("mine", encoding="utf-8")
    done = palier(*options(root, Kind.FILE_TASK, answer="number", file="csv"))
    assert done.exit_code == 1
    assert "existe déjà" in done.output
    assert there.read_text(encoding="utf-8") == "mine"
    assert not drafts(root)


def next_stem(root: Path) -> str:
    last = max(int(p.name[9:11]) for p in (root / "items" / "crcn" / "1.3").glob("*.md"))
    return f"crcn-1.3-{last + 1:02}"
