"""How many images may be changed and sold, and are wide enough."""

import random
import re
from pathlib import Path

from openpyxl import load_workbook

LICENCES = ("CC BY 4.0", "CC BY-SA 4.0", "CC0 1.0", "CC BY-NC 4.0", "CC BY-ND 4.0")
WIDTHS = (1600, 1920, 2000, 2400, 3000, 3840)


def key(files: list[Path]) -> float:
    """Neither NC nor ND, at least 2 400 pixels."""
    header, *rows = load_workbook(files[0]).worksheets[0].iter_rows(values_only=True)
    licence, width = header.index("Licence"), header.index("Largeur (px)")
    free = [
        row
        for row in rows
        if str(row[licence]) != "Tous droits réservés" and not {"NC", "ND"} & set(re.split(r"[ -]", str(row[licence])))
    ]
    wide = [row for row in free if int(str(row[width])) >= 2400]
    assert len(rows) == 140
    assert any(row[width] == 2400 for row in wide)  # "at least" matters
    return len(wide)


def make(folder: Path) -> None:
    """Other licences and widths in some rows."""
    for variant in ("v2", "v3"):
        dice = random.Random(f"crcn-2.2-05/{variant}")
        book = load_workbook(folder / "crcn-2.2-05.xlsx")
        rows = list(book.worksheets[0].iter_rows(min_row=2))
        for row in dice.sample(rows, 40):
            row[4].value = dice.choice(LICENCES)
            row[6].value = dice.choice(WIDTHS)
        book.save(folder / f"crcn-2.2-05-{variant}.xlsx")
