"""The room most used in a term: hours added room by room, of one term only."""

import csv
import random
from collections import Counter
from pathlib import Path

ROOMS = ("Amphi", "Atelier", "CDI", "Gymnase", "Labo", "Studio")
WINNERS = {"": ("Studio", "Labo"), "-v2": ("Atelier", "Gymnase"), "-v3": ("CDI", "Amphi")}
"""For each variant the room with most hours in the second term, and the one with most reservations."""


def _totals(path: Path, term: str) -> tuple[Counter[str], Counter[str]]:
    hours: Counter[str] = Counter()
    times: Counter[str] = Counter()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            if not term or row["trimestre"] == term:
                hours[row["salle"]] += int(row["heures"])
                times[row["salle"]] += 1
    return hours, times


def key(files: list[Path]) -> str:
    """The largest sum of hours in the second term; neither the most reservations nor the year gives it."""
    hours, times = _totals(files[0], "2")
    (best, most), (_, next_most) = hours.most_common(2)
    assert most > next_most + 5
    assert times.most_common(1)[0][0] != best
    assert _totals(files[0], "")[0].most_common(1)[0][0] != best
    return "abcdef"[ROOMS.index(best)]


def make(folder: Path) -> None:
    """Long reservations for the winner, many short ones for a second room, a busy year for a third one."""
    for variant, (best, often) in WINNERS.items():
        rng = random.Random(f"crcn-1.3-20{variant}")
        busy = next(room for room in ROOMS if room not in {best, often})
        rows: list[tuple[str, str, str, int]] = []
        for term, months in (("1", (9, 10, 11)), ("2", (12, 1, 2)), ("3", (3, 4, 5))):
            for room in ROOMS:
                if term == "2":
                    times, long = {best: (22, (3, 4)), often: (34, (1, 2))}.get(room, (18, (2, 3)))
                else:
                    times, long = (34, (3, 4)) if room == busy else (16, (1, 2))
                for _ in range(times):
                    month = rng.choice(months)
                    date = f"{2025 if month > 8 else 2026}-{month:02d}-{rng.randint(1, 28):02d}"
                    rows.append((date, term, room, rng.choice(long)))
        rows.sort()
        with (folder / f"crcn-1.3-20{variant}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(("date", "trimestre", "salle", "heures"))
            writer.writerows(rows)
