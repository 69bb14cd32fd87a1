"""How many pupils of a class cannot log in on the day of the lesson."""

import random
from datetime import date, timedelta
from pathlib import Path

import openpyxl
from openpyxl.styles import Font

LESSON = date(2026, 1, 12)
CLASSES = ("4e A", "4e B", "4e C", "4e D")
FIRST = [
    "Adama",
    "Alix",
    "Anouk",
    "Aymen",
    "Bilal",
    "Camille",
    "Célia",
    "Chloé",
    "Dario",
    "Elsa",
    "Enzo",
    "Esma",
    "Fanny",
    "Gabin",
    "Hana",
    "Hugo",
    "Ibrahim",
    "Inaya",
    "Jade",
    "Jules",
    "Kenza",
    "Léo",
    "Lila",
    "Louise",
    "Malik",
    "Manon",
    "Mila",
    "Naël",
    "Noé",
    "Nour",
    "Oscar",
    "Paul",
    "Rania",
    "Rose",
    "Sacha",
    "Salomé",
    "Samy",
    "Tess",
    "Théo",
    "Yanis",
]
LAST = (
    "Allard Amrani Baron Bassong Besson Cardoso Carlier Chen Colin Da Silva Diallo Dumas Fabre Ferreira Garnier Gomis "
    "Haddad Hamel Jacquet Kaya Kone Lambert Leroux Mercier Morel Nasri Noël Olivier Perrin Picard Renaud Rey Rossi "
    "Sarr Tran Vasseur Vidal Weber Yilmaz Ziani"
).replace("Da Silva", "Da-Silva")


def key(files: list[Path]) -> float:
    """Of 4e B: an account never opened, or a password no longer valid on 12 January 2026."""
    rows = list(openpyxl.load_workbook(files[0]).worksheets[0].iter_rows(min_row=2, values_only=True))
    ours = [row for row in rows if row[2] == "4e B"]
    closed = [row for row in ours if row[3] == "à activer"]
    expired = [row for row in ours if row[3] == "activé" and _day(row[4]) < LESSON]
    assert all((row[4] is None) == (row[3] == "à activer") for row in rows)
    assert all(_day(row[4]) != LESSON for row in rows if row[4])
    assert closed
    assert expired
    return len(closed) + len(expired)


def _day(cell: object) -> date:
    return date.fromisoformat(str(cell)[:10])


def make(folder: Path) -> None:
    """The accounts of four classes, in the order of the names."""
    for variant, (closed, expired) in (("", (4, 5)), ("-v2", (5, 6)), ("-v3", (3, 4))):
        dice = random.Random(f"edu-3.2-17{variant}")
        people = dice.sample([(last.replace("-", " "), first) for last in LAST.split() for first in FIRST], 104)
        rows: list[tuple[str, str, str, str, date | None]] = []
        for number, (last, first) in enumerate(people):
            group = CLASSES[number % 4]
            rank = number // 4
            late = expired if group == "4e B" else 4
            limit = LESSON + timedelta(days=dice.randrange(10, 200))
            if rank < (closed if group == "4e B" else 5):
                rows.append((last, first, group, "à activer", None))
                continue
            if rank < 6 + late and rank >= 6:
                limit = LESSON - timedelta(days=dice.randrange(3, 60))
            rows.append((last, first, group, "activé", limit))
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.title = "Comptes"
        sheet.append(("Nom", "Prénom", "Classe", "Compte ENT", "Mot de passe valable jusqu'au"))
        for row in sorted(rows, key=lambda r: r[:2]):
            sheet.append(row)
            sheet.cell(sheet.max_row, 5).number_format = "DD/MM/YYYY"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column, width in zip("ABCDE", (18, 16, 10, 14, 30), strict=True):
            sheet.column_dimensions[column].width = width
        sheet.auto_filter.ref = sheet.dimensions
        book.save(folder / f"edu-3.2-17{variant}.xlsx")
