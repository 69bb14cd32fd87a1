"""How many pupils of a list remain after three filters."""

import random
from pathlib import Path

from openpyxl import Workbook, load_workbook

HEAD = ("Élève", "Niveau", "Régime", "Ligne de car")
FIRST = ("Adèle", "Bilal", "Capucine", "Driss", "Elif", "Fanny", "Gaspard", "Hina", "Ilan", "Jana", "Kelly", "Louis",
         "Maëlys", "Nino", "Ophélie", "Pablo", "Rania", "Simon", "Tess", "Youssef")  # fmt: skip
LAST = ("Arnaud", "Benali", "Costes", "Dumas", "Ferrer", "Girard", "Haddad", "Kone", "Lenoir", "Marchand", "Nguyen")
COUNTS = {"": 23, "-v2": 19, "-v3": 27}


def key(files: list[Path]) -> float:
    """Three filters: sixth, half board, line L3."""
    sheet = load_workbook(files[0]).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(rows) == 220
    return float(sum(row[1:] == ("6e", "demi-pensionnaire", "L3") for row in rows))


def make(folder: Path) -> None:
    """As many pupils as the variant has for the three filters, and others who miss at least one of them."""
    for variant, count in COUNTS.items():
        rng = random.Random(f"crcn-1.3-19{variant}")
        names = [f"{last} {first}" for last in LAST for first in FIRST]
        rng.shuffle(names)
        facts = [("6e", "demi-pensionnaire", "L3")] * count
        while len(facts) < len(names):
            one = (
                rng.choice(("6e", "6e", "5e", "4e", "3e")),
                rng.choice(("demi-pensionnaire", "demi-pensionnaire", "externe")),
                rng.choice(("L1", "L2", "L3", "L3", "L13")),
            )
            if one != facts[0]:
                facts.append(one)
        rng.shuffle(facts)
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.title = "Élèves"
        for row in (HEAD, *((name, *fact) for name, fact in sorted(zip(names, facts, strict=True)))):
            sheet.append(row)
        for column, width in zip("ABCD", (24, 10, 20, 14), strict=True):
            sheet.column_dimensions[column].width = width
        book.save(folder / f"crcn-1.3-19{variant}.xlsx")
