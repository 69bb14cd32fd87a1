"""How many pupils a hidden sheet names."""

from pathlib import Path

from openpyxl import load_workbook


def key(files: list[Path]) -> float:
    """Each once, whatever the number of rows."""
    book = load_workbook(files[0])
    hidden = [sheet for sheet in book.worksheets if sheet.sheet_state != "visible"]
    assert len(hidden) == 1
    rows = [row[:3] for row in hidden[0].iter_rows(min_row=2, values_only=True) if row[0]]
    assert len({row[:2] for row in rows}) == len(set(rows)) != len(rows)
    assert set(rows) <= {row[:3] for row in book["Groupes"].iter_rows(min_row=2, values_only=True)}
    return len(set(rows))


def make(folder: Path) -> None:
    """Some of those with one row are not there."""
    for variant, gone in (("v2", 2), ("v3", 4)):
        book = load_workbook(folder / "edu-1.4-06.xlsx")
        sheet = book["Suivi"]
        rows = [row[:2] for row in sheet.iter_rows(min_row=2, values_only=True)]
        single = [place for place, row in enumerate(rows, start=2) if row[0] and rows.count(row) == 1]
        for place in reversed(single[1::3][:gone]):
            sheet.delete_rows(place)
        book.save(folder / f"edu-1.4-06-{variant}.xlsx")
