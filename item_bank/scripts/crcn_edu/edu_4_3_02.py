"""The pupil who has contributed nothing for the longest time."""

import datetime as dt
from pathlib import Path

from openpyxl import load_workbook


def key(files: list[Path]) -> str:
    """Looking at documents is no contribution; whose last trace is oldest is somebody else."""
    last_trace: dict[str, dt.datetime] = {}
    last_contribution: dict[str, dt.datetime] = {}
    for date, _, pupil, _, action in load_workbook(files[0])["Journal"].iter_rows(min_row=2, values_only=True):
        assert isinstance(date, dt.datetime)
        last_trace[str(pupil)] = max(date, last_trace.get(str(pupil), date))
        if action in ("dépôt", "message"):
            last_contribution[str(pupil)] = max(date, last_contribution.get(str(pupil), date))
    assert last_trace.keys() == last_contribution.keys()
    oldest = min(last_contribution.values())
    [silent] = [pupil for pupil, date in last_contribution.items() if date == oldest]
    assert min(last_trace, key=lambda pupil: last_trace[pupil]) != silent
    return silent


def make(folder: Path) -> None:
    """Two pupils exchange their codes."""
    for variant, other in (("v2", "P03"), ("v3", "P25")):
        exchanged = {"P19": other, other: "P19"}
        book = load_workbook(folder / "edu-4.3-02.xlsx")
        for (cell,) in book["Journal"].iter_rows(min_row=2, min_col=3, max_col=3):
            cell.value = exchanged.get(str(cell.value), cell.value)
        book.save(folder / f"edu-4.3-02-{variant}.xlsx")
