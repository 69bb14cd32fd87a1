"""How many people are alone with their sex, year of birth and commune."""

import random
from collections import Counter
from pathlib import Path

from openpyxl import load_workbook


def key(files: list[Path]) -> float:
    """Counted over all rows."""
    head, *rows = load_workbook(files[0]).worksheets[0].iter_rows(values_only=True)
    columns = [head.index(name) for name in ("Sexe", "Année de naissance", "Commune")]
    people = Counter(tuple(row[c] for c in columns) for row in rows)
    assert len(rows) == 168
    return sum(n == 1 for n in people.values())


def make(folder: Path) -> None:
    """Some people are born in another year."""
    for variant, changed in (("v2", 26), ("v3", 8)):
        dice = random.Random(f"crcn-4.2-07/{variant}")
        book = load_workbook(folder / "crcn-4.2-07.xlsx")
        rows = list(book.worksheets[0].iter_rows(min_row=2))
        years = [row[2].value for row in rows]
        for row in dice.sample(rows, changed):
            row[2].value = dice.choice(years)
        book.save(folder / f"crcn-4.2-07-{variant}.xlsx")
