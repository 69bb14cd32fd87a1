"""The room most used in a term: hours added room by room, of one term only."""

import csv
import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

ROOMS = ("Amphi", "Atelier", "CDI", "Gymnase", "Labo", "Studio")
WINNERS = {"": ("Studio", "Labo"), "-v2": ("Atelier", "Gymnase"), "-v3": ("CDI", "Amphi")}
"""For each variant the room with most hours in the second term, and the one with most reservations."""


TERMS = {
    "1": ((date(2025, 9, 2), date(2025, 10, 17)), (date(2025, 11, 3), date(2025, 11, 28))),
    "2": (
        (date(2025, 12, 1), date(2025, 12, 19)),
        (date(2026, 1, 5), date(2026, 2, 6)),
        (date(2026, 2, 23), date(2026, 2, 27)),
    ),
    "3": ((date(2026, 3, 2), date(2026, 4, 3)), (date(2026, 4, 20), date(2026, 6, 26))),
}
CLOSED = {
    date(2025, 11, 11),
    date(2026, 5, 1),
    date(2026, 5, 8),
    date(2026, 5, 14),
    date(2026, 5, 15),
    date(2026, 5, 25),
}
LONGEST_DAY = 9


def _days(term: str) -> list[date]:
    """The days of school of a term."""
    days = [first + timedelta(n) for first, last in TERMS[term] for n in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5 and day not in CLOSED]


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
        taken: Counter[tuple[date, str]] = Counter()
        for term in TERMS:
            for room in ROOMS:
                if term == "2":
                    times, long = {best: (22, (3, 4)), often: (34, (1, 2))}.get(room, (18, (2, 3)))
                else:
                    times, long = (34, (3, 4)) if room == busy else (16, (1, 2))
                for _ in range(times):
                    hours = rng.choice(long)
                    day = rng.choice([day for day in _days(term) if taken[day, room] + hours <= LONGEST_DAY])
                    taken[day, room] += hours
                    rows.append((day.isoformat(), term, room, hours))
        rows.sort()
        with (folder / f"crcn-1.3-20{variant}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(("date", "trimestre", "salle", "heures"))
            writer.writerows(rows)
