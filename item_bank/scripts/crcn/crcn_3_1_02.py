"""The office that footnote 9 names."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def key(files: list[Path]) -> float:
    """From the ninth of the fourteen notes."""
    with zipfile.ZipFile(files[0]) as package:
        content = ElementTree.fromstring(package.read("content.xml"))
    notes = ["".join(note.itertext()) for note in content.iter(f"{TEXT}note-body")]
    offices = [re.findall(r"bureau (\d+)", note) for note in notes]
    assert len(notes) == 14
    assert all(len(office) == 1 for office in offices)
    assert len({office[0] for office in offices}) == 14
    return int(offices[8][0])


def make(folder: Path) -> None:
    """Two notes exchange their offices."""
    for variant, other in (("v2", "117"), ("v3", "126")):
        exchanged = {"bureau 231": f"bureau {other}", f"bureau {other}": "bureau 231"}
        with (
            zipfile.ZipFile(folder / "crcn-3.1-02.odt") as before,
            zipfile.ZipFile(folder / f"crcn-3.1-02-{variant}.odt", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info)
                if info.filename == "content.xml":
                    swapped = re.sub("|".join(exchanged), lambda m, to=exchanged: to[m[0]], content.decode())
                    content = swapped.encode()
                after.writestr(info, content)
