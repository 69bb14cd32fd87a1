"""Derive the key of each file task of CRCN-Édu domain 1 from its attachment, as a candidate would."""

import csv
import datetime as dt
import re
import tomllib
import zipfile
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from statistics import fmean as mean
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import openpyxl

ROOT = Path(__file__).parents[2]
BANK = ROOT / "item_bank" / "items" / "crcn_edu"


def front_matter(item_id: str) -> dict[str, Any]:
    text = (BANK / item_id.split("-")[1] / f"{item_id}.md").read_text(encoding="utf-8")
    return tomllib.loads(text.split("+++\n", 2)[1])


def attachment(item_id: str) -> Path:
    (one,) = front_matter(item_id)["attachments"]
    return BANK / item_id.split("-")[1] / str(one["file"])


class Page(HTMLParser):
    """Table rows, link elements and visible text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: list[dict[str, str | None]] = []
        self.text: list[str] = []
        self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
            self.in_cell = True
        elif tag == "link":
            self.links.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self.in_cell = False

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self.in_cell:
            self.rows[-1][-1] += data


def read_page(item_id: str) -> Page:
    page = Page()
    page.feed(attachment(item_id).read_text(encoding="utf-8"))
    return page


def test_the_author_is_met_at_the_paris_time_of_the_only_confirmed_call() -> None:
    with zipfile.ZipFile(attachment("edu-1.1-04")) as archive:
        tree = ElementTree.fromstring(archive.read("content.xml"))
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    rows = [
        ["".join(cell.itertext()) for cell in row.iter(f"{table}table-cell")] for row in tree.iter(f"{table}table-row")
    ]
    assert rows[0] == ["Date", "Début (heure UTC)", "Objet", "Avec", "Salle", "État"]
    calls = [row for row in rows[1:] if row[3].startswith("Naïma Ferhat") and row[5] == "confirmée"]
    assert len(calls) == 1
    start = dt.datetime.strptime(f"{calls[0][0]} {calls[0][1]}", "%d/%m/%Y %H:%M").replace(tzinfo=dt.UTC)
    local = start.astimezone(ZoneInfo("Europe/Paris"))
    assert local.strftime("%H:%M") == front_matter("edu-1.1-04")["key"][0]


def test_one_person_has_more_late_tasks_than_anyone_else() -> None:
    sheet = openpyxl.load_workbook(attachment("edu-1.2-05")).worksheets[0]
    tasks: list[tuple[str, dt.date, str]] = []
    for row in sheet.iter_rows(min_row=2, values_only=True):
        assert isinstance(row[3], dt.datetime)
        tasks.append((str(row[2]), row[3].date(), str(row[4])))
    today = dt.date(2025, 3, 15)
    assert today not in {due for _, due, _ in tasks}
    late = Counter(who for who, due, state in tasks if state != "Terminé" and due < today)
    (first, most), (_, second) = late.most_common(2)
    assert most > second
    assert first == front_matter("edu-1.2-05")["key"][0]
    everything = Counter(who for who, _, _ in tasks)
    unfinished = Counter(who for who, _, state in tasks if state != "Terminé")
    past = Counter(who for who, due, _ in tasks if due < today)
    for shortcut in (everything, unfinished, past):
        assert shortcut.most_common(1)[0][0] != first


def test_one_training_module_only_fits_and_is_open() -> None:
    page = read_page("edu-1.3-02")
    text = "".join(page.text)
    assert "* Module complet" in text
    assert "† Module réservé" in text
    fitting = [
        row[0]
        for row in page.rows
        if row[1] == "Protéger les données des élèves au quotidien"
        and row[2] == "cycle 3"
        and row[3] == "à distance"
        and int(row[5].removesuffix(" h")) <= 6
        and re.fullmatch(r"NUM-\d{3}", row[0])
    ]
    assert fitting == [front_matter("edu-1.3-02")["key"][0]]


def test_the_page_declares_one_feed_of_articles() -> None:
    page = read_page("edu-1.3-03")
    feeds = [link for link in page.links if link.get("type") == "application/rss+xml"]
    assert len(feeds) == 2
    articles = [link["href"] for link in feeds if "articles" in str(link["title"])]
    assert articles == [front_matter("edu-1.3-03")["key"][0]]
    assert ".xml" not in "".join(page.text)


def test_the_hidden_sheet_names_that_many_pupils() -> None:
    book = openpyxl.load_workbook(attachment("edu-1.4-06"))
    hidden = [sheet for sheet in book.worksheets if sheet.sheet_state != "visible"]
    assert len(hidden) == 1
    rows = [row[:3] for row in hidden[0].iter_rows(min_row=2, values_only=True) if row[0]]
    key = front_matter("edu-1.4-06")["key"]
    assert len(set(rows)) == key
    assert len({row[:2] for row in rows}) == key
    assert len(rows) != key
    assert set(rows) <= {row[:3] for row in book["Groupes"].iter_rows(min_row=2, values_only=True)}


def test_the_joint_project_gets_the_base_of_two_classes_and_the_amended_bonus() -> None:
    def visit(name: str) -> Page:
        page = Page()
        page.feed(archive.read(f"classes-en-ondes/{name}").decode("utf-8"))
        return page

    def said(name: str) -> str:
        return " ".join("".join(visit(name).text).split())

    with zipfile.ZipFile(attachment("edu-1.3-07")) as archive:
        names = {name.removeprefix("classes-en-ondes/") for name in archive.namelist()}
        codes = [archive.read(name).decode("utf-8") for name in archive.namelist()]
        header, *rows = (row for row in visit("annexe.html").rows if row)
        amount = next(r for r in rows if r[0] == "Collège")[header.index("2 classes")]
        bonus = re.search(r"majorée de (\d+) €, une seule fois", said("reglement.html"))
        amended = re.search(r"à l'article 6, « (\d+) € » devient « (\d+) € »", said("actu-3.html"))
    assert len(names) == 16
    assert {target for code in codes for target in re.findall(r'href="([^"]+)"', code)} == names
    assert bonus
    assert amended
    assert amended[1] == bonus[1]
    assert int(amount.removesuffix(" €")) + int(amended[2]) == front_matter("edu-1.3-07")["key"]


def test_the_two_groups_progress_differs_by_the_key() -> None:
    matter = front_matter("edu-1.5-03")
    with attachment("edu-1.5-03").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))

    def marks(group: str, column: str) -> list[int]:
        return [int(row[column]) for row in rows if row["modalite"] == group and row[column]]

    def progress(group: str) -> float:
        return mean(
            int(row["note_apres"]) - int(row["note_avant"])
            for row in rows
            if row["modalite"] == group and row["note_avant"] and row["note_apres"]
        )

    def naive(group: str) -> float:
        return mean(marks(group, "note_apres")) - mean(marks(group, "note_avant"))

    tolerance = matter["tolerance"]["absolute"]
    assert round(progress("tablette") - progress("papier"), 2) == matter["key"]
    assert abs(naive("tablette") - naive("papier") - matter["key"]) > 5 * tolerance
