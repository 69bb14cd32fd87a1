"""The figures as files: one long CSV table for programs, one sheet a table for spreadsheets."""

import csv
import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from web.french import paris_day
from web.services.results_file import inert
from web.services.statistics import Cell, Statistics

COLUMNS = ("tableau", "ligne", "colonne", "valeur", "unite")


def as_csv(found: Statistics) -> bytes:
    """One line for each figure, all tables below each other."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for table in found.tables:
        before_row = ""
        for label, cells in table.rows:
            # A share is named after the count before it: two in one table would else have one name.
            row = f"{before_row}, part" if _is_share(label) else label
            before_row = row
            before = ""
            for column, cell in zip(table.columns, cells, strict=True):
                name = f"{before}, part" if _is_share(column) else column
                before = name
                unit = "part" if _is_share(label) or _is_share(column) else "nombre"
                writer.writerow([inert(x) for x in (table.name, row, name, _plain(cell), unit)])
    # The mark makes spreadsheets read UTF-8.
    return out.getvalue().encode("utf-8-sig")


def as_workbook(found: Statistics) -> bytes:
    """A workbook: a first sheet with the sessions that are counted, then a sheet for each table."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sessions"
    sheet.append(["Session", "Code", "Centre", "Académie", "Date"])
    for s in found.counted:
        sheet.append([inert(x) for x in (s.label, s.code, s.centre, s.academy)] + [paris_day(s.starts_at)])
    sheets = [sheet]
    for table in found.tables:
        sheet = book.create_sheet(table.name[:31])
        sheet.append([inert(x) for x in (table.corner, *table.columns)])
        for label, cells in table.rows:
            sheet.append([inert(label), *cells])
        for row in sheet.iter_rows(min_row=2, min_col=2):
            for cell in row:
                if isinstance(cell.value, float):
                    cell.number_format = "0.0%"
        if table.note:
            sheet.append([])
            sheet.append([f"{table.title}. {table.note}"])
        sheets.append(sheet)
    for sheet in sheets:
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.freeze_panes = "B2"
        for n in range(1, sheet.max_column + 1):
            sheet.column_dimensions[get_column_letter(n)].width = 22 if n == 1 else 14
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _is_share(name: str) -> bool:
    return name.startswith("Part")


def _plain(cell: Cell) -> object:
    """A count as it is, a share with four places and a comma, as French spreadsheets read it."""
    if cell is None:
        return ""
    return f"{cell:.4f}".replace(".", ",") if isinstance(cell, float) else cell
