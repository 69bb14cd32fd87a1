"""The keys of the file tasks of CRCN 1.1, 1.2, 1.3 and 5.1, found again in the files themselves."""

import csv
import ipaddress
import re
import tomllib
import unicodedata
import zipfile
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import openpyxl

ROOT = Path(__file__).parents[2]
BANK = ROOT / "item_bank" / "items" / "crcn"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def front_matter(item: str) -> dict[str, Any]:
    competence = item.split("-")[1]
    text = (BANK / competence / f"{item}.md").read_text(encoding="utf-8")
    return tomllib.loads(text.split("+++\n")[1])


def attachment(item: str) -> Path:
    name = front_matter(item)["attachments"][0]["file"]
    return BANK / item.split("-")[1] / str(name)


class Reader(HTMLParser):
    """Keeps the paragraphs of each article and the link elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.articles: list[str] = []
        self.links: list[dict[str, str | None]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "article":
            self.inside = True
            self.articles.append("")
        elif tag == "link":
            self.links.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.articles[-1] += data


def read_page(item: str) -> Reader:
    reader = Reader()
    reader.feed(attachment(item).read_text(encoding="utf-8"))
    return reader


def test_only_one_workshop_uses_mind_maps_and_its_room_is_the_key() -> None:
    item = "crcn-1.1-02"
    workshops = read_page(item).articles
    found = [workshop for workshop in workshops if "heuristique" in workshop.casefold()]
    rooms = [re.findall(r"Salle : ([A-D]\d{3})", workshop)[0] for workshop in workshops]
    assert len(workshops) > 30
    assert len(set(rooms)) == len(rooms)
    assert len(found) == 1
    assert not any("carte mentale" in w.casefold() or "cartes mentales" in w.casefold() for w in workshops)
    assert re.findall(r"Salle : ([A-D]\d{3})", found[0])[0] in front_matter(item)["key"]


def test_the_page_declares_one_feed_of_the_cards_of_cycle_three() -> None:
    item = "crcn-1.1-06"
    page = read_page(item)
    feeds = [link for link in page.links if link.get("type") == "application/rss+xml"]
    right = [f["href"] for f in feeds if "Cycle 3" in str(f["title"]) and "fiches" in str(f["title"])]
    assert len(feeds) >= 5
    assert right == [front_matter(item)["key"][0]]
    assert "flux/" not in "".join(page.articles)


def test_the_largest_pdf_once_extracted_is_the_key_and_not_the_largest_inside_the_archive() -> None:
    item = "crcn-1.2-04"
    with zipfile.ZipFile(attachment(item)) as archive:
        assert archive.testzip() is None
        pdfs = [info for info in archive.infolist() if info.filename.endswith(".pdf")]
        for info in pdfs:
            assert archive.read(info).startswith(b"%PDF-1.4")
    by_size = sorted(pdfs, key=lambda info: info.file_size, reverse=True)
    name = PurePosixPath(by_size[0].filename).name
    assert name in front_matter(item)["key"]
    assert by_size[0].file_size > 1.2 * by_size[1].file_size
    assert max(pdfs, key=lambda info: info.compress_size) is not by_size[0]
    assert [PurePosixPath(info.filename).name for info in pdfs].count(name) == 1


def test_the_document_properties_name_the_person_who_saved_it_last() -> None:
    item = "crcn-1.2-05"
    with zipfile.ZipFile(attachment(item)) as package:
        core = ElementTree.fromstring(package.read("docProps/core.xml"))
        body = "".join(ElementTree.fromstring(package.read("word/document.xml")).itertext())
    values = {child.tag.rsplit("}", 1)[1]: child.text or "" for child in core}
    assert values["lastModifiedBy"] in front_matter(item)["key"]
    assert values["lastModifiedBy"].split()[-1] not in body
    assert values["creator"] != values["lastModifiedBy"]
    assert all(name in body for name in front_matter(item)["refused"])


def ods_rows(path: Path) -> list[list[str]]:
    with zipfile.ZipFile(path) as package:
        content = ElementTree.fromstring(package.read("content.xml"))
    rows = []
    for row in content.iter(f"{TABLE}table-row"):
        cells = row.iter(f"{TABLE}table-cell")
        rows.append([cell.get(f"{OFFICE}value") or "".join(cell.itertext()) for cell in cells])
    return rows


def test_the_most_borrowed_book_of_the_library_is_the_key() -> None:
    item = "crcn-1.3-02"
    header, *rows = ods_rows(attachment(item))
    title, loans = header.index("Titre"), header.index("Nombre de prêts")
    ranking = sorted(rows, key=lambda row: float(row[loans]), reverse=True)
    assert len(rows) > 100
    assert float(ranking[0][loans]) > float(ranking[1][loans])
    assert ranking[0][title] == front_matter(item)["key"][0]
    assert len({row[title].removeprefix("Le ").casefold() for row in rows}) == len(rows)


def test_the_people_who_signed_up_are_counted_by_their_cleaned_address() -> None:
    item = "crcn-1.3-06"
    with attachment(item).open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    raw = [row["Adresse électronique"] for row in rows]
    assert len({address.strip(" ").lower() for address in raw}) == front_matter(item)["key"]
    assert all(unicodedata.normalize("NFKC", address).isascii() for address in raw)
    assert not any(" " in address.strip(" ") for address in raw)
    naive = {len(raw), len(set(raw)), len({a.lower() for a in raw}), len({a.strip() for a in raw})}
    names = {(row["Prénom"], row["Nom"]) for row in rows}
    assert front_matter(item)["key"] not in naive | {len(names)}


def test_the_orders_of_biology_are_priced_with_the_catalogue() -> None:
    item = "crcn-1.3-07"
    book = openpyxl.load_workbook(attachment(item), data_only=True)
    catalogue = list(book["Catalogue"].iter_rows(min_row=2, values_only=True))
    prices = {row[0]: round(float(str(row[2])) * 100) for row in catalogue}
    orders = list(book["Commandes"].iter_rows(min_row=2, values_only=True))
    assert len(prices) == len(catalogue)
    biology = [(code, int(str(quantity))) for _, code, subject, quantity in orders if subject == "SVT"]
    cents = sum(prices[code] * quantity for code, quantity in biology)
    assert cents == round(front_matter(item)["key"] * 100)
    assert all(str(subject) == str(subject).strip() for _, _, subject, _ in orders)


def test_only_one_computer_has_its_gateway_outside_its_subnet() -> None:
    item = "crcn-5.1-08"
    text = attachment(item).read_text(encoding="utf-8")
    blocks = re.split(r"=== Poste (B12-\d\d) ===", text)[1:]
    found, addresses = [], set()
    for name, block in zip(blocks[::2], blocks[1::2], strict=True):
        fields = {k.rstrip(" ."): v.strip() for k, v in re.findall(r"^ +(.+?) : (.+)$", block, re.M)}
        host = ipaddress.ip_interface(f"{fields['Adresse IPv4']}/{fields['Masque de sous-réseau']}")
        assert host.ip not in (host.network.network_address, host.network.broadcast_address)
        addresses.add(host.ip)
        if ipaddress.ip_address(fields["Passerelle par défaut"]) not in host.network:
            found.append(name)
    assert len(addresses) == len(blocks) // 2 == 24
    assert found == front_matter(item)["key"][:1]
