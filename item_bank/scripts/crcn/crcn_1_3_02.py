"""The title that a school library lent most often."""

import re
import zipfile
from pathlib import Path

from python_calamine import CalamineWorkbook


def key(files: list[Path]) -> str:
    """By the number of loans; no other title has as many."""
    header, *rows = CalamineWorkbook.from_path(files[0]).get_sheet_by_index(0).to_python()
    title, loans = header.index("Titre"), header.index("Nombre de prêts")
    first, second, *_ = sorted(rows, key=lambda row: float(row[loans]), reverse=True)
    assert len(rows) > 100
    assert float(first[loans]) > float(second[loans])
    assert len({str(row[title]).removeprefix("Le ").casefold() for row in rows}) == len(rows)
    return str(first[title])


def make(folder: Path) -> None:
    """The title exchanges its loans with another one."""
    loans = re.compile(r'office:value="(\d+)"><text:p>\d+</text:p></table:table-cell></table:table-row>')
    for variant, other in (("v2", "Les Enfants de Saint-Elme"), ("v3", "Le Jardin de papier")):
        with (
            zipfile.ZipFile(folder / "crcn-1.3-02.ods") as before,
            zipfile.ZipFile(folder / f"crcn-1.3-02-{variant}.ods", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info).decode()
                if info.filename == "content.xml":
                    places = {t: loans.search(content, content.index(t + "<")) for t in ("Le Secret des brumes", other)}
                    spans = sorted((m.span(), m[1]) for m in places.values() if m)
                    (one, a), (two, b) = spans
                    content = (
                        content[: one[0]]
                        + content[slice(*one)].replace(a, b)
                        + content[one[1] : two[0]]
                        + content[slice(*two)].replace(b, a)
                        + content[two[1] :]
                    )
                after.writestr(info, content)
