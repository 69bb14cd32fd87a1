"""The account that a password spraying opened."""

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path


def key(files: list[Path]) -> str:
    """One address tries many accounts, once each, and nearly always fails."""
    failures: dict[str, Counter[str]] = defaultdict(Counter)
    successes: dict[str, list[str]] = defaultdict(list)
    with files[0].open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            if row["resultat"] == "échec":
                failures[row["adresse_ip"]][row["identifiant"]] += 1
            else:
                successes[row["adresse_ip"]].append(row["identifiant"])
    sprayers = [
        address
        for address, tried in failures.items()
        if len(tried) >= 10 and max(tried.values()) == 1 and len(successes[address]) < len(tried) / 4
    ]
    assert len(sprayers) == 1
    [account] = successes[sprayers[0]]
    return account


def make(folder: Path) -> None:
    """Two accounts exchange their names, everywhere."""
    text = (folder / "crcn-4.1-07.csv").read_bytes().decode()
    tried = re.findall(r";([\w.]+);198\.51\.100\.77;échec", text)
    for variant, other in (("v2", tried[4]), ("v3", tried[17])):
        exchanged = {"n.barrois": other, other: "n.barrois"}
        swapped = re.sub(r"(?<=;)[\w.]+(?=;\d)", lambda m, to=exchanged: to.get(m[0], m[0]), text)
        (folder / f"crcn-4.1-07-{variant}.csv").write_bytes(swapped.encode())
