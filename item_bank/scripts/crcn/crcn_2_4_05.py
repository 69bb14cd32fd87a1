"""The only application that may still publish."""

import re
import zipfile
from copy import copy
from pathlib import Path
from xml.etree import ElementTree


def key(files: list[Path]) -> str:
    """By the last word of the log on each application that asked for it."""
    with zipfile.ZipFile(files[0]) as archive:
        pages = {name: archive.read(name) for name in archive.namelist()}
    allowed: dict[str, bool] = {}
    days = []
    for day, event in _cells(pages["journal.html"]):
        days.append(day.split("/")[::-1])
        found = re.fullmatch(r"Autorisation (accordée|retirée) à l'application n° (\d+)", event)
        if found:
            allowed[found[2]] = found[1] == "accordée"
    applications = _cells(pages["applications.html"])
    publishing = [(number, name) for number, name, rights in applications if "publier en votre nom" in rights]
    assert days == sorted(days)
    assert {number for number, _, _ in applications} == allowed.keys()
    assert len(publishing) == 9
    [name] = [name for number, name in publishing if allowed[number]]
    return name


def _cells(page: bytes) -> list[list[str]]:
    root = ElementTree.fromstring(re.sub(r"<style>.*?</style>|<meta[^>]*>|<!DOCTYPE html>", "", page.decode()))
    return [[cell.text or "" for cell in row.findall("td")] for row in root.iter("tr") if row.find("td") is not None]


def make(folder: Path) -> None:
    """In the log, two applications exchange their numbers."""
    for variant, other in (("v2", "56808"), ("v3", "98649")):
        exchanged = {"81008": other, other: "81008"}
        with (
            zipfile.ZipFile(folder / "crcn-2.4-05.zip") as before,
            zipfile.ZipFile(folder / f"crcn-2.4-05-{variant}.zip", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                text = before.read(info).decode()
                if info.filename == "journal.html":
                    text = re.sub("|".join(exchanged), lambda m, to=exchanged: to[m[0]], text)
                after.writestr(copy(info), text.encode())
