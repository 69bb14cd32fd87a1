"""The keys of the file tasks of CRCN-Édu domains 2 and 4, derived again from the candidate's files."""

import csv
import datetime as dt
import io
import tomllib
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).parents[2]
ITEMS = ROOT / "item_bank" / "items" / "crcn_edu"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def front_matter(item_id: str) -> dict[str, Any]:
    competence = item_id.split("-")[1]
    text = (ITEMS / competence / f"{item_id}.md").read_text(encoding="utf-8")
    return tomllib.loads(text.split("+++\n")[1])


def attachment(item_id: str) -> Path:
    (described,) = front_matter(item_id)["attachments"]
    return ITEMS / item_id.split("-")[1] / str(described["file"])


def test_one_video_of_the_catalogue_may_be_adapted_and_meets_every_wish() -> None:
    sheet = openpyxl.load_workbook(attachment("edu-2.1-03"))["Catalogue"]
    header, *rows = sheet.iter_rows(values_only=True)
    resources = [dict(zip(map(str, header), map(str, row), strict=True)) for row in rows]
    assert len({resource["Référence"] for resource in resources}) == len(resources) > 80
    wished = [
        resource
        for resource in resources
        if (resource["Discipline"], resource["Niveau"], resource["Type"]) == ("SVT", "Cycle 4", "Vidéo")
        and resource["Compte élève obligatoire"] == "Non"
        and resource["Sous-titres"] == "Oui"
    ]
    assert len(wished) > 3
    adaptable = [r for r in wished if r["Licence"].startswith("CC BY") and "ND" not in r["Licence"]]
    assert [resource["Référence"] for resource in adaptable] == front_matter("edu-2.1-03")["key"]


def test_one_part_title_of_the_booklet_has_the_look_but_not_the_style_of_a_title() -> None:
    with zipfile.ZipFile(attachment("edu-2.2-01")) as archive:
        document = ElementTree.fromstring(archive.read("word/document.xml"))
    styled, dressed = [], []
    for paragraph in document.iter(f"{WORD}p"):
        text = "".join(node.text or "" for node in paragraph.iter(f"{WORD}t"))
        style = paragraph.find(f"{WORD}pPr/{WORD}pStyle")
        if style is not None and style.get(f"{WORD}val") == "Heading1":
            styled.append(text)
        elif style is None and paragraph.find(f"{WORD}r/{WORD}rPr/{WORD}b") is not None:
            dressed.append(text)
    assert len(styled) == 13
    assert len(dressed) == 1
    assert dressed[0] == front_matter("edu-2.2-01")["key"][0]


def test_one_file_of_the_archive_names_pupils_with_their_special_arrangements() -> None:
    naming = []
    with zipfile.ZipFile(attachment("edu-2.3-04")) as archive:
        names = archive.namelist()
        for name in names:
            content = archive.read(name).decode("utf-8-sig")
            if name.endswith(".csv"):
                header = next(csv.reader(io.StringIO(content), delimiter=";"))
                if "eleve" in header:
                    naming.append(name)
                    assert "amenagement" in header
                    assert "PAP" in content
                    continue
            assert "PAP" not in content
    assert len(names) == 26
    keys = front_matter("edu-2.3-04")["key"]
    assert len(naming) == 1
    assert naming[0] == keys[-1]
    assert Path(naming[0]).name == keys[0]
    assert sum(Path(name).name == keys[0] for name in names) == 1


class Form(HTMLParser):
    """Labels by the field they aim at, and the fields of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: dict[str, str] = {}
        self.fields: set[str] = set()
        self.target = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "label":
            self.target = attributes["for"] or ""
        elif tag == "input":
            self.fields.add(attributes["id"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.target = ""

    def handle_data(self, data: str) -> None:
        if self.target:
            self.labels[self.target] = data


def test_one_label_of_the_form_aims_at_no_field() -> None:
    form = Form()
    form.feed(attachment("edu-4.1-03").read_text(encoding="utf-8"))
    assert len(form.labels) == len(form.fields) == 18
    orphans = [label for target, label in form.labels.items() if target not in form.fields]
    assert orphans == front_matter("edu-4.1-03")["key"][:1]


def test_the_fractions_group_holds_the_pupils_weak_in_fractions_only() -> None:
    header, *rows = CalamineWorkbook.from_path(attachment("edu-4.2-03")).get_sheet_by_index(0).to_python()
    fractions, algebra = header.index("Fractions (%)"), header.index("Calcul littéral (%)")
    assert len(rows) > 100
    present = [row for row in rows if "abs" not in (row[fractions], row[algebra])]
    assert len(present) < len(rows)
    group = [row for row in present if float(str(row[fractions])) < 50 and float(str(row[algebra])) >= 60]
    assert len(group) == front_matter("edu-4.2-03")["key"]


def test_one_pupil_has_contributed_nothing_for_the_longest_time() -> None:
    sheet = openpyxl.load_workbook(attachment("edu-4.3-02"))["Journal"]
    last_trace: dict[str, dt.datetime] = {}
    last_contribution: dict[str, dt.datetime] = {}
    for date, _, pupil, _, action in sheet.iter_rows(min_row=2, values_only=True):
        assert isinstance(date, dt.datetime)
        last_trace[str(pupil)] = max(date, last_trace.get(str(pupil), date))
        if action in ("dépôt", "message"):
            last_contribution[str(pupil)] = max(date, last_contribution.get(str(pupil), date))
    assert last_trace.keys() == last_contribution.keys()
    oldest = min(last_contribution.values())
    silent = [pupil for pupil, date in last_contribution.items() if date == oldest]
    assert silent == front_matter("edu-4.3-02")["key"]
    assert min(last_trace, key=lambda pupil: last_trace[pupil]) not in silent
