"""The only photo that still says where it was taken."""

import io
import struct
import zipfile
from copy import copy
from pathlib import Path


def key(files: list[Path]) -> str:
    """By the Exif directories of all photos."""
    with zipfile.ZipFile(files[0]) as archive:
        names = archive.namelist()
        found = [name for name in names if _has_position(archive.read(name))]
    assert len(names) == 10
    assert len(found) == 1
    return found[0]


def _has_position(photo: bytes) -> bool:
    """Whether the Exif directory of a JPEG has a GPS directory (tag 0x8825) with a latitude (tag 2)."""
    stream = io.BytesIO(photo)
    assert stream.read(2) == b"\xff\xd8"
    while True:
        marker, size = struct.unpack(">HH", stream.read(4))
        data = stream.read(size - 2)
        if marker == 0xFFE1 and data.startswith(b"Exif\0\0"):
            break
        assert marker != 0xFFDA, "a photo without Exif"
    tiff = data[6:]
    order = "<" if tiff[:2] == b"II" else ">"

    def entries(offset: int) -> dict[int, int]:
        (count,) = struct.unpack_from(f"{order}H", tiff, offset)
        rows = (struct.unpack_from(f"{order}HHII", tiff, offset + 2 + 12 * n) for n in range(count))
        return {tag: value for tag, _, _, value in rows}

    first = entries(struct.unpack_from(f"{order}I", tiff, 4)[0])
    return 0x8825 in first and 2 in entries(first[0x8825])


def make(folder: Path) -> None:
    """Two photos exchange what surrounds their drawings: the Exif part before the image itself."""
    for variant, other in (("v2", "sortie-cascade.jpg"), ("v3", "sortie-herbier.jpg")):
        with (
            zipfile.ZipFile(folder / "crcn-2.2-06.zip") as before,
            zipfile.ZipFile(folder / f"crcn-2.2-06-{variant}.zip", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            exchanged = {"sortie-fougeres.jpg": other, other: "sortie-fougeres.jpg"}
            for info in before.infolist():
                _, image = _split(before.read(info.filename))
                exif, _ = _split(before.read(exchanged.get(info.filename, info.filename)))
                after.writestr(copy(info), exif + image)


def _split(photo: bytes) -> tuple[bytes, bytes]:
    """A JPEG up to the end of its Exif segment, and what follows."""
    at = 2
    while True:
        marker, size = struct.unpack_from(">HH", photo, at)
        at += 2 + size
        if marker == 0xFFE1:
            return photo[:at], photo[at:]
