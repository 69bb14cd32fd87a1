"""The keys of the file tasks of CRCN domain 2, derived again from the attachments themselves."""

import io
import re
import struct
import tomllib
import zipfile
from collections import Counter
from email import message_from_string
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).parents[2]
BANK = ROOT / "item_bank" / "items" / "crcn"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def front_matter(item: str) -> dict[str, Any]:
    text = (BANK / item.split("-")[1] / f"{item}.md").read_text(encoding="utf-8")
    return tomllib.loads(text.split("+++\n")[1])


def attachment(item: str) -> Path:
    return BANK / item.split("-")[1] / str(front_matter(item)["attachments"][0]["file"])


def key(item: str) -> Any:
    return front_matter(item)["key"]


def members(item: str) -> dict[str, bytes]:
    with zipfile.ZipFile(attachment(item)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_longest_wait_between_two_relays_is_the_key_of_2_1_08() -> None:
    message = message_from_string(attachment("crcn-2.1-08").read_text(encoding="utf-8"))
    received = message.get_all("Received") or []
    assert len(received) == 6
    times = [parsedate_to_datetime(re.sub(r"\(.*?\)", "", line.split(";")[1]).strip()) for line in reversed(received)]
    assert times == sorted(times)
    waits = [(after - before).total_seconds() / 60 for before, after in pairwise(times)]
    assert max(waits) == key("crcn-2.1-08")
    assert sorted(waits)[-2] < 15


def test_the_free_and_wide_enough_images_are_counted_in_2_2_05() -> None:
    sheet = load_workbook(attachment("crcn-2.2-05")).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    licence, width = header.index("Licence"), header.index("Largeur (px)")
    fitting = [
        row
        for row in rows
        if int(str(row[width])) >= 2400
        and str(row[licence]) != "Tous droits réservés"
        and not {"NC", "ND"} & set(re.split(r"[ -]", str(row[licence])))
    ]
    assert len(rows) == 140
    assert len(fitting) == key("crcn-2.2-05")


def gps_of(photo: bytes) -> bool:
    """Whether the Exif directory of a JPEG has a GPS directory (tag 0x8825) with a latitude (tag 2)."""
    stream = io.BytesIO(photo)
    assert stream.read(2) == b"\xff\xd8"
    while True:
        marker, size = struct.unpack(">HH", stream.read(4))
        data = stream.read(size - 2)
        if marker == 0xFFE1 and data.startswith(b"Exif\0\0"):
            break
        assert marker != 0xFFDA, "a photo without Exif"
    tiff = data[6:]
    order = "<" if tiff[:2] == b"II" else ">"

    def directory(offset: int) -> dict[int, int]:
        (count,) = struct.unpack_from(f"{order}H", tiff, offset)
        entries = (struct.unpack_from(f"{order}HHII", tiff, offset + 2 + 12 * i) for i in range(count))
        return {tag: value for tag, _, _, value in entries}

    first = directory(struct.unpack_from(f"{order}I", tiff, 4)[0])
    return 0x8825 in first and 2 in directory(first[0x8825])


def test_one_photo_alone_tells_where_it_was_taken_in_2_2_06() -> None:
    photos = members("crcn-2.2-06")
    assert len(photos) == 10
    assert [name for name, data in photos.items() if gps_of(data)] == key("crcn-2.2-06")[:1]


def settled(paragraph: ElementTree.Element, accepted: str) -> str:
    """The text when the changes of one person are accepted and those of all others refused."""
    kept = []
    for part in paragraph:
        author = part.get(f"{WORD}author")
        inserted, deleted = part.tag == f"{WORD}ins", part.tag == f"{WORD}del"
        if (inserted and author != accepted) or (deleted and author == accepted):
            continue
        kept += [leaf.text or "" for leaf in part.iter() if leaf.tag in (f"{WORD}t", f"{WORD}delText")]
    return "".join(kept)


def test_the_sum_due_once_the_changes_are_settled_is_the_key_of_2_3_05() -> None:
    body = ElementTree.fromstring(members("crcn-2.3-05")["word/document.xml"]).find(f"{WORD}body")
    assert body is not None
    authors = {part.get(f"{WORD}author") for part in body.iter() if part.tag in (f"{WORD}ins", f"{WORD}del")}
    assert authors == {"Inès Moreau", "Karim Benali"}
    text = "\n".join(settled(paragraph, "Inès Moreau") for paragraph in body.iter(f"{WORD}p"))
    article = text.split("Article 4")[1].split("Article 5")[0]
    instalments = re.search(r"réglée en (\w+) versements de (\d+) € chacun", article)
    assert instalments is not None
    total = {"trois": 3, "quatre": 4}[instalments[1]] * int(instalments[2])
    for sentence in re.split(r"(?<=\.)\s", article):
        if "remise" in sentence:
            total -= int(re.findall(r"(\d+) €", sentence)[0])
        elif "s'ajoute" in sentence:
            total += int(re.findall(r"(\d+) €", sentence)[0])
    assert len(re.findall(r"\d+ €", article)) == 3
    assert total == key("crcn-2.3-05")


def test_the_first_revision_in_the_line_with_the_new_delay_is_the_key_of_2_3_07() -> None:
    texts = {name: data.decode("utf-8-sig") for name, data in members("crcn-2.3-07").items()}
    assert len(texts) == 14

    def parent(name: str) -> str | None:
        found = re.search(r"^Révision parente : (\w{4})\s*$", texts[name], re.MULTILINE)
        return f"rev-{found[1]}.txt" if found else None

    def delay(name: str) -> int:
        found = re.search(r"répondent aux messages des familles dans un délai de (\d+) heures", texts[name])
        assert found is not None
        return int(found[1])

    line: list[str] = []
    here: str | None = "rev-b81c.txt"
    while here:
        line.append(here)
        here = parent(here)
    delays = [delay(name) for name in line]
    assert delays == sorted(delays, reverse=True)
    assert delays[-1] == 48
    assert line[delays.count(72) - 1] == key("crcn-2.3-07")[0]
    assert {delay(name) for name in texts.keys() - set(line)} == {48, 72}


def cells(page: bytes) -> list[list[str]]:
    root = ElementTree.fromstring(re.sub(r"<style>.*?</style>|<meta[^>]*>|<!DOCTYPE html>", "", page.decode("utf-8")))
    return [[cell.text or "" for cell in row.findall("td")] for row in root.iter("tr") if row.find("td") is not None]


def test_one_application_can_still_publish_and_is_the_key_of_2_4_05() -> None:
    pages = members("crcn-2.4-05")
    allowed: dict[str, bool] = {}
    days = []
    for day, event in cells(pages["journal.html"]):
        days.append(day.split("/")[::-1])
        found = re.fullmatch(r"Autorisation (accordée|retirée) à l'application n° (\d+)", event)
        if found:
            allowed[found[2]] = found[1] == "accordée"
    assert days == sorted(days)
    applications = cells(pages["applications.html"])
    assert {number for number, _, _ in applications} == allowed.keys()
    publishing = [(number, name) for number, name, rights in applications if "publier en votre nom" in rights]
    assert len(publishing) == 9
    assert [name for number, name in publishing if allowed[number]] == key("crcn-2.4-05")[:1]


def test_the_accounts_of_the_coordinated_group_are_counted_in_2_4_08() -> None:
    header, *rows = CalamineWorkbook.from_path(attachment("crcn-2.4-08")).get_sheet_by_index(0).to_python()
    account, created, text = (header.index(name) for name in ("Compte", "Création du compte", "Contribution"))
    once = {(row[account], str(row[created])[:10], row[text]) for row in rows}
    assert len(rows) == 236
    assert len({(name, day) for name, day, _ in once}) == len({name for name, _, _ in once})
    groups = Counter((day, words) for _, day, words in once)
    (_, size), (_, runner_up) = groups.most_common(2)
    assert runner_up == 1
    assert size == key("crcn-2.4-08")
