"""By how much the progress of two groups differs, in points."""

import csv
from collections.abc import Callable
from pathlib import Path
from statistics import fmean as mean


def key(files: list[Path]) -> str:
    """Of those who have both marks; the means of all marks would say something else."""
    with files[0].open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))

    def progress(group: str) -> float:
        both = [r for r in rows if r["modalite"] == group and r["note_avant"] and r["note_apres"]]
        return mean(int(r["note_apres"]) - int(r["note_avant"]) for r in both)

    def naive(group: str) -> float:
        def marks(column: str) -> list[int]:
            return [int(row[column]) for row in rows if row["modalite"] == group and row[column]]

        return mean(marks("note_apres")) - mean(marks("note_avant"))

    def gap(measure: Callable[[str], float]) -> float:
        return measure("tablette") - measure("papier")

    assert abs(gap(naive) - gap(progress)) > 0.025
    return f"{gap(progress):.2f}".replace(".", ",")


def make(folder: Path) -> None:
    """Some pupils of one group have a point more or less afterwards."""
    head, *rows = (folder / "edu-1.5-03.csv").read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    for variant, change, count in (("v2", 1, 4), ("v3", -1, 5)):
        left = count
        changed = []
        for row in rows:
            _, group, before, after = row.strip().split(";")
            if group == "tablette" and before and after and left and 3 < int(after) < 18:
                row = row.replace(f"{before};{after}", f"{before};{int(after) + change}")
                left -= 1
            changed.append(row)
        (folder / f"edu-1.5-03-{variant}.csv").write_bytes(("\ufeff" + head + "".join(changed)).encode())
