"""How many messages were sent in the time of rest."""

import csv
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

PEOPLE = [
    "équipe de 5e B",
    "vie scolaire",
    "familles de 5e B",
    "chef d'établissement",
    "collègues d'anglais",
    "infirmerie",
]
SUBJECTS = ["Sortie au théâtre", "Conseil de classe", "Absences", "Salle B12", "Devoirs", "Réunion de rentrée", "Stage"]


def key(files: list[Path]) -> float:
    """Saturdays, Sundays, before 7 and from 20 on; none at the limit itself."""
    rest = 0
    with files[0].open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            sent = datetime.strptime(f"{row['date']} {row['heure']}", "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
            assert sent.time() not in (time(7), time(20))
            rest += sent.weekday() >= 5 or not time(7) <= sent.time() < time(20)
    return rest


def make(folder: Path) -> None:
    """Four weeks without a holiday, 140 messages."""
    for variant, late, weekend in (("", 27, 16), ("-v2", 21, 13), ("-v3", 31, 19)):
        dice = random.Random(f"crcn-4.3-18{variant}")
        sent = []
        for n in range(140):
            week = date(2026, 1, 12) + timedelta(weeks=dice.randrange(4))
            if n < late:
                day, hour = week + timedelta(dice.randrange(5)), dice.choice([5, 6, 20, 21, 22, 23])
            elif n < late + weekend:
                day, hour = week + timedelta(dice.choice([5, 6])), dice.randint(9, 22)
            else:
                day, hour = week + timedelta(dice.randrange(5)), dice.randint(7, 19)
            sent.append((day, hour, dice.randint(1, 59), dice.choice(PEOPLE), dice.choice(SUBJECTS)))
        text = "date;heure;destinataire;objet\r\n" + "".join(
            f"{day:%d/%m/%Y};{hour:02}:{minute:02};{to};{subject}\r\n"
            for day, hour, minute, to, subject in sorted(sent)
        )
        (folder / f"crcn-4.3-18{variant}.csv").write_bytes(text.encode("utf-8-sig"))
