"""How many photos in JPEG an archive holds, in all its folders, whatever the case of the extension."""

import random
import struct
import zipfile
import zlib
from pathlib import Path

COUNTS = {"": 17, "-v2": 14, "-v3": 21}
FOLDERS = ("Journee-1/matin", "Journee-1/apres-midi", "Journee-2/matin", "Journee-2/apres-midi", "Divers")
OTHERS = (
    ("programme.txt", 1), ("liste-des-groupes.csv", 1), ("plan.png", 2), ("logo.svg", 1), ("jpg-a-trier.txt", 1),
    ("paroles-du-chant.txt", 1), ("fiche-photo.pdf", 2), ("croquis.png", 3),
)  # fmt: skip


def key(files: list[Path]) -> float:
    """Counted by extension over every folder; neither the numbers in the names nor "jpg" alone give it."""
    with zipfile.ZipFile(files[0]) as archive:
        names = [Path(name) for name in archive.namelist() if not name.endswith("/")]
    assert len({name.parent for name in names}) > 4
    photos = [name for name in names if name.suffix.casefold() in {".jpg", ".jpeg"}]
    numbers = [int(name.stem.removeprefix("vue-")) for name in photos]
    assert len(set(numbers)) == len(photos)
    assert max(numbers) - min(numbers) + 1 > len(photos) + 3
    for naive in (".jpg", "jpg"):
        assert sum(naive in str(name) for name in names) != len(photos)
    return float(len(photos))


def make(folder: Path) -> None:
    """Photos in five folders, some in capitals, numbered with gaps, among other files. A photo is one grey point."""
    point = bytes.fromhex(
        "ffd8ffe000104a46494600010100000100010000ffdb004300" + "01" * 64 + "ffc0000b080001000101011100ffc40014000100"
        "00000000000000000000000000000009ffc4001410010000000000000000000000000000000000ffda0008010100003f0054dfffd9"
    )
    for variant, count in COUNTS.items():
        rng = random.Random(variant)
        numbers = sorted(rng.sample(range(11, 11 + 2 * count), count))
        with zipfile.ZipFile(folder / f"crcn-1.2-19{variant}.zip", "w") as archive:
            for n, number in enumerate(numbers):
                place = FOLDERS[n % len(FOLDERS)] if n < len(FOLDERS) else rng.choice(FOLDERS)
                extension = ("jpg", "JPG", "jpg", "jpeg")[n % 4]
                _put(archive, f"{place}/vue-{number:03d}.{extension}", point)
            for name, times in OTHERS:
                for place in rng.sample(FOLDERS, times):
                    _put(archive, f"{place}/{name}", _content(name))


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(f"Classe-decouverte/{name}", date_time=(2026, 5, 22, 16, 30, 0))
    info.external_attr = 0o644 << 16
    archive.writestr(info, content, zipfile.ZIP_DEFLATED)


def _content(name: str) -> bytes:
    """A small file that opens in the program of its kind."""
    match Path(name).suffix:
        case ".png":
            return _png()
        case ".svg":
            return b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle r="20"/></svg>\n'
        case ".pdf":
            return _pdf()
        case ".csv":
            return b"groupe;effectif\nA;12\nB;13\n"
        case _:
            return f"{Path(name).stem.replace('-', ' ').capitalize()}\n(contenu fictif)\n".encode()


def _png() -> bytes:
    """One grey point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    )


def _pdf() -> bytes:
    """One empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )
    text, places = b"%PDF-1.4\n", []
    for n, body in enumerate(objects, 1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return text + b"xref\n0 4\n0000000000 65535 f \n%strailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(text),
    )
