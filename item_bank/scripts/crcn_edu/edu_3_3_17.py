"""How many pupils tried an exercise and never solved it without help."""

import random
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
from openpyxl.styles import Font

PUPILS = [
    "Abel",
    "Aline",
    "Amine",
    "Bérénice",
    "Clovis",
    "Dina",
    "Édouard",
    "Fatou",
    "Gaspard",
    "Hédi",
    "Isaure",
    "Joy",
    "Kim",
    "Lucien",
    "Maïa",
    "Nils",
    "Ondine",
    "Pia",
    "Rayan",
    "Sarah",
    "Tiago",
    "Ulysse",
    "Violette",
    "Wassim",
    "Zélie",
]
EXERCISES = ("Aires 1", "Aires 2", "Aires 3", "Périmètres 1", "Périmètres 2")


def key(files: list[Path]) -> float:
    """Who tried « Aires 2 », without those who once solved it with no help opened."""
    rows = list(openpyxl.load_workbook(files[0]).worksheets[0].iter_rows(min_row=2, values_only=True))
    ours = [row for row in rows if row[2] == "Aires 2"]
    tried = {row[1] for row in ours}
    solved = {row[1] for row in ours if row[4] == "réussi"}
    alone = {row[1] for row in ours if row[4] == "réussi" and row[3] == 0}
    pupils = {row[1] for row in rows}
    shortcuts = {len(tried - solved), len(alone), len(pupils - alone), len(solved), len(solved - alone)}
    assert len(tried - alone) not in shortcuts
    return len(tried - alone)


def make(folder: Path) -> None:
    """Two weeks of attempts of a class."""
    for variant, luck in (("", 0.45), ("-v2", 0.6), ("-v3", 0.75)):
        dice = random.Random(f"edu-3.3-17{variant}")
        absent = set(dice.sample(PUPILS, 3))
        rows = []
        for pupil in PUPILS:
            for exercise in EXERCISES:
                if exercise == "Aires 2" and pupil in absent:
                    continue
                for _ in range(dice.randrange(1, 4)):
                    when = datetime.combine(date(2025, 11, 3), time(8)) + timedelta(
                        days=dice.randrange(12), minutes=dice.randrange(560)
                    )
                    helps = dice.choice((0, 0, 1, 2, 3))
                    result = "réussi" if dice.random() < luck + 0.08 * helps else "échoué"
                    rows.append((when, pupil, exercise, helps, result))
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.title = "Journal"
        sheet.append(("Date et heure", "Élève", "Exercice", "Aides ouvertes", "Résultat"))
        for row in sorted(rows):
            sheet.append(row)
            sheet.cell(sheet.max_row, 1).number_format = "DD/MM/YYYY HH:MM"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column, width in zip("ABCDE", (20, 14, 16, 16, 12), strict=True):
            sheet.column_dimensions[column].width = width
        sheet.auto_filter.ref = sheet.dimensions
        book.save(folder / f"edu-3.3-17{variant}.xlsx")
