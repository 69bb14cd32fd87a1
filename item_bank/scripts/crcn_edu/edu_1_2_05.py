"""Who has most tasks that are late."""

import datetime as dt
from collections import Counter
from pathlib import Path

from openpyxl import load_workbook


def key(files: list[Path]) -> str:
    """Due before 15 March 2025 and not done; every shortcut names somebody else."""
    tasks: list[tuple[str, dt.date, str]] = []
    for row in load_workbook(files[0]).worksheets[0].iter_rows(min_row=2, values_only=True):
        assert isinstance(row[3], dt.datetime)
        tasks.append((str(row[2]), row[3].date(), str(row[4])))
    today = dt.date(2025, 3, 15)
    assert today not in {due for _, due, _ in tasks}
    late = Counter(who for who, due, state in tasks if state != "Terminé" and due < today)
    (first, most), (_, second) = late.most_common(2)
    assert most > second
    everything = Counter(who for who, _, _ in tasks)
    unfinished = Counter(who for who, _, state in tasks if state != "Terminé")
    past = Counter(who for who, due, _ in tasks if due < today)
    assert all(shortcut.most_common(1)[0][0] != first for shortcut in (everything, unfinished, past))
    return first


def make(folder: Path) -> None:
    """Two people exchange their tasks."""
    for variant, other in (("v2", "Lucas Tournebize"), ("v3", "Odile Marchetti")):
        exchanged = {"Salomé Vautrin": other, other: "Salomé Vautrin"}
        book = load_workbook(folder / "edu-1.2-05.xlsx")
        for (cell,) in book.worksheets[0].iter_rows(min_row=2, min_col=3, max_col=3):
            cell.value = exchanged.get(str(cell.value), cell.value)
        book.save(folder / f"edu-1.2-05-{variant}.xlsx")
