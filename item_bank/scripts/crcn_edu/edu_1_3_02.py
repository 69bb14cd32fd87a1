"""The only module that fits and is open."""

import re
from pathlib import Path


def key(files: list[Path]) -> str:
    """Neither full (*) nor reserved (†), for cycle 3, at a distance, of six hours at most."""
    page = files[0].read_text(encoding="utf-8")
    assert "* Module complet" in page
    assert "† Module réservé" in page
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)]
    fitting = [
        row[0]
        for row in rows
        if len(row) == 6
        and row[1] == "Protéger les données des élèves au quotidien"
        and row[2] == "cycle 3"
        and row[3] == "à distance"
        and int(row[5].removesuffix(" h")) <= 6
        and re.fullmatch(r"NUM-\d{3}", row[0])
    ]
    assert len(fitting) == 1
    return fitting[0]


def make(folder: Path) -> None:
    """Two modules exchange what made one of them unfit."""
    lines = (folder / "edu-1.3-02.html").read_bytes().decode().split("\n")
    for variant, other, fit, unfit in (("v2", "NUM-387", "à distance", "en présence"), ("v3", "NUM-421", "6 h", "9 h")):
        changed = [
            line.replace(f">{unfit}<", f">{fit}<")
            if f">{other}<" in line
            else line.replace(f">{fit}<", f">{unfit}<")
            if ">NUM-394<" in line
            else line
            for line in lines
        ]
        (folder / f"edu-1.3-02-{variant}.html").write_bytes("\n".join(changed).encode())
