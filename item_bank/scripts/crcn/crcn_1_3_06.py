"""How many different people signed up, by their cleaned addresses."""

import csv
import random
import unicodedata
from pathlib import Path


def key(files: list[Path]) -> float:
    """Without capitals and spaces around; no shorter way gives the same number."""
    with files[0].open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    raw = [row["Adresse électronique"] for row in rows]
    people = {address.strip(" ").lower() for address in raw}
    assert all(unicodedata.normalize("NFKC", address).isascii() for address in raw)
    assert not any(" " in address.strip(" ") for address in raw)
    names = {(row["Prénom"], row["Nom"]) for row in rows}
    shortcuts = {len(raw), len(set(raw)), len({a.lower() for a in raw}), len({a.strip() for a in raw}), len(names)}
    assert len(people) not in shortcuts
    return len(people)


def make(folder: Path) -> None:
    """Some of those who signed up once are not there."""
    text = (folder / "crcn-1.3-06.csv").read_bytes().decode("utf-8-sig")
    head, *rows = text.splitlines(keepends=True)
    addresses = [row.split(";")[3].strip(" ").lower() for row in rows]
    names = [tuple(row.split(";")[1:3]) for row in rows]
    for variant, gone in (("v2", 7), ("v3", 12)):
        single = [n for n, a in enumerate(addresses) if addresses.count(a) == 1 and names.count(names[n]) == 1]
        out = set(random.Random(f"crcn-1.3-06/{variant}").sample(single, gone))
        kept = [row for n, row in enumerate(rows) if n not in out]
        (folder / f"crcn-1.3-06-{variant}.csv").write_bytes(("\ufeff" + head + "".join(kept)).encode())
