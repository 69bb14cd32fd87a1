"""The keys of the file tasks of CRCN domain 4 and competence 5.2, derived again from the real attachments."""

import csv
import tomllib
import zipfile
from collections import Counter, defaultdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from openpyxl import load_workbook

ROOT = Path(__file__).parents[2]
ITEMS = ROOT / "item_bank" / "items" / "crcn"
ODF = {
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
}


def item(item_id: str) -> dict[str, Any]:
    text = (ITEMS / item_id.split("-")[1] / f"{item_id}.md").read_text(encoding="utf-8")
    return tomllib.loads(text.split("+++\n")[1])


def attachment(item_id: str) -> Path:
    (only,) = item(item_id)["attachments"]
    return ITEMS / item_id.split("-")[1] / str(only["file"])


def csv_rows(item_id: str) -> list[dict[str, str]]:
    with attachment(item_id).open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source, delimiter=";"))


def xlsx_rows(item_id: str) -> list[dict[str, Any]]:
    sheet = load_workbook(attachment(item_id)).active
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in body]


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.targets.append(dict(attrs)["href"] or "")


def test_the_links_that_leave_the_domain_are_counted() -> None:
    page = Links()
    page.feed(attachment("crcn-4.1-03").read_text(encoding="utf-8"))
    hosts = [urlsplit(target).hostname or "" for target in page.targets]
    assert len(hosts) == 12
    outside = [h for h in hosts if h != "rectorat-orbeval.example" and not h.endswith(".rectorat-orbeval.example")]
    assert len(outside) == item("crcn-4.1-03")["key"]


def test_one_account_yields_to_the_password_spraying() -> None:
    failures: dict[str, Counter[str]] = defaultdict(Counter)
    successes: dict[str, list[str]] = defaultdict(list)
    for row in csv_rows("crcn-4.1-07"):
        if row["resultat"] == "échec":
            failures[row["adresse_ip"]][row["identifiant"]] += 1
        else:
            successes[row["adresse_ip"]].append(row["identifiant"])
    # One address that tries many accounts, once each, and nearly always fails.
    sprayers = [
        ip
        for ip, tried in failures.items()
        if len(tried) >= 10 and max(tried.values()) == 1 and len(successes[ip]) < len(tried) / 4
    ]
    assert len(sprayers) == 1
    assert successes[sprayers[0]] == item("crcn-4.1-07")["key"]


def test_the_author_stays_in_the_properties_and_not_in_the_text() -> None:
    name = item("crcn-4.2-04")["key"][0]
    with zipfile.ZipFile(attachment("crcn-4.2-04")) as archive:
        core = ET.fromstring(archive.read("docProps/core.xml"))
        others = [
            archive.read(n).decode("utf-8") for n in archive.namelist() if n.startswith("word/") and n.endswith(".xml")
        ]
    assert core.findtext("{http://purl.org/dc/elements/1.1/}creator") == name
    assert not any(part in text for text in others for part in name.split())


def test_the_people_alone_in_their_combination_are_counted() -> None:
    people = [(r["Sexe"], r["Année de naissance"], r["Commune"]) for r in xlsx_rows("crcn-4.2-07")]
    assert sum(1 for one in people if people.count(one) == 1) == item("crcn-4.2-07")["key"]


def test_one_room_wastes_clearly_more_than_the_others() -> None:
    with zipfile.ZipFile(attachment("crcn-4.3-06")) as archive:
        content = ET.fromstring(archive.read("content.xml"))
    rows = [
        [
            cell.get(f"{{{ODF['office']}}}value") or cell.findtext("text:p", "", ODF) or ""
            for cell in row.findall("table:table-cell", ODF)
        ]
        for row in content.iterfind(".//table:table-row", ODF)
    ]
    energy: dict[str, float] = defaultdict(float)
    for room, _, power, hours, days in rows[1:]:
        energy[room] += float(power) * float(hours) * float(days)
    first, second = sorted(energy, key=lambda room: -energy[room])[:2]
    assert first == item("crcn-4.3-06")["key"][0]
    assert energy[first] > 1.05 * energy[second]


def test_the_machines_that_meet_the_four_conditions_are_counted() -> None:
    in_go = {"To": 1000.0, "Go": 1.0, "Mo": 0.001}
    fit = [
        r["Poste"]
        for r in xlsx_rows("crcn-5.2-06")
        if r["Type de système"] == "64 bits"
        and r["Mémoire vive (Go)"] >= 8
        and r["Espace libre"] * in_go[r["Unité"]] >= 20
        and tuple(int(n) for n in r["OpenGL"].split(".")) >= (3, 3)
    ]
    assert len(fit) == item("crcn-5.2-06")["key"]


def test_the_packages_to_download_are_added_once_each() -> None:
    catalogue = {r["paquet"]: r for r in csv_rows("crcn-5.2-08")}

    def missing(name: str) -> set[str]:
        if catalogue[name]["installé"] == "oui":
            return set()
        needed = [n for n in catalogue[name]["dépend de"].split(", ") if n]
        return {name}.union(*(missing(n) for n in needed))

    total = sum(int(catalogue[n]["taille (ko)"]) for n in missing("atelier-carto"))
    assert total == item("crcn-5.2-08")["key"]
