"""How many computers meet four conditions."""

import random
from pathlib import Path

from openpyxl import load_workbook

IN_GO = {"To": 1000.0, "Go": 1.0, "Mo": 0.001}


def key(files: list[Path]) -> float:
    """64 bits, 8 Go of memory, 20 Go free, OpenGL 3.3 or later."""
    head, *rows = load_workbook(files[0]).worksheets[0].iter_rows(values_only=True)
    machines = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    fit = [
        m
        for m in machines
        if m["Type de système"] == "64 bits"
        and float(str(m["Mémoire vive (Go)"])) >= 8
        and float(str(m["Espace libre"])) * IN_GO[str(m["Unité"])] >= 20
        and tuple(int(n) for n in str(m["OpenGL"]).split(".")) >= (3, 3)
    ]
    assert len(machines) == 96
    assert len({m["Unité"] for m in fit}) == 3
    return len(fit)


def make(folder: Path) -> None:
    """Other memories and versions in some rows."""
    for variant in ("v2", "v3"):
        dice = random.Random(f"crcn-5.2-06/{variant}")
        book = load_workbook(folder / "crcn-5.2-06.xlsx")
        rows = list(book.worksheets[0].iter_rows(min_row=2))
        for row in dice.sample(rows, 25):
            row[4].value = dice.choice([4, 6, 8, 16])
            row[7].value = dice.choice(["2.1", "3.1", "3.3", "4.5", "4.6"])
        book.save(folder / f"crcn-5.2-06-{variant}.xlsx")
