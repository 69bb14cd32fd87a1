"""How many pupils sent a profile that cannot be certified yet."""

import csv
import io
from pathlib import Path


def key(files: list[Path]) -> float:
    """Fewer than five competences at level 1 or more."""
    with files[0].open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    levels = [name for name in rows[0] if name.startswith("Niveau en ")]
    assert len(levels) == 16
    sent = [row for row in rows if row["Profil envoyé"] == "Oui"]
    assert len(sent) < len(rows)
    return sum(sum(int(row[name]) >= 1 for name in levels) < 5 for row in sent)


def make(folder: Path) -> None:
    """Two pupils fewer have sent theirs; or some have one competence less."""
    text = (folder / "edu-5.2-04.csv").read_bytes().decode("utf-8-sig")
    end = "\r\n" if "\r\n" in text else "\n"
    for variant in ("v2", "v3"):
        head, *rows = csv.reader(io.StringIO(text), delimiter=";")
        sent = [row for row in rows if row[3] == "Oui"]
        short = [row for row in sent if sum(int(level) >= 1 for level in row[5:]) < 5]
        if variant == "v2":
            for row in (short[3], short[9]):
                row[3:5] = ["Non", ""]
        else:
            for row in [row for row in sent if sum(int(level) >= 1 for level in row[5:]) == 5][:3]:
                row[next(n for n in range(5, 21) if row[n] == "1" or int(row[n]) >= 1)] = "0"
        out = io.StringIO()
        csv.writer(out, delimiter=";", lineterminator=end).writerows([head, *rows])
        (folder / f"edu-5.2-04-{variant}.csv").write_bytes(("\ufeff" + out.getvalue()).encode())
