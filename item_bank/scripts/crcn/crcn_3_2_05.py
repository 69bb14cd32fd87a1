"""The only image with enough pixels for the print."""

import math
import struct
import zipfile
from copy import copy
from pathlib import Path


def key(files: list[Path]) -> str:
    """15 × 10 cm at 300 pixels per inch, by the IHDR chunk; no image would fit once turned."""
    wide, high = math.ceil(15 / 2.54 * 300), math.ceil(10 / 2.54 * 300)
    enough = []
    with zipfile.ZipFile(files[0]) as archive:
        names = archive.namelist()
        for name in names:
            data = archive.read(name)
            assert data[:8] == b"\x89PNG\r\n\x1a\n"
            width, height = struct.unpack(">II", data[16:24])
            assert width >= height
            if width >= wide and height >= high:
                enough.append(name)
    assert len(names) == 8
    assert len(enough) == 1
    return Path(enough[0]).name


def make(folder: Path) -> None:
    """Two images exchange their names."""
    for variant, other in (("v2", "photos/IMG_2058.png"), ("v3", "photos/IMG_2044.png")):
        exchanged = {"photos/IMG_2047.png": other, other: "photos/IMG_2047.png"}
        with (
            zipfile.ZipFile(folder / "crcn-3.2-05.zip") as before,
            zipfile.ZipFile(folder / f"crcn-3.2-05-{variant}.zip", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                after.writestr(copy(info), before.read(exchanged.get(info.filename, info.filename)))
