"""The one image that is less than 600 pixels wide."""

import random
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

WORDS = ("argile", "brume", "corail", "desert", "foret", "lagune", "marine", "orage", "prairie", "volcan")
NAMES = tuple(f"mosaique-{word}" for word in WORDS)
NARROW = {"": "mosaique-marine", "-v2": "mosaique-brume", "-v3": "mosaique-prairie"}


def key(files: list[Path]) -> str:
    """By the header of each PNG; neither the height nor the weight tells which one it is."""
    with zipfile.ZipFile(files[0]) as archive:
        sizes = {name: struct.unpack(">II", archive.read(name)[16:24]) for name in archive.namelist()}
        weights = {name: info.file_size for name, info in ((i.filename, i) for i in archive.infolist())}
    narrow = [name for name, (width, _) in sizes.items() if width < 600]
    assert len(narrow) == 1
    assert narrow[0] != min(sizes, key=lambda name: sizes[name][1])
    assert narrow[0] != min(weights, key=lambda name: weights[name])
    return narrow[0]


def _png(width: int, height: int, dice: random.Random) -> bytes:
    """Flat tiles in eight colours of a palette."""
    palette = bytes(dice.randrange(60, 250) for _ in range(24))
    columns, rows = dice.randrange(8, 16), dice.randrange(8, 16)
    lines = []
    for _ in range(rows):
        tiles = [dice.randrange(8) for _ in range(columns)]
        lines.append(bytes([0, *(tiles[x * columns // width] for x in range(width))]))
    data = zlib.compress(b"".join(lines[y * rows // height] for y in range(height)), 9)
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)), (b"PLTE", palette), (b"IDAT", data))
    out = b"\x89PNG\r\n\x1a\n"
    for kind, body in (*chunks, (b"IEND", b"")):
        out += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return out


def make(folder: Path) -> None:
    """Ten images; the narrow one is tall, another one is low."""
    for variant, narrow in NARROW.items():
        dice = random.Random(f"edu-2.2-17{variant}")
        low = dice.choice([name for name in NAMES if name != narrow])
        with zipfile.ZipFile(folder / f"edu-2.2-17{variant}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name in NAMES:
                width, height = dice.randrange(640, 1500), dice.randrange(700, 1400)
                if name == narrow:
                    width, height = dice.randrange(520, 590), dice.randrange(1500, 1900)
                elif name == low:
                    width, height = dice.randrange(1200, 1600), dice.randrange(360, 480)
                image = BytesIO(_png(width, height, dice))
                archive.writestr(zipfile.ZipInfo(f"{name}.png", (2025, 9, 15, 10, 0, 0)), image.getvalue())
