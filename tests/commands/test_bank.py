"""`palier bank check`, `stats`, `release` and `compare`, on a small bank of its own."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.items.freeze import Manifest
from engine.items.release import Provenance
from tests.engine.items.files import PLAIN, SINGLE, item_file, put
from web.cli import main

TASK = "items/crcn/1.3/crcn-1.3-01.md"
ONE = "items/crcn/1.1/crcn-1.1-01.md"
SCRIPT = "scripts/crcn/crcn_1_3_01.py"
FOUND = "from pathlib import Path\n\n\ndef key(files: list[Path]) -> float:\n    return float(files[0].read_text())\n"
FILES: dict[str, str | bytes] = {
    ONE: item_file("crcn-1.1-01", SINGLE, "Une documentaliste cherche un article paru hier dans un quotidien."),
    TASK: item_file(
        "crcn-1.3-01",
        {
            "key": 12,
            "attachments": [{"file": "crcn-1.3-01.txt", "title": "Un relevé"}],
            "variants": [
                {"id": "v2", "key": 7, "attachments": [{"file": "crcn-1.3-01-v2.txt", "title": "Un relevé"}]},
            ],
        },
        "Le relevé joint donne une température. Ouvrez-le.",
        interaction="file_task",
        answer="number",
    ),
    "items/crcn/1.3/crcn-1.3-01.txt": "12",
    "items/crcn/1.3/crcn-1.3-01-v2.txt": "7",
    "items/crcn_edu/3.1/edu-3.1-01.md": item_file(
        "edu-3.1-01",
        {"key": ["c", "a", "d", "b"], "choices": PLAIN},
        "Quatre étapes mènent une classe à son exposé.",
        interaction="ordering",
    ),
    SCRIPT: FOUND,
}


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Three items, one of them a file task in two variants."""
    return put(tmp_path, FILES)


def run(bank: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["bank", args[0], "--root", str(bank), *args[1:]], env={"COLUMNS": "120"})


def change(bank: Path, name: str, old: str, new: str) -> None:
    path = bank / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_sound_bank_is_said_to_be_sound(bank):
    found = run(bank, "check")
    assert (found.exit_code, found.output) == (0, "3 items, no problem.\n")


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (SCRIPT, "float(", "2 * float(", "variant 1: the file says '24.0', the key says otherwise"),
        (
            SCRIPT,
            "float(",
            "1 / 0 * float(",
            "variant 2: crcn_1_3_01.py fails on crcn-1.3-01-v2.txt: Zero",
        ),
        (SCRIPT, "def key", "def clef", "crcn_1_3_01.py does not run: KeyError('key')"),
        (SCRIPT, "float(files", "str(files", ""),
        (TASK, "key = 7", "key = 12", "'12.000000' is right in two variants: two neighbours could share it"),
        ("items/crcn/1.3/crcn-1.3-01-v2.txt", "7", "rien", "ValueError"),
        (ONE, "cherche un article", "cherche " + "encore " * 35 + "un article", f"{ONE}:1: a sentence of 45 words"),
    ],
)
def test_what_is_wrong_with_an_item_is_told_with_its_file(bank, name, old, new, told):
    change(bank, name, old, new)
    found = run(bank, "check")
    assert found.exit_code == (1 if told else 0)
    assert told in found.stderr


def test_a_file_task_without_a_script_and_a_script_without_a_file_task_are_told(bank):
    (bank / SCRIPT).rename(bank / "scripts/crcn/crcn_1_3_02.py")
    found = run(bank, "check")
    assert f"{TASK}:20: no script finds its key again: write {SCRIPT}" in found.stderr
    assert "scripts/crcn/crcn_1_3_02.py: no file task has this script: remove it" in found.stderr
    assert "2 problems: mend them" in found.stderr


def test_some_items_can_be_checked_alone(bank):
    (bank / SCRIPT).unlink()
    (bank / "targets.toml").write_text("items = 4\n")
    assert run(bank, "check", "crcn-1.1", "edu").exit_code == 0
    assert run(bank, "check", "crcn-1.3").exit_code == 1
    assert "crcn 1.1: 1 items, 4 are asked for" in run(bank, "check").stderr


def test_the_coverage_goes_into_the_readme_and_nowhere_else(bank):
    (bank / "README.md").write_text("Avant.\n<!-- coverage -->\nvieux\n<!-- /coverage -->\nAprès.\n", encoding="utf-8")
    assert run(bank, "stats", "--readme").exit_code == 0
    text = (bank / "README.md").read_text(encoding="utf-8")
    assert re.match(r"Avant\.\n<!-- coverage -->\n\| CRCN-Édu \|", text)
    assert "| 1.3 Traiter des données | 0 | 0 | 1 | 0 | 0 | 0 | 0 | 0 | 1 | 1 | 1 | 1 | 0 |" in text
    assert "- The 1 file tasks have 2 variants." in text
    assert text.endswith("<!-- /coverage -->\nAprès.\n")
    (bank / "README.md").write_text("Rien.\n", encoding="utf-8")
    assert "has no place for the tables" in run(bank, "stats", "--readme").stderr


def test_a_release_is_refused_while_there_is_a_problem(bank):
    (bank / SCRIPT).unlink()
    found = run(bank, "release", "un", "--provenance", "tags")
    assert found.exit_code == 1
    assert "no script finds its key again" in found.stderr
    assert not (bank / "releases").exists()


def test_a_release_says_what_it_has_otherwise(bank):
    assert run(bank, "release", "un", "--provenance", "tags").exit_code == 0
    change(bank, ONE, "version = 1", "version = 2")
    change(bank, "items/crcn_edu/3.1/edu-3.1-01.md", '"approved"', '"retired"')
    assert run(bank, "release", "un", "--provenance", "tags").exit_code == 1  # without --force nothing is replaced
    found = run(bank, "release", "deux", "--provenance", "tags", "--since", "un")
    assert "From un to deux:\n  1 changed: crcn-1.1-01 (version 1 → 2)\n  1 gone: edu-3.1-01\n" in found.output
    assert run(bank, "compare", "un", "un").output == "un holds what un holds.\n"
    simulated = run(bank, "release", "trois", "--provenance", "simulated", "--since", "deux")
    assert "2 have other parameters" in simulated.output
    assert "There is no release quatre; there are: deux, trois, un." in run(bank, "compare", "un", "quatre").stderr


def test_a_release_is_not_replaced_by_another_unless_told_so(bank):
    written = bank / "releases/un.json"
    assert run(bank, "release", "un", "--provenance", "simulated").exit_code == 0
    first = written.read_bytes()
    assert run(bank, "release", "un", "--provenance", "simulated").exit_code == 0  # the same again replaces nothing
    refused = run(bank, "release", "un", "--provenance", "tags")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert written.read_bytes() == first
    assert run(bank, "release", "un", "--provenance", "tags", "--force").exit_code == 0
    assert Manifest.model_validate_json(written.read_bytes()).provenance is Provenance.TAGS
    assert "small letters" in run(bank, "release", "../x", "--provenance", "tags").stderr


def test_an_item_that_changed_under_the_same_version_is_refused(bank):
    assert run(bank, "release", "un", "--provenance", "tags").exit_code == 0
    change(bank, ONE, "hier", "ce matin")
    for args in (("un", "--force"), ("deux", "--since", "un")):
        found = run(bank, "release", *args, "--provenance", "tags")
        assert "1 items changed since un under the same version: crcn-1.1-01. Raise `version`" in found.stderr
    assert not (bank / "releases/deux.json").exists()
