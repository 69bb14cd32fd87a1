"""How many pictures of a gallery may be altered and sold without asking, and are wide enough to print."""

import random
import re
from html.parser import HTMLParser
from pathlib import Path

FREE = {"CC0", "CC BY", "CC BY-SA", "Domaine public"}
WIDE = 2000


def key(files: list[Path]) -> float:
    rows = _rows(files[0])
    head = [name.strip() for name in rows[0]]
    pictures = [dict(zip(head, row, strict=True)) for row in rows[1:]]
    width = {p["Référence"]: int(re.split(" × ", p["Taille (pixels)"])[0]) for p in pictures}
    free = [p for p in pictures if p["Droits"] in FREE]
    found = sum(width[p["Référence"]] >= WIDE for p in free)
    with_nc = sum(
        p["Droits"].startswith("CC") and "ND" not in p["Droits"] and width[p["Référence"]] >= WIDE for p in pictures
    )
    with_nd = found + sum(p["Droits"] == "CC BY-ND" and width[p["Référence"]] >= WIDE for p in pictures)
    assert found not in (with_nc, with_nd, len(free))
    return float(found)


def _rows(file: Path) -> list[list[str]]:
    class Table(HTMLParser):
        rows: list[list[str]] = []
        inside = False

        def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
            if tag == "tr":
                self.rows.append([])
            self.inside = tag in ("td", "th")
            if self.inside:
                self.rows[-1].append("")

        def handle_endtag(self, _tag: str) -> None:
            self.inside = False

        def handle_data(self, data: str) -> None:
            if self.inside:
                self.rows[-1][-1] += data

    table = Table()
    table.rows = []
    table.feed(file.read_text(encoding="utf-8"))
    return table.rows


THINGS = [
    "Héron cendré", "Pont de pierre", "Marché couvert", "Champ de lin", "Phare rouge", "Vieux moulin",
    "Escalier en spirale", "Barque sur l'étang", "Renard roux", "Toits sous la neige", "Horloge de gare",
    "Falaise blanche", "Vigne en automne", "Tramway jaune", "Cour pavée", "Ruche vitrée", "Canal gelé",
    "Serre tropicale",
]  # fmt: skip
AUTHORS = ["A. Lopès", "B. Cissé", "D. Marrec", "E. Vasseur", "H. Zeroual", "J. Tanaka", "M. Prigent", "S. Oliveira"]


def make(folder: Path) -> None:
    gallery = (  # rights, how many wide ones and how many narrow ones in each variant
        ("CC0", (1, 1), (2, 0), (2, 1)),
        ("CC BY", (2, 1), (1, 2), (2, 0)),
        ("CC BY-SA", (1, 1), (1, 1), (1, 1)),
        ("Domaine public", (1, 0), (2, 0), (2, 0)),
        ("CC BY-NC", (2, 1), (2, 1), (1, 1)),
        ("CC BY-NC-SA", (1, 0), (2, 0), (2, 0)),
        ("CC BY-ND", (2, 0), (1, 1), (2, 0)),
        ("CC BY-NC-ND", (1, 0), (1, 0), (1, 0)),
        ("Tous droits réservés", (3, 0), (1, 0), (2, 0)),
    )
    for variant, name in enumerate(("edu-2.1-19.html", "edu-2.1-19-v2.html", "edu-2.1-19-v3.html")):
        chance = random.Random(name)
        kinds = [
            (right, wide)
            for right, *counts in gallery
            for wide in (True, False)
            for _ in range(counts[variant][not wide])
        ]
        chance.shuffle(kinds)
        names = chance.sample(THINGS, len(kinds))
        body = ""
        for n, ((right, wide), thing) in enumerate(zip(kinds, names, strict=True), 1):
            across = chance.choice((2560, 2048, 2400, 3000, 3264, 4000) if wide else (640, 1024, 1280, 1600, 1920))
            cells = (f"P{n:02}", thing, chance.choice(AUTHORS), f"{across} × {across * 3 // 4}", right)
            body += "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n"
        head = "".join(
            f'<th scope="col">{h}</th>' for h in ("Référence", "Titre", "Photographe", "Taille (pixels)", "Droits")
        )
        page = (
            '<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n<title>Galerie de photos</title>\n'
            "<style>body{font-family:sans-serif;max-width:55em;margin:1em auto}table{border-collapse:collapse}"
            "th,td{border:1px solid #666;padding:.3em .6em;text-align:left}</style>\n</head>\n<body>\n"
            "<h1>Galerie de photos (fictive)</h1>\n<p>Galerie tenue par un club de photographes. "
            "La taille donne la largeur, puis la hauteur. Les droits sont "
            "indiqués pour chaque photo.</p>\n"
            f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n</body>\n</html>\n"
        )
        (folder / name).write_text(page, encoding="utf-8")
