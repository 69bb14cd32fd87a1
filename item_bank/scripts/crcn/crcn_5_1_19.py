"""The access point that loses most devices for want of signal."""

import csv
import random
from collections import Counter
from pathlib import Path

POINTS = [f"B{floor}{n:02}" for floor in (1, 2, 3) for n in (1, 2, 3, 4)]


def key(files: list[Path]) -> str:
    """Most losses of signal; another point has more disconnections in all."""
    lost: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    with files[0].open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            if row["evenement"] == "déconnexion":
                ended[row["borne"]] += 1
                lost[row["borne"]] += row["motif"] == "signal perdu"
    (worst, most), (_, second), *_ = lost.most_common()
    assert most > second + 2
    assert ended.most_common(1)[0][0] != worst
    return worst


def make(folder: Path) -> None:
    """A day of events; one point loses devices, a busier one says goodbye to many."""
    for variant, worst, busy in (("", "B203", "B301"), ("-v2", "B302", "B104"), ("-v3", "B101", "B204")):
        dice = random.Random(f"crcn-5.1-19{variant}")
        ends = {
            point: ["fin de session"] * 5 + ["veille"] * 4 + ["signal perdu"] * dice.randint(1, 4) for point in POINTS
        }
        ends[worst] = ["fin de session"] * 2 + ["veille"] * 2 + ["signal perdu"] * 11
        ends[busy] = ["fin de session"] * 14 + ["veille"] * 9 + ["signal perdu"] * 2
        rows = []
        for point, reasons in ends.items():
            for reason in reasons:
                device = f"tab-{dice.randint(1, 60):02}"
                start = dice.randint(8 * 3600, 16 * 3600)
                rows += [
                    (start, point, device, "connexion", ""),
                    (start + dice.randint(60, 2400), point, device, "déconnexion", reason),
                ]
        text = "heure;borne;appareil;evenement;motif\r\n" + "".join(
            f"{t // 3600:02}:{t // 60 % 60:02}:{t % 60:02};{point};{device};{event};{reason}\r\n"
            for t, point, device, event, reason in sorted(rows)
        )
        (folder / f"crcn-5.1-19{variant}.csv").write_bytes(text.encode("utf-8-sig"))
