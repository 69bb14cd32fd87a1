"""By how many minutes one week exceeds what pupils of a group may do at a distance."""

from collections import defaultdict
from pathlib import Path

from openpyxl import load_workbook


def key(files: list[Path]) -> float:
    """What is for the whole class counts too; one week only exceeds 90 minutes."""
    minutes: dict[str, int] = defaultdict(int)
    for week, _, _, mode, public, duration, _ in load_workbook(files[0])["Plan"].iter_rows(min_row=2, values_only=True):
        if mode == "À distance" and public in ("Toute la classe", "Groupe B"):
            minutes[str(week)] += int(str(duration))
    [over] = [total - 90 for total in minutes.values() if total > 90]
    return over


def make(folder: Path) -> None:
    """One activity of that week takes longer, or less long."""
    for variant, duration in (("v2", 24), ("v3", 12)):
        book = load_workbook(folder / "edu-3.1-04.xlsx")
        for row in book["Plan"].iter_rows(min_row=2):
            if row[5].value == 17:
                row[5].value = duration
        book.save(folder / f"edu-3.1-04-{variant}.xlsx")
