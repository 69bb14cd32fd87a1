"""How many accounts, all created on one day, wrote the same text."""

import re
import zipfile
from collections import Counter
from pathlib import Path

from python_calamine import CalamineWorkbook


def key(files: list[Path]) -> float:
    """By text and day of creation; no other day has two accounts with one text."""
    header, *rows = CalamineWorkbook.from_path(files[0]).get_sheet_by_index(0).to_python()
    account, created, text = (header.index(name) for name in ("Compte", "Création du compte", "Contribution"))
    once = {(row[account], str(row[created])[:10], row[text]) for row in rows}
    assert len(rows) == 236
    assert len({(name, day) for name, day, _ in once}) == len({name for name, _, _ in once})
    (_, size), (_, second) = Counter((day, words) for _, day, words in once).most_common(2)
    assert second == 1
    return size


def make(folder: Path) -> None:
    """Some accounts were created on another day."""
    days = {
        "v2": {"bruno_239": "2025-03-11", "alix_947": "2025-02-27", "driss_346": "2025-01-30"},
        "v3": {"paul798": "2025-03-14", "maya.381": "2025-03-14"},
    }
    for variant, moved in days.items():
        with (
            zipfile.ZipFile(folder / "crcn-2.4-08.ods") as before,
            zipfile.ZipFile(folder / f"crcn-2.4-08-{variant}.ods", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info)
                if info.filename == "content.xml":
                    text = content.decode()
                    for account, day in moved.items():
                        text = _created(text, account, day)
                    content = text.encode()
                after.writestr(info, content)


def _created(text: str, account: str, day: str) -> str:
    cell = (
        r'(<text:p>{}</text:p></table:table-cell><table:table-cell [^>]*office:date-value=")[^"]*("[^>]*><text:p>)[^<]*'
    )
    shown = "/".join(reversed(day.split("-")))
    return re.sub(cell.format(re.escape(account)), rf"\g<1>{day}\g<2>{shown}", text)
