"""The only competence whose target falls from one year to the next."""

from collections import defaultdict
from pathlib import Path

from openpyxl import load_workbook

YEARS = ("6e", "5e", "4e", "3e")


def key(files: list[Path]) -> str:
    """Its code."""
    levels: dict[str, dict[str, int]] = defaultdict(dict)
    for _, year, _, _, competence, level in load_workbook(files[0])["Programmation"].iter_rows(
        min_row=2, values_only=True
    ):
        code = str(competence).split()[0]
        assert year not in levels[code]
        levels[code][str(year)] = int(str(level))
    assert len(levels) == 16
    paths = {code: [by_year[year] for year in YEARS] for code, by_year in levels.items()}
    falling = [code for code, steps in paths.items() if steps != sorted(steps)]
    assert len(falling) == 1
    return falling[0]


def make(folder: Path) -> None:
    """The targets of that competence rise, those of another one fall once."""
    for variant, other in (("v2", "1.3"), ("v3", "3.1")):
        paths = {"4.2": (1, 2, 2, 3), other: (1, 3, 2, 3)}
        book = load_workbook(folder / "edu-5.1-05.xlsx")
        for row in book["Programmation"].iter_rows(min_row=2):
            code = str(row[4].value).split()[0]
            if code in paths:
                row[5].value = paths[code][YEARS.index(str(row[1].value))]
        book.save(folder / f"edu-5.1-05-{variant}.xlsx")
