"""The name that the properties of a nameless testimony still hold."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree


def key(files: list[Path]) -> str:
    """Of the person who made it; no part of it stands in the text."""
    with zipfile.ZipFile(files[0]) as package:
        core = ElementTree.fromstring(package.read("docProps/core.xml"))
        names = [n for n in package.namelist() if n.startswith("word/") and n.endswith(".xml")]
        texts = [package.read(n).decode("utf-8") for n in names]
    author = core.findtext("{http://purl.org/dc/elements/1.1/}creator") or ""
    assert not any(part in text for text in texts for part in author.split())
    return author


def make(folder: Path) -> None:
    """Another name in the properties."""
    for variant, name in (("v2", "Clotilde Maravel"), ("v3", "Philippine Roucayrol")):
        with (
            zipfile.ZipFile(folder / "crcn-4.2-04.docx") as before,
            zipfile.ZipFile(folder / f"crcn-4.2-04-{variant}.docx", "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for info in before.infolist():
                content = before.read(info)
                if info.filename == "docProps/core.xml":
                    content = content.replace("Mélisande Courtavel".encode(), name.encode())
                after.writestr(info, content)
