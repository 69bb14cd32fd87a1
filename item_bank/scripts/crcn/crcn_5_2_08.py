"""How much is downloaded to install a package, in ko."""

import csv
from pathlib import Path


def key(files: list[Path]) -> float:
    """The package and what it depends on, each once, but for what is installed."""
    with files[0].open(encoding="utf-8-sig", newline="") as lines:
        catalogue = {row["paquet"]: row for row in csv.DictReader(lines, delimiter=";")}

    def missing(name: str) -> set[str]:
        if catalogue[name]["installé"] == "oui":
            return set()
        needed = [n for n in catalogue[name]["dépend de"].split(", ") if n]
        return {name}.union(*(missing(n) for n in needed))

    return sum(int(catalogue[n]["taille (ko)"]) for n in missing("atelier-carto"))


def make(folder: Path) -> None:
    """Three packages have other sizes."""
    text = (folder / "crcn-5.2-08.csv").read_bytes().decode()
    sizes = {
        "v2": {"carto-coeur;2875": "3140", "donnees-projection;5430": "4985", "polices-libres;1580": "1725"},
        "v3": {"carto-coeur;2875": "2590", "donnees-projection;5430": "6015", "polices-libres;1580": "1380"},
    }
    for variant, changed in sizes.items():
        other = text
        for old, size in changed.items():
            assert other.count(f"\n{old};") == 1
            other = other.replace(f"\n{old};", f"\n{old.split(';')[0]};{size};")
        (folder / f"crcn-5.2-08-{variant}.csv").write_bytes(other.encode())
