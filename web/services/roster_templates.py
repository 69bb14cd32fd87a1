"""Empty lists of candidates to fill in: CSV, XLSX and ODS, made from the columns that are read back."""

import io
from enum import StrEnum

from odfdo import Document, Style, Table
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from engine.items.frameworks import Level
from web import french
from web.services.enrolment import LONGEST_EXTRA
from web.services.roster_file import COLUMNS

EXAMPLE = {
    "last_name": "Durand",
    "first_name": "Zoé",
    "birth_date": "28/02/1987",
    "email": "zoe.durand@exemple.fr",
    "external_id": "A-1204",
    "track": french.TRACKS["second_degree"],
    "target": french.LEVELS["confirme"],
    "extra_third": "non",
    "extra_minutes": "0",
    "needs": "couleurs, souris",
}
LISTS = {
    "track": tuple(french.TRACKS.values()),
    "target": tuple(french.LEVELS[level.slug] for level in Level),
    "extra_third": ("oui", "non"),
}
ADVICE = (
    "Une ligne par candidat, sous les titres. Ne renommez pas les titres ; leur ordre est libre.",
    "Les colonnes facultatives peuvent être supprimées : ce qui est déjà enregistré ne change alors pas.",
    "Rien n'est inscrit à l'envoi : Palier montre d'abord ce qui serait fait, et chaque ligne à corriger.",
    "Le même fichier envoyé deux fois ne change rien.",
)
_ROWS = 1000  # that carry formats and lists


class Format(StrEnum):
    """What a template can be."""

    CSV = "csv"
    XLSX = "xlsx"
    ODS = "ods"


MIME = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.ODS: "application/vnd.oasis.opendocument.spreadsheet",
}


def template(kind: Format) -> bytes:
    """An empty list."""
    match kind:
        case Format.CSV:
            return (";".join(c.title for c in COLUMNS) + "\r\n").encode("utf-8-sig")
        case Format.XLSX:
            return _xlsx()
        case Format.ODS:
            return _ods()


def _explained() -> list[tuple[str, str, str, str]]:
    head = ("Colonne", "Obligatoire", "Ce qu'on y écrit", "Exemple")
    return [head, *((c.title, "oui" if c.required else "non", c.explained, EXAMPLE[c.key]) for c in COLUMNS)]


def _xlsx() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Candidats"
    for at, column in enumerate(COLUMNS, start=1):
        letter = get_column_letter(at)
        head = sheet.cell(1, at, column.title)
        head.font, head.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="14605A")
        head.comment = Comment(column.explained, "Palier")
        sheet.column_dimensions[letter].width = max(14, len(column.title) + 4)
        cells = f"{letter}2:{letter}{_ROWS + 1}"
        rule = None
        if column.key in LISTS:
            rule = DataValidation(type="list", formula1=f'"{",".join(LISTS[column.key])}"', allow_blank=True)
            rule.error = f"Choisissez : {', '.join(LISTS[column.key])}."
        elif column.key == "extra_minutes":
            rule = DataValidation(type="whole", operator="between", formula1="0", formula2=str(LONGEST_EXTRA))
            rule.error = f"Un nombre de minutes entre 0 et {LONGEST_EXTRA}."
        elif column.key == "birth_date":
            for row in range(2, _ROWS + 2):
                sheet.cell(row, at).number_format = "dd/mm/yyyy"
        if rule is not None:
            rule.errorTitle = column.title
            sheet.add_data_validation(rule)
            rule.add(cells)
    sheet.column_dimensions["D"].width = 32
    sheet.freeze_panes = "A2"
    guide = book.create_sheet("Mode d'emploi")
    for line in (*_explained(), (), *((sentence,) for sentence in ADVICE)):
        guide.append(line)
    for cell in guide[1]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCD", (26, 13, 60, 26), strict=True):
        guide.column_dimensions[letter].width = width
    for row in guide.iter_rows(min_row=2, max_row=len(COLUMNS) + 1):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _ods() -> bytes:
    book = Document("spreadsheet")
    book.body.clear()
    bold = book.insert_style(Style("table-cell", name="titre", area="text", bold=True), automatic=True)
    wide = Style("table-column", name="large", width="5cm")
    book.insert_style(wide, automatic=True)
    sheets = {"Candidats": [tuple(c.title for c in COLUMNS)], "Mode d'emploi": [*_explained(), *((s,) for s in ADVICE)]}
    for name, rows in sheets.items():
        table = Table(name)
        for y, row in enumerate(rows):
            for x, text in enumerate(row):
                table.set_value((x, y), text, style=bold if y == 0 else None)
        for x, column in enumerate(table.columns):
            column.style = "large"
            table.set_column(x, column)
        book.body.append(table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
