"""When, in Paris, the only confirmed call with a guest begins."""

import datetime as dt
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

from python_calamine import CalamineWorkbook


def key(files: list[Path]) -> str:
    """From UTC, by the rules of that day."""
    head, *rows = CalamineWorkbook.from_path(files[0]).get_sheet_by_index(0).to_python()
    assert head == ["Date", "Début (heure UTC)", "Objet", "Avec", "Salle", "État"]
    calls = [row for row in rows if str(row[3]).startswith("Naïma Ferhat") and row[5] == "confirmée"]
    assert len(calls) == 1
    start = dt.datetime.strptime(f"{calls[0][0]} {calls[0][1]}", "%d/%m/%Y %H:%M").replace(tzinfo=dt.UTC)
    return start.astimezone(ZoneInfo("Europe/Paris")).strftime("%H:%M")


def make(folder: Path) -> None:
    """The call begins at another time."""
    for variant, time in (("v2", "14:15"), ("v3", "13:30")):
        with (
            zipfile.ZipFile(folder / "edu-1.1-04.ods") as before,
            zipfile.ZipFile(folder / f"edu-1.1-04-{variant}.ods", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info)
                if info.filename == "content.xml":
                    assert content.count(b"15:45") == 1
                    content = content.replace(b"15:45", time.encode())
                after.writestr(info, content)
