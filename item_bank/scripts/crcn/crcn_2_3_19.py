"""How many tasks of one person are late: not done, and due before today."""

import datetime
import random
from pathlib import Path

from openpyxl import Workbook, load_workbook

TODAY = datetime.date(2026, 3, 12)
HEAD = ("N°", "Tâche", "Responsable", "État", "Échéance")
WORDS = ("Affiche", "Badges", "Buffet", "Car", "Devis", "Invitations", "Jury", "Lots", "Montage", "Plan", "Photos",
         "Salle", "Son", "Stands", "Tri")  # fmt: skip
STEPS = ("préparer", "valider", "commander", "relire")
COUNTS = {"": 7, "-v2": 5, "-v3": 9}


def key(files: list[Path]) -> float:
    """Filtered by person, state and date."""
    sheet = load_workbook(files[0]).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(WORDS) * len(STEPS)
    late = 0
    for _, _, person, state, due in rows:
        assert isinstance(due, datetime.datetime)
        late += person == "Samir" and state != "fait" and due.date() < TODAY
    return float(late)


def make(folder: Path) -> None:
    """As many late tasks of Samir as the variant has, and others that miss at least one condition."""
    for variant, count in COUNTS.items():
        rng = random.Random(f"crcn-2.3-19{variant}")
        facts: list[tuple[str, str, datetime.date]] = [
            ("Samir", rng.choice(("à faire", "en cours")), TODAY - datetime.timedelta(days=rng.randint(2, 30)))
            for _ in range(count)
        ]
        while len(facts) < len(WORDS) * len(STEPS):
            person = rng.choice(("Samir", "Samir", "Samira", "Oriane", "Paul"))
            state = rng.choice(("fait", "à faire", "en cours"))
            due = TODAY + datetime.timedelta(days=rng.choice((-25, -18, -9, -4, 3, 8, 15, 26)))
            if person != "Samir" or state == "fait" or due > TODAY:
                facts.append((person, state, due))
        rng.shuffle(facts)
        tasks = [f"{word} : {step}" for word in WORDS for step in STEPS]
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.title = "Tâches"
        sheet.append(HEAD)
        for n, (task, fact) in enumerate(zip(tasks, facts, strict=True), start=1):
            sheet.append((n, task, *fact))
        for column, width in zip("ABCDE", (6, 26, 14, 12, 14), strict=True):
            sheet.column_dimensions[column].width = width
        for cell in sheet["E"][1:]:
            cell.number_format = "DD/MM/YYYY"
        book.save(folder / f"crcn-2.3-19{variant}.xlsx")
