"""How many photos in JPEG an archive holds, in all its folders, whatever the case of the extension."""

import random
import zipfile
from pathlib import Path

COUNTS = {"": 17, "-v2": 14, "-v3": 21}
FOLDERS = ("Journee-1/matin", "Journee-1/apres-midi", "Journee-2/matin", "Journee-2/apres-midi", "Divers")
OTHERS = (
    ("programme.odt", 1), ("liste-des-groupes.ods", 1), ("plan.png", 2), ("logo.svg", 1), ("jpg-a-trier.txt", 1),
    ("chant.mp3", 1), ("fiche-photo.pdf", 2), ("croquis.png", 3),
)  # fmt: skip


def key(files: list[Path]) -> float:
    """Counted by extension over every folder."""
    with zipfile.ZipFile(files[0]) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    assert len({Path(name).parent for name in names}) > 4
    return float(sum(Path(name).suffix.casefold() in {".jpg", ".jpeg"} for name in names))


def make(folder: Path) -> None:
    """Photos over five folders, a few in capitals, among other files. The photos are one grey point."""
    point = bytes.fromhex(
        "ffd8ffe000104a46494600010100000100010000ffdb004300" + "01" * 64 + "ffc0000b080001000101011100ffc40014000100"
        "00000000000000000000000000000009ffc4001410010000000000000000000000000000000000ffda0008010100003f0054dfffd9"
    )
    for variant, count in COUNTS.items():
        rng = random.Random(variant)
        with zipfile.ZipFile(folder / f"crcn-1.2-19{variant}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for n in range(count):
                place = FOLDERS[n % len(FOLDERS)] if n < len(FOLDERS) else rng.choice(FOLDERS)
                extension = ("jpg", "JPG", "jpg", "jpeg")[n % 4]
                archive.writestr(f"Classe-decouverte/{place}/vue-{n + 11:03d}.{extension}", point)
            for name, times in OTHERS:
                for place in rng.sample(FOLDERS, times):
                    archive.writestr(f"Classe-decouverte/{place}/{name}", f"{name} : contenu fictif.\n")
