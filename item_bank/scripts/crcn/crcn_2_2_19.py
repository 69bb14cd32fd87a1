"""The one document that anybody can still change: a public link, writable, neither expired nor with a password."""

import datetime
import random
from pathlib import Path

from openpyxl import Workbook, load_workbook

TODAY = datetime.date(2026, 3, 2)
HEAD = ("Document", "Partagé avec", "Droit", "Mot de passe", "Expire le")
NAMES = ("affiche-bal", "annuaire", "bilan-2024", "budget-cdi", "calendrier", "carte-menus", "charte", "chorale",
         "commande-papier", "compte-rendu-ca", "devis-car", "emploi-du-temps", "fiche-sante", "forum-metiers",
         "guide-accueil", "inventaire", "journal", "liste-manuels", "planning-oral", "planning-salles",
         "programme-jpo", "projet-jardin", "reglement", "semaine-arts", "sortie-musee", "stage-3e", "tournoi",
         "trombinoscope", "voyage-porto", "voyage-turin")  # fmt: skip
OPEN = {"": "voyage-turin", "-v2": "forum-metiers", "-v3": "projet-jardin"}


def key(files: list[Path]) -> str:
    """Four conditions over the export."""
    sheet = load_workbook(files[0]).worksheets[0]
    found = []
    for name, whom, right, password, end in sheet.iter_rows(min_row=2, values_only=True):
        ended = isinstance(end, datetime.datetime) and end.date() < TODAY
        if (whom, right, password) == ("toute personne ayant le lien", "modification", "non") and not ended:
            found.append(str(name))
    assert len(found) == 1
    return found[0]


def make(folder: Path) -> None:
    """Shares that each miss one of the conditions, but one."""
    near = (
        ("toute personne ayant le lien", "lecture", "non", None),
        ("toute personne ayant le lien", "modification", "oui", None),
        ("toute personne ayant le lien", "modification", "non", "past"),
        ("comptes du lycée", "modification", "non", None),
        ("personnes nommées", "modification", "non", None),
    )
    for variant, name in OPEN.items():
        rng = random.Random(f"crcn-2.2-19{variant}")
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.title = "Partages"
        sheet.append(HEAD)
        for one in NAMES:
            whom, right, password, end = rng.choice(near)
            date: datetime.date | None = None
            if end == "past":
                date = TODAY - datetime.timedelta(days=rng.randint(20, 300))
            elif rng.random() < 0.3:
                date = TODAY + datetime.timedelta(days=rng.randint(20, 200))
            if one == name:
                whom, right, password, date = "toute personne ayant le lien", "modification", "non", None
            sheet.append((one, whom, right, password, date))
        for column, width in zip("ABCDE", (22, 30, 16, 14, 14), strict=True):
            sheet.column_dimensions[column].width = width
        for cell in sheet["E"][1:]:
            cell.number_format = "DD/MM/YYYY"
        book.save(folder / f"crcn-2.2-19{variant}.xlsx")
