"""`palier study calibrate` as a person runs it."""

import csv
import importlib
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.calibration.file import Calibration
from engine.items.read import read_release
from tests.engine.calibration.answers import of_release
from web.cli import main
from web.commands.bank import ROOT

pytestmark = pytest.mark.slow

HEAD = ("person", "item", "correct", "mode")


def calibrated(*options: str | Path) -> Result:
    return CliRunner().invoke(main, ["study", "calibrate", *map(str, options)])


def written(path: Path, rows: Iterable[tuple[object, ...]], head: tuple[str, ...] = HEAD, delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([head, *rows])
    return path


def small(n: int = 120) -> list[tuple[object, ...]]:
    """Everybody answers six items; the stronger get more of them right."""
    return [
        (f"p{k}", f"i{j}", int((k * 37 + j * 11) % 100 < 100 * k / n - 12 * j + 45), "remote" if k % 2 else "on_site")
        for k in range(n)
        for j in range(6)
    ]


@pytest.fixture(scope="module")
def of_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answers to random items of the release demo."""
    found = of_release(read_release(ROOT, "demo"), 400, 60).responses
    modes = ["remote" if k % 2 else "on_site" for k in range(400)]
    rows = (
        (found.persons[p], found.items[i], int(x), modes[p])
        for p, i, x in zip(found.person.tolist(), found.item.tolist(), found.correct.tolist(), strict=True)
    )
    return written(tmp_path_factory.mktemp("answers") / "demo.csv", rows)


def test_three_files_are_written_and_tell_the_same(of_demo: Path, tmp_path: Path) -> None:
    done = calibrated(of_demo, "--release", "demo", "--model", "2pl-tree", "--group", "mode", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    found = Calibration.model_validate_json((tmp_path / "calibration.json").read_bytes())
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert report["calibration"] == found.model_dump(mode="json")
    assert len(found.items) == len(read_release(ROOT, "demo").items)
    assert [row["framework"] for row in report["coverage"]] == ["crcn_edu", "crcn"]
    assert set(report["dif"]) == {"mode"}
    assert all(row.item in page for row in found.items)


def test_the_page_needs_no_other_file_and_is_french(of_demo: Path, tmp_path: Path) -> None:
    assert calibrated(of_demo, "--release", "demo", "--out", tmp_path).exit_code == 0
    page = (tmp_path / "report.html").read_text("utf-8")
    assert '<html lang="fr">' in page
    assert not re.search(r"(src|href)=|url\(|@import", page)
    assert page.count("<h1") == 1
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        assert "<title" in svg
        assert "<desc" in svg


def test_the_same_answers_give_the_same_bytes(of_demo: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        calibrated(of_demo, "--release", "demo", "--out", tmp_path / folder)
    for name in ("calibration.json", "report.json", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_every_bad_row_is_named_with_its_line_and_nothing_is_written(tmp_path: Path) -> None:
    rows = [
        ("p1", "crcn-1.1-01", 1, "x"),
        ("p1", "crcn-1.1-01", 0, "x"),
        ("p2", "crcn-9.9-99", 1, "x"),
        ("p3", "crcn-1.1-02", 2, "x"),
        ("", "crcn-1.1-02", 1, "x"),
    ]
    file, out = written(tmp_path / "bad.csv", rows), tmp_path / "out"
    done = calibrated(file, "--release", "demo", "--out", out)
    assert done.exit_code == 1
    for told in (
        "line 3: person p1 already answered item crcn-1.1-01 on line 2",
        "line 4: item crcn-9.9-99 is not in release demo",
        "line 5: correct must be 0 or 1, got '2'",
        "line 6: person is missing",
        "4 problems: nothing was written",
    ):
        assert told in done.output
    assert not out.exists()


def test_a_spreadsheet_s_semicolons_and_byte_order_mark_are_understood(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", small(), delimiter=";")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert calibrated(file, "--out", tmp_path / "out").exit_code == 0


def test_new_items_are_placed_beside_anchors_and_drift_is_told(tmp_path: Path) -> None:
    first = written(tmp_path / "first.csv", [r for r in small() if r[1] != "i5"])
    assert calibrated(first, "--out", tmp_path / "first").exit_code == 0
    anchor = tmp_path / "first" / "calibration.json"
    every = written(tmp_path / "all.csv", small())
    assert calibrated(every, "--anchor", anchor, "--out", tmp_path / "next").exit_code == 0
    old = {i.item: (i.a, i.b) for i in Calibration.model_validate_json(anchor.read_bytes()).items}
    found = Calibration.model_validate_json((tmp_path / "next" / "calibration.json").read_bytes())
    assert {i.item: (i.a, i.b) for i in found.items if i.anchor} == old
    assert [i.item for i in found.items if not i.anchor] == ["i5"]
    report = json.loads((tmp_path / "next" / "report.json").read_text("utf-8"))
    assert {row["item"] for row in report["drift"]} == set(old)
    page = (tmp_path / "next" / "report.html").read_text("utf-8")
    assert "Nouveaux items" in page
    assert "Dérive" in page
    assert calibrated(every, "--earlier", anchor, "--out", tmp_path / "compared").exit_code == 0


@pytest.mark.parametrize(
    ("name", "content", "options", "told"),
    [
        ("a.csv", "person,item\np,i\n", [], "has no column correct"),
        ("a.csv", "person,item,correct\np,i,1\n", ["--group", "mode"], "has no column mode"),
        ("a.csv", "person,item,correct\np,i,1\n", [], "Fewer than two items"),
        ("a.csv", "", [], "has no column person, item, correct"),
        ("a.txt", "person,item,correct\n", [], "read from .csv or .parquet, not from .txt"),
        ("a.csv", "person,item,correct\np,i,1\n", ["--model", "2pl-tree"], "The tree model needs a release"),
        ("a.csv", "person,item,correct\np,i,1\n", ["--fixed-c", "0.2"], "--fixed-c belongs to --model 3pl"),
        ("a.csv", "person,item,correct\np,i,1\n", ["--release", "none"], "There is no release none"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    tmp_path: Path, name: str, content: str, options: list[str], told: str
) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    done = calibrated(file, *options, "--out", tmp_path / "out")
    assert done.exit_code != 0
    assert told in done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "out").exists()


def test_a_file_in_latin_1_and_a_file_that_is_no_calibration_are_refused(tmp_path: Path) -> None:
    latin = tmp_path / "a.csv"
    latin.write_bytes("person,item,correct\nZoé,i,1\n".encode("latin-1"))
    assert "is not UTF-8" in calibrated(latin, "--out", tmp_path / "out").output
    good = written(tmp_path / "good.csv", small())
    other = tmp_path / "other.json"
    other.write_text("{}", encoding="utf-8")
    assert "is not a calibration" in calibrated(good, "--anchor", other, "--out", tmp_path / "out").output


def test_without_pyarrow_a_parquet_file_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    file = tmp_path / "a.parquet"
    file.write_bytes(b"PAR1")
    done = calibrated(file, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "pip install 'palier[parquet]'" in done.output


def test_a_parquet_file_gives_what_its_csv_gives(tmp_path: Path) -> None:
    pyarrow = importlib.import_module("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    rows = small()
    columns = {name: [row[k] for row in rows] for k, name in enumerate(HEAD)}
    parquet.write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    for file in (written(tmp_path / "a.csv", rows), tmp_path / "a.parquet"):
        assert calibrated(file, "--group", "mode", "--out", tmp_path / file.suffix[1:]).exit_code == 0
    texts = [(tmp_path / kind / "calibration.json").read_bytes() for kind in ("csv", "parquet")]
    assert texts[0] == texts[1]
