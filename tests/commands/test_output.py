"""What would be lost or overwritten is said before the work begins."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from web.cli import main
from web.commands.bank import ROOT

STUDY = ("study", "simulate", "--release", "demo", "--rules", "2023", "--candidates", "20", "--seed", "1")


def palier(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--shift", "nan"), "nan is no number"),
        (("--noise", "nan"), "nan is no number"),
        (("--shift", "1e9"), "not in the range"),
        (("--selector", "forms"), "needs --forms"),
        (("--forms", ROOT / "README.md"), "--forms is for --selector forms"),
    ],
)
def test_a_study_that_makes_no_sense_is_refused_before_it_runs(tmp_path: Path, options: tuple[str, ...], told: str):
    done = palier(*STUDY, "--out", tmp_path / "out", *options)
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_found_before_the_work(tmp_path: Path):
    (tmp_path / "file").write_text("here", encoding="utf-8")
    done = palier(*STUDY, "--out", tmp_path / "file" / "study")
    assert done.exit_code == 1
    assert "Cannot write to" in done.output


def test_a_rule_file_that_is_not_utf_8_is_refused_with_what_to_do(tmp_path: Path):
    (tmp_path / "rules.toml").write_bytes("# règles".encode("latin-1"))
    done = palier(*STUDY[:4], "--rules", tmp_path / "rules.toml", *STUDY[6:], "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "save it as UTF-8" in done.output


def test_an_export_before_the_first_upgrade_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PALIER_DATA", str(tmp_path))
    done = palier("study", "export", "--out", tmp_path / "answers.csv")
    assert done.exit_code == 1
    assert "palier db upgrade" in done.output


def test_a_study_without_a_conclusive_sitting_says_so_and_shows_no_share(tmp_path: Path):
    done = palier(*STUDY, "--no-exposure", "--incident-rate", "1", "--incident-items", "64", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Aucune passation concluante" in page
    assert "placés exactement à leur niveau" not in page
