"""How many resources a team may adapt and publish, by licence and by the right to one's image."""

import random
from pathlib import Path

import openpyxl
from openpyxl.styles import Font

HEADER = ("Titre", "Discipline", "Auteur", "Licence", "Personnes reconnaissables", "Autorisations d'image")
THEMES = {
    "Le cycle de l'eau": "Sciences",
    "Les fractions en musique": "Mathématiques",
    "Lire un paysage": "Géographie",
    "La Révolution en dix dates": "Histoire",
    "Écrire une lettre": "Français",
    "Les énergies": "Sciences",
    "Portraits de métiers": "Orientation",
    "La poésie à voix haute": "Français",
    "Le corps en mouvement": "EPS",
    "Programmer un robot": "Technologie",
    "Les volcans": "Sciences",
    "Le débat réglé": "EMC",
}
KINDS = ("fiche d'activité", "diaporama", "vidéo", "exposition")
AUTHORS = ("N. Belaïd", "S. Corre", "M. Dufresne", "J. Ekambi", "P. Lanoë", "T. Marchetti", "Y. Nguyen", "A. Sorel")
OPEN = ("CC BY 4.0", "CC BY-SA 4.0", "CC0 1.0", "CC BY-NC 4.0", "CC BY-NC-SA 4.0")
CLOSED = ("CC BY-ND 4.0", "CC BY-NC-ND 4.0", "Tous droits réservés")


def key(files: list[Path]) -> float:
    """Adaptation allowed, and nobody recognisable without authorisation; no single condition gives the number."""
    rows = list(openpyxl.load_workbook(files[0]).worksheets[0].iter_rows(min_row=2, values_only=True))
    adaptable = [row for row in rows if str(row[3]).startswith("CC") and "-ND" not in str(row[3])]
    shown = [row for row in rows if row[4] == "non" or row[5] == "toutes reçues"]
    both = [row for row in adaptable if row in shown]
    shortcuts = {
        len(adaptable),
        len(shown),
        len([row for row in adaptable if row[4] == "non"]),
        len([row for row in both if "-NC" not in str(row[3])]),
        len([row for row in rows if row in shown and str(row[3]).startswith("CC")]),
    }
    assert len(both) not in shortcuts
    assert len({row[0] for row in rows}) == len(rows)
    return len(both)


def make(folder: Path) -> None:
    """Forty-eight resources with licences drawn at random."""
    for variant in ("", "-v2", "-v3"):
        dice = random.Random(f"edu-2.3-16{variant}")
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.title = "Inventaire"
        sheet.append(HEADER)
        titles = [(f"{theme} ({kind})", subject) for theme, subject in THEMES.items() for kind in KINDS]
        dice.shuffle(titles)
        for title, subject in titles:
            people = dice.random() < (0.6 if "vidéo" in title or "exposition" in title else 0.25)
            licence = dice.choice(OPEN if dice.random() < 0.65 else CLOSED)
            rights = dice.choice(("toutes reçues", "incomplètes")) if people else "sans objet"
            row = (title, subject, dice.choice(AUTHORS), licence, "oui" if people else "non", rights)
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column, width in zip("ABCDEF", (46, 18, 16, 22, 26, 24), strict=True):
            sheet.column_dimensions[column].width = width
        sheet.auto_filter.ref = sheet.dimensions
        book.save(folder / f"edu-2.3-16{variant}.xlsx")
