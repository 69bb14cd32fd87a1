"""The keys of the file tasks of CRCN 3.1 to 3.4, found again in the files themselves."""

import json
import math
import re
import struct
import tomllib
import zipfile
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

ROOT = Path(__file__).parents[2]
BANK = ROOT / "item_bank" / "items" / "crcn"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
DC = "{http://purl.org/dc/elements/1.1/}"
CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"


def parts(item: str) -> tuple[dict[str, Any], str]:
    """The front matter of an item and its body."""
    text = (BANK / item.split("-")[1] / f"{item}.md").read_text(encoding="utf-8")
    _, head, body = text.split("+++\n", 2)
    return tomllib.loads(head), body


def key(item: str) -> Any:
    return parts(item)[0]["key"]


def attachment(item: str) -> Path:
    name = parts(item)[0]["attachments"][0]["file"]
    return BANK / item.split("-")[1] / str(name)


def xml_in(path: Path, member: str) -> ElementTree.Element:
    with zipfile.ZipFile(path) as archive:
        return ElementTree.fromstring(archive.read(member))


def test_note_nine_of_the_minutes_names_one_office() -> None:
    content = xml_in(attachment("crcn-3.1-02"), "content.xml")
    notes = ["".join(n.itertext()) for n in content.iter(f"{TEXT}note-body")]
    offices = [re.findall(r"bureau (\d+)", n) for n in notes]
    assert len(notes) == 14
    assert all(len(o) == 1 for o in offices)
    assert len({o[0] for o in offices}) == 14
    assert int(offices[8][0]) == key("crcn-3.1-02")


def test_only_one_numbered_subtitle_of_the_guide_lacks_a_heading_style() -> None:
    document = xml_in(attachment("crcn-3.1-05"), "word/document.xml")
    without: list[str] = []
    with_style: list[str] = []
    for paragraph in document.iter(f"{W}p"):
        text = "".join(t.text or "" for t in paragraph.iter(f"{W}t"))
        if re.match(r"\d\.\d ", text):
            style = paragraph.find(f"{W}pPr/{W}pStyle")
            heading = style is not None and style.get(f"{W}val") == "Heading2"
            (with_style if heading else without).append(text)
    assert len(with_style) == 19
    assert len(without) == 1
    assert without[0].split()[0] == key("crcn-3.1-05")[0]
    assert without[0] in key("crcn-3.1-05")


def cell_text(cell: ElementTree.Element, accepted: set[str]) -> str:
    """The cell's text once the changes of these authors are accepted and all others refused."""
    text = ""
    for paragraph in cell.iter(f"{W}p"):
        for node in paragraph:
            kept = node.get(f"{W}author") in accepted
            if node.tag == f"{W}r" or (node.tag == f"{W}ins" and kept):
                text += "".join(t.text or "" for t in node.iter(f"{W}t"))
            elif node.tag == f"{W}del" and not kept:
                text += "".join(t.text or "" for t in node.iter(f"{W}delText"))
    return text


def budget(accepted: set[str]) -> int:
    document = xml_in(attachment("crcn-3.1-06"), "word/document.xml")
    rows = [[cell_text(c, accepted) for c in r.iter(f"{W}tc")] for r in document.iter(f"{W}tr")]
    assert rows[0] == ["Poste", "Montant (€)"]
    return sum(int(amount) for _, amount in rows[1:])


def test_the_budget_with_one_reviewers_changes_differs_from_every_shortcut() -> None:
    document = xml_in(attachment("crcn-3.1-06"), "word/document.xml")
    authors = {str(e.get(f"{W}author")) for tag in ("ins", "del") for e in document.iter(f"{W}{tag}")}
    assert authors == {"Inès Ferrand", "Marc Okoye", "Judith Lestrade"}
    assert budget({"Inès Ferrand"}) == key("crcn-3.1-06")
    others: list[set[str]] = [set(), authors, authors - {"Inès Ferrand"}, {"Marc Okoye"}, {"Judith Lestrade"}]
    assert all(budget(a) != key("crcn-3.1-06") for a in others)


def test_one_photo_has_enough_pixels_for_the_print() -> None:
    wide, high = math.ceil(15 / 2.54 * 300), math.ceil(10 / 2.54 * 300)
    enough = []
    with zipfile.ZipFile(attachment("crcn-3.2-05")) as archive:
        names = archive.namelist()
        for name in names:
            data = archive.read(name)
            assert data[:8] == b"\x89PNG\r\n\x1a\n"
            width, height = struct.unpack(">II", data[16:24])
            assert width >= height, "no image would fit once turned"
            if width >= wide and height >= high:
                enough.append(name)
    assert len(names) == 8
    assert len(enough) == 1
    assert Path(enough[0]).name == key("crcn-3.2-05")[0]


def milliseconds(stamp: str) -> int:
    hours, minutes, seconds, thousandths = map(int, re.split("[:,]", stamp))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def test_one_subtitle_appears_before_the_previous_one_is_gone() -> None:
    blocks = attachment("crcn-3.2-06").read_text(encoding="utf-8").strip().split("\n\n")
    cues = []
    for number, block in enumerate(blocks, 1):
        label, times, text = block.split("\n")
        start, end = map(milliseconds, times.split(" --> "))
        assert int(label) == number
        assert start < end
        assert text
        cues.append((start, end))
    early = [n for n, (before, cue) in enumerate(pairwise(cues), 2) if cue[0] <= before[1]]
    assert len(cues) == 63
    assert early == [key("crcn-3.2-06")]


def test_the_edit_lasts_what_the_key_says_once_plans_are_laid_on_a_timeline() -> None:
    sheet = load_workbook(attachment("crcn-3.2-09"))["Montage"]
    plans = [tuple(int(str(v)) for v in row[2:6]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    end = overlap = 0
    for first, last, speed, fade in plans:
        frames, rest = divmod(100 * (last - first), speed)
        assert rest == 0
        assert frames >= overlap + fade
        end += frames - overlap
        overlap = fade
    assert len(plans) == 42
    assert overlap == 0
    seconds = end / 25
    tolerance = parts("crcn-3.2-09")[0]["tolerance"]["absolute"]
    assert seconds == pytest.approx(key("crcn-3.2-09"))
    shortcuts = {
        "no fade": sum(100 * (last - first) / speed for first, last, speed, _ in plans),
        "no speed": sum(last - first - fade for first, last, _, fade in plans),
        "speed upside down": sum((last - first) * speed / 100 - fade for first, last, speed, fade in plans),
    }
    assert all(abs(frames / 25 - seconds) > 2 * tolerance for frames in shortcuts.values())


def test_the_properties_of_the_testimonies_still_name_a_person_absent_from_the_text() -> None:
    path = attachment("crcn-3.3-04")
    core = xml_in(path, "docProps/core.xml")
    author = core.findtext(f"{DC}creator") or ""
    assert author in key("crcn-3.3-04")
    assert author.split()[-1] == key("crcn-3.3-04")[0]
    assert core.findtext(f"{CORE}lastModifiedBy") == "Vie scolaire"
    text = "".join(xml_in(path, "word/document.xml").itertext())
    assert not any(name in text for name in author.split())


class Images(HTMLParser):
    """Keeps the attributes of each image of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.images.append(dict(attrs))


def test_one_image_of_the_page_has_no_alt_attribute() -> None:
    page = Images()
    page.feed(attachment("crcn-3.3-06").read_text(encoding="utf-8"))
    missing = [Path(str(i["src"])).name for i in page.images if "alt" not in i]
    assert len(page.images) == 18
    assert missing == [key("crcn-3.3-06")[0]]


def test_one_quotient_gets_another_price_than_the_voted_scale() -> None:
    body = parts("crcn-3.4-05")[1]
    scale = [
        (int(first), float(price.replace(",", ".")))
        for first, price in re.findall(r"^\| (?:de )?(\d+) [^|]*\| ([\d,]+) € \|$", body, re.MULTILINE)
    ]
    assert len(scale) == 7
    code = attachment("crcn-3.4-05").read_text(encoding="utf-8")
    rules = re.findall(r"if \(qf (<=?) (\d+)\) \{ return ([\d.]+); \}", code)
    otherwise = re.search(r"^ {6}return ([\d.]+);", code, re.MULTILINE)
    assert len(rules) == 6
    assert otherwise is not None

    def shown(quotient: int) -> float:
        for sign, bound, price in rules:
            if quotient < int(bound) or (sign == "<=" and quotient == int(bound)):
                return float(price)
        return float(otherwise[1])

    def voted(quotient: int) -> float:
        return [price for first, price in scale if first <= quotient][-1]

    assert [q for q in range(3001) if shown(q) != voted(q)] == [key("crcn-3.4-05")]


def test_one_line_of_the_export_breaks_the_json_syntax() -> None:
    text = attachment("crcn-3.4-06").read_text(encoding="utf-8")
    with pytest.raises(json.JSONDecodeError) as refusal:
        json.loads(text)
    line = refusal.value.lineno
    assert line == key("crcn-3.4-06")
    lines = text.split("\n")
    lines[line - 1] = lines[line - 1].replace("“", '"').replace("”", '"')
    assert len(json.loads("\n".join(lines))["ressources"]) == 40
    assert sum("“" in other for other in lines) > 3, "curly quotes inside strings are not mistakes"
